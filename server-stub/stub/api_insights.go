package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// insightServices are the vendor's services; the stub records events of directory.
var insightServices = []string{"access_management", "alerts", "all", "asset_management", "directory", "ldap", "mdm", "notifications",
	"object_storage", "password_manager", "radius", "reports", "saas_app_management", "software", "sso", "systems"}

const (
	defaultEvents = 1000
	maxEvents     = 10_000
)

// insightQuery is the body of a query: https://docs.jumpcloud.com/api/insights/directory/1.0/index.html.
type insightQuery struct {
	Service     []string                  `json:"service"`
	Start       string                    `json:"start_time"`
	End         string                    `json:"end_time"`
	Limit       json.Number               `json:"limit"`
	Skip        json.Number               `json:"skip"`
	Sort        string                    `json:"sort"`
	Fields      []string                  `json:"fields"`
	Term        map[string]map[string]any `json:"search_term"`
	Q           string                    `json:"q"`
	ExactMatch  string                    `json:"exact_match"`
	SearchAfter []string                  `json:"search_after"`
}

// insightColumns are the fields of events that search_term takes.
var insightColumns = collection{columns: map[string]column{"id": {sql: "e.id"}, "event_type": {sql: "e.type"},
	"initiated_by.id": {sql: "e.actor_id"}, "success": {sql: "CASE e.success WHEN 0 THEN 'false' ELSE 'true' END"}}}

func (in insightQuery) where(now time.Time) (clause, error) {
	if len(in.Service) == 0 {
		return clause{}, badRequest("service is needed: a list of services")
	}
	for _, name := range in.Service {
		if !slices.Contains(insightServices, name) {
			return clause{}, badRequest("Invalid service: %q is none of %s", oneLine(name, maxEchoed), strings.Join(insightServices, ", "))
		}
	}
	if in.ExactMatch != "" {
		return clause{}, badRequest("exact_match is not offered by this server; use search_term or q")
	}
	start, err := time.Parse(time.RFC3339, in.Start)
	if err != nil {
		return clause{}, badRequest("Invalid start_time: it is needed, in RFC 3339 form")
	}
	end := now
	if in.End != "" {
		if end, err = time.Parse(time.RFC3339, in.End); err != nil {
			return clause{}, badRequest("Invalid end_time: it is not in RFC 3339 form")
		}
	}
	all := []clause{{"e.time >= ? AND e.time <= ?", []any{when(start), when(end)}}}
	if !slices.Contains(in.Service, "directory") && !slices.Contains(in.Service, "all") {
		all = append(all, clause{sql: "0"})
	}
	if in.Q != "" {
		all = append(all, clause{`instr(lower(e.type || ' ' || e.actor_id || ' ' || e.system_id || ' ' || e.user_id || ' ' || e.detail), lower(?)) > 0`, []any{in.Q}})
	}
	terms, err := in.terms()
	return join(append(all, terms...), " AND "), err
}

// terms are the conditions of search_term.
func (in insightQuery) terms() ([]clause, error) {
	var all []clause
	for how, fields := range in.Term {
		var some []clause
		for field, value := range fields {
			list, many := value.([]any)
			if !many {
				list = []any{value}
			}
			e := comparison{field: field, op: "$in"}
			for _, v := range list {
				text, err := scalar(v)
				if err != nil {
					return nil, err
				}
				e.values = append(e.values, text)
			}
			if len(e.values) > maxTerms {
				return nil, badRequest("Invalid search_term: at most %d values", maxTerms)
			}
			c, err := insightColumns.compare(e)
			if err != nil {
				return nil, err
			}
			some = append(some, c)
		}
		switch how {
		case "and":
			all = append(all, join(some, " AND "))
		case "or":
			all = append(all, join(some, " OR "))
		case "not":
			for _, c := range some {
				all = append(all, clause{"NOT (" + c.sql + ")", c.args})
			}
		default:
			return nil, badRequest("Invalid search_term: it has and, or or not")
		}
	}
	return all, nil
}

