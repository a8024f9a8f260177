package platform

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// maxScript bounds the vendor's script, in bytes.
const maxScript = 1 << 20

// errElsewhere is a redirect to another host.
var errElsewhere = errors.New("the server sends to another host")

// client gives the client of the elevated side: the job's proxy, the system's authorities and the protected
// profile's, and no redirect to another host, which could be given the key.
func (s *session) client() (*http.Client, error) {
	pool, err := certPool(s.trusted.RootsPEM)
	if err != nil {
		return nil, err
	}
	proxy := (&httpproxy.Config{HTTPSProxy: s.job.Proxy, NoProxy: s.job.NoProxy}).ProxyFunc()
	return &http.Client{
		Transport: &http.Transport{
			Proxy:           func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool},
			// What is unpacked on the way has no length to compare with.
			DisableCompression: true, DisableKeepAlives: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if r.URL.Scheme != "https" || !sameHost("https://"+via[0].URL.Host, r.URL) || len(via) > 5 {
				return errElsewhere
			}
			return nil
		},
	}, nil
}

// fetchScript gets the vendor's script, whole.
func (s *session) fetchScript(ctx context.Context) ([]byte, error) {
	const phase = PhaseFetchScript
	s.report(Report{Phase: phase})
	ctx, cancel := context.WithTimeout(ctx, s.limits.fetch)
	defer cancel()
	client, err := s.client()
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(s.job.KickstartURL, "/")+"/Kickstart", nil)
	if err != nil {
		return nil, fmt.Errorf("asking for the script: %w", err)
	}
	r.Header.Set("X-Connect-Key", s.job.Key)
	response, err := client.Do(r)
	if errors.Is(err, errElsewhere) {
		return nil, &JobError{JobBadScript, phase, errElsewhere.Error()}
	}
	if err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, errStopped
		}
		return nil, &JobError{JobUnreachable, phase, redact(err.Error(), s.secrets)}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxScript+1))
	if response.StatusCode != http.StatusOK {
		return nil, &JobError{statusCode(response.StatusCode, string(body)), phase,
			redact(fmt.Sprintf("the server answered %s: %s", response.Status, printable(string(body))), s.secrets)}
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, errStopped
	}
	if err != nil {
		return nil, &JobError{JobBadScript, phase, fmt.Sprintf("the script is cut short: %v", err)}
	}
	if err := checkScript(body); err != nil {
		return nil, &JobError{JobBadScript, phase, err.Error()}
	}
	// -n reads the script to its end and runs nothing: one that was cut short inside a command is found. Inside a text
	// bash only warns.
	lines, err := s.runCommand(phase, s.limits.fetch, body, "bash", "-n")
	if said := strings.Join(lines, "\n"); err != nil || strings.Contains(said, "here-document") {
		return nil, &JobError{JobBadScript, phase, fmt.Sprintf("the script is cut short or damaged: %v: %s", err, lastLines(lines))}
	}
	s.report(Report{Phase: phase, Done: int64(len(body)), Total: int64(len(body))})
	return body, nil
}

// checkScript refuses what is not a script, such as the sign-in page of a network.
func checkScript(body []byte) error {
	switch {
	case len(body) > maxScript:
		return errors.New("the script is too long")
	case !bytes.HasPrefix(body, []byte("#!")):
		return errors.New("what came is not a script")
	case bytes.IndexByte(body, 0) >= 0:
		return errors.New("the script holds binary data")
	case !wholeEnd(body):
		return errors.New("the script is cut short: it ends within a line")
	default:
		return nil
	}
}

// lastWord is the first word of a script's last line.
var lastWord = regexp.MustCompile(`(?:^|\n)[ \t]*([A-Za-z_][A-Za-z0-9_]*|\})[^\n]*$`)

// wholeEnd tells whether a script ends where a person would end it: with a line break, or else with a word that ends a
// script or is a function of its own. A server that cuts a script short may well tell a length that fits.
func wholeEnd(body []byte) bool {
	if bytes.HasSuffix(body, []byte("\n")) {
		return true
	}
	m := lastWord.FindSubmatch(body)
	if m == nil {
		return false
	}
	switch string(m[1]) {
	case "exit", "fi", "done", "esac", "}":
		return true
	}
	return bytes.Contains(body, append(m[1], "()"...)) || bytes.Contains(body, append([]byte("function "), m[1]...))
}

