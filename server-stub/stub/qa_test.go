package stub

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// qa makes a request to /_qa/ as a test does.
func (s *Server) qa(t *testing.T, method, path string, body any) (int, string) {
	t.Helper()
	status, answer, _ := ask(t, s.trusting(t), method, s.Addresses().People+"/_qa/"+path, body, "X-QA", "1")
	return status, answer
}

// unguarded are the routes below /_qa/ that do without the header, and why. Each has tests of its own.
var unguarded = map[string]string{
	"POST /_qa/reports":            "computers send it, with the token of their profile",
	"GET /_qa/reports/schema.json": "published",
	"GET /_qa/openapi.json":        "published, and the same everywhere",
	"GET /_qa/publisher.asc":       "published",
}

// qaPatterns gives every route below /_qa/ that the sources name, without those that unguarded names and the pages,
// which people open in a browser: TestWebToken and its like hold what those refuse.
func qaPatterns(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	route := regexp.MustCompile(`"([A-Z]+ /_qa/[^"]*)"(, s\.(?:show|post)\()?`)
	var all []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range route.FindAllSubmatch(raw, -1) {
			if pattern := string(m[1]); len(m[2]) == 0 && unguarded[pattern] == "" {
				all = append(all, pattern)
			}
		}
	}
	return all
}

// No route below /_qa/ is forgotten: the sources tell which there are.
func TestQAGuard(t *testing.T) {
	s := running(t)
	patterns := qaPatterns(t)
	if known := len(s.qaAnswers()); len(patterns) < known || known < 25 {
		t.Fatalf("the sources name %d routes, %d are served", len(patterns), known)
	}
	for _, base := range []string{s.Addresses().Console, s.Addresses().People} {
		c := s.trusting(t)
		for _, pattern := range patterns {
			method, path, _ := strings.Cut(strings.ReplaceAll(pattern, "{name}", "x"), " ")
			for name, head := range map[string][]string{
				"no header": nil, "another value": {"X-QA", "yes"}, "foreign origin": {"X-QA", "1", "Origin", "https://evil.example"},
				"cross-site": {"X-QA", "1", "Sec-Fetch-Site", "cross-site"}, "same-site": {"X-QA", "1", "Sec-Fetch-Site", "same-site"}, "null origin": {"X-QA", "1", "Origin", "null"},
			} {
				if status, _, _ := ask(t, c, method, base+path, nil, head...); status != http.StatusForbidden {
					t.Errorf("%s, %s: %d", pattern, name, status)
				}
			}
		}
		if status, _, _ := ask(t, c, "GET", base+"/_qa/snapshot", nil, "X-QA", "1", "Origin", base, "Sec-Fetch-Site", "same-origin"); status != 200 {
			t.Errorf("our own page: %d", status)
		}
	}
}

func TestQASnapshot(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	status, answer := s.qa(t, "GET", "snapshot", nil)
	var shot Snapshot
	if err := json.Unmarshal([]byte(answer), &shot); err != nil || status != 200 || len(shot.Systems) != 1 || shot.Systems[0].ID != d.system || len(shot.Outbox) != 3 {
		t.Errorf("%d %v %s", status, err, answer)
	}
	for _, secret := range []string{DemoTOTPSecret, DemoUserPassword, DemoAdminPassword} {
		if strings.Contains(answer, secret) {
			t.Errorf("the snapshot holds %q", secret)
		}
	}
}

func TestQASettings(t *testing.T) {
	s := running(t)
	before := s.Settings()
	if status, answer := s.qa(t, "POST", "settings", map[string]any{"keyRefusedStatus": 401, "keyLifeSeconds": 60}); status != 200 || !strings.Contains(answer, `"keyLifeSeconds":60`) {
		t.Fatalf("%d %s", status, answer)
	}
	after := s.Settings()
	if after.KeyRefusedStatus != 401 || after.KeyLife != time.Minute || after.ClockSkew != before.ClockSkew || !after.KeysWorkWhenOff || len(after.Supported) != len(before.Supported) {
		t.Errorf("%+v", after)
	}
	for _, wrong := range []string{`{"keyRefusedStatus":200}`, `{"keyLifeSeconds":-1}`, `{"keyLifeSeconds":9223372036854775807}`, `{"unknown":1}`, `{"agentVersion":"../x"}`, `{"lockoutAfter":0}`, `[]`, ``} {
		if status, answer := s.qa(t, "POST", "settings", wrong); status != 400 {
			t.Errorf("%s: %d %s", wrong, status, answer)
		}
	}
	if got := s.Settings(); got.KeyRefusedStatus != 401 || got.KeyLife != time.Minute {
		t.Errorf("a refused change changed %+v", got)
	}
	if status, answer := s.qa(t, "GET", "settings", nil); status != 200 || !strings.Contains(answer, `"pollWaitSeconds":25`) {
		t.Errorf("%d %s", status, answer)
	}
	bad := Settings{}
	if _, err := (&Server{Data: t.TempDir(), Initial: &bad}).Organization(t.Context()); err == nil {
		t.Error("settings that cannot work were accepted")
	}
}

