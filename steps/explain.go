package steps

import (
	"context"
	"errors"

	"example.com/enrollment-assistant/platform"
)

// explain looks again at what a failure may come from, the hosts and the clock, before it is told: so that a host that
// stands in the way is named, and nobody is sent to mend a connection or a clock that is good. It gives p, or another
// problem in its place.
func (e *enrollment) explain(ctx context.Context, p *Problem) *Problem {
	if !mayBeNetwork(p) {
		return p
	}
	e.survey.look(ctx, CheckClock)
	if e.survey.await(ctx) != nil {
		return p // it ends
	}
	found := map[string]Check{}
	for _, c := range e.survey.checks() {
		found[c.ID] = c
	}
	for _, id := range []string{CheckClock, CheckNames, CheckHosts} {
		if c := found[id]; c.Level == LevelBlock {
			return inTheWay(p, c)
		}
	}
	switch {
	case found[CheckHosts].Level != LevelOK: // it cannot be known
	case p.Code == CodeNotOnline:
		return p.say(p.summary.key, "problem.not-online.reached.hint")
	case p.Code == CodeUnreachable:
		return p.say("problem.reached", "problem.reached.hint", append([]any{"Host", "JumpCloud"}, p.summary.args...)...)
	case p.Code == CodeClock && found[CheckClock].Level == LevelOK:
		p.Code = CodeInstallFailed
		return p.say("problem.clock-right", "problem.clock-right.hint")
	}
	return p
}

// mayBeNetwork tells whether a failure may come from a host or from the clock.
func mayBeNetwork(p *Problem) bool {
	var failed *platform.JobError
	switch job := errors.As(p.Err, &failed); p.Code {
	case CodeUnreachable, CodeNotOnline, CodeClock:
		return true
	case CodeUntrusted:
		return !job || failed.Code == platform.JobInsecure // a certificate, not the installer
	default:
		return job && failed.Code == platform.JobScriptFailed
	}
}

// inTheWay is a failure with the check that explains it. What is installed already is still said.
func inTheWay(p *Problem, c Check) *Problem {
	if p.Code == CodeNotOnline {
		return p.say(p.summary.key, "problem.not-online.host.hint", "Found", c.Title, "Advice", c.Text)
	}
	because := checkProblem(c, p.Step)
	because.Err, because.Retry = p.Err, true
	return because
}
