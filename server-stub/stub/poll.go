package stub

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// agentOrders is what a poll answers. The shape is ours: the vendor's is not public.
type agentOrders struct {
	ManagedUsers     []string `json:"managedUsers"` // names of accounts, sorted
	Uninstall        bool     `json:"uninstall"`
	HeartbeatSeconds int      `json:"heartbeatSeconds"`
	Hash             string   `json:"hash"` // names these orders, for the next poll's have
}

// heartbeatSeconds is the vendor's heartbeatInterval (60000 ms).
const heartbeatSeconds = 60

// servePoll answers what the agent shall do, at once or, when it says by have that it knows that already, as soon as
// it changes, after Settings.PollWait at the latest. Every poll is a contact.
func (s *Server) servePoll(w http.ResponseWriter, r *http.Request, c certificate) {
	ctx := r.Context()
	if c.SystemID == "" || r.PathValue("systemKey") != c.SystemID {
		message(w, http.StatusForbidden, "This certificate belongs to another system")
		return
	}
	if err := s.contact(ctx, c.SystemID, remoteIP(r), oneLine(r.Header.Get("X-Agent-Version"), 40)); err != nil {
		s.broken(w, r, err)
		return
	}
	wait := s.Settings().PollWait
	extend(w, wait)
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for over := false; ; {
		news := s.orders.wait()
		o, err := s.ordersFor(ctx, c)
		if err != nil {
			s.broken(w, r, err)
			return
		}
		if over || o.Hash != r.FormValue("have") {
			asJSON(w, http.StatusOK, o)
			s.told(ctx, c, o)
			return
		}
		select {
		case <-news:
		case <-timeout.C:
			over = true
		case <-s.closing():
			message(w, http.StatusServiceUnavailable, "The server is closing")
			return
		case <-ctx.Done():
			return
		}
	}
}

// slack is how much longer than a wait its answer may take.
const slack = 30 * time.Second

// extend moves the write deadline of a long answer. A recorder in a test has none to move.
func extend(w http.ResponseWriter, wait time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(wait + slack))
}

// contact notes that the agent was heard of. Its clock is ours.
func (s *Server) contact(ctx context.Context, id, ip, version string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE systems SET last_contact = ?, remote_ip = ?,
			agent_version = CASE ? WHEN '' THEN agent_version ELSE ? END WHERE id = ?`, when(s.now()), ip, version, version, id)
		if err != nil {
			return fmt.Errorf("noting a contact: %w", err)
		}
		return nil
	})
}

func (s *Server) ordersFor(ctx context.Context, c certificate) (agentOrders, error) {
	o := agentOrders{HeartbeatSeconds: heartbeatSeconds}
	// One statement, so that deletion and associations are of one moment.
	rows, err := query(ctx, s.db, func(r *sql.Rows) (string, error) {
		var name sql.NullString
		err := r.Scan(&name, &o.Uninstall)
		return name.String, err
	}, `SELECT `+accountName+` AS account, deleted <> '' FROM systems LEFT JOIN associations ON system_id = systems.id
		LEFT JOIN users ON users.id = associations.user_id WHERE systems.id = ? ORDER BY account`, c.SystemID)
	if err != nil {
		return o, err
	}
	o.ManagedUsers = []string{}
	for _, name := range rows {
		if name != "" {
			o.ManagedUsers = append(o.ManagedUsers, name)
		}
	}
	raw, err := json.Marshal(o)
	if err != nil {
		return o, fmt.Errorf("hashing the orders: %w", err)
	}
	sum := sha256.Sum256(raw)
	o.Hash = hex.EncodeToString(sum[:8])
	return o, nil
}

// told revokes the certificate of an agent that was told to uninstall itself.
func (s *Server) told(ctx context.Context, c certificate, o agentOrders) {
	if !o.Uninstall {
		return
	}
	ctx = context.WithoutCancel(ctx) // the agent may be gone already; it has the answer
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE certificates SET revoked = ? WHERE uuid = ?`, when(s.now()), c.UUID)
		return err
	})
	if err != nil {
		s.log.Error("revoking a certificate", "system", c.SystemID, "err", err)
	}
}