// after goes on behind the last event of the page before, which X-Search_after told.
func (in insightQuery) after(found clause, direction string) (clause, error) {
	if len(in.SearchAfter) == 0 {
		return found, nil
	}
	if len(in.SearchAfter) != 2 {
		return found, badRequest("Invalid search_after: send the X-Search_after of the page before")
	}
	seq, err := strconv.ParseInt(in.SearchAfter[1], 10, 64)
	if err != nil {
		return found, badRequest("Invalid search_after: send the X-Search_after of the page before")
	}
	sign := ">"
	if direction == "DESC" {
		sign = "<"
	}
	return join([]clause{found, {"(e.time, e.seq) " + sign + " (?, ?)", []any{in.SearchAfter[0], seq}}}, " AND "), nil
}

// apiEvents gives events, newest first unless asked otherwise.
func (s *Server) apiEvents(c apiCall) (int, any, error) {
	var in insightQuery
	if err := c.body(&in); err != nil {
		return 0, nil, err
	}
	where, err := in.where(s.now())
	if err != nil {
		return 0, nil, err
	}
	limit, err := wholeNumber("limit", in.Limit.String(), defaultEvents, 1)
	if err != nil {
		return 0, nil, err
	}
	limit = min(limit, maxEvents)
	skip, err := wholeNumber("skip", in.Skip.String(), 0, 0)
	if err != nil {
		return 0, nil, err
	}
	direction := strings.ToUpper(in.Sort)
	if direction == "" {
		direction = "DESC"
	}
	if direction != "ASC" && direction != "DESC" {
		return 0, nil, badRequest("Invalid sort: it is ASC or DESC")
	}
	if where, err = in.after(where, direction); err != nil {
		return 0, nil, err
	}
	rows, err := s.insights(c.Context(), where.sql+` ORDER BY e.time `+direction+`, e.seq `+direction+` LIMIT ? OFFSET ?`, append(where.args, limit, skip)...)
	if err != nil {
		return 0, nil, err
	}
	c.header.Set("X-Result-Count", strconv.Itoa(len(rows)))
	c.header.Set("X-Limit", strconv.FormatInt(limit, 10))
	c.header.Set("X-Request-Id", randomHex(16))
	answer := []any{}
	for _, e := range rows {
		v, err := only(e.wire, in.Fields)
		if err != nil {
			return 0, nil, err
		}
		answer = append(answer, v)
	}
	if len(rows) > 0 {
		c.header.Set("X-Search_after", rows[len(rows)-1].after)
	}
	return http.StatusOK, answer, nil
}

func (s *Server) apiCountEvents(c apiCall) (int, any, error) {
	var in insightQuery
	if err := c.body(&in); err != nil {
		return 0, nil, err
	}
	where, err := in.where(s.now())
	if err != nil {
		return 0, nil, err
	}
	n, err := s.countEvents(c.Context(), where)
	return http.StatusOK, map[string]int64{"count": n}, err
}

func (s *Server) countEvents(ctx context.Context, where clause) (n int64, err error) {
	//nolint:gosec // the clause is made of the names of columns; values are arguments
	if err = s.db.QueryRowContext(ctx, `SELECT count(*) FROM events e WHERE `+where.sql, where.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting events: %w", err)
	}
	return n, nil
}

// insight is an event on the wire, with what to send to go on behind it.
type insight struct {
	wire  object
	after string
}

func (s *Server) insights(ctx context.Context, rest string, args ...any) ([]insight, error) {
	org, err := organization(ctx, s.db)
	if err != nil {
		return nil, err
	}
	return query(ctx, s.db, func(r *sql.Rows) (insight, error) { return scanInsight(r, org) },
		`SELECT e.seq, e.id, e.type, e.time, e.actor_id, e.system_id, e.user_id, e.detail, e.success,
		coalesce(a.email, ''), coalesce(u.email, ''), coalesce(t.username, ''), coalesce(y.hostname, ''), coalesce(y.display_name, '')
		FROM events e LEFT JOIN admins a ON a.id = e.actor_id LEFT JOIN users u ON u.id = e.actor_id
		LEFT JOIN users t ON t.id = e.user_id LEFT JOIN systems y ON y.id = e.system_id WHERE `+rest, args...)
}
