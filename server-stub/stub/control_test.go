package stub

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"example.com/enrollment-assistant/assets"
)

func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	s := &Server{Data: t.TempDir(), Now: func() time.Time { return now }}
	if err := s.open(); err != nil {
		t.Fatal(err)
	}
	defer closing(t, s)
	at := func(what string, want time.Duration) {
		t.Helper()
		if got := s.now().Sub(now); got != want {
			t.Errorf("%s: the clock is %s ahead, want %s", what, got, want)
		}
	}
	at("at first", 0)
	s.MoveClock(time.Hour)
	s.AdvanceClock(time.Minute)
	at("advanced", 61*time.Minute)
	s.FreezeClock(time.Time{})
	now = now.Add(10 * time.Minute)
	at("frozen", 51*time.Minute)
	s.AdvanceClock(time.Minute)
	at("advanced while frozen", 52*time.Minute)
	s.ThawClock()
	now = now.Add(10 * time.Minute)
	at("thawed", 52*time.Minute)
	s.FreezeClock(now.Add(time.Second))
	at("frozen at a time", time.Second)
	s.MoveClock(0)
	now = now.Add(time.Minute)
	at("moved", 0)
}

func TestQAMoveClock(t *testing.T) {
	s := running(t)
	for _, step := range []struct{ body, want string }{
		{`{"set":"2030-01-02T03:04:05Z","freeze":true}`, `{"now":"2030-01-02T03:04:05.`}, {`{"advanceSeconds":60}`, `{"now":"2030-01-02T03:05:05.`},
		{`{"freeze":false}`, `"frozen":false`}, {`{"offsetSeconds":3600}`, `"offsetSeconds":3600`},
	} {
		if status, answer := s.qa(t, "POST", "clock", step.body); status != 200 || !strings.Contains(answer, step.want) {
			t.Errorf("%s: %d %s", step.body, status, answer)
		}
	}
	if status, answer := s.qa(t, "GET", "clock", nil); status != 200 || !strings.Contains(answer, `"offsetSeconds":3600`) {
		t.Errorf("%d %s", status, answer)
	}
	_, _, head := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/readyz", nil)
	if said, err := http.ParseTime(head.Get("Date")); err != nil || time.Until(said) < 50*time.Minute {
		t.Errorf("an hour ahead, answers say that it is %q", head.Get("Date"))
	}
	for _, wrong := range []string{`{"set":"yesterday"}`, `{"set":"2030-01-02T03:04:05Z","offsetSeconds":1}`, `{"set":"2930-01-02T03:04:05Z"}`, `{"advanceSeconds":9223372036854775807}`} {
		if status, answer := s.qa(t, "POST", "clock", wrong); status != 400 {
			t.Errorf("%s: %d %s", wrong, status, answer)
		}
	}
}

