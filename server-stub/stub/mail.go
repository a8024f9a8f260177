package stub

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"example.com/enrollment-assistant/assets"
)

// The senders: of every mail that the vendor sends too, and of those about reports, which are plainly not the vendor's.
// The names can never exist: https://www.rfc-editor.org/rfc/rfc2606#section-2.
const (
	mailFrom       = "no-reply@stub.invalid"
	mailFromReport = "reports@not-jumpcloud.invalid"
)

// Outbox gives the mails, oldest first. They stay here, also when Server.SMTP hands them on.
func (s *Server) Outbox(ctx context.Context) ([]Mail, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	return outbox(ctx, s.db)
}

func outbox(ctx context.Context, q querier) ([]Mail, error) {
	return query(ctx, q, func(r *sql.Rows) (Mail, error) {
		var m Mail
		err := r.Scan(&m.ID, &m.To, &m.From, &m.Subject, &m.Text, stamp{&m.Sent}, &m.SystemID, &m.UserID)
		return m, err
	}, `SELECT id, recipient, sender, subject, text, sent, system_id, user_id FROM (SELECT * FROM mails ORDER BY id DESC LIMIT ?) ORDER BY id`, maxListed)
}

// senderName is what stands before a sender's address.
func (m Mail) senderName() string {
	if m.From == mailFromReport {
		return assets.Text("stub.mail.report_sender")
	}
	return assets.Text("stub.mail.sender")
}

// send puts a mail into the outbox, within a write; without a sender it is the vendor's.
func (s *Server) send(ctx context.Context, q querier, m Mail) error {
	if m.From == "" {
		m.From = mailFrom
	}
	_, err := q.ExecContext(ctx, `INSERT INTO mails (recipient, sender, subject, text, sent, system_id, user_id) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		m.To, m.From, m.Subject, m.Text, when(s.now()), m.SystemID, m.UserID)
	if err != nil {
		return fmt.Errorf("storing a mail: %w", err)
	}
	s.did = append(s.did, Entry{Kind: EntryMail, Text: m.Subject, To: m.To, SystemID: m.SystemID, UserID: m.UserID})
	return nil
}

// mailAdmins tells every admin, of whatever role, about a new device. The installer is a user or, when the device was
// installed with an admin's key, that admin.
func (s *Server) mailAdmins(ctx context.Context, q querier, y System) error {
	org, err := organization(ctx, q)
	if err != nil {
		return err
	}
	all, err := admins(ctx, q, "")
	if err != nil {
		return err
	}
	args := []any{"Hostname", y.Hostname, "User", y.ProvisionerName, "System", strings.TrimSpace(y.OS + " " + y.Version), "Organization", org.Name,
		"Link", s.Addresses().People + "/admin/devices/" + y.ID}
	key, about := "stub.mail.device_by_admin", ""
	if y.ProvisionerType == OwnerUser {
		key, about = "stub.mail.device_by_user", y.ProvisionerID
	}
	for _, a := range all {
		m := Mail{To: a.Email, Subject: assets.Text("stub.mail.device_subject", args...), Text: assets.Text(key, args...), SystemID: y.ID, UserID: about}
		if err := s.send(ctx, q, m); err != nil {
			return err
		}
	}
	return nil
}

// oneLine makes a text that came from outside fit for a list or a mail's header: control characters become blanks, and
// it is cut after limit characters.
func oneLine(text string, limit int) string {
	if len(text) <= limit && isPlain(text) {
		return strings.TrimSpace(text)
	}
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == '\u2028' || r == '\u2029' || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069') {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	runes := []rune(strings.TrimSpace(clean))
	if len(runes) > limit {
		runes = runes[:limit]
	}
	return string(runes)
}

// isPlain tells whether a text has printable ASCII only.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
