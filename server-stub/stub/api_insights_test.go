package stub

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// insights asks for events and gives them with what to go on behind.
func (a apiClient) insights(body object) (events []map[string]any, after []string, header http.Header) {
	a.t.Helper()
	status, answer, header := a.do("POST", "/insights/directory/v1/events", body)
	a.read(fmt.Sprint(body), status, answer, &events)
	if text := header.Get("X-Search_after"); text != "" {
		if err := json.Unmarshal([]byte(text), &after); err != nil {
			a.t.Errorf("X-Search_after %q: %v", text, err)
		}
	}
	return events, after, header
}

// dig gives what lies at a path of keys.
func dig(v any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func TestAPIInsights(t *testing.T) {
	s := running(t)
	a, ada, nora := newAPI(t, s, RoleAdministrator), s.boss(t, RoleAdministrator), s.person(t, "nora")
	if err := s.SetEnrollment(t.Context(), ada, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AdminLogin(t.Context(), ada.Email, "wrong"); err == nil {
		t.Error("signed in with a wrong password")
	}
	ben := s.person(t, "ben")
	if _, err := s.UserLogin(t.Context(), ben.Email, DemoUserPassword); err != nil {
		t.Fatal(err)
	}
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	a.post("/api/v2/systems/"+d.system+"/associations", object{"op": "add", "type": "user", "id": nora.ID}, http.StatusNoContent, "")
	a.do("PUT", "/api/systems/"+d.system, `{"displayName":"Nora's"}`)
	a.do("DELETE", "/api/systems/"+d.system, nil)
	since := s.now().Add(-time.Hour).Format(time.RFC3339)
	all, _, header := a.insights(object{"service": []string{"all"}, "start_time": since, "sort": "ASC"})
	var kinds []string
	by := map[string]map[string]any{}
	for _, e := range all {
		kind, _ := e["event_type"].(string)
		kinds, by[kind] = append(kinds, kind), e
		if e["service"] != "directory" || e["@version"] != "1" || e["organization"] != s.shot(t).Organization.ID {
			t.Errorf("event %v", e)
		}
	}
	if got := strings.Join(kinds, " "); got != "organization_update organization_update admin_login_attempt user_login_attempt system_create association_change system_update system_delete" {
		t.Errorf("events: %s", got)
	}
	if header.Get("X-Result-Count") != "8" || header.Get("X-Limit") != "1000" || header.Get("X-Request-Id") == "" {
		t.Errorf("headers: %v", header)
	}
	for _, c := range []struct {
		event, path string
		want        any
	}{
		{"organization_update", "initiated_by.email", ada.Email}, {"admin_login_attempt", "success", false}, {"user_login_attempt", "success", true},
		{"user_login_attempt", "initiated_by.type", "user"}, {"user_login_attempt", "initiated_by.email", ben.Email},
		{"system_create", "resource.hostname", "nora-laptop"}, {"system_create", "initiated_by.id", nora.ID}, {"system_create", "resource.id", d.system},
		{"association_change", "association.op", "add"}, {"association_change", "association.connection.from.object_id", d.system},
		{"association_change", "association.connection.to.object_id", nora.ID}, {"association_change", "association.connection.to.name", "nora"},
		{"association_change", "initiated_by.type", "admin"}, {"system_delete", "resource.displayName", "Nora's"}, {"system_update", "initiated_by.email", ada.Email},
	} {
		if got := dig(by[c.event], c.path); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.event, c.path, got, c.want)
		}
	}
	if raw, err := json.Marshal(by["organization_update"]["changes"]); err != nil || string(raw) != `[{"field":"settings.enableUserPortalAgentInstall","to":true}]` {
		t.Errorf("changes: %s %v", raw, err)
	}
	a.checkSelections(since)
	a.checkPages(since, kinds)
}

// checkSelections asks for parts of what TestAPIInsights made happen, as events and as their number.
func (a apiClient) checkSelections(since string) {
	a.t.Helper()
	for _, c := range []struct {
		more object
		want int
	}{
		{object{}, 8}, {object{"service": []string{"directory", "sso"}}, 8}, {object{"service": []string{"systems"}}, 0},
		{object{"search_term": object{"and": object{"event_type": "system_create"}}}, 1},
		{object{"search_term": object{"and": object{"event_type": []string{"system_create", "system_delete"}, "success": true}}}, 2},
		{object{"search_term": object{"or": object{"event_type": "system_create", "success": false}}}, 2},
		{object{"search_term": object{"not": object{"success": true, "event_type": "system_create"}}}, 1},
		{object{"search_term": object{"and": object{"initiated_by.id": a.s.boss(a.t, RoleAdministrator).ID}}}, 5},
		{object{"q": "SYSTEM_"}, 3}, {object{"end_time": since}, 0}, {object{"start_time": "2999-01-01T00:00:00Z"}, 0}, {object{"unheardOf": 1}, 8},
	} {
		body := object{"service": []string{"all"}, "start_time": since}
		for k, v := range c.more {
			body[k] = v
		}
		events, _, _ := a.insights(body)
		var n struct{ Count int }
		status, answer, _ := a.do("POST", "/insights/directory/v1/events/count", body)
		if a.read("count", status, answer, &n); len(events) != c.want || n.Count != c.want {
			a.t.Errorf("%v: %d events, count %d, want %d", c.more, len(events), n.Count, c.want)
		}
	}
}

