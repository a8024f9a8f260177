package steps

import (
	"time"

	"example.com/enrollment-assistant/platform"
)

// Kind says which part of an Event is set.
type Kind string

// The kinds of events; these words are the "event" of a JSON line and are stable.
const (
	KindStep     Kind = "step"     // an enrollment entered a step
	KindCheck    Kind = "check"    // a requirement check has a new result
	KindPhase    Kind = "phase"    // a phase of the install began, moved on or ended
	KindOutput   Kind = "output"   // a line for the log view
	KindVerdict  Kind = "verdict"  // one of the verdicts changed
	KindNote     Kind = "note"     // something the person should know, as a sentence
	KindProblem  Kind = "problem"  // something failed; told once for each problem that is shown or ends the run
	KindFinished Kind = "finished" // Run ends, and nothing follows; Device is set when it ended well, Problem when it failed
)

// Event is one thing that happened. It holds no secret and marshals to one JSON line.
type Event struct {
	Time    time.Time `json:"time"`
	Kind    Kind      `json:"event"`
	Step    Step      `json:"step"`
	Check   *Check    `json:"check,omitempty"`
	Phase   *Progress `json:"phase,omitempty"`
	Verdict *Verdict  `json:"verdict,omitempty"`
	Problem *Problem  `json:"problem,omitempty"`
	Device  *Device   `json:"device,omitempty"`
	Text    string    `json:"text,omitempty"` // of output and note
}

// Progress is where the install stands. Total is 0 where nothing is counted.
type Progress struct {
	Phase platform.Phase `json:"phase"`
	Title string         `json:"title"` // for people
	State PhaseState     `json:"state"`
	Done  int64          `json:"done,omitempty"`  // bytes
	Total int64          `json:"total,omitempty"` // bytes
	// Percent is how far the vendor's installer says it is, where it does; on Macs only.
	Percent int `json:"percent,omitempty"`
}

// PhaseState is where one phase stands.
type PhaseState string

// The states of a phase.
const (
	PhaseWaiting PhaseState = "waiting"
	PhaseRunning PhaseState = "running"
	PhaseDone    PhaseState = "done"
	PhaseFailed  PhaseState = "failed"
	PhaseSkipped PhaseState = "skipped" // the person chose to go on without
)

// Level is how much a check matters.
type Level string

// The levels of a check. Looking means no answer yet.
const (
	LevelLooking Level = "looking"
	LevelOK      Level = "ok"
	LevelInfo    Level = "info"
	LevelWarn    Level = "warn"
	LevelBlock   Level = "block"
)

// Check is one requirement and how this computer meets it. Title, Text and Action are for people.
type Check struct {
	ID     string `json:"id"`
	Level  Level  `json:"level"`
	Title  string `json:"title"`            // what was found
	Text   string `json:"text,omitempty"`   // why it matters and what to do
	Detail string `json:"detail,omitempty"` // for the help desk
	Fatal  bool   `json:"fatal,omitempty"`  // no key can mend it: said at welcome
	Code   Code   `json:"code,omitempty"`   // of the problem when Level is block
	// Fix is what the install puts right first, after the consent; it is a line of the plan. Such a check never blocks.
	Fix platform.Fix `json:"fix,omitempty"`
	// Open is a web address that the person can put it right at, at once and without rights; empty for none.
	Open string `json:"open,omitempty"`
}

// VerdictName is one of the things that are not the same.
type VerdictName string

// The verdicts; the last one is of Macs alone.
const (
	Installed  VerdictName = "installed"
	IsOnline   VerdictName = "online"
	Bound      VerdictName = "bound"
	HasAccount VerdictName = "service-account" // the agent's own account is there and holds a SecureToken
)

// Verdict is what is known about one of them, and how.
type Verdict struct {
	Name  VerdictName `json:"name"`
	Known bool        `json:"known"` // false: it cannot be seen without administrator rights
	Yes   bool        `json:"yes"`
	// Absent, of Installed alone: no agent is there at all.
	Absent bool      `json:"absent,omitempty"`
	Proof  string    `json:"proof,omitempty"` // what shows it, for people
	Seen   time.Time `json:"seen,omitzero"`   // when it was last seen
}

// Device is the computer after an enrollment.
type Device struct {
	Hostname     string    `json:"hostname"`
	SystemKey    string    `json:"systemKey,omitempty"`
	AgentVersion string    `json:"agentVersion,omitempty"`
	Before       string    `json:"before,omitempty"`    // version of the agent that was there before
	Upgrade      bool      `json:"upgrade"`             // an agent was there before: no mail goes out
	Unchanged    bool      `json:"unchanged,omitempty"` // the agent there was newer; nothing was done
	Installed    Verdict   `json:"installed"`
	Online       Verdict   `json:"online"`
	Bound        Verdict   `json:"bound"`
	Account      Verdict   `json:"serviceAccount,omitzero"` // on Macs only
	Left         []Left    `json:"left,omitempty"`          // what is still to be done, and by whom; on Macs only
	Finished     time.Time `json:"finished,omitzero"`
}

// Left is something that the enrollment did not do and that the agent lacks, in sentences: what, and who does what.
type Left struct {
	ID    string `json:"id"` // one of the Left constants
	Title string `json:"title"`
	Text  string `json:"text"`
	// Request asks IT for it; nil where the person can do it.
	Request *Request `json:"request,omitempty"`
}

// Verdicts are those of the device, in order.
func (d Device) Verdicts() []Verdict {
	all := []Verdict{d.Installed, d.Online, d.Bound}
	if d.Account.Name != "" {
		all = append(all, d.Account)
	}
	return all
}

// SameVersion tells whether the agent that was there before is still the one that is there: the vendor's script found
// nothing newer to install, or left a newer agent alone. It says nothing of which of the two.
func (d Device) SameVersion() bool { return d.Upgrade && d.Before != "" && d.Before == d.AgentVersion }

// InstallPlan is what will be done, before anything is done.
type InstallPlan struct {
	Lines   []PlanLine   `json:"lines"`
	Notes   []string     `json:"notes,omitempty"` // sentences below the list
	Source  string       `json:"source"`          // where the profile came from, and what of it was ignored
	Upgrade bool         `json:"upgrade"`
	Way     platform.Way `json:"way"`
}

// PlanLine is one thing that will be done.
type PlanLine struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Text    string   `json:"text,omitempty"`
	Details []string `json:"details,omitempty"` // commands, files, hosts, exactly
	Rights  bool     `json:"rights"`            // needs administrator rights
}
