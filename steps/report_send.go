package steps

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// AdminReport is what an organization's admins are told of a run that failed or was given up, when the person sends it:
// assets/report.schema.json says what each field is. It has no field for a secret.
type AdminReport struct {
	Version          int       `json:"version"`
	ID               string    `json:"id"`
	Device           string    `json:"device"`
	Time             time.Time `json:"time"`
	Outcome          string    `json:"outcome"`
	Step             Step      `json:"step"`
	Code             Code      `json:"code"`
	Run              string    `json:"run,omitempty"`
	Seconds          int       `json:"seconds,omitempty"`
	Summary          string    `json:"summary,omitempty"`
	Hint             string    `json:"hint,omitempty"`
	Details          string    `json:"details,omitempty"`
	Hostname         string    `json:"hostname,omitempty"`
	OS               string    `json:"os,omitempty"`
	OSVersion        string    `json:"osVersion,omitempty"`
	Arch             string    `json:"arch,omitempty"`
	AssistantVersion string    `json:"assistantVersion,omitempty"`
	AgentVersion     string    `json:"agentVersion,omitempty"`
	Language         string    `json:"language,omitempty"`
	SerialNumber     string    `json:"serialNumber,omitempty"`
	Log              string    `json:"log,omitempty"`
}

// Extras are what a person may add to a report. Nothing of it goes along by itself.
type Extras struct {
	Log          bool // the end of the program's log
	SerialNumber bool // where whoever runs this can read it
}

// Bounds of a report, as its schema has them, in bytes.
const (
	sentMax     = 64 << 10
	sentLogMax  = 56 << 10 // escaped for JSON it may still be too long, and is cut again then
	sentenceMax = 1000
	detailsMax  = 4000
	sendWithin  = 30 * time.Second
)

// newAdminReport tells of a problem; the lock is held.
func (e *enrollment) newAdminReport(p *Problem, f platform.Facts, device string) AdminReport {
	now := e.c.Now()
	r := AdminReport{
		Version: 1, ID: randomID(), Device: device, Time: now.UTC(), Outcome: "failed", Step: p.Step, Code: p.Code, Run: e.run.ID,
		Seconds: int(max(0, now.Sub(e.run.Started)).Seconds()), Language: assets.CurrentLanguage(), AgentVersion: e.device.AgentVersion,
	}
	if p.Code == CodeCanceled {
		r.Outcome = "abandoned"
	}
	known := []platform.Secret{e.key.Value, e.c.Profile.ConnectKey, e.c.Profile.Reports.Token}
	r.Hostname, r.OS, r.OSVersion, r.Arch = inLine(f.Hostname), inLine(f.Name), inLine(f.Version), inLine(f.Arch)
	clean := func(s string, most int) string {
		return firstRunes(HideNames(Redact(inLine(s), known...), f.User), most)
	}
	r.Summary, r.Hint, r.Details = clean(p.Summary, sentenceMax), clean(p.Hint, sentenceMax), clean(errText(p.Err), detailsMax)
	return r
}

// randomID names a report or a computer, and means nothing elsewhere.
func randomID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}

func firstRunes(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// Compose gives exactly what SendReport sends, so that it can be shown before. in is as for MakeReport.
func Compose(c Config, in ReportInput, r AdminReport, add Extras) ([]byte, error) {
	r.AssistantVersion = firstRunes(inLine(in.Version), 100)
	if add.SerialNumber {
		r.SerialNumber = firstRunes(inLine(platform.SerialNumber()), 100)
	}
	for most := sentLogMax; ; most /= 2 {
		if add.Log {
			known := append(slices.Clone(in.Secrets), c.Profile.ConnectKey, c.Profile.Reports.Token, c.Profile.Linux.AgentProxy)
			r.Log = HideNames(logTail(in.Log, most, known), append(localNames(), r.Hostname)...)
		}
		var b bytes.Buffer
		lines := json.NewEncoder(&b)
		lines.SetEscapeHTML(false)
		lines.SetIndent("", "  ")
		if err := lines.Encode(r); err != nil {
			return nil, fmt.Errorf("writing a report: %w", err)
		}
		if b.Len() <= sentMax {
			return b.Bytes(), nil
		}
		if !add.Log || most == 0 {
			return nil, errors.New("writing a report: it is too long")
		}
	}
}

// SendReport sends a report to the address of a protected profile and takes it out of the outbox. body is what Compose
// gave, and nothing else is sent: https only, and to that address only, since a redirect is not followed. Its error is a
// *Problem; the report stays in the outbox then.
func SendReport(ctx context.Context, c Config, id string, body []byte) error {
	c = c.withDefaults()
	to, err := url.Parse(c.Profile.Reports.URL)
	if err != nil || to.Scheme != "https" || to.Host == "" {
		return sendProblem("problem.report.nowhere", CodeProfile, errors.Join(err, errors.New("no address")))
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return sendProblem("problem.report.nowhere", CodeProfile, err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token := c.Profile.Reports.Token; !token.Empty() {
		r.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	client := *c.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(r)
	if err != nil {
		return sendProblem("problem.report.unreachable", CodeUnreachable, err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.CopyN(io.Discard, answer.Body, sentMax) // what it says is for nobody here
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return sendProblem("problem.report.refused", CodeUnreachable, fmt.Errorf("the server answered %s", answer.Status))
	}
	c.Log.Info("report sent", "id", id, "bytes", len(body), "os", runtime.GOOS)
	if err := openOutbox(c.StateDir).drop(func(q AdminReport) bool { return q.ID == id }); err != nil {
		c.Log.Warn("outbox", "err", err)
	}
	return nil
}

func sendProblem(key string, code Code, err error) *Problem {
	return (&Problem{Code: code, Step: Done, Err: err}).say(key, "problem.report.hint")
}