// statusCode reads an answer that is not 200. Any 4xx is the only sign of a refused key that the vendor gives, but
// for what the text calls an unsupported system or a wrong clock, and for those that are about the request's moment.
func statusCode(status int, text string) JobCode {
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status == http.StatusProxyAuthRequired:
		return JobUnreachable
	case status == http.StatusBadRequest && unsupportedText.MatchString(text):
		return JobUnsupported
	case status == http.StatusBadRequest && clockText.MatchString(text):
		return JobClock
	case status >= 400 && status < 500:
		return JobKeyRefused
	default:
		return JobUnreachable
	}
}

// What the vendor's script prints when it fails, and what curl adds to it.
var (
	unsupportedText = regexp.MustCompile(`(?i)your os/architecture.*not supported|\bis not supported\b|\bunsupported (os|operating system|architecture)\b|template id request failed`)
	clockText       = regexp.MustCompile(`(?i)\bsystem time\b.*\b(inaccurate|wrong)\b|\b(clock|time)\b.*\b(skew|inaccurate|wrong|off)\b`)
	refusedText     = regexp.MustCompile(`(?i)returned error: 40[13]\b|\bHTTP(/[0-9.]+)? 40[13]\b|\bconnect key\b.*\b(invalid|refused|expired|unknown)\b`)
	insecureText    = regexp.MustCompile(`(?i)\bcurl: \((58|60|77|83|90|91)\)|\bcertificate verify failed\b|\bx509: |\bfailed to verify certificate\b`)
	networkText     = regexp.MustCompile(`(?i)could not resolve (host|proxy)|failed to connect to|connection timed out|returned error: (5[0-9][0-9]|429)\b|` +
		`\bHTTP(/[0-9.]+)? (5[0-9][0-9]|429)\b|` +
		`\bcurl: \((5|6|7|16|18|28|35|52|55|56|92)\)`) // https://everything.curl.dev/cmdline/exitcode.html
)

// scriptCode reads the last lines of a script that failed. The order matters: a system that is not supported, and a
// clock that is wrong, are answered with 400 too.
func scriptCode(lines []string) JobCode {
	text := strings.Join(lines, "\n")
	if disk := diskCode(text); disk != "" {
		return disk
	}
	switch {
	case unsupportedText.MatchString(text):
		return JobUnsupported
	case clockText.MatchString(text):
		return JobClock
	case refusedText.MatchString(text):
		return JobKeyRefused
	case insecureText.MatchString(text):
		return JobInsecure
	case networkText.MatchString(text):
		return JobUnreachable
	default:
		return JobScriptFailed
	}
}

// safePath is the PATH of everything that runs elevated.
const safePath = "/usr/sbin:/usr/bin:/sbin:/bin"

// scriptEnv is the whole environment of a vendor's program. The proxy is in it because curl reads it nowhere else;
// only root can read the environment of root's processes.
func (s *session) scriptEnv() []string {
	env := []string{"PATH=" + safePath, "HOME=/root", "DEBIAN_FRONTEND=noninteractive", "LANG=" + s.job.Language}
	if s.job.Language == "" {
		env[3] = "LANG=C.UTF-8"
	}
	if s.job.Proxy != "" {
		for _, name := range []string{"http_proxy", "https_proxy", "HTTPS_PROXY"} {
			env = append(env, name+"="+s.job.Proxy)
		}
	}
	if s.job.NoProxy != "" {
		env = append(env, "no_proxy="+s.job.NoProxy, "NO_PROXY="+s.job.NoProxy)
	}
	if runtime.GOOS == "darwin" {
		env[1] = "HOME=/var/root"
	}
	if s.root != "" {
		env[1] = "HOME=" + s.root
		env = append(env, sandboxVariable+"="+s.root)
	}
	return env
}

// runScript runs the vendor's script by stdin. Its exit code alone proves nothing: the vendor's scriptlets are known
// to end with 0 on a system they do not support, so what counts is the service, afterwards.
func (s *session) runScript(script []byte) error {
	s.report(Report{Phase: PhaseRunScript})
	lines, err := s.runCommand(PhaseRunScript, s.limits.script, script, "bash")
	if err == nil {
		if scriptCode(lines) == JobUnsupported {
			s.doubt = &JobError{JobUnsupported, PhaseRunScript, lastLines(lines)}
		}
		return nil
	}
	if errors.Is(err, errTooLong) {
		return &JobError{JobScriptFailed, PhaseRunScript, fmt.Sprintf("the script did not end within %s", s.limits.script)}
	}
	return &JobError{scriptCode(lines), PhaseRunScript, fmt.Sprintf("%v: %s", err, lastLines(lines))}
}

// errTooLong is a command that did not end in time.
var errTooLong = errors.New("the command did not end in time")

// keptLines is how many of a program's last lines are kept to read its failure from.
const keptLines = 200

// lastLines gives the end of the output, for the log.
func lastLines(lines []string) string {
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}
