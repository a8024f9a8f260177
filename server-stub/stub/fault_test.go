package stub

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// fetch gets an address over a connection of its own and gives what arrived, and the error that ended it.
func fetch(t *testing.T, s *Server, address string, head ...string) (status int, body string, header http.Header, err error) {
	t.Helper()
	c := s.trusting(t)
	c.Transport.(*http.Transport).DisableKeepAlives = true
	c.Transport.(*http.Transport).ForceAttemptHTTP2 = false
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	raw, err := io.ReadAll(resp.Body)
	closing(t, resp.Body)
	return resp.StatusCode, string(raw), resp.Header, err
}

func faultServer(t *testing.T, faults ...Fault) (s *Server, ip string) {
	t.Helper()
	s = running(t)
	for _, f := range faults {
		if _, err := s.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	return s, s.Addresses().Console + "/ip"
}

// The true answer of /ip, which is short and always the same.
const trueIP = "127.0.0.1\n"

func TestFault_NthCallAndUsedUp(t *testing.T) {
	s, ip := faultServer(t, Fault{Path: "/ip", Skip: 1, Times: 2, Status: 418, Body: "short and stout"}, Fault{Path: "/i*", Skip: 3, Status: 503})
	for i, want := range []int{200, 418, 418, 503, 200} {
		if status, _, _, err := fetch(t, s, ip); err != nil || status != want {
			t.Errorf("call %d: %d %v, want %d", i+1, status, err, want)
		}
	}
	if left := s.Faults(); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

func TestFault_Answers(t *testing.T) {
	for name, c := range map[string]struct {
		fault  Fault
		status int
		body   string
		broken bool // the client sees an error
		header string
	}{
		"body":        {fault: Fault{Body: "other"}, status: 200, body: "other"},
		"status":      {fault: Fault{Status: 500}, status: 500},
		"header":      {fault: Fault{Header: map[string]string{"X-Cache": "miss"}}, status: 200, body: trueIP, header: "miss"},
		"redirect":    {fault: Fault{Redirect: "https://other.example/"}, status: 302},
		"cut":         {fault: Fault{CutAfter: 4}, status: 200, body: trueIP[:4], broken: true},
		"too long":    {fault: Fault{LengthOff: 5}, status: 200, body: trueIP, broken: true},
		"too short":   {fault: Fault{LengthOff: -3}, status: 200, body: trueIP[:len(trueIP)-3]},
		"reset":       {fault: Fault{Reset: true}, broken: true},
		"slow":        {fault: Fault{BytesPerSecond: 200}, status: 200, body: trueIP},
		"held back":   {fault: Fault{Delay: 30 * time.Millisecond}, status: 200, body: trueIP},
		"web page":    {fault: Fault{Body: portalPage, Header: asHTML}, status: 200, body: portalPage},
		"other port":  {fault: Fault{Port: portPrivate, Status: 500}, status: 200, body: trueIP},
		"other verb":  {fault: Fault{Method: "POST", Status: 500}, status: 200, body: trueIP},
		"right verb":  {fault: Fault{Method: "GET", Port: portPublic, Status: 500}, status: 500},
		"expired":     {fault: Fault{Certificate: CertificateExpired}, broken: true},
		"not yet":     {fault: Fault{Certificate: CertificateNotYet}, broken: true},
		"self-signed": {fault: Fault{Certificate: CertificateSelfSigned}, broken: true},
		"other host":  {fault: Fault{Certificate: CertificateOtherHost}, broken: true},
		"inspection":  {fault: Fault{Certificate: CertificateInspection}, broken: true},
		"elsewhere":   {fault: Fault{Certificate: CertificateInspection, Port: portPrivate}, status: 200, body: trueIP},
	} {
		t.Run(name, func(t *testing.T) {
			if c.fault.Path = "/ip"; c.fault.Certificate != "" {
				c.fault.Path = ""
			}
			s, ip := faultServer(t, c.fault)
			began := time.Now()
			status, body, header, err := fetch(t, s, ip)
			if status != c.status || body != c.body || (err != nil) != c.broken || header.Get("X-Cache") != c.header {
				t.Errorf("%d %q %v %v", status, body, header, err)
			}
			if took := time.Since(began); took < c.fault.Delay {
				t.Errorf("it took %s", took)
			}
			if c.fault.Port == portPrivate || c.fault.Method == http.MethodPost {
				return
			}
			if status, body, _, err := fetch(t, s, ip); status != 200 || body != trueIP || err != nil {
				t.Errorf("it is not used up: %d %q %v", status, body, err)
			}
		})
	}
}

func TestFault_Stale(t *testing.T) {
	s := running(t, func(s *Server) { s.AgentProgram = os.Args[0] })
	address := s.Addresses().Console + "/readyz"
	if _, err := s.AddFault(Fault{Path: "/readyz", Skip: 1, Stale: true, Times: Always}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddFault(Fault{Path: "/readyz", Skip: 1, Times: Always, Body: "new"}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		status, body, header, err := fetch(t, s, address)
		if status != 200 || body != "ok\n" || err != nil || (header.Get("Age") != "") != (i > 0) {
			t.Errorf("call %d: %d %q %v %v", i+1, status, body, header, err)
		}
	}
}

func TestFault_Refused(t *testing.T) {
	s := running(t)
	for _, f := range []Fault{
		{}, {Path: "/ip"}, {Point: "lunch", Status: 500}, {Point: PointTime, Path: "/x", Status: 500}, {Path: "/ip", Status: 100}, {Path: "/ip", Stale: true},
		{Path: "/_qa/faults", Status: 500}, {Path: "/ip", Delay: time.Hour}, {Path: "/ip", Status: 500, Times: -2}, {Path: "/ip", Status: 500, Port: "left"},
		{Certificate: "blue"}, {Path: "/ip", CutAfter: -1},
	} {
		if id, err := s.AddFault(f); err == nil {
			t.Errorf("%+v was taken as %s", f, id)
		}
	}
	if err := s.ClearFaults("f9"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestPresets(t *testing.T) {
	s := running(t)
	seen := map[string]bool{}
	for _, p := range Presets() {
		if seen[p.Name] || p.Text == "" || len(p.Faults) == 0 {
			t.Errorf("%+v", p)
		}
		seen[p.Name] = true
		if ids, err := s.ApplyPreset(p.Name); err != nil || len(ids) != len(p.Faults) {
			t.Errorf("%s: %v %v", p.Name, ids, err)
		}
		if err := s.ClearFaults(""); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.ApplyPreset("no-such"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestQAFaults(t *testing.T) {
	s := running(t)
	if status, answer := s.qa(t, "POST", "faults", `{"point":"kickstart","status":401,"times":2,"delayMs":5}`); status != 200 || !strings.Contains(answer, `"delayMs":5`) {
		t.Fatalf("%d %s", status, answer)
	}
	address := s.Addresses().Console + "/Kickstart"
	key := s.userKey(t, "nora")
	if status, _, _, _ := fetch(t, s, address, keyHeader, key); status != 401 {
		t.Errorf("a fault at a point: %d", status)
	}
	if status, answer := s.qa(t, "GET", "faults", nil); status != 200 || !strings.Contains(answer, `"used":1`) {
		t.Errorf("%d %s", status, answer)
	}
	if status, answer := s.qa(t, "DELETE", "faults?id=f1", nil); status != 200 || answer != "[]" {
		t.Errorf("%d %s", status, answer)
	}
	if status, _, _, _ := fetch(t, s, address, keyHeader, key); status != 200 {
		t.Errorf("a removed fault: %d", status)
	}
	if status, answer := s.qa(t, "POST", "faults", `{"preset":"captive-portal"}`); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	if status, body, _, _ := fetch(t, s, address, keyHeader, key); status != 200 || body != portalPage {
		t.Errorf("captive portal: %d %q", status, body)
	}
	for _, wrong := range []string{`{}`, `{"preset":"x"}`, `{"path":"/ip","status":1}`, `{"path":"/ip","delayMs":-1,"status":500}`, `{"what":1}`, ``} {
		if status, answer := s.qa(t, "POST", "faults", wrong); status != 400 && status != 404 {
			t.Errorf("%s: %d %s", wrong, status, answer)
		}
	}
	if status, _ := s.qa(t, "DELETE", "faults?all=1", nil); status != 400 {
		t.Error("an unknown parameter was taken")
	}
	if status, answer := s.qa(t, "GET", "presets", nil); status != 200 || !strings.Contains(answer, "agent-never-starts") {
		t.Errorf("%d %s", status, answer)
	}
}
