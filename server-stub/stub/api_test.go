package stub

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// apiClient is a program that uses the public API.
type apiClient struct {
	t   *testing.T
	s   *Server
	c   *http.Client
	key string
}

func newAPI(t *testing.T, s *Server, role Role) apiClient {
	t.Helper()
	return apiClient{t, s, s.trusting(t), s.boss(t, role).APIKey}
}

func (a apiClient) do(method, path string, body any, head ...string) (int, string, http.Header) {
	a.t.Helper()
	status, answer, header := ask(a.t, a.c, method, a.s.Addresses().Console+path, body, append([]string{"X-Api-Key", a.key}, head...)...)
	if kind := header.Get("Content-Type"); status != http.StatusNoContent && kind != "application/json" {
		a.t.Errorf("%s %s: %d with Content-Type %q", method, path, status, kind)
	}
	return status, answer, header
}

// get expects 200 and reads the answer.
func (a apiClient) get(path string, into any) {
	a.t.Helper()
	status, answer, _ := a.do("GET", path, nil)
	a.read(path, status, answer, into)
}

func (a apiClient) read(what string, status int, answer string, into any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(answer), into); status != http.StatusOK || err != nil {
		a.t.Fatalf("%s: %d %s %v", what, status, answer, err)
	}
}

// apiList is the answer of a list.
type apiList struct {
	TotalCount int
	Results    []map[string]any
}

