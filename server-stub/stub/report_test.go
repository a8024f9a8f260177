package stub

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// reporting is a server that takes reports, its clock, and the token.
func reporting(t *testing.T, change ...func(*Server)) (s *Server, token string) {
	t.Helper()
	set := DefaultSettings()
	set.Reports = true
	s = running(t, append(change, func(s *Server) { s.Initial = &set })...)
	token, err := s.ReportToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, token
}

// aReport is what a computer sends, with changes; a nil value takes a field away.
func aReport(n int, change map[string]any) map[string]any {
	all := map[string]any{
		"version": 1, "id": fmt.Sprintf("%032x", n), "device": strings.Repeat("d", 32), "time": "2026-11-23T09:59:00Z", "outcome": "failed", "step": "install",
		"code": "install-failed", "run": "r-1", "tries": 2, "summary": "The installer ended with an error.", "hostname": "nora-laptop", "os": "Ubuntu",
		"osVersion": "24.04", "arch": "x86_64", "assistantVersion": "1.0",
	}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

// report sends a report as a computer does.
func (s *Server) report(t *testing.T, token string, body any, head ...string) (int, string, http.Header) {
	t.Helper()
	return ask(t, s.trusting(t), "POST", s.Addresses().Console+"/_qa/reports", body, append([]string{"Authorization", "Bearer " + token}, head...)...)
}

func TestReports(t *testing.T) {
	s, token := reporting(t, func(s *Server) { s.Now = clock() })
	before := len(s.shot(t).Outbox)
	for i, change := range []map[string]any{
		nil, nil, {"device": strings.Repeat("e", 32)}, {"code": "not-online", "step": "online"}, {"outcome": "abandoned", "code": "canceled", "step": "plan"},
	} {
		if status, answer, _ := s.report(t, token, aReport(i, change)); status != http.StatusCreated {
			t.Fatalf("report %d: %d %s", i, status, answer)
		}
	}
	if status, answer, _ := s.report(t, token, aReport(0, nil)); status != http.StatusOK {
		t.Errorf("the same again: %d %s", status, answer)
	}
	status, answer := s.qa(t, "GET", "reports", nil)
	var got reportsAnswer
	if err := json.Unmarshal([]byte(answer), &got); status != 200 || err != nil {
		t.Fatalf("%d %s %v", status, answer, err)
	}
	if len(got.Reports) != 5 || len(got.Causes) != 3 || !got.On {
		t.Fatalf("%s", answer)
	}
	last, install := got.Reports[0], got.Causes[2]
	if last.Step != "plan" || last.Outcome != OutcomeAbandoned || last.Hostname != "nora-laptop" || last.Tries != 2 || !last.Received.Equal(s.now()) || last.Time.Hour() != 9 {
		t.Errorf("%+v", last)
	}
	if install.Count != 3 || install.Devices != 2 || install.Step != "install" || install.Summary != "The installer ended with an error." || !install.Last.Equal(s.now()) {
		t.Errorf("%+v", install)
	}
	// One mail to each admin for each of the four pairs of device and cause.
	mails := s.shot(t).Outbox[before:]
	if len(mails) != 4*3 {
		t.Fatalf("%d mails", len(mails))
	}
	for _, m := range mails {
		raw := string(m.Message())
		if m.From != mailFromReport || !strings.Contains(m.Text, "This mail is not from JumpCloud") || !strings.Contains(raw, `From: "Enrollment reports, not JumpCloud" <reports@not-jumpcloud.invalid>`) || m.SystemID != "" {
			t.Errorf("%+v\n%s", m, raw)
		}
	}
	for query, want := range map[string]int{"step=install": 3, "code=not-online": 1, "outcome=abandoned": 1, "device=" + strings.Repeat("e", 32): 1, "step=install&code=canceled": 0, "limit=2": 2} {
		if status, answer := s.qa(t, "GET", "reports?"+query, nil); status != 200 || json.Unmarshal([]byte(answer), &got) != nil || len(got.Reports) != want {
			t.Errorf("%s: %d %s", query, status, answer)
		}
	}
	if status, answer := s.qa(t, "DELETE", "reports?step=install", nil); status != 200 || answer != `{"deleted":3}` {
		t.Errorf("%d %s", status, answer)
	}
	// What was mailed is not mailed again, also when the report is gone.
	if status, _, _ := s.report(t, token, aReport(9, nil)); status != http.StatusCreated || len(s.shot(t).Outbox) != before+4*3 {
		t.Errorf("%d, %d mails", status, len(s.shot(t).Outbox)-before)
	}
	if _, err := s.DeleteReports(t.Context(), s.boss(t, RoleReadOnly), ReportQuery{}); !errors.Is(err, ErrForbidden) {
		t.Error(err)
	}
	for _, wrong := range []string{"reports?limit=0", "reports?limit=x", "reports?colour=red"} {
		if status, _ := s.qa(t, "GET", wrong, nil); status != 400 {
			t.Errorf("%s: %d", wrong, status)
		}
	}
	if v := s.Violations(); len(v) != 0 {
		t.Errorf("%+v", v)
	}
}

func TestReports_Off(t *testing.T) {
	s := running(t)
	token, err := s.ReportToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status, _, _ := s.report(t, token, aReport(1, nil)); status != 404 {
		t.Errorf("switched off: %d", status)
	}
	if status, _ := s.qa(t, "POST", "settings", `{"reports":true}`); status != 200 {
		t.Fatal(status)
	}
	if status, answer, _ := s.report(t, token, aReport(1, nil)); status != 201 {
		t.Errorf("switched on: %d %s", status, answer)
	}
	status, answer := s.qa(t, "GET", "reports/token", nil)
	if status != 200 || !strings.Contains(answer, token) || !strings.Contains(answer, `"url":"https://127.0.0.1:`) {
		t.Errorf("%d %s", status, answer)
	}
}

func TestReports_Refused(t *testing.T) {
	s, token := reporting(t)
	key := s.userKey(t, "nora")
	whole, err := json.Marshal(aReport(1, nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body any
		want int
		says string // of the answer
	}{
		"no JSON":           {"hello", 400, "not JSON"},
		"two values":        {string(whole) + string(whole), 400, "not JSON"},
		"a list":            {`[]`, 400, ""},
		"an unknown field":  {aReport(1, map[string]any{"colour": "red"}), 400, "there is no colour"},
		"a password field":  {aReport(1, map[string]any{"password": "x"}), 400, "there is no password"},
		"no step":           {aReport(1, map[string]any{"step": nil}), 400, "required"},
		"a step of HTML":    {aReport(1, map[string]any{"step": "<b>"}), 400, "/step breaks"},
		"another outcome":   {aReport(1, map[string]any{"outcome": "done"}), 400, "/outcome"},
		"another version":   {aReport(1, map[string]any{"version": 2}), 400, "/version"},
		"no time":           {aReport(1, map[string]any{"time": "yesterday"}), 400, "/time"},
		"a nested field":    {aReport(1, map[string]any{"log": map[string]any{"a": "b"}}), 400, "/log"},
		"a connect key":     {aReport(1, map[string]any{"details": "the key " + key}), 400, "details looks like a secret"},
		"a tenant key":      {aReport(1, map[string]any{"log": "x jcc_eyJwdWJsaWNLaWNr"}), 400, "log looks like a secret"},
		"a known password":  {aReport(1, map[string]any{"summary": "her secret is " + "correct-horse-9"}), 400, "summary looks like a secret"},
		"a private key":     {aReport(1, map[string]any{"log": "-----BEGIN EC PRIVATE KEY-----"}), 400, "log looks like a secret"},
		"a header":          {aReport(1, map[string]any{"log": "> x-connect-key: 12ab34cd"}), 400, "log looks like a secret"},
		"an assignment":     {aReport(1, map[string]any{"details": "password=abcd"}), 400, "details looks like a secret"},
		"too long":          {aReport(1, map[string]any{"log": strings.Repeat("x", maxReport)}), 413, "64 KiB"},
		"masked already":    {aReport(2, map[string]any{"log": "password=[secret], x-connect-key: [secret]"}), 201, ""},
		"words of the kind": {aReport(3, map[string]any{"summary": "The password was not accepted. Token: none"}), 201, ""},
	} {
		s.rules.learn("correct-horse-9")
		status, answer, _ := s.report(t, token, c.body, "Content-Type", "application/json")
		if status != c.want || !strings.Contains(answer, c.says) || strings.Contains(answer, key) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	for name, head := range map[string]struct {
		want int
		head []string
	}{
		"no token":      {401, nil},
		"another token": {401, []string{"Authorization", "Bearer " + strings.Repeat("0", 40)}},
		"no bearer":     {401, []string{"Authorization", token}},
		"a tester":      {401, []string{"X-QA", "1"}},
		"foreign page":  {403, []string{"Authorization", "Bearer " + token, "Origin", "https://evil.example"}},
		"a form":        {415, []string{"Authorization", "Bearer " + token, "Content-Type", "text/plain"}},
	} {
		if status, answer, _ := ask(t, s.trusting(t), "POST", s.Addresses().Console+"/_qa/reports", string(whole), head.head...); status != head.want {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	for _, path := range []string{"/_qa/reports/", "/_qa/reports/x"} { // nothing sends a report on to somewhere else
		if status, _, header := ask(t, s.trusting(t), "POST", s.Addresses().Console+path, string(whole)); status != 404 && status != 405 || header.Get("Location") != "" {
			t.Errorf("%s: %d %v", path, status, header)
		}
	}
	if v := s.Violations(); len(v) != 0 {
		t.Errorf("%+v", v)
	}
	for _, e := range s.ReadJournal(JournalQuery{}) {
		if line, err := json.Marshal(e); err != nil || strings.Contains(string(line), token) || strings.Contains(string(line), key) {
			t.Errorf("the journal: %s %v", line, err)
		}
	}
	if told := s.ReadJournal(JournalQuery{Kind: EntryReport}); len(told) != 2 || told[0].Text != "failed install install-failed" {
		t.Errorf("the journal: %+v", told)
	}
}

func TestReports_Rate(t *testing.T) {
	s, token := reporting(t, func(s *Server) { s.Now = clock() })
	if err := s.ChangeSettings(func(c *Settings) { c.ReportsPerHour = 3 }); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if status, answer, _ := s.report(t, token, aReport(i, nil)); status != 201 {
			t.Fatalf("%d %s", status, answer)
		}
		s.MoveClock(time.Duration(i+1) * 10 * time.Minute)
	}
	status, _, head := s.report(t, token, aReport(4, nil))
	if status != 429 || head.Get("Retry-After") != "1800" {
		t.Errorf("the fourth within an hour: %d, Retry-After %s", status, head.Get("Retry-After"))
	}
	if status, _, _ := s.report(t, token, aReport(5, map[string]any{"device": strings.Repeat("e", 32)})); status != 201 {
		t.Errorf("another device: %d", status)
	}
	s.MoveClock(time.Hour + time.Second)
	if status, answer, _ := s.report(t, token, aReport(4, nil)); status != 201 {
		t.Errorf("after the wait: %d %s", status, answer)
	}
}

// The inbox keeps the newest, and from all devices together only so many an hour are taken.
func TestReports_Bounded(t *testing.T) {
	s, _ := reporting(t, func(s *Server) { s.Now = clock() })
	one := func(i int) error {
		return s.AddReport(t.Context(), Report{Version: 1, ID: strconv.Itoa(i), Device: fmt.Sprintf("d%d", i%500), Step: "install", Code: "install-failed", Outcome: OutcomeFailed})
	}
	for i := range reportsOfAll {
		if err := one(i); err != nil {
			t.Fatal(err)
		}
	}
	var many tooManyReports
	if err := one(reportsOfAll); !errors.As(err, &many) {
		t.Errorf("%v", err)
	}
	// As if as many as the inbox holds had come since the others.
	if _, err := s.db.ExecContext(t.Context(), `UPDATE reports SET seq = ? WHERE id = '5'`, reportsOfAll+maxReports); err != nil {
		t.Fatal(err)
	}
	s.MoveClock(2 * time.Hour)
	if err := one(10_000); err != nil {
		t.Fatal(err)
	}
	left, err := s.Reports(t.Context(), ReportQuery{Limit: maxReportList})
	if err != nil || len(left) != 2 || left[0].ID != "10000" || left[1].ID != "5" {
		t.Errorf("%d left, %v", len(left), err)
	}
}

func TestReportSchema(t *testing.T) {
	s := running(t)
	status, answer, head := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/_qa/reports/schema.json", nil)
	var doc struct {
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal([]byte(answer), &doc); status != 200 || err != nil || head.Get("Content-Type") != "application/schema+json" {
		t.Fatalf("%d %v %s", status, err, answer)
	}
	// Every field of the schema is read, and no other.
	full := Report{Received: time.Now(), Time: time.Now()}
	for _, f := range []*string{&full.Run, &full.Summary, &full.Hint, &full.Details, &full.Hostname, &full.OS, &full.OSVersion, &full.Arch, &full.AssistantVersion, &full.AgentVersion, &full.Language, &full.SerialNumber, &full.Log} {
		*f = "x"
	}
	full.Tries, full.Seconds, full.Received = 1, 1, time.Time{}
	raw, err := json.Marshal(full)
	var fields map[string]any
	if err := errors.Join(err, json.Unmarshal(raw, &fields)); err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(doc.Properties)); !slices.Equal(got, want) {
		t.Errorf("the type has %v, the schema %v", got, want)
	}
}

// A report is text that a stranger chose: it stays one, in mails too.
func TestReports_Hostile(t *testing.T) {
	s, token := reporting(t)
	before := len(s.shot(t).Outbox)
	status, answer, _ := s.report(t, token, aReport(1, map[string]any{"hostname": "x\r\nBcc: all@example.test", "summary": "a\u202eb\x00<script>", "log": "one\n\ttwo\r\x1b[2J"}))
	if status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	list, err := s.Reports(t.Context(), ReportQuery{})
	if err != nil || list[0].Hostname != "x  Bcc: all@example.test" || list[0].Summary != "a b <script>" || list[0].Log != "one\n    two  [2J" {
		t.Errorf("%+v %v", list, err)
	}
	raw := string(s.shot(t).Outbox[before].Message())
	if strings.Contains(raw, "\nBcc:") || strings.Contains(raw, "<script>") && !strings.Contains(raw, "&lt;script&gt;") {
		t.Errorf("%s", raw)
	}
}
