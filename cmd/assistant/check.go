package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// check runs the requirement checks and nothing else. Its exit code is 0 when nothing blocks.
func check(ctx context.Context, args []string, io stdio) int {
	s, o, code := look(ctx, args, io)
	if s == nil {
		return code
	}
	defer s.close()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	lines := json.NewEncoder(io.out)
	lines.SetEscapeHTML(false)
	checks := steps.CheckComputer(ctx, s.config, platform.Region(o.region), nil)
	for _, c := range checks {
		if o.json {
			_ = lines.Encode(c)
			continue
		}
		say(io.out, checkText(c))
	}
	if p := blocking(checks); p != nil {
		return fail(io, p)
	}
	return 0
}

// blocking gives the problem of the first check that blocks, nil when none does. The network and the clock are told
// apart from the rest, because scripts wait for the one and call the help desk for the other.
func blocking(checks []steps.Check) *steps.Problem {
	var first *steps.Problem
	for _, c := range checks {
		if c.Level != steps.LevelBlock {
			continue
		}
		p := &steps.Problem{Code: steps.CodeBlocked, Step: steps.Requirements, Summary: c.Title, Hint: c.Text}
		if c.Code == steps.CodeUnreachable || c.Code == steps.CodeClock {
			p.Code = c.Code
		}
		if first == nil || first.Code != steps.CodeBlocked && p.Code == steps.CodeBlocked {
			first = p
		}
	}
	return first
}

// plan prints what an enrollment would do, and does nothing.
func plan(ctx context.Context, args []string, io stdio) int {
	s, o, code := look(ctx, args, io)
	if s == nil {
		return code
	}
	defer s.close()
	p, err := steps.MakePlan(ctx, s.config, platform.Region(o.region))
	if err != nil {
		return fail(io, asProblem(err))
	}
	if o.json {
		lines := json.NewEncoder(io.out)
		lines.SetEscapeHTML(false)
		_ = lines.Encode(p)
		return 0
	}
	say(io.out, planText(p))
	say(io.out, assets.Text("cli.plan.nothing-done"))
	return 0
}

// look is how the commands begin that change nothing: flags and session, or nil and an exit code.
func look(ctx context.Context, args []string, io stdio) (*session, options, int) {
	var o options
	rest, err := parseFlags(args, &o, "json", "profile", "region")
	if errors.Is(err, errHelp) {
		return nil, o, help(ctx, []string{"all"}, io)
	}
	p, bad := usageError(rest, err)
	if !bad && o.region != "" {
		p = oneOf("region", &o.region, regionNames()...)
		bad = p != nil
	}
	if bad {
		return nil, o, fail(io, p)
	}
	// What is foreseen is an enrollment from here: in a terminal sudo asks, a script is not asked.
	consent := platform.ConsentSilent
	if !o.json && io.in != nil && term.IsTerminal(int(io.in.Fd())) {
		consent = platform.ConsentTerminal
	}
	s := newSession(o, consent)
	if s.problem != nil {
		s.close()
		return nil, o, fail(io, s.problem)
	}
	if _, known := s.config.Profile.EndpointsFor(platform.Region(o.region)); !known {
		say(io.err, assets.Text("cli.region.assumed", "Region", platform.Regions[0]))
	}
	return s, o, 0
}