func TestSaveRestoreReset(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	s.MoveClock(time.Hour)
	if _, err := s.ApplyPreset("package-slow"); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeSettings(func(c *Settings) { c.KeyRefusedStatus = 401 }); err != nil {
		t.Fatal(err)
	}
	if status, answer := s.qa(t, "POST", "save", `{"name":"one-device"}`); status != 200 || answer != `["one-device"]` {
		t.Fatalf("%d %s", status, answer)
	}
	before := s.shot(t)
	if err := s.Bind(t.Context(), s.boss(t, RoleHelpDesk), d.system, s.person(t, "nora").ID); err != nil {
		t.Fatal(err)
	}
	enrolled(t, s, "ben-laptop", s.userKey(t, "ben"))
	if status, answer := s.qa(t, "POST", "reset", `{}`); status != 200 || !strings.Contains(answer, defaultOrganization) {
		t.Fatalf("%d %s", status, answer)
	}
	empty := s.shot(t)
	if len(empty.Systems)+len(empty.Users)+len(empty.Admins)+len(empty.Outbox)+len(empty.Events) != 0 || len(s.Faults()) != 0 || s.Settings().KeyRefusedStatus != 403 || time.Since(s.now()).Abs() > time.Minute {
		t.Errorf("after the reset: %+v", empty)
	}
	if status, answer := s.qa(t, "POST", "restore", `{"name":"one-device"}`); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	if after := s.shot(t); !reflect.DeepEqual(before, after) {
		t.Errorf("restored\n%+v\ninstead of\n%+v", after, before)
	}
	if f := s.Faults(); len(f) != 1 || f[0].Name != "package-slow" || s.Settings().KeyRefusedStatus != 401 || time.Until(s.now()) < 59*time.Minute {
		t.Errorf("faults %+v, clock %s", f, s.now())
	}
	d.register(t) // its certificate is known again
	if err := s.Bind(t.Context(), s.boss(t, RoleHelpDesk), d.system, s.person(t, "nora").ID); err != nil {
		t.Fatal(err)
	}
	if status, answer := s.qa(t, "POST", "restore", `{"name":"one-device"}`); status != 200 || !reflect.DeepEqual(before, s.shot(t)) {
		t.Errorf("restored over what is there: %d %s", status, answer)
	}
	if status, answer := s.qa(t, "POST", "reset", `{"demo":true}`); status != 200 || !strings.Contains(answer, "Acme") {
		t.Errorf("%d %s", status, answer)
	}
	for _, wrong := range []string{"", "../x", "A", strings.Repeat("a", 50)} {
		if err := s.Save(t.Context(), wrong); !errors.Is(err, errBadRequest) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if err := s.Restore(t.Context(), "none"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if v := s.Violations(); len(v) != 0 {
		t.Errorf("%+v", v)
	}
}

func TestNamespaces(t *testing.T) {
	s := running(t)
	status, answer := s.qa(t, "POST", "namespaces", `{"name":"left","demo":true}`)
	var n namespaceJSON
	if err := json.Unmarshal([]byte(answer), &n); status != 200 || err != nil || n.Console == s.Addresses().Console {
		t.Fatalf("%d %s", status, answer)
	}
	left := s.Namespaces()[0].Server
	left.MoveClock(48 * time.Hour)
	enrolled(t, left, "left-laptop", left.userKey(t, "nora"))
	if own := s.shot(t); len(own.Systems) != 0 || len(own.Outbox) != 0 || time.Until(s.now()) > time.Hour {
		t.Errorf("the parent sees it: %+v", own)
	}
	if shot := left.shot(t); len(shot.Systems) != 1 || len(shot.Outbox) != 3 {
		t.Errorf("%+v", shot)
	}
	if status, _, _ := ask(t, s.trusting(t), "GET", n.Console+"/readyz", nil); status != 200 { // the parent's authority
		t.Errorf("readyz: %d", status)
	}
	if status, answer := s.qa(t, "POST", "namespaces", `{}`); status != 200 || !strings.Contains(answer, `"name":"ns2"`) {
		t.Errorf("%d %s", status, answer)
	}
	for body, want := range map[string]int{`{"name":"left"}`: http.StatusConflict, `{"name":"../x"}`: 400} {
		if status, answer := s.qa(t, "POST", "namespaces", body); status != want {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	left.rules.violated(left.now(), QuietUpgrade, "for this test")
	if status, answer := s.qa(t, "DELETE", "namespaces/left", nil); status != 200 || strings.Contains(answer, `"left"`) || !strings.Contains(answer, "ns2") {
		t.Errorf("%d %s", status, answer)
	}
	if v := s.Violations(); len(v) != 1 || v[0].Text != "left: for this test" {
		t.Errorf("%+v", v)
	}
	if status, _ := s.qa(t, "DELETE", "namespaces/left", nil); status != 404 {
		t.Errorf("ended twice: %d", status)
	}
	last := s.Namespaces()[0]
	closing(t, s)
	if _, err := last.Server.Snapshot(t.Context()); err == nil {
		t.Error("a namespace outlived its parent")
	}
}

const exampleSeed = `
organization: {name: Example Ltd, enrollmentAllowed: true}
admins:
  - {email: boss@example.test, name: The Boss, password: boss-boss-1, apiKey: 0123456789abcdef0123456789abcdef01234567}
  - {email: desk@example.test, role: help desk, password: desk-desk-1}
users:
  - {username: ana, email: ana@example.test, firstName: Ana, password: ana-ana-1, totpSecret: JBSWY3DPEHPK3PXP}
devices:
  - {hostname: ana-mac, os: Mac OS X, osFamily: darwin, version: "15.1", arch: arm64, installedBy: ana, boundTo: [ana], seenAgo: 20s}
  - {hostname: lab, count: 30, installedBy: boss@example.test, seenAgo: 48h}
settings: {keyLifeSeconds: 60}
faults: [{preset: captive-portal}, {point: time, status: 500, delayMs: 10}]
clock: 2030-01-01T00:00:00Z
`

func TestSeed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "seed.yaml")
	if err := os.WriteFile(file, []byte(exampleSeed), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Server{Data: t.TempDir()}
	t.Cleanup(func() { closing(t, s) })
	if _, err := s.Start(Ports{}); err != nil {
		t.Fatal(err)
	}
	if status, answer := s.qa(t, "POST", "seed", exampleSeed); status != 200 || !strings.Contains(answer, "Example Ltd") {
		t.Fatalf("%d %s", status, answer)
	}
	shot := s.shot(t)
	active := 0
	for _, y := range shot.Systems {
		if y.Active {
			active++
		}
	}
	if len(shot.Systems) != 31 || active != 1 || len(shot.Admins) != 2 || len(shot.Users) != 1 || !shot.Users[0].TOTP || !shot.Organization.EnrollmentAllowed || len(shot.Outbox) != 0 {
		t.Errorf("%d systems, %d active, %+v %+v", len(shot.Systems), active, shot.Admins, shot.Organization)
	}
	if f := s.Faults(); len(f) != 2 || f[1].Delay != 10*time.Millisecond || s.Settings().KeyLife != time.Minute || s.now().Year() != 2030 {
		t.Errorf("%+v %v", f, s.now())
	}
	for _, wrong := range []string{"organisation: {}", "users: [{username: x}]", "devices: [{hostname: a, installedBy: nobody}]", "devices: [{hostname: a, installedBy: ana, seenAgo: long}]",
		"devices: [{hostname: a, installedBy: ana, boundTo: [x]}]", "settings: {keyRefusedStatus: 200}", "faults: [{}]", "\t", "settings: {what: 1}"} {
		if status, answer := s.qa(t, "POST", "seed", wrong); status != 400 {
			t.Errorf("%s: %d %s", wrong, status, answer)
		}
	}
	if got := s.shot(t); len(got.Systems) != 31 {
		t.Errorf("refused seeds left %d systems", len(got.Systems))
	}
}

// The schema says what ParseSeed takes: every key of the one is a key of the other.
func TestSeed_Schema(t *testing.T) {
	raw, err := assets.Stub.ReadFile("seed.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("seed.json", tree); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("seed.json")
	if err != nil {
		t.Fatal(err)
	}
	var example any
	if err := yaml.Unmarshal([]byte(strings.Replace(exampleSeed, "clock: 2030-01-01T00:00:00Z", `clock: "2030-01-01T00:00:00Z"`, 1)), &example); err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(example)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(plain)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
	items := func(name string) map[string]*jsonschema.Schema { return schema.Properties[name].Items2020.Properties }
	for what, pair := range map[string]struct {
		keys map[string]*jsonschema.Schema
		of   any
	}{
		"the seed": {schema.Properties, Seed{}}, "an admin": {items("admins"), SeedAdmin{}}, "a user": {items("users"), SeedUser{}}, "a device": {items("devices"), SeedDevice{}},
	} {
		kind := reflect.TypeOf(pair.of)
		if kind.NumField() != len(pair.keys) {
			t.Errorf("%s: %d fields, %d keys in the schema", what, kind.NumField(), len(pair.keys))
		}
		for i := range kind.NumField() {
			name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			if pair.keys[name] == nil {
				t.Errorf("%s: the schema has no %q", what, name)
			}
		}
	}
}
