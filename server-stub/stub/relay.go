package stub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"time"
)

// How a relay is asked: a mail that it does not take is tried again, for a minute and a half in all.
const (
	relayTries   = 4
	relayEvery   = 30 * time.Second
	relayWithin  = 20 * time.Second // one mail
	relayAtATime = 100
)

// relay hands the mails of the outbox to the SMTP server until the Server closes. The outbox says what became of each.
func (s *Server) relay() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-s.closing()
		cancel()
	}()
	tick := time.NewTicker(relayEvery)
	defer tick.Stop()
	for again := true; ; {
		changed := s.changed.wait()
		if err := s.relayWaiting(ctx, again); err != nil && ctx.Err() == nil {
			s.log.Error("relaying mails", "err", err)
		}
		again = false
		select {
		case <-changed:
		case <-tick.C:
			again = true
		case <-ctx.Done():
			return
		}
	}
}

// relayWaiting sends what was not tried yet and, with again, what failed before.
func (s *Server) relayWaiting(ctx context.Context, again bool) error {
	tries := 1
	if again {
		tries = relayTries
	}
	for {
		waiting, err := query(ctx, s.db, func(r *sql.Rows) (m Mail, err error) {
			return m, r.Scan(&m.ID, &m.To, &m.From, &m.Subject, &m.Text, stamp{&m.Sent})
		}, `SELECT id, recipient, sender, subject, text, sent FROM mails LEFT JOIN relays ON mail_id = id
			WHERE mail_id IS NULL OR failed <> '' AND tries < ? ORDER BY id LIMIT ?`, tries, relayAtATime)
		if err != nil || len(waiting) == 0 {
			return err
		}
		for _, m := range waiting {
			failed := ""
			if err := s.deliverMail(ctx, m); err != nil {
				failed = oneLine(err.Error(), 300)
				s.log.Warn("relaying a mail", "id", m.ID, "err", err)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			err := s.write(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `INSERT INTO relays (mail_id, tries, failed, time) VALUES (?, 1, ?, ?)
					ON CONFLICT DO UPDATE SET tries = tries + 1, failed = excluded.failed, time = excluded.time`, m.ID, failed, when(s.now()))
				return err
			})
			if err != nil {
				return fmt.Errorf("noting a relayed mail: %w", err)
			}
		}
		if tries > 1 {
			return nil // what failed again waits for the next time
		}
	}
}

// deliverMail gives one mail to the relay, without TLS and without signing in: it is for a relay of the tester's own.
func (s *Server) deliverMail(ctx context.Context, m Mail) (err error) {
	ctx, cancel := context.WithTimeout(ctx, relayWithin)
	defer cancel()
	host, _, err := net.SplitHostPort(s.SMTP)
	if err != nil {
		return fmt.Errorf("the relay is HOST:PORT: %w", err)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.SMTP)
	if err != nil {
		return fmt.Errorf("reaching the relay: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // net/smtp knows no context
	defer stop()
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return errors.Join(fmt.Errorf("greeting the relay: %w", err), conn.Close())
	}
	defer func() { err = errors.Join(err, quiet(c.Close())) }()
	if err := errors.Join(c.Mail(m.From), c.Rcpt(m.To)); err != nil {
		return fmt.Errorf("telling the relay from whom and to whom: %w", err)
	}
	w, err := c.Data()
	if err != nil {
		return fmt.Errorf("handing over the mail: %w", err)
	}
	if _, err := w.Write(m.Message()); err != nil {
		return fmt.Errorf("handing over the mail: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("handing over the mail: %w", err)
	}
	return c.Quit()
}

// quiet leaves out that a connection is closed already: Quit does it.
func quiet(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// relayed gives what became of the mails at the relay, by ID: empty for those it took, else why not.
func (s *Server) relayed(ctx context.Context) (map[int64]string, error) {
	type one struct {
		id     int64
		failed string
	}
	list, err := query(ctx, s.db, func(r *sql.Rows) (o one, err error) { return o, r.Scan(&o.id, &o.failed) }, `SELECT mail_id, failed FROM relays`)
	all := map[int64]string{}
	for _, o := range list {
		all[o.id] = o.failed
	}
	return all, err
}
