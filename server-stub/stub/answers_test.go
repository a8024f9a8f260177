package stub

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// What is kept of the public API's answers never hides a change, wherever it comes from.
func TestAnswers_NeverOld(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	s := running(t, func(s *Server) { s.Now = func() time.Time { return at } })
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	ada, c := s.boss(t, RoleAdministrator), s.trusting(t)
	get := func(path string) string {
		t.Helper()
		status, answer, _ := ask(t, c, "GET", s.Addresses().Console+path, nil, "x-api-key", ada.APIKey)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, status, answer)
		}
		return answer
	}
	path := "/api/systems/" + d.system
	first := get(path)
	if e := s.epoch.Load(); e == nil || get(path) != first || s.epoch.Load() != e {
		t.Error("nothing is kept though nothing changed")
	}
	for _, step := range []struct {
		name   string
		change func()
		want   string
	}{
		{"a write", func() {
			ask(t, c, "PUT", s.Addresses().Console+path, map[string]string{"displayName": "one"}, "x-api-key", ada.APIKey)
		}, `"displayName":"one"`},
		{"somebody else's write", func() { s.elsewhere(t, `UPDATE systems SET display_name = 'two'`) }, `"displayName":"two"`},
		{"another of those", func() { s.elsewhere(t, `UPDATE systems SET display_name = 'three'`) }, `"displayName":"three"`},
		{"time alone", func() { at = at.Add(s.Settings().InactiveAfter + time.Second) }, `"active":false`},
		{"a contact", func() { d.poll(t, "") }, `"active":true`},
		{"a clock that is moved", func() { s.MoveClock(time.Hour) }, `"active":false`},
		{"the settings", func() { changeSettings(t, s, func(c *Settings) { c.InactiveAfter = 2 * time.Hour }) }, `"active":true`},
	} {
		get(path) // it is kept now
		step.change()
		if got := get(path); !strings.Contains(got, step.want) {
			t.Errorf("after %s: no %s in %s", step.name, step.want, got)
		}
	}
	// A count is kept too, and a key that was taken away.
	if all := get("/api/systems?limit=1&skip=5"); !strings.Contains(all, `"totalCount":1`) {
		t.Error(all)
	}
	enrolled(t, s, "second", s.userKey(t, "nora"))
	if all := get("/api/systems?limit=1&skip=5"); !strings.Contains(all, `"totalCount":2`) {
		t.Error(all)
	}
	s.elsewhere(t, `UPDATE api_keys SET value = 'x' WHERE admin_id = '`+ada.ID+`'`)
	if status, _, _ := ask(t, c, "GET", s.Addresses().Console+path, nil, "x-api-key", ada.APIKey); status != http.StatusUnauthorized {
		t.Errorf("a key that is gone: %d", status)
	}
}

// elsewhere writes to the database as another process does.
func (s *Server) elsewhere(t *testing.T, statement string) {
	t.Helper()
	db, err := openDB(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, db)
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func changeSettings(t *testing.T, s *Server, change func(*Settings)) {
	t.Helper()
	if err := s.ChangeSettings(change); err != nil {
		t.Fatal(err)
	}
}

// Each question has its own answer: by address, body and who asks.
func TestAnswers_Apart(t *testing.T) {
	s := running(t)
	enrolled(t, s, "one", s.userKey(t, "nora"))
	enrolled(t, s, "two", s.userKey(t, "nora"))
	c, rita, ada := s.trusting(t), s.boss(t, RoleReadOnly), s.boss(t, RoleAdministrator)
	for range 2 {
		for _, by := range []Admin{rita, ada} {
			for _, name := range []string{"one", "two"} {
				body := `{"searchFilter":{"searchTerm":["` + name + `"],"fields":["hostname"]}}`
				if _, answer, _ := ask(t, c, "POST", s.Addresses().Console+"/api/search/systems", body, "x-api-key", by.APIKey, "Content-Type", "application/json"); !strings.Contains(answer, `"hostname":"`+name+`"`) {
					t.Errorf("%s for %s: %s", by.Email, name, answer)
				}
			}
		}
	}
	if status, _, _ := ask(t, c, "GET", s.Addresses().Console+"/api/systems", nil, "x-api-key", ada.APIKey, "X-Org-Id", "nonsense"); status != http.StatusBadRequest {
		t.Errorf("an organization that is none: %d", status)
	}
	long := `{"limit":1,"unknown":"` + strings.Repeat("x", maxAsked) + `"}`
	if status, answer, _ := ask(t, c, "POST", s.Addresses().Console+"/api/search/systems", long, "x-api-key", ada.APIKey, "Content-Type", "application/json"); status != http.StatusOK || !strings.Contains(answer, `"totalCount":2`) {
		t.Errorf("a long question: %d %s", status, answer)
	}
}

func TestAnswers_Bounded(t *testing.T) {
	s := running(t)
	e := s.epochNow(t.Context())
	big := &answer{status: http.StatusOK, body: make([]byte, maxKept/2)}
	for _, q := range []string{"a", "b", "c"} {
		e.keep(q, big)
	}
	if _, ok := e.get("a"); ok {
		t.Error("more is kept than there is room for")
	}
	if _, ok := e.get("c"); !ok {
		t.Error("the newest is not kept")
	}
	e.keep("d", &answer{status: http.StatusNotFound})
	if _, ok := e.get("d"); ok {
		t.Error("a refusal was kept")
	}
	(&epoch{}).keep("a", big) // of a server whose database cannot be read
}
