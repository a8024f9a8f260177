//go:build nogui

package main

import (
	"context"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// runWindow has no window to open in this build, and says what to run.
func runWindow(_ context.Context, _ options, io stdio) int {
	say(io.err, assets.Text("cli.usage.no-window"))
	say(io.err, assets.Text("cli.usage.short"))
	return steps.ExitCode(usageProblem("cli.usage.no-window"))
}

// runPreview has no pages to draw in this build, and says what to run.
func runPreview(_ options, io stdio) int { return fail(io, usageProblem("cli.preview.no-window")) }
