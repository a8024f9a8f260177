package main

import (
	"context"
	"net/url"
	"time"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// sendReports shows what a protected profile's admins can be told of the runs that failed or were given up, and sends
// what the person says yes to. Where nobody can be asked, the command itself is the yes, and nothing is added.
func sendReports(ctx context.Context, s *session, io stdio) int {
	to, err := url.Parse(s.config.Profile.Reports.URL)
	if err != nil || to.Host == "" {
		return fail(io, asProblem(steps.SendReport(ctx, s.config, "", nil)))
	}
	waiting := steps.Outbox(s.config.StateDir, time.Now())
	if len(waiting) == 0 {
		say(io.err, assets.Text("cli.report.send.nothing"))
	}
	in := steps.ReportInput{Version: buildVersion(), Log: s.logPath}
	for _, r := range waiting {
		body, send, err := chooseReport(ctx, s, in, r, to.Host, io)
		if err == nil && send {
			err = steps.SendReport(ctx, s.config, r.ID, body)
		}
		if err != nil {
			return fail(io, asProblem(err))
		}
		if send {
			say(io.err, assets.Text("cli.report.send.sent", "Host", to.Host))
		}
	}
	return 0
}

// chooseReport shows one report and asks what to do with it: the body is what was shown last.
func chooseReport(ctx context.Context, s *session, in steps.ReportInput, r steps.AdminReport, host string, io stdio) (body []byte, send bool, err error) {
	var add steps.Extras
	c := &console{in: io.in, out: io.out}
	for {
		if body, err = steps.Compose(s.config, in, r, add); err != nil {
			return nil, false, err
		}
		say(io.out, assets.Text("cli.report.send.what", "Host", host))
		say(io.out, string(body))
		if !term.IsTerminal(int(io.in.Fd())) {
			return body, true, nil
		}
		text, err := c.line(ctx, assets.Text("cli.report.send.ask"))
		switch {
		case err != nil:
			return nil, false, err
		case isWord(text, "send"):
			return body, true, nil
		case isWord(text, "log"):
			add.Log = !add.Log
		case isWord(text, "serial"):
			add.SerialNumber = !add.SerialNumber
		case text == "":
			return nil, false, nil
		}
	}
}