// values gives one field of every result.
func (l apiList) values(field string) string {
	var all []string
	for _, r := range l.Results {
		text, _ := r[field].(string)
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

// stored puts a device into the list without a computer that enrolls.
func (s *Server) stored(t *testing.T, f agentFacts, by OwnerType, owner string) string {
	t.Helper()
	id := newID(s.now())
	err := s.write(t.Context(), func(tx *sql.Tx) error {
		return s.createSystem(t.Context(), tx, certificate{UUID: randomHex(16), OwnerType: by, OwnerID: owner}, id, "192.0.2.7", f)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// apiOperations is every operation that the document has, with ids that do not exist, and some that there are not.
func apiOperations(t *testing.T) [][2]string {
	t.Helper()
	doc, err := ownDocument()
	if err != nil {
		t.Fatal(err)
	}
	all := [][2]string{{"POST", "/api/systems"}, {"GET", "/api/nothing"}, {"GET", "/api/v2/nothing"}, {"GET", "/insights/nothing"}}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/insights/") {
				all = append(all, [2]string{method, strings.ReplaceAll(path, "{id}", "0")})
			}
		}
	}
	if len(all) < 40 {
		t.Fatalf("only %d operations", len(all))
	}
	return all
}

func TestAPIUnauthorized(t *testing.T) {
	s := running(t)
	c, ada := s.trusting(t), s.boss(t, RoleAdministrator)
	for _, o := range apiOperations(t) {
		for name, head := range map[string][]string{
			"no key": nil, "empty": {"X-Api-Key", ""}, "wrong": {"X-Api-Key", strings.Repeat("0", 40)}, "connect key": {"X-Api-Key", ada.ConnectKey},
			"two keys": {"X-Api-Key", ada.APIKey, "X-Api-Key", ada.APIKey}, "SQL": {"X-Api-Key", "' OR '1'='1"}, "upper case": {"X-Api-Key", strings.ToUpper(ada.APIKey) + "A"},
		} {
			status, answer, _ := ask(t, c, o[0], s.Addresses().Console+o[1], nil, head...)
			if status != http.StatusUnauthorized || answer != `{"message":"Unauthorized"}` {
				t.Errorf("%v, %s: %d %s", o, name, status, answer)
			}
		}
	}
	if status, answer, _ := ask(t, c, "GET", s.Addresses().People+"/api/systems", nil, "X-Api-Key", ada.APIKey); status != http.StatusNotFound {
		t.Errorf("the plain port: %d %s", status, answer)
	}
}

func TestAPIOrganizationHeader(t *testing.T) {
	s := running(t)
	a := newAPI(t, s, RoleReadOnly)
	org := s.shot(t).Organization.ID
	for id, want := range map[string]int{"": 200, org: 200, "nonsense": 400, strings.Repeat("0", 24): 404} {
		if status, answer, _ := a.do("GET", "/api/systems", nil, "X-Org-Id", id); status != want {
			t.Errorf("x-org-id %q: %d %s, want %d", id, status, answer, want)
		}
	}
}

func TestAPIUnknown(t *testing.T) {
	a := newAPI(t, running(t), RoleAdministrator)
	none := strings.Repeat("0", 24)
	for _, o := range [][2]string{{"POST", "/api/systems"}, {"GET", "/api/nothing"}, {"GET", "/insights/x"}, {"DELETE", "/api/systems/" + none},
		{"PUT", "/api/systems/" + none}, {"GET", "/api/systems/" + none}, {"GET", "/api/systems/'%20OR%201=1--"}, {"GET", "/api/systemusers/" + none},
		{"GET", "/api/organizations/" + none}, {"PUT", "/api/organizations/" + none}, {"GET", "/api/v2/systems/" + none + "/users"},
		{"GET", "/api/v2/users/" + none + "/systems"}, {"GET", "/api/v2/systems/" + none + "/associations?targets=user"}} {
		if status, answer, _ := a.do(o[0], o[1], nil); status != http.StatusNotFound || answer != `{"message":"Not Found"}` {
			t.Errorf("%v: %d %s", o, status, answer)
		}
	}
	if status, _, _ := a.do("GET", "/api/organizations/short", nil); status != http.StatusBadRequest {
		t.Errorf("malformed organization: %d", status)
	}
}

// hostile are values that no query may trip over.
var hostile = []string{`'; DROP TABLE systems;--`, `" OR ""="`, `id) UNION SELECT value FROM api_keys--`, "%00", "\x00", "\xff\xfe", `%' OR 1=1`,
	`created; DELETE FROM admins`, "(SELECT 1)", "hostname COLLATE NOCASE", strings.Repeat("(", 4000), "\r\nX-Evil: 1", "${jndi:ldap://x}", "<script>", "-", "--", "|", `\`, "::", ":"}

func TestAPIHostile(t *testing.T) {
	s := running(t)
	s.stored(t, agentFacts{Hostname: "lab-1", OS: "Ubuntu"}, OwnerUser, s.person(t, "nora").ID)
	a := newAPI(t, s, RoleAdministrator)
	before := s.shot(t)
	for _, evil := range hostile {
		for _, path := range []string{"/api/systems", "/api/systemusers"} {
			for query, want := range map[string]int{
				"sort=" + url.QueryEscape("x"+evil): 400, "filter=" + url.QueryEscape("x"+evil+":$eq:1"): 400,
				"filter=" + url.QueryEscape("id:$"+evil+":1"): 400, "filter=" + url.QueryEscape("id:$eq:"+evil): 200,
				"filter=" + url.QueryEscape("id:$in:"+evil): 200, "search=" + url.QueryEscape(evil): 200,
				"limit=" + url.QueryEscape("x"+evil): 400, "skip=" + url.QueryEscape("x"+evil): 400, "fields=" + url.QueryEscape(evil): 200,
				"search%5Bfields%5D=" + url.QueryEscape("x"+evil) + "&search=lab": 400, url.QueryEscape("filter["+evil+"]") + "=id:$eq:1": 400,
			} {
				status, answer, header := a.do("GET", path+"?"+query, nil)
				if status != want || header.Get("X-Evil") != "" {
					t.Errorf("GET %s?%s: %d %s, want %d", path, query, status, answer, want)
				}
				var l apiList
				if json.Unmarshal([]byte(answer), &l) == nil && strings.HasPrefix(query, "filter") && len(l.Results) > 0 {
					t.Errorf("GET %s?%s found %s", path, query, answer)
				}
			}
			status, answer, _ := a.do("POST", "/api/search/"+strings.TrimPrefix(path, "/api/"), object{"filter": object{"or": []any{object{evil + "x": evil}}}})
			if status != http.StatusBadRequest {
				t.Errorf("search %s: %d %s", path, status, answer)
			}
		}
		status, answer, _ := a.do("POST", "/insights/directory/v1/events", object{"service": []string{"all"}, "start_time": "2020-01-01T00:00:00Z", "q": "x" + evil + "x"})
		if status != http.StatusOK || answer != "[]" {
			t.Errorf("q %q: %d %s", evil, status, answer)
		}
	}
	after := s.shot(t)
	if len(after.Systems) != len(before.Systems) || len(after.Admins) != 3 || len(after.Users) != 2 {
		t.Errorf("something was changed: %+v", after)
	}
}

// TestAPIKeyOfOlderDatabase opens a database from before there were API keys.
func TestAPIKeyOfOlderDatabase(t *testing.T) {
	dir := t.TempDir()
	s := &Server{Data: dir}
	if err := s.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ExecContext(t.Context(), `DROP TABLE api_keys`); err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	keys := map[string]bool{}
	for range 2 { // the second time nothing is made anew
		again := &Server{Data: dir}
		all, err := again.Admins(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			if len(a.APIKey) != 40 {
				t.Errorf("%s has the key %q", a.Email, a.APIKey)
			}
			keys[a.APIKey] = true
		}
		closing(t, again)
	}
	if len(keys) != 3 {
		t.Errorf("%d keys for 3 admins in %s", len(keys), filepath.Base(dir))
	}
}

// lockedBuffer is a log that several requests write.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func TestAPIKeyNotLogged(t *testing.T) {
	var log lockedBuffer
	s := running(t, func(s *Server) {
		s.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	a := newAPI(t, s, RoleAdministrator)
	a.get("/api/systems", &apiList{})
	a.do("PUT", "/api/systems/0", "{")
	closing(t, s) // waits for the requests
	if got := log.String(); !strings.Contains(got, "/api/systems") || strings.Contains(got, a.key) {
		t.Errorf("log: %s", got)
	}
}
