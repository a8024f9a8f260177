package main

import (
	"context"
	"errors"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// profileCommand has one part: "profile check FILE" tells of each key of a profile whether it counts from where it
// lies.
func profileCommand(ctx context.Context, args []string, io stdio) int {
	if len(args) == 0 || args[0] != "check" {
		if len(args) > 0 && isHelp(args[0]) {
			return help(ctx, []string{"all"}, io)
		}
		return fail(io, usageProblem("cli.usage.profile"))
	}
	rest, err := parseFlags(args[1:], &options{})
	if errors.Is(err, errHelp) {
		return help(ctx, []string{"all"}, io)
	}
	if err != nil {
		return fail(io, asProblem(err))
	}
	if len(rest) != 1 {
		return fail(io, usageProblem("cli.usage.profile"))
	}
	return explainProfile(rest[0], io)
}

// explainProfile prints the source, whether it is protected, and a line for each key.
func explainProfile(path string, io stdio) int {
	keys, p, err := steps.ExplainProfile(path)
	if err != nil {
		return fail(io, profileProblem(err))
	}
	source := "cli.profile.unprotected"
	if p.Protected {
		source = "cli.profile.protected"
	}
	say(io.out, assets.Text(source, "Path", path))
	if testBuild {
		say(io.out, assets.Text("cli.profile.test"))
	}
	for _, k := range keys {
		if k.Honoured {
			say(io.out, assets.Text("cli.profile.honoured", "Key", k.Pointer))
			continue
		}
		say(io.out, assets.Text("cli.profile.ignored", "Key", k.Pointer, "Reason", k.Reason))
	}
	return 0
}

// profileProblem makes sure that a profile which cannot be used is told as such.
func profileProblem(err error) *steps.Problem {
	var p *steps.Problem
	if errors.As(err, &p) {
		return p
	}
	return newProblem(steps.CodeProfile, err, "cli.profile.invalid", "Error", err.Error())
}
