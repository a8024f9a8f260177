package stub

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
)

// errReportsOff is a report to a server that takes none: Settings.Reports.
var errReportsOff = errors.New("reports are switched off")

// tooManyReports is a device that reported too often, or too many devices.
type tooManyReports struct{ wait time.Duration }

func (e tooManyReports) Error() string { return "too many reports; wait " + e.wait.String() }

// The rate of reports is counted over this time; so many are taken in it from all devices together, since whoever has
// the token can make up devices.
const (
	reportsWindow = time.Hour
	reportsOfAll  = 1000
)

// ReportToken gives what a computer shows to be allowed to report: a profile names it. It is the same until the server
// is reset.
func (s *Server) ReportToken(ctx context.Context) (string, error) {
	var token string
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO report_token SELECT ? WHERE NOT EXISTS (SELECT 1 FROM report_token)`, randomHex(20)); err != nil {
			return fmt.Errorf("making the token of reports: %w", err)
		}
		return tx.QueryRowContext(ctx, `SELECT value FROM report_token`).Scan(&token)
	})
	s.rules.learn(token)
	return token, err
}

// mayReport tells whether a token is the one.
func (s *Server) mayReport(ctx context.Context, token string) (bool, error) {
	s.rules.learn(token)
	known, err := first(query(ctx, s.db, func(r *sql.Rows) (v string, err error) { return v, r.Scan(&v) }, `SELECT value FROM report_token`))
	if errors.Is(err, ErrNotFound) {
		return false, nil // nobody was ever told one
	}
	return subtle.ConstantTimeCompare([]byte(known), []byte(token)) == 1, err
}

// AddReport stores a report and tells every admin by mail, once per device and cause. One that is there already is
// ErrAlready; when the device sent too many, the error says how long to wait.
func (s *Server) AddReport(ctx context.Context, rep Report) error {
	if !s.Settings().Reports {
		return errReportsOff
	}
	rep.Received = time.Time{}
	body, err := json.Marshal(rep)
	if err != nil {
		return fmt.Errorf("storing a report: %w", err)
	}
	rep.Received = s.now()
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := s.mayReportNow(ctx, tx, rep); err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, `INSERT INTO reports (id, device, received, step, code, outcome, body) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			rep.ID, rep.Device, when(rep.Received), rep.Step, rep.Code, rep.Outcome, string(body))
		if err := changedOne(r, err, ErrAlready); err != nil {
			return fmt.Errorf("storing a report: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM reports WHERE seq <= (SELECT max(seq) FROM reports) - ?`, maxReports); err != nil {
			return fmt.Errorf("making room for a report: %w", err)
		}
		s.did = append(s.did, Entry{Kind: EntryReport, Text: rep.Outcome + " " + rep.Step + " " + rep.Code})
		return s.mailReport(ctx, tx, rep)
	})
}

// mayReportNow counts what the device, and all of them, sent of late.
func (s *Server) mayReportNow(ctx context.Context, q querier, rep Report) error {
	var known bool
	if err := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM reports WHERE id = ?)`, rep.ID).Scan(&known); err != nil {
		return fmt.Errorf("looking for a report: %w", err)
	}
	if known {
		return ErrAlready
	}
	from := rep.Received.Add(-reportsWindow)
	for _, limit := range []struct {
		most  int
		which string
		args  []any
	}{
		{s.Settings().ReportsPerHour, `device = ? AND received > ?`, []any{rep.Device, when(from)}},
		{reportsOfAll, `received > ?`, []any{when(from)}},
	} {
		var n int
		var oldest time.Time
		//nolint:gosec // one of two texts above
		err := q.QueryRowContext(ctx, `SELECT count(*), coalesce(min(received), '') FROM reports WHERE `+limit.which, limit.args...).Scan(&n, stamp{&oldest})
		if err != nil {
			return fmt.Errorf("counting reports: %w", err)
		}
		if n >= limit.most {
			return tooManyReports{min(max(oldest.Sub(from), time.Second), reportsWindow)}
		}
	}
	return nil
}

// mailReport tells the admins of a failure of which they were not told.
func (s *Server) mailReport(ctx context.Context, tx *sql.Tx, rep Report) error {
	r, err := tx.ExecContext(ctx, `INSERT INTO reports_told (device, step, code) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, rep.Device, rep.Step, rep.Code)
	if err := changedOne(r, err, ErrAlready); errors.Is(err, ErrAlready) {
		return nil
	} else if err != nil {
		return fmt.Errorf("noting who was told: %w", err)
	}
	org, err := organization(ctx, tx)
	if err != nil {
		return err
	}
	all, err := admins(ctx, tx, "")
	if err != nil {
		return err
	}
	name := rep.Hostname
	if name == "" {
		name = rep.Device
	}
	args := []any{"Hostname", name, "Organization", org.Name, "Step", rep.Step, "Code", rep.Code, "Time", rep.Time.UTC().Format(time.RFC1123),
		"System", strings.TrimSpace(rep.OS + " " + rep.OSVersion), "Summary", rep.Summary, "Link", s.Addresses().People + "/admin/failures"}
	key := "stub.mail.report_failed"
	if rep.Outcome == OutcomeAbandoned {
		key = "stub.mail.report_abandoned"
	}
	for _, a := range all {
		m := Mail{From: mailFromReport, To: a.Email, Subject: assets.Text(key+"_subject", args...), Text: assets.Text(key, args...) + "\n" + assets.Text("stub.mail.report_end")}
		if err := s.send(ctx, tx, m); err != nil {
			return err
		}
	}
	return nil
}
