package steps

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// Sizes of a report in bytes: a help desk's form takes a file of that size, and a person can scroll through it.
const (
	reportMax    = 200 << 10
	sectionMax   = 24 << 10
	logMax       = 64 << 10
	otherLogMax  = 32 << 10
	reportWithin = 15 * time.Second // for looking at the computer and the hosts
)

// ReportInput is what a report tells besides what Config knows.
type ReportInput struct {
	Version string            // of the program, as it says it itself
	Log     string            // path of the program's log; empty for none
	Crash   string            // path of the last crash's file; empty for none
	Problem *Problem          // why no enrollment can begin; nil when one can
	Secrets []platform.Secret // that the caller has at hand and that must not come out
}

// MakeReport gives what a help desk needs to know of this computer and the runs on it, as plain text in the person's
// language with a heading above each part, at most 200 KB. It changes nothing, and asks the hosts once more. Nothing
// that is, or looks like, a key, a password, a session or a private key is in it, nor any character that a terminal
// would act on. Who uses the computer is said in one part, and hidden in the logs. What could not be looked at before ctx
// ends is said to be unknown; what only an administrator can read is there when an administrator makes the report.
func MakeReport(ctx context.Context, c Config, in ReportInput) string {
	c = c.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, reportWithin)
	defer cancel()
	r := &report{c: c, in: in, run: readRunFile(c.StateDir)}
	if r.run == nil {
		r.run = &runFile{}
	}
	r.known = append(slices.Clone(in.Secrets), c.Profile.ConnectKey, c.Profile.Reports.Token, c.Profile.Linux.AgentProxy)
	r.known = append(r.known, agentSecrets(c.Root)...)
	r.look(ctx)
	r.head()
	r.problems()
	r.computer()
	r.checks(ctx)
	r.profile()
	r.agent(ctx)
	r.verdicts()
	r.log("note.report.log", in.Log, logMax)
	r.log("note.report.elevated-log", c.Root+platform.StateFolderOf(runtime.GOOS)+"/elevated.log", otherLogMax)
	for _, path := range platform.AgentLogs(c.Root) {
		r.log("note.report.agent-log", path, otherLogMax/2)
	}
	return firstBytes(Redact(r.b.String(), r.known...), reportMax)
}

// report is one being written.
type report struct {
	c     Config
	in    ReportInput
	run   *runFile
	known []platform.Secret
	names []string // of this computer and of those who use it
	facts *platform.Facts
	// factsErr says why there are no facts.
	factsErr error
	b        strings.Builder
}

// line writes a value with its name.
func (r *report) line(key string, value any) {
	text := inLine(fmt.Sprint(value))
	if text == "" {
		text = assets.Text("note.report.unknown")
	}
	r.b.WriteString("  " + assets.Text("note.report."+key) + ": " + text + "\n")
}

// section begins a part.
func (r *report) section(key string, args ...any) {
	r.b.WriteString("\n" + assets.Text(key, args...) + "\n")
}

// log is a part that is the end of a log.
func (r *report) log(key, path string, maxBytes int) {
	r.text(key, HideNames(logTail(path, maxBytes, r.known), r.names...), "Path", inLine(path))
}

// text is a part that is a text of its own; its lines are indented, so that none of them looks like a heading.
func (r *report) text(key, text string, args ...any) {
	r.section(key, args...)
	for line := range strings.Lines(text) {
		r.b.WriteString("  " + strings.TrimRight(line, "\n") + "\n")
	}
}

// head says which program and which run it is.
func (r *report) head() {
	r.b.WriteString(assets.Text("app.name") + " " + inLine(r.in.Version) + ", " + runtime.GOOS + " " + runtime.GOARCH + "\n")
	r.line("made", utc(r.c.Now()))
	if r.run.ID == "" {
		r.line("run", assets.Text("note.report.none"))
		return
	}
	r.line("run", r.run.ID)
	r.line("begun", utc(r.run.Started))
	if !r.run.Finished.IsZero() {
		r.line("finished", utc(r.run.Finished))
	}
}

// problems say what went wrong last.
func (r *report) problems() {
	if p := r.in.Problem; p != nil {
		r.section("note.report.cannot-begin")
		r.line("code", p.Code)
		r.line("said", p.Summary+". "+p.Hint)
		r.line("details", errText(p.Err))
	}
	if p := r.run.Problem; p != nil {
		r.section("note.report.problem")
		r.line("time", utc(p.Time))
		r.line("code", p.Code)
		r.line("step", p.Step)
		r.line("said", p.Summary+". "+p.Hint)
		r.line("details", p.Details)
	}
	if r.in.Crash == "" {
		return
	}
	if b, err := fileEnd(r.in.Crash, sectionMax); err == nil && len(b) > 0 {
		r.text("note.report.crash", HideNames(Redact(string(b), r.known...), r.names...))
	}
}

// profile says where the settings came from and what of them counts.
func (r *report) profile() {
	p := r.c.Profile
	r.section("note.report.profile")
	r.line("source", sourceText(p))
	if p.Source == "" {
		return
	}
	keys, _, err := ExplainProfile(p.Source)
	if err != nil {
		r.line("details", err.Error())
		return
	}
	var b strings.Builder
	for _, k := range keys {
		said := assets.Text("note.report.honoured")
		if !k.Honoured {
			said = assets.Text("note.report.ignored", "Reason", k.Reason)
		}
		b.WriteString("  " + inLine(k.Pointer+" "+said) + "\n")
	}
	r.b.WriteString(firstBytes(b.String(), sectionMax))
}

// verdicts are what the runs have seen last.
func (r *report) verdicts() {
	r.section("note.report.verdicts")
	if len(r.run.Verdicts) == 0 {
		r.b.WriteString("  " + assets.Text("note.report.none") + "\n")
	}
	if r.run.System != "" {
		r.line("device", r.run.System)
	}
	for _, v := range r.run.Verdicts {
		r.b.WriteString("  " + inLine(verdictLine(v)+". "+v.Proof) + "\n")
	}
}

// utc is a time as a help desk compares it with a server's log.
func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
