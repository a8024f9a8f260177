//go:build !nogui

package main

import (
	"context"

	"example.com/enrollment-assistant/gui"
	"example.com/enrollment-assistant/steps"
)

// papers lets the window make and save what the help desk gets. It looks at the computer and asks its hosts, which
// takes its time, so that runs beside Fyne and ends with ctx.
func (v *view) papers(ctx context.Context, info *gui.Info) {
	info.Report = func(got func(string, error)) {
		go func() {
			text, err := reportText(ctx, v.session)
			got(text, err)
			v.session.config.Log.Info("report made", "bytes", len(text))
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
	info.Receipt = func(d steps.Device) string { return receiptText(v.session, d) }
}
