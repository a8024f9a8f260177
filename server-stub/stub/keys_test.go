package stub

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Every public step refuses every bad key in the same way.
func TestBadKeys(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	c := s.trusting(t)
	good := s.userKey(t, "nora")
	tenant, err := s.tenantForm(good)
	if err != nil {
		t.Fatal(err)
	}
	foreign := running(t).userKey(t, "nora")
	wrap := func(payload string) string { return "jcc_" + base64.StdEncoding.EncodeToString([]byte(payload)) }
	for name, key := range map[string]string{
		"none": "", "short": good[:39], "long": good + "0", "upper case": strings.ToUpper(good), "blank inside": good[:20] + " " + good[21:],
		"quote": `'; id; echo '`, "unknown": strings.Repeat("0", 40), "another organization's": foreign,
		"tenant, not base64": "jcc_%%%%", "tenant, not JSON": wrap("hello "), "tenant, unknown": wrap(`{"connectKey":"` + strings.Repeat("0", 40) + `"}`),
		"tenant, cut": tenant[:len(tenant)-8], "SQL": `' OR '1'='1`,
	} {
		for _, r := range []struct{ method, path string }{{"GET", "/Kickstart"}, {"POST", "/Detect"}, {"POST", "/Time"}, {"POST", "/SignCsr"}} {
			status, answer, _ := ask(t, c, r.method, s.Addresses().Console+r.path, nil, "x-connect-key", key)
			if status != http.StatusForbidden || len(answer) > 200 || strings.Contains(answer, "#!") {
				t.Errorf("%s, %s: %d %q", name, r.path, status, answer)
			}
		}
	}
	for name, key := range map[string]string{"bare": good, "tenant": tenant} {
		if status, _, _ := ask(t, c, "GET", s.Addresses().Console+"/Kickstart", nil, "x-connect-key", key); status != http.StatusOK {
			t.Errorf("%s: %d", name, status)
		}
	}
}

// A user's key works for an hour, by the server's clock.
func TestKeyExpires(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	key := s.userKey(t, "nora")
	for _, step := range []struct {
		offset time.Duration
		want   int
	}{{0, 200}, {time.Hour - time.Second, 200}, {time.Hour, 403}, {48 * time.Hour, 403}} {
		s.MoveClock(step.offset)
		status, _, _ := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/Kickstart", nil, "x-connect-key", key)
		if status != step.want {
			t.Errorf("after %s: %d, want %d", step.offset, status, step.want)
		}
	}
}

// What the vendor's documents leave open is a setting.
func TestKeySettings(t *testing.T) {
	s := running(t)
	try := func(key string) int {
		d := newDevice(t, s, "h")
		status, _ := postCSR(t, s, key, d.uuid, csr(t, d.uuid, d.key))
		return status
	}
	change := func(f func(*Settings)) {
		t.Helper()
		if err := s.ChangeSettings(f); err != nil {
			t.Fatal(err)
		}
	}
	key := s.userKey(t, "nora")
	if got := []int{try(key), try(key)}; got[0] != 200 || got[1] != 200 {
		t.Errorf("a key used twice: %v", got)
	}
	change(func(c *Settings) { c.KeysOnce, c.KeyRefusedStatus = true, 401 })
	once := s.userKey(t, "nora")
	if got := []int{try(once), try(once)}; got[0] != 200 || got[1] != 401 {
		t.Errorf("a key that is good once: %v", got)
	}
	change(func(c *Settings) { c.KeysOnce = false })
	if err := s.SetEnrollment(t.Context(), s.boss(t, RoleAdministrator), false); err != nil {
		t.Fatal(err)
	}
	if got := try(key); got != 200 {
		t.Errorf("switched off, keys go on: %d", got)
	}
	change(func(c *Settings) { c.KeysWorkWhenOff = false })
	if got := try(key); got != 401 {
		t.Errorf("switched off, keys stop: %d", got)
	}
	if got := try(s.boss(t, RoleAdministrator).ConnectKey); got != 200 {
		t.Errorf("switched off, an admin's key: %d", got)
	}
}

// What a refused key is answered with is the tester's to say.
func TestKeyRefusedBody(t *testing.T) {
	s := running(t)
	for body, want := range map[string]string{"": "not accepted", `{"message":"nope"}`: `{"message":"nope"}`} {
		if err := s.ChangeSettings(func(c *Settings) { c.KeyRefusedBody = body }); err != nil {
			t.Fatal(err)
		}
		if status, answer, _ := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/Kickstart", nil); status != http.StatusForbidden || !strings.Contains(answer, want) || body != "" && answer != body {
			t.Errorf("%q: %d %q", body, status, answer)
		}
	}
	if err := s.ChangeSettings(func(c *Settings) { c.KeyRefusedBody = strings.Repeat("x", maxRefusal+1) }); err == nil {
		t.Error("a body without end was taken")
	}
}

// A key that is good once is good once, also for requests at the same time.
func TestKeyOnceAtTheSameTime(t *testing.T) {
	s := running(t)
	if err := s.ChangeSettings(func(c *Settings) { c.KeysOnce = true }); err != nil {
		t.Fatal(err)
	}
	key := s.userKey(t, "nora")
	var wg sync.WaitGroup
	var good atomic.Int32
	for range 4 {
		d := newDevice(t, s, "h")
		request := csr(t, d.uuid, d.key)
		wg.Go(func() {
			if status, _ := postCSR(t, s, key, d.uuid, request); status == 200 {
				good.Add(1)
			}
		})
	}
	wg.Wait()
	if good.Load() != 1 {
		t.Errorf("signed %d times", good.Load())
	}
}

// A tenant key is what the vendor's pattern and tools expect.
func TestTenantKey(t *testing.T) {
	s := running(t)
	if err := s.ChangeSettings(func(c *Settings) { c.TenantKeys = true }); err != nil {
		t.Fatal(err)
	}
	key := s.userKey(t, "nora")
	m := tenantKey.FindStringSubmatch(key)
	if m == nil || strings.Contains(key, "=") {
		t.Fatalf("key %q", key)
	}
	raw, err := base64.StdEncoding.DecodeString(m[1])
	if err != nil {
		t.Fatal(err)
	}
	var p tenantPayload
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	if a := s.Addresses(); p.PublicKickstartURL != a.Console || p.PrivateKickstartURL != a.Private || !bareKey.MatchString(p.ConnectKey) {
		t.Errorf("payload %+v", p)
	}
	enrolled(t, s, "h", key)
}