func TestQAClock(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	if !s.shot(t).Systems[0].Active {
		t.Fatal("a device that polled just now is not active")
	}
	if status, answer := s.qa(t, "POST", "clock", map[string]int{"offsetSeconds": 181}); status != 200 || !strings.HasPrefix(answer, `{"now":"2026-11-23T10:03:01.000Z"`) {
		t.Errorf("%d %s", status, answer)
	}
	if s.shot(t).Systems[0].Active {
		t.Error("three minutes later the device is still active")
	}
	d.poll(t, "")
	if !s.shot(t).Systems[0].Active {
		t.Error("a poll did not make it active again")
	}
	if status, _ := s.qa(t, "POST", "clock", map[string]int64{"offsetSeconds": 1 << 60}); status != 400 {
		t.Errorf("an absurd clock: %d", status)
	}
}

func TestQAEnrollment(t *testing.T) {
	s := running(t)
	for _, step := range []struct {
		body    string
		status  int
		allowed bool
	}{{`{"allowed":false}`, 200, false}, {`{}`, 400, false}, {`{"allowed":true}`, 200, true}} {
		status, _ := s.qa(t, "POST", "enrollment", step.body)
		if status != step.status || s.shot(t).Organization.EnrollmentAllowed != step.allowed {
			t.Errorf("%s: %d", step.body, status)
		}
	}
}

// A key is that of the user: who enrolls with it is who installed the device.
func TestQAKey(t *testing.T) {
	s := running(t)
	status, answer := s.qa(t, "POST", "key", `{"user":"ben"}`)
	var key struct{ ConnectKey, ExpiresAt string }
	if err := json.Unmarshal([]byte(answer), &key); err != nil || status != 200 || key.ExpiresAt == "" {
		t.Fatalf("%d %s", status, answer)
	}
	enrolled(t, s, "ben-laptop", key.ConnectKey)
	if got := s.shot(t).Systems[0]; got.ProvisionerID != s.person(t, "ben").ID || got.ProvisionerType != OwnerUser {
		t.Errorf("%+v", got)
	}
	if status, _ := s.qa(t, "POST", "key", `{"user":"nobody"}`); status != 404 {
		t.Errorf("nobody's key: %d", status)
	}
	s.qa(t, "POST", "enrollment", `{"allowed":false}`)
	if status, _ := s.qa(t, "POST", "key", `{"user":"ben"}`); status != 400 {
		t.Errorf("a key while users may not enroll: %d", status)
	}
}

func TestQATOTP(t *testing.T) {
	s := running(t)
	status, answer := s.qa(t, "GET", "totp", nil)
	var codes []struct {
		Username, Code string
		SecondsLeft    int
	}
	if err := json.Unmarshal([]byte(answer), &codes); err != nil || status != 200 || len(codes) != 1 || codes[0].Username != "nora" || codes[0].SecondsLeft <= 0 {
		t.Fatalf("%d %s", status, answer)
	}
	if err := s.CheckTOTP(t.Context(), s.person(t, "nora").ID, codes[0].Code); err != nil {
		t.Error(err)
	}
}

func TestQABind(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	for _, step := range []struct {
		path string
		body map[string]string
		want int
	}{
		{"bind", map[string]string{"system": "nora-laptop", "user": "nobody"}, 404},
		{"bind", map[string]string{"system": "nowhere", "user": "nora"}, 404},
		{"bind", map[string]string{"system": "nora-laptop", "user": "nora"}, 200},
		{"bind", map[string]string{"system": d.system, "user": s.person(t, "nora").ID}, 409},
		{"unbind", map[string]string{"system": d.system, "user": "nora"}, 200},
		{"delete", map[string]string{"system": "nora-laptop"}, 200},
		{"delete", map[string]string{"system": "nora-laptop"}, 404},
	} {
		if status, answer := s.qa(t, "POST", step.path, step.body); status != step.want {
			t.Errorf("%s %v: %d %s", step.path, step.body, status, answer)
		}
	}
}