// checkPages reads all events three at a time, both ways.
func (a apiClient) checkPages(since string, kinds []string) {
	a.t.Helper()
	for _, sort := range []string{"ASC", "DESC"} {
		var got []string
		var after []string
		for page := range 3 {
			body := object{"service": []string{"directory"}, "start_time": since, "sort": sort, "limit": 3, "fields": []string{"event_type"}}
			if page > 0 {
				body["search_after"] = after
			}
			var events []map[string]any
			events, after, _ = a.insights(body)
			for _, e := range events {
				if len(e) != 2 { // and the id
					a.t.Errorf("fields: %v", e)
				}
				kind, _ := e["event_type"].(string)
				got = append(got, kind)
			}
		}
		if sort == "DESC" {
			slices.Reverse(got)
		}
		if !slices.Equal(got, kinds) {
			a.t.Errorf("%s: %v, want %v", sort, got, kinds)
		}
	}
}

func TestAPIInsightsRefuse(t *testing.T) {
	a := newAPI(t, running(t), RoleReadOnly)
	at := `"start_time":"2026-01-01T00:00:00Z"`
	for _, path := range []string{"events", "events/count"} {
		for _, body := range []string{``, `{`, `{"service":["all"]}`, `{` + at + `}`, `{"service":["planets"],` + at + `}`, `{"service":["all"],"start_time":"yesterday"}`,
			`{"service":["all"],` + at + `,"end_time":"x"}`, `{"service":["all"],` + at + `,"exact_match":"x"}`, `{"service":["all"],` + at + `,"search_term":{"xor":{"id":"1"}}}`,
			`{"service":["all"],` + at + `,"search_term":{"and":{"id) OR 1=1--":"1"}}}`, `{"service":["all"],` + at + `,"search_term":{"and":{"id":{"a":1}}}}`} {
			a.post("/insights/directory/v1/"+path, body, http.StatusBadRequest, `{"message":"`)
		}
	}
	for _, more := range []string{`"limit":0`, `"limit":-1`, `"skip":-1`, `"sort":"random()"`, `"search_after":["x"]`, `"search_after":["x","1; DROP TABLE events"]`} {
		a.post("/insights/directory/v1/events", `{"service":["all"],`+at+`,`+more+`}`, http.StatusBadRequest, `{"message":"`)
	}
}

// TestAPIIndexes shows that every offered sort and filter is served by an index, by asking the database for its plan.
func TestAPIIndexes(t *testing.T) {
	s := running(t)
	plan := func(text string, args ...any) string {
		lines, err := query(t.Context(), s.db, func(r *sql.Rows) (string, error) {
			var id, parent, unused int
			var line string
			err := r.Scan(&id, &parent, &unused, &line)
			return line, err
		}, `EXPLAIN QUERY PLAN `+text, args...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "; ")
	}
	for _, list := range []collection{s.systemList(), userList(), groupList()} {
		from := list.from + " AND "
		for name, c := range list.columns {
			for _, op := range []string{"$eq", "$in", "$gt", "$lte"} {
				if c.kind == sinceColumn && op != "$eq" {
					continue
				}
				where, err := list.compare(comparison{name, op, []string{"true"}})
				if err != nil {
					t.Fatal(err)
				}
				if got := plan(`SELECT * FROM `+from+where.sql, where.args...); strings.Contains(got, "SCAN") || !strings.Contains(got, "SEARCH ") || !strings.Contains(got, "INDEX") {
					t.Errorf("filter by %s %s: %s", name, op, got)
				}
			}
			if c.kind == sinceColumn {
				continue
			}
			for _, sign := range []string{"", "-"} {
				order, err := list.orderBy(listQuery{sort: []string{sign + name}})
				if err != nil {
					t.Fatal(err)
				}
				if got := plan(`SELECT * FROM ` + from + `1 ORDER BY ` + order + ` LIMIT 10`); !strings.Contains(got, "USING INDEX") || strings.Contains(got, "TEMP B-TREE") {
					t.Errorf("sort by %s%s: %s", sign, name, got)
				}
			}
		}
	}
	for _, side := range []graphSide{systemSide, userSide, groupSide, memberSide} { // what a graph's other end is read by
		if got := plan(side.list, "0", 10, 0) + "; " + plan(side.exists, "0"); strings.Contains(got, "SCAN") || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("%s to %s: %s", side.kind, side.other, got)
		}
	}
}
