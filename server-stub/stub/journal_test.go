package stub

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestJournal_EnrollmentAndSecrets(t *testing.T) {
	var lines bytes.Buffer
	s := running(t, func(s *Server) { s.Journal = &lines })
	if err := s.ChangeSettings(func(c *Settings) { c.TenantKeys = true }); err != nil {
		t.Fatal(err)
	}
	key := s.userKey(t, "nora")
	d := enrolled(t, s, "nora-laptop", key)
	if err := s.Bind(t.Context(), s.boss(t, RoleHelpDesk), d.system, s.person(t, "nora").ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UserLogin(t.Context(), "nora@acme.example", DemoUserPassword); err != nil {
		t.Log(err) // a second factor is needed
	}
	fetchOK(t, s, "/ip?password=hunter2hunter2&limit=3&q="+key)
	all := s.ReadJournal(JournalQuery{})
	for _, want := range []struct {
		kind EntryKind
		text string
		n    int
	}{
		{EntryEvent, eventSystemCreate, 1}, {EntryMail, "New device online: nora-laptop", 3}, {EntryEvent, eventAssociation + " add", 1},
		{EntryKey, "a key was issued", 1}, {EntryKey, "a certificate was signed with a key", 1}, {EntrySettings, "the settings were changed", 1}, {EntryViolation, "", 0},
	} {
		n := 0
		for _, e := range all {
			if e.Kind == want.kind && (want.text == "" || e.Text == want.text) {
				n++
			}
		}
		if n != want.n {
			t.Errorf("%s %q: %d entries, want %d", want.kind, want.text, n, want.n)
		}
	}
	for i, e := range all {
		if e.Seq != int64(i+1) || e.Time.IsZero() {
			t.Errorf("entry %d: %+v", i+1, e)
		}
	}
	if n := strings.Count(lines.String(), "\n"); n != len(all) {
		t.Errorf("%d lines were written of %d entries", n, len(all))
	}
	bare, _ := bareOf(key)
	for _, secret := range []string{key, bare, DemoUserPassword, "hunter2hunter2"} {
		if strings.Contains(lines.String(), secret) {
			t.Errorf("the journal holds %q", secret)
		}
	}
	asked := s.ReadJournal(JournalQuery{Path: "/ip"})
	if len(asked) != 1 || asked[0].Query != "limit=3&password=[secret]&q=[secret]" || asked[0].Status != 200 || asked[0].Port != portPublic || asked[0].Bytes == 0 {
		t.Errorf("%+v", asked)
	}
}

func fetchOK(t *testing.T, s *Server, path string) {
	t.Helper()
	if status, body, _, err := fetch(t, s, s.Addresses().Console+path); status != http.StatusOK || err != nil {
		t.Fatalf("%s: %d %q %v", path, status, body, err)
	}
}

func TestQAJournal(t *testing.T) {
	s := running(t)
	fetchOK(t, s, "/ip")
	fetchOK(t, s, "/readyz")
	fetchOK(t, s, "/ip?again=1")
	for query, want := range map[string]int{"path=/ip": 2, "path=/ip&limit=1": 1, "kind=request&q=AGAIN": 1, "status=404": 0, "method=GET&after=0&path=/readyz": 1} {
		status, answer := s.qa(t, "GET", "journal?"+query, nil)
		if n := strings.Count(answer, "\n"); status != 200 || n != want {
			t.Errorf("%s: %d, %d lines: %s", query, status, n, answer)
		}
	}
	for _, wrong := range []string{"what=1", "after=x", "limit=-1"} {
		if status, _ := s.qa(t, "GET", "journal?"+wrong, nil); status != 400 {
			t.Errorf("%s: %d", wrong, status)
		}
	}
}

// streamed reads the next server-sent event of that kind.
func streamed(t *testing.T, from *bufio.Scanner, kind EntryKind) (e Entry, id string) {
	t.Helper()
	for from.Scan() {
		if rest, ok := strings.CutPrefix(from.Text(), "id: "); ok {
			id = rest
		}
		if rest, ok := strings.CutPrefix(from.Text(), "data: "); ok {
			if err := json.Unmarshal([]byte(rest), &e); err != nil {
				t.Fatal(err)
			}
			if e.Kind == kind {
				return e, id
			}
		}
	}
	t.Fatalf("the stream ended: %v", from.Err())
	return e, id
}

func TestQAJournalStream(t *testing.T) {
	s := running(t)
	open := func(last string) (*bufio.Scanner, context.CancelFunc) {
		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Addresses().People+"/_qa/journal/stream?kind=mail", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-QA", "1")
		req.Header.Set("Last-Event-ID", last)
		resp, err := s.trusting(t).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closing(t, resp.Body) })
		if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "text/event-stream" {
			t.Fatalf("%d %s", resp.StatusCode, kind)
		}
		return bufio.NewScanner(resp.Body), cancel
	}
	live, cancel := open("")
	enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	var to []string
	var last string
	for range 3 {
		e, id := streamed(t, live, EntryMail)
		to, last = append(to, e.To), id
	}
	if want := []string{"ada@acme.example", "hal@acme.example", "rita@acme.example"}; !slices.Equal(to, want) {
		t.Errorf("streamed %v", to)
	}
	cancel()
	enrolled(t, s, "ben-laptop", s.userKey(t, "ben"))
	again, cancel := open(last)
	defer cancel()
	if e, _ := streamed(t, again, EntryMail); e.To != "ada@acme.example" || !strings.Contains(e.Text, "ben-laptop") {
		t.Errorf("after Last-Event-ID: %+v", e)
	}
}
