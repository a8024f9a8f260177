package platform

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// attackServer is what somebody between this computer and the vendor's can do. Every script says that it was run.
func attackServer(p *proof) {
	quiet := log.New(io.Discard, "", 0)
	var asked atomic.Bool
	elsewhere := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(true)
		script(canaryScript)(w, r)
	}))
	elsewhere.Config.ErrorLog = quiet
	elsewhere.StartTLS()
	p.t.Cleanup(elsewhere.Close)
	redirect := func(to func(*http.Request) string, status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to(r), status) }
	}
	for _, c := range []struct {
		what    string
		handler http.HandlerFunc
		code    JobCode
		words   string
	}{
		{"the script is redirected to another host", redirect(func(*http.Request) string { return elsewhere.URL + "/Kickstart" }, http.StatusFound), JobBadScript, "another host"},
		{"the script is redirected to another name of this host", redirect(func(r *http.Request) string {
			return "https://" + strings.Replace(r.Host, "127.0.0.1", "localhost", 1) + "/Kickstart"
		}, http.StatusTemporaryRedirect), JobBadScript, "another host"},
		{"the script is redirected to plain HTTP", redirect(func(r *http.Request) string { return "http://" + r.Host + "/Kickstart" }, http.StatusPermanentRedirect), JobBadScript, "another host"},
		{"the script is redirected for ever", redirect(func(r *http.Request) string { return r.URL.Path + "x" }, http.StatusFound), JobBadScript, "another host"},
		{"the script is cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, canaryScript)
		}, JobBadScript, "cut short"},
		{"the script of unknown length is cut short", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, canaryScript)
			_ = http.NewResponseController(w).Flush()
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close()
			}
		}, JobBadScript, "cut short"},
		{"the script's first half, which a length fits: within a line", script(canaryScript + "echo hal"), JobBadScript, "ends within a line"},
		{"the script's first half, which a length fits: within a command", script(canaryScript + "if true; then\n\techo half\n"), JobBadScript, "cut short or damaged"},
		{"the script's first half, which a length fits: within a text", script(canaryScript + "cat <<'END'\necho half\n"), JobBadScript, "cut short or damaged"},
		{"a page instead of the script", script("<html><body>Sign in to the hotel's network</body></html>"), JobBadScript, "not a script"},
		{"a page before the script", script("\n" + canaryScript), JobBadScript, "not a script"},
		{"nothing instead of the script", script(""), JobBadScript, "not a script"},
		{"a script without end", script(canaryScript + strings.Repeat("# long\n", maxScript/7+1)), JobBadScript, "too long"},
		{"a program instead of the script", script(canaryScript + "\x00\x7fELF"), JobBadScript, "binary"},
		{"the script with an error", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			script(canaryScript)(w, r)
		}, JobUnreachable, "503"},
		{"the script with a refusal", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			script(canaryScript)(w, r)
		}, JobKeyRefused, "403"},
	} {
		p.try(c.what, func(t *testing.T) {
			b := newBench(t, c.handler)
			b.refuses(b.job(), c.code, c.words, PhaseFetchScript)
			if asked.Load() {
				t.Error("the other host was asked")
			}
		})
	}
	p.try("a foreign authority", func(t *testing.T) {
		b := newBench(t, script(canaryScript))
		b.trust(testProfile{Endpoints: []string{b.url}, PEM: string(newAuthority(t).pem)})
		b.refuses(b.job(), JobUnreachable, "unknown authority", PhaseFetchScript)
	})
	p.try("a foreign authority that the user's environment names", func(t *testing.T) {
		s := httptest.NewUnstartedServer(script(canaryScript))
		s.Config.ErrorLog = quiet
		s.StartTLS()
		defer s.Close()
		file := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		b := newBench(t, script(""))
		b.trust(testProfile{Endpoints: []string{s.URL}})
		text := jobText(t, b.root, map[string]any{"kickstartUrl": s.URL, "profile": b.profile})
		m, _ := openDoor(t, os.Geteuid()).talk(side("", os.Geteuid(), "SSL_CERT_FILE="+file, "BASH_ENV="+file), text)
		refused(t, m, JobUnreachable, "unknown authority")
		untouched(t, b.root)
	})
	p.try("a certificate of another name", func(t *testing.T) {
		ca := newAuthority(t)
		url := server(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, -time.Hour, time.Hour)}}, script(canaryScript))
		url = strings.Replace(url, "127.0.0.1", "localhost", 1)
		b := newBench(t, script(""))
		b.trust(testProfile{Endpoints: []string{url}, PEM: string(ca.pem)})
		job := b.job()
		job.KickstartURL = url
		b.refuses(job, JobUnreachable, "certificate is valid for", PhaseFetchScript)
	})
	p.try("a certificate that has ended", func(t *testing.T) {
		ca := newAuthority(t)
		url := server(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, -2*time.Hour, -time.Hour)}}, script(canaryScript))
		b := newBench(t, script(""))
		b.trust(testProfile{Endpoints: []string{url}, PEM: string(ca.pem)})
		job := b.job()
		job.KickstartURL = url
		b.refuses(job, JobUnreachable, "expired", PhaseFetchScript)
	})
	p.try("TLS of yesterday", func(t *testing.T) {
		ca := newAuthority(t)
		url := server(t, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10, Certificates: []tls.Certificate{ca.issue(t, -time.Hour, time.Hour)}}, script(canaryScript)) //nolint:gosec // that is what is refused
		b := newBench(t, script(""))
		b.trust(testProfile{Endpoints: []string{url}, PEM: string(ca.pem)})
		job := b.job()
		job.KickstartURL = url
		b.refuses(job, JobUnreachable, "protocol version", PhaseFetchScript)
	})
}

// refuses runs a job that must end with a code and words, in or after a phase, with nothing changed.
func (b *bench) refuses(job Job, code JobCode, words string, last Phase) {
	b.t.Helper()
	err := b.run(job, nil)
	if got := codeOf(b.t, err); got != code || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), bareKey) {
		b.t.Errorf("%v, want %s: …%s…", err, code, words)
	}
	if got := b.phases(); len(got) == 0 || got[len(got)-1] != last || slices.Contains(got, PhaseRunScript) {
		b.t.Errorf("phases %q, want %s last", got, last)
	}
	untouched(b.t, b.root)
	b.noKeyIn(b.root)
}
