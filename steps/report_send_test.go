package steps

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/server-stub/stub"
)

// reporting is a run whose protected profile tells where failures are reported, and which is refused the consent.
func reporting(t *testing.T, url, token string, client *http.Client) Config {
	t.Helper()
	computer := fake.Ubuntu2404()
	computer.Consent = platform.ErrDenied
	c := config(t, computer)
	c.Now, c.Client = time.Now, client
	c.Profile.Protected = true
	c.Profile.Reports = Reports{URL: url, Token: platform.NewSecret(token)}
	return c
}

// The stub, which knows the published schema and refuses what looks like a secret, takes what a failed run sends, once.
func TestSendReport_ToTheStub(t *testing.T) {
	server, profile := demo(t)
	if err := server.ChangeSettings(func(s *stub.Settings) { s.Reports = true }); err != nil {
		t.Fatal(err)
	}
	token, err := server.ReportToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := reporting(t, profile.Endpoints.Console+"/_qa/reports", token, nil)
	c.Profile.CA = profile.CA
	log := filepath.Join(c.StateDir, "assistant.log")
	if err := os.WriteFile(log, []byte("key "+goodKey+" on nora-laptop\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), c, &scripted{}); err == nil {
		t.Fatal("it did not fail")
	}
	waiting := Outbox(c.StateDir, time.Now())
	if len(waiting) != 1 || waiting[0].Code != CodeDenied || waiting[0].Outcome != "failed" || waiting[0].Log != "" {
		t.Fatalf("%+v", waiting)
	}
	if reports, err := server.Reports(t.Context(), stub.ReportQuery{}); err != nil || len(reports) != 0 {
		t.Fatalf("sent before anybody pressed Send: %v, %v", reports, err)
	}
	body, err := Compose(c, ReportInput{Version: "1.2.3", Log: log}, waiting[0], Extras{Log: true})
	if err == nil {
		err = SendReport(t.Context(), c, waiting[0].ID, body)
	}
	if err != nil {
		t.Fatalf("%v: %s", errors.Unwrap(err), body)
	}
	reports, err := server.Reports(t.Context(), stub.ReportQuery{})
	if err != nil || len(reports) != 1 || reports[0].Code != "consent-refused" || reports[0].Hostname != "nora-laptop" ||
		!strings.Contains(reports[0].Log, "key [secret] on [name]") {
		t.Errorf("%+v, %v", reports, err)
	}
	if left := Outbox(c.StateDir, time.Now()); len(left) != 0 {
		t.Errorf("still there: %+v", left)
	}
}

// Nothing is kept where no profile asks for it, or when the run ends well; a person who gives up is told of as that.
func TestOutbox_WhatIsKept(t *testing.T) {
	c := reporting(t, "", "", nil)
	if _, err := Run(t.Context(), c, &scripted{}); err == nil || len(Outbox(c.StateDir, time.Now())) != 0 {
		t.Errorf("%v: kept without an address", err)
	}
	c = reporting(t, "https://it.acme.example", "", nil)
	if _, err := Run(t.Context(), c, &scripted{}); err == nil || len(Outbox(c.StateDir, time.Now())) != 1 {
		t.Errorf("%v: not kept", err)
	}
	info, err := os.Stat(filepath.Join(c.StateDir, "reports.json"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	c.Host = fake.Ubuntu2404().Host()
	if _, err := Run(t.Context(), c, &scripted{}); err != nil || len(Outbox(c.StateDir, time.Now())) != 0 {
		t.Errorf("%v: kept of a run that ended well", err)
	}
	leaving := &scripted{confirm: func(q Confirmation) (Choice, error) {
		if q.Step == Plan {
			return Choice{}, ErrQuit
		}
		return Choice{}, nil
	}}
	_, err = Run(t.Context(), c, leaving)
	if kept := Outbox(c.StateDir, time.Now()); !errors.Is(err, ErrQuit) || len(kept) != 1 || kept[0].Outcome != "abandoned" || kept[0].Step != Plan {
		t.Errorf("%v, %+v", err, kept)
	}
}

func TestOutbox_Bounded(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	for i := range 30 {
		if err := openOutbox(dir).put(AdminReport{ID: strconv.Itoa(i), Run: strconv.Itoa(i), Time: now.Add(time.Duration(i) * time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	if kept := Outbox(dir, now); len(kept) != outboxMost || kept[0].ID != "10" || kept[19].ID != "29" {
		t.Errorf("%d: %+v", len(kept), kept)
	}
	if kept := Outbox(dir, now.Add(outboxLife+20*time.Minute)); len(kept) != 10 {
		t.Errorf("%d are left after 7 days", len(kept))
	}
	first := openOutbox(dir).Device
	if again := openOutbox(dir).Device; first != again || !deviceID.MatchString(first) {
		t.Errorf("%q, %q", first, again)
	}
	if err := os.WriteFile(filepath.Join(dir, "reports.json"), []byte("{"), 0o600); err != nil || len(Outbox(dir, now)) != 0 {
		t.Errorf("of a damaged file: %v", err)
	}
}

// Only https, only there, only what was shown; what could not be sent stays.
func TestSendReport_Refused(t *testing.T) {
	elsewhere, asked := 0, 0
	other := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	t.Cleanup(other.Close)
	status := http.StatusTemporaryRedirect
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		body, _ := io.ReadAll(r.Body)
		if string(body) != "{}" || r.Header.Get("Authorization") != "Bearer T0ken" {
			t.Errorf("%q, %q", body, r.Header)
		}
		w.Header().Set("Location", other.URL)
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	c := reporting(t, server.URL, "T0ken", server.Client())
	if err := openOutbox(c.StateDir).put(AdminReport{ID: "a", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	for _, status = range []int{http.StatusTemporaryRedirect, http.StatusFound, http.StatusBadRequest, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusInternalServerError} {
		var p *Problem
		if err := SendReport(t.Context(), c, "a", []byte("{}")); !errors.As(err, &p) || p.Summary == "" || p.Hint == "" {
			t.Errorf("%d: %v", status, err)
		}
	}
	if elsewhere != 0 || asked != 6 || len(Outbox(c.StateDir, time.Now())) != 1 {
		t.Errorf("%d went elsewhere, %d came", elsewhere, asked)
	}
	for _, url := range []string{"", "http://127.0.0.1:1", "https://", "file:///etc/passwd"} {
		c.Profile.Reports.URL = url
		if err := SendReport(t.Context(), c, "a", []byte("{}")); err == nil {
			t.Errorf("sent to %q", url)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	c.Profile.Reports.URL = server.URL
	if err := SendReport(ended, c, "a", []byte("{}")); err == nil || asked != 6 {
		t.Error("sent after the end")
	}
}

// What is shown fits into 64 KiB, whatever the log is, and has neither log nor serial number unless they are asked for.
func TestCompose(t *testing.T) {
	c := reporting(t, "https://it.acme.example", "T0ken", nil)
	log := filepath.Join(c.StateDir, "assistant.log")
	if err := os.WriteFile(log, []byte(strings.Repeat("\\\"quoted\\\" T0ken line\n", 20000)), 0o600); err != nil {
		t.Fatal(err)
	}
	r := AdminReport{Version: 1, ID: randomID(), Device: randomID(), Hostname: "nora-laptop"}
	for _, add := range []Extras{{}, {Log: true}} {
		body, err := Compose(c, ReportInput{Version: "1", Log: log}, r, add)
		var got map[string]any
		if err != nil || json.Unmarshal(body, &got) != nil || len(body) > sentMax || (got["log"] != nil) != add.Log || got["serialNumber"] != nil || strings.Contains(string(body), "T0ken") {
			t.Errorf("%+v: %d bytes, %v", add, len(body), err)
		}
	}
}
