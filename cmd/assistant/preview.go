package main

import (
	"context"
	"errors"
)

// preview draws every page of the window into files, with the brand of a profile. It enrolls nothing, asks no network
// and needs no display.
func preview(ctx context.Context, args []string, io stdio) int {
	var o options
	rest, err := parseFlags(args, &o, "profile", "out")
	if errors.Is(err, errHelp) {
		return help(ctx, []string{"all"}, io)
	}
	if p, bad := usageError(rest, err); bad {
		return fail(io, p)
	}
	if o.out == "" {
		return fail(io, usageProblem("cli.usage.preview"))
	}
	return runPreview(o, io)
}
