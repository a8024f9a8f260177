package stub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"example.com/enrollment-assistant/assets"
)

// Report is what a computer told of an enrollment that failed or was given up: assets/report.schema.json says what each
// field is. All texts come from a computer that nobody vouches for.
type Report struct {
	Version          int       `json:"version"`
	ID               string    `json:"id"`
	Device           string    `json:"device"`
	Time             time.Time `json:"time"` // by the computer's clock
	Outcome          string    `json:"outcome"`
	Step             string    `json:"step"`
	Code             string    `json:"code"`
	Run              string    `json:"run,omitempty"`
	Tries            int       `json:"tries,omitempty"`
	Seconds          int       `json:"seconds,omitempty"` // how long the run took
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

	Received time.Time `json:"received,omitzero"` // by the server's clock; not in what a computer sends
}

// maxReport is the most a report may be long, in bytes.
const maxReport = 64 << 10

// maxReports is how many the inbox holds: the newest.
const maxReports = 10_000

// The outcomes of a report.
const (
	OutcomeFailed    = "failed"
	OutcomeAbandoned = "abandoned"
)

const reportSchemaName = "report.schema.json"

// reportSchema is the published schema, compiled once.
var reportSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	raw, err := assets.Stub.ReadFile(reportSchemaName)
	if err != nil {
		return nil, fmt.Errorf("reading the schema of reports: %w", err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("reading the schema of reports: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(reportSchemaName, doc); err != nil {
		return nil, fmt.Errorf("adding the schema of reports: %w", err)
	}
	return c.Compile(reportSchemaName)
})

// errReportSecret is a report with a text that looks like a secret. It is refused whole, so that none is ever stored.
var errReportSecret = errors.New("looks like a secret")

// parseReport reads a report as the schema has it. What it says of the cause is for whoever wrote the sender; no value
// of the report is in it.
func (s *Server) parseReport(raw []byte) (Report, error) {
	var rep Report
	schema, err := reportSchema()
	if err != nil {
		return rep, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return rep, fmt.Errorf("%w: it is not JSON", errBadRequest)
	}
	if err := schema.Validate(doc); err != nil {
		return rep, fmt.Errorf("%w: %s", errBadRequest, whatIsWrong(err))
	}
	if field := s.rules.secretIn(doc); field != "" {
		return rep, fmt.Errorf("%w: %s %w", errBadRequest, field, errReportSecret)
	}
	if err := json.Unmarshal(raw, &rep); err != nil {
		return rep, fmt.Errorf("%w: it is not a report", errBadRequest)
	}
	return rep.clean(), nil
}

// whatIsWrong names the fields that the schema refuses, without what stands in them.
func whatIsWrong(err error) string {
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return "it is not a report"
	}
	var parts []string
	for _, c := range v.Causes {
		what := "/" + strings.Join(c.InstanceLocation, "/") + " breaks " + strings.Join(c.ErrorKind.KeywordPath(), "/")
		if more, ok := c.ErrorKind.(*kind.AdditionalProperties); ok {
			what = "there is no " + strings.Join(more.Properties, ", ")
		}
		parts = append(parts, oneLine(mask(what), maxEchoed))
	}
	return strings.Join(parts, ", ") + "; see /_qa/reports/schema.json"
}

// secretIn gives the first field that holds a secret that came by, or a text that looks like one; "" for none.
func (u *rules) secretIn(doc any) string {
	fields, ok := doc.(map[string]any)
	if !ok {
		return ""
	}
	for name, v := range fields {
		if text, ok := v.(string); ok && (secretLike.MatchString(text) || keyShaped.MatchString(text) || u.knows(text)) {
			return name
		}
	}
	return ""
}

// clean makes what a computer sent fit for pages and mails: one line where one is meant, no control characters.
func (p Report) clean() Report {
	for _, f := range []*string{&p.Summary, &p.Hint, &p.Hostname, &p.OS, &p.OSVersion, &p.Arch, &p.AssistantVersion, &p.AgentVersion, &p.Language, &p.SerialNumber} {
		*f = oneLine(*f, 1000)
	}
	for _, f := range []*string{&p.Details, &p.Log} {
		lines := strings.Split(strings.ReplaceAll(*f, "\t", "    "), "\n")
		for i, l := range lines {
			lines[i] = strings.TrimRight(oneLine("."+l, 1001)[1:], " ") // the blanks at the beginning of a line stay
		}
		*f = strings.Join(lines, "\n")
	}
	return p
}
