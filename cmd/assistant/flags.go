package main

import (
	"errors"
	"flag"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.com/enrollment-assistant/steps"
)

// options is what the flags of a command say. No field of it may hold a secret.
type options struct {
	json    bool
	send    bool
	answers string
	until   string
	profile string
	region  string
	consent string
	out     string // folder that pictures go to, or file of a report
	root    string // only a test build sets it

	boundWithin time.Duration // likewise
}

// secretFlags are names that people try. They do not exist, because every user of a computer can read the command
// line of every process on it.
var secretFlags = []string{"key", "connect-key", "connectkey", "k", "password", "pass", "otp", "totp", "totp-secret",
	"token", "secret", "email"}

// harmless is what an error may repeat: a connect key or a password is not likely to look like that.
var harmless = regexp.MustCompile(`^[a-z][a-z-]{0,19}$`)

// printable gives s where it can be repeated in an error, else a placeholder.
func printable(s string) string {
	if harmless.MatchString(s) {
		return s
	}
	return "…"
}

// isHelp tells whether an argument asks for help.
func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// errHelp is parseFlags' answer to a request for help.
var errHelp = errors.New("help was asked for")

// parseFlags reads the named flags into o and gives the arguments that are left. Its error is a *steps.Problem or
// errHelp.
func parseFlags(args []string, o *options, names ...string) ([]string, error) {
	if slices.ContainsFunc(args, isHelp) {
		return nil, errHelp
	}
	// A script gets its line of JSON for a wrong flag too, wherever --json stands.
	o.json = slices.Contains(names, "json") && slices.Contains(args, "--json")
	for _, arg := range args {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if strings.HasPrefix(arg, "-") && slices.Contains(secretFlags, strings.ToLower(name)) {
			return nil, usageProblem("cli.usage.secret-flag", "Name", name)
		}
	}
	set := flag.NewFlagSet("", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	strs := map[string]*string{"answers": &o.answers, "until": &o.until, "profile": &o.profile, "region": &o.region,
		"consent": &o.consent, "out": &o.out}
	for _, name := range names {
		switch name {
		case "json":
			set.BoolVar(&o.json, name, o.json, "")
		case "send":
			set.BoolVar(&o.send, name, false, "")
		default:
			set.StringVar(strs[name], name, "", "")
		}
	}
	sandboxFlag(set, o)
	if err := set.Parse(args); err != nil {
		return nil, flagProblem(err)
	}
	return set.Args(), nil
}

// flagProblem turns an error of package flag, which repeats values, into one that does not.
func flagProblem(err error) *steps.Problem {
	text := err.Error()
	at := strings.LastIndex(text, ": -")
	if at < 0 {
		return usageProblem("cli.usage.bad-flag")
	}
	name := printable(strings.TrimLeft(text[at+3:], "-"))
	if strings.HasPrefix(text, "flag needs an argument") {
		return usageProblem("cli.usage.needs-value", "Name", name)
	}
	return usageProblem("cli.usage.unknown-flag", "Name", name)
}

// oneOf refuses a flag's value that is not in the list; an empty one becomes the first.
func oneOf(flagName string, value *string, allowed ...string) *steps.Problem {
	if *value == "" {
		*value = allowed[0]
	}
	if slices.Contains(allowed, *value) {
		return nil
	}
	return usageProblem("cli.usage.one-of", "Name", flagName, "Allowed", strings.Join(allowed, ", "))
}
