package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// ReportQuery chooses reports; an empty field chooses all.
type ReportQuery struct {
	ID, Device, Step, Code, Outcome string

	Limit int // of a list: the newest so many; 0 is 100
}

// maxReportList bounds a list of reports.
const maxReportList = 1000

// where is the query's condition in SQL.
func (q ReportQuery) where() clause {
	var all []clause
	for _, f := range []struct{ column, value string }{{"id", q.ID}, {"device", q.Device}, {"step", q.Step}, {"code", q.Code}, {"outcome", q.Outcome}} {
		if f.value != "" {
			all = append(all, clause{f.column + " = ?", []any{f.value}})
		}
	}
	return join(all, " AND ")
}

// Reports gives the reports that q chooses, those that came last first.
func (s *Server) Reports(ctx context.Context, q ReportQuery) ([]Report, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	where := q.where()
	return query(ctx, s.db, func(r *sql.Rows) (Report, error) {
		var rep Report
		var body string
		var received time.Time
		if err := r.Scan(stamp{&received}, &body); err != nil {
			return rep, err
		}
		err := json.Unmarshal([]byte(body), &rep)
		rep.Received = received
		return rep, err
	}, `SELECT received, body FROM reports WHERE `+where.sql+` ORDER BY seq DESC LIMIT ?`, append(where.args, min(q.Limit, maxReportList))...)
}

// ReportCause is what several reports have in common: where and why.
type ReportCause struct {
	Step    string    `json:"step"`
	Code    string    `json:"code"`
	Count   int       `json:"count"`   // of reports
	Devices int       `json:"devices"` // that sent them
	First   time.Time `json:"first"`   // by the server's clock, as Last
	Last    time.Time `json:"last"`
	Summary string    `json:"summary,omitempty"` // of the newest report: what the person read
}

// ReportCauses gives the reports that q chooses by step and code, those with the newest report first.
func (s *Server) ReportCauses(ctx context.Context, q ReportQuery) ([]ReportCause, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	where := q.where()
	return query(ctx, s.db, func(r *sql.Rows) (ReportCause, error) {
		var c ReportCause
		var newest int64
		err := r.Scan(&c.Step, &c.Code, &c.Count, &c.Devices, stamp{&c.First}, stamp{&c.Last}, &newest, &c.Summary)
		return c, err
	}, `SELECT all_of.*, coalesce(last.body ->> 'summary', '') FROM (
		SELECT step, code, count(*), count(DISTINCT device), min(received), max(received), max(seq) AS newest FROM reports WHERE `+where.sql+` GROUP BY step, code
		) AS all_of JOIN reports AS last ON last.seq = newest ORDER BY newest DESC`, where.args...)
}

// DeleteReports takes the reports away that q chooses, whatever its Limit, and gives how many they were. Read-only
// admins may not (ErrForbidden). A failure that was mailed once is not mailed again.
func (s *Server) DeleteReports(ctx context.Context, by Admin, q ReportQuery) (int, error) {
	if !can(by.Role, actBind) {
		return 0, ErrForbidden
	}
	where := q.where()
	var n int64
	err := s.write(ctx, func(tx *sql.Tx) error {
		//nolint:gosec // the clause is made of the names of columns; values are arguments
		r, err := tx.ExecContext(ctx, `DELETE FROM reports WHERE `+where.sql, where.args...)
		if err != nil {
			return fmt.Errorf("deleting reports: %w", err)
		}
		if n, err = r.RowsAffected(); err != nil {
			return fmt.Errorf("deleting reports: %w", err)
		}
		s.did = append(s.did, Entry{Kind: EntryReport, Text: fmt.Sprintf("%d deleted", n), ActorID: by.ID})
		return nil
	})
	return int(n), err
}
