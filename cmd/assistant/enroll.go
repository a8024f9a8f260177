package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// enroll enrolls this computer: with questions in a terminal, or with answers from a file (--json).
func enroll(ctx context.Context, args []string, io stdio) int {
	var o options
	rest, err := parseFlags(args, &o, "json", "answers", "until", "profile", "region", "consent")
	if errors.Is(err, errHelp) {
		return help(ctx, []string{"all"}, io)
	}
	p, bad := usageError(rest, err)
	if !bad {
		p, bad = checkEnroll(&o, io)
	}
	if bad {
		return failEnroll(o, io, p)
	}
	a, p := readAnswers(o.answers, io.in)
	if p != nil {
		return failEnroll(o, io, p)
	}
	defer a.wipe()
	s := newSession(o, consentOf(o))
	defer s.close()
	p = s.problem
	if p == nil {
		p = checkKey(a.connectKey, s.config.Profile)
	}
	if p != nil {
		return failEnroll(o, io, p)
	}
	s.config.Until, s.config.BoundWithin = steps.VerdictName(o.until), o.boundWithin
	ctx, stop := stopAfterStep(ctx, io)
	defer stop()
	if o.json {
		return enrollJSON(ctx, s, a, o, io)
	}
	return enrollTerminal(ctx, s, io)
}

// checkEnroll checks the values of the flags.
func checkEnroll(o *options, io stdio) (*steps.Problem, bool) {
	p := oneOf("until", &o.until, string(steps.IsOnline), string(steps.Bound))
	if p == nil {
		p = oneOf("consent", &o.consent, "auto", "dialog", "sudo", "none")
	}
	if p == nil && o.region != "" {
		p = oneOf("region", &o.region, regionNames()...)
	}
	switch {
	case p != nil:
	case o.json && o.consent == "sudo":
		p = usageProblem("cli.usage.json-sudo")
	case !o.json && o.answers != "":
		p = usageProblem("cli.usage.answers-json")
	case !o.json && !term.IsTerminal(int(io.in.Fd())):
		p = usageProblem("cli.usage.no-terminal")
	}
	return p, p != nil
}

// checkKey tells of a key that cannot be one, or is somebody else's, before anything else happens.
func checkKey(secret platform.Secret, p steps.Profile) *steps.Problem {
	if secret.Empty() {
		return nil
	}
	key, err := steps.ParseConnectKey(secret.Reveal())
	if err != nil {
		return asProblem(err)
	}
	return key.CheckHosts(p.Endpoints)
}

// regionOf gives the region that a tenant's key names, empty for any other key.
func regionOf(secret platform.Secret) platform.Region {
	key, err := steps.ParseConnectKey(secret.Reveal())
	if err != nil {
		return ""
	}
	for _, r := range platform.Regions {
		if e, ok := platform.EndpointsOf(r); ok && e.Kickstart == key.KickstartURL {
			return r
		}
	}
	return ""
}

// regionNames are the values of --region.
func regionNames() []string {
	var names []string
	for _, r := range platform.Regions {
		names = append(names, string(r))
	}
	return names
}

// consentOf gives how administrator rights are asked for. A script is not asked unless it says so: dialog shows the
// system's own dialog even then.
func consentOf(o options) platform.Consent {
	switch {
	case o.consent == "dialog":
		return platform.ConsentDialog
	case o.consent == "none", o.json:
		return platform.ConsentSilent
	}
	return platform.ConsentTerminal
}

// failEnroll says what went wrong before the enrollment began; a script gets it as a line of JSON as well.
func failEnroll(o options, io stdio, p *steps.Problem) int {
	if o.json {
		newJSONLines(io.out, answers{}, "").finish(p) //nolint:errcheck // gives p back
	}
	return fail(io, p)
}

// enrollJSON runs the enrollment for a script.
func enrollJSON(ctx context.Context, s *session, a answers, o options, io stdio) int {
	// A keychain may ask to be unlocked, and a key that an earlier run kept there is not the one of the answers.
	s.config.Host.Remember, s.config.Host.Recall, s.config.Host.Forget = nil, nil, nil
	region := platform.Region(o.region)
	if region == "" {
		region = regionOf(a.connectKey)
	}
	ui := newJSONLines(io.out, a, region)
	_, err := steps.Run(ctx, s.config, ui)
	if p := ui.finish(err); p != nil {
		return fail(io, p)
	}
	return 0
}

// enrollTerminal runs the enrollment for a person.
func enrollTerminal(ctx context.Context, s *session, io stdio) int {
	ui := newTerminal(&console{in: io.in, out: io.out}, s.config.Profile.Organization.Name)
	defer ui.wipe()
	if note := crashNote(); note != "" {
		ui.print(note)
	}
	ui.print(assets.Text("cli.terminal.intro"))
	if s.config.Root != "" {
		ui.print(assets.Text("cli.terminal.test", "Path", s.config.Root))
	}
	_, err := steps.Run(ctx, s.config, ui)
	if err == nil {
		return 0
	}
	p := asProblem(err)
	code := steps.ExitCode(p)
	if !ui.wasRead {
		code = fail(io, p)
	}
	if !errors.Is(err, steps.ErrQuit) {
		ui.print(assets.Text("cli.report.tell"))
		if s.config.Profile.Reports.URL != "" {
			ui.print(assets.Text("cli.report.send.tell"))
		}
	}
	return code
}

// stopAfterStep gives a context that the first Ctrl-C ends, so that the step that runs is finished and nothing new
// begun. The second ends the program at once.
func stopAfterStep(ctx context.Context, io stdio) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	state, _ := term.GetState(int(io.in.Fd())) // nil where standard input is no terminal
	ended := make(chan struct{})
	go func() {
		select {
		case <-signals:
		case <-ended:
			return
		}
		say(io.err, assets.Text("cli.signal.first"))
		cancel()
		select {
		case <-signals:
		case <-ended:
			return
		}
		if state != nil {
			_ = term.Restore(int(io.in.Fd()), state) // a password question may have switched the echo off
		}
		os.Exit(steps.ExitCode(&steps.Problem{Code: steps.CodeCanceled}))
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(ended)
		cancel()
	}
}
