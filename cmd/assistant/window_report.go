//go:build !nogui

package main

import (
	"context"
	"errors"
	"net/url"
	"sync/atomic"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/gui"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// papers lets the window make and save what the help desk gets. It looks at the computer and asks its hosts, which
// takes its time, so that runs beside Fyne and ends with ctx.
func (v *view) papers(ctx context.Context, info *gui.Info) {
	info.Report = func(got func(string, error)) {
		go func() {
			text, err := reportText(ctx, v.session)
			got(text, err)
			v.post(func() { v.session.config.Log.Info("report shown", "bytes", len(text)) })
		}()
	}
	info.Save = func(kind gui.Kind, text string, saved func(string, error)) {
		go func() {
			path, err := savePaper(string(kind), text)
			if err != nil {
				v.session.config.Log.Warn("saving", "kind", kind, "error", err)
			} else {
				v.session.config.Log.Info("saved", "kind", kind)
			}
			saved(path, err)
		}()
	}
	v.telling(ctx, info)
	info.Receipt = func(d steps.Device) string { return receiptText(v.session, d) }
}

// telling lets the window tell the admins of the last problem, where a profile says where to.
func (v *view) telling(ctx context.Context, info *gui.Info) {
	to, err := url.Parse(v.session.config.Profile.Reports.URL)
	if err != nil || to.Host == "" {
		return
	}
	var last atomic.Pointer[steps.AdminReport]
	info.SendTo, info.SerialNumber = to.Host, platform.SerialNumber() != ""
	info.Compose = func(add steps.Extras, got func(string, error)) {
		go func() {
			waiting := steps.Outbox(v.session.config.StateDir, time.Now())
			if len(waiting) == 0 {
				got("", errors.New(assets.Text("cli.report.send.nothing")))
				return
			}
			r := waiting[len(waiting)-1]
			last.Store(&r)
			body, err := steps.Compose(v.session.config, steps.ReportInput{Version: buildVersion(), Log: v.session.logPath}, r, add)
			got(string(body), err)
		}()
	}
	info.Send = func(text string, sent func(*steps.Problem)) {
		go func() {
			if err := steps.SendReport(ctx, v.session.config, last.Load().ID, []byte(text)); err != nil {
				v.session.config.Log.Warn("sending", "error", err)
				sent(asProblem(err))
				return
			}
			sent(nil)
		}()
	}
}
