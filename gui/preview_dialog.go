package gui

import (
	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// withDialogs gives the window what the rail's links need, so that they are there.
func withDialogs(info Info) Info {
	if info.Languages == nil {
		info.Language, info.Languages = assets.CurrentLanguage(), assets.Languages()
	}
	info.SetLanguage, info.SetClipboard = func(string) {}, func(string) {}
	info.About = func() []string {
		return []string{
			assets.Text("gui.about.version", "Version", "1.0.0", "OS", "linux", "Arch", "amd64"),
			assets.Text("gui.about.log", "Path", "/home/nora/.local/state/enrollment-assistant/assistant.log"),
			assets.Text("gui.about.licenses"),
		}
	}
	info.Report = func(got func(string, error)) { got(exampleReport, nil) }
	info.Receipt = func(steps.Device) string { return exampleReceipt }
	info.Save = func(_ Kind, _ string, saved func(string, error)) {
		saved("/home/nora/Downloads/enrollment-report.txt", nil)
	}
	return info
}

// dialogs is the table of what opens over a page.
func dialogs() []Preview {
	over := func(fill, open func(*Wizard, scene)) func(*Wizard, scene) {
		return func(w *Wizard, s scene) {
			fill(w, s)
			open(w, s)
		}
	}
	return []Preview{
		{Name: "dialog-language", fill: over(fillWelcome, func(w *Wizard, _ scene) { w.showLanguages() })},
		{Name: "dialog-about", fill: over(fillWelcome, func(w *Wizard, _ scene) { w.showAbout() })},
		{Name: "dialog-report", fill: over(fillProblem, func(w *Wizard, _ scene) { w.showReport() })},
		{Name: "problem-send", fill: sendable(fillProblem)},
		{Name: "dialog-send", fill: over(sendable(fillProblem), func(w *Wizard, _ scene) { w.showSend() })},
		{Name: "dialog-send-sent", fill: over(sendable(fillProblem), func(w *Wizard, _ scene) {
			w.showSend()
			w.dialog.next.press()
		})},
		{Name: "dialog-receipt", fill: over(fillDone(nil), func(w *Wizard, _ scene) {
			w.showReceipt(exampleDevice())
			w.dialog.next.press() // saved
		})},
		{Name: "dialog-request", OS: "darwin", fill: over(fillNoToken, func(w *Wizard, _ scene) { w.showRequest(*exampleRequest()) })},
		{Name: "dialog-stop", fill: over(fillInstall, func(w *Wizard, _ scene) { w.showStop() })},
		{Name: "dialog-close", fill: over(fillKey(exampleKey), func(w *Wizard, _ scene) { w.showClose() })},
	}
}

// sendable is a page of a computer whose profile says where failed runs are told.
func sendable(fill func(*Wizard, scene)) func(*Wizard, scene) {
	return func(w *Wizard, s scene) {
		w.info.SendTo, w.info.SerialNumber = "it.acme.example", true
		w.info.Compose = func(_ steps.Extras, got func(string, error)) { got(exampleSent, nil) }
		w.info.Send = func(_ string, sent func(*steps.Problem)) { sent(nil) }
		fill(w, s)
	}
}

// What the help desk gets; the words of real ones are the engine's.
const (
	exampleSent = `{
  "version": 1,
  "id": "3f1c9a7be2d04c58a6b1f0e9d2c47b83",
  "device": "a04be17c5d9f42e38b66c1d7f3e0925a",
  "time": "2026-11-23T09:52:45Z",
  "outcome": "failed",
  "step": "install",
  "code": "key-refused",
  "hostname": "nora-laptop",
  "os": "Ubuntu",
  "osVersion": "24.04",
  "arch": "x86_64"
}`
	exampleReport = `Enrollment Assistant 1.0.0, linux amd64, 2026-11-23 09:52:45 UTC
Computer: nora-laptop, Ubuntu 24.04, x86_64
Step: install
Problem: key-refused

Checks
  system    ok     Ubuntu 24.04 is supported
  disk      ok     84 GB free at /opt
  memory    ok     16 GB
  clock     ok     0 seconds off
  hosts     ok     4 of 4 answered

Log
  09:51:02 page welcome
  09:51:40 page login
  09:52:11 page connect-key
  09:52:19 page requirements
  09:52:30 page plan
  09:52:33 install begun: script
  09:52:45 install failed: key-refused
`
	exampleReceipt = `Computer: nora-laptop
System: 64930a6d00466f31842811a1
Agent: 2.166.2
Installed: yes, 2026-11-23 09:52:45 UTC
Online: yes, 2026-11-23 09:52:45 UTC
Bound: not yet
`
)
