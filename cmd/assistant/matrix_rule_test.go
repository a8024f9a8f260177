//go:build matrix && linux

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/enrollment-assistant/steps"
)

// cause is whose fault a cell is.
type cause string

// The causes.
const (
	byServer  cause = "server"  // the service answers, and what it answers is of no use
	byNetwork cause = "network" // something between here and there, or nothing there
	byForger  cause = "forger"  // what comes is not the vendor's
	byAgent   cause = "agent"   // the agent does not come up, or is not heard of
	byKey     cause = "key"     // the service refuses the key
	byPerson  cause = "person"  // what was typed is wrong
	byDates   cause = "dates"   // a certificate is not valid today: only where a host tells the time, it is known that the clock is right
	byMoment  cause = "moment"  // the key is refused once, and then no more
	byAdmin   cause = "admin"   // no admin binds the computer
	byClock   cause = "clock"   // the service calls this computer's clock wrong
	bySystem  cause = "system"  // the service does not support this computer
	byProfile cause = "profile" // the admin's file
)

// allowed says which codes a cause may be told as; "" is a run that ends well. Only what a person did may be told as
// what a person did, and nothing is a defect of the assistant.
var allowed = map[cause][]steps.Code{
	byServer: {"", steps.CodeUnreachable, steps.CodeUntrusted, steps.CodeInstallFailed, steps.CodeNotOnline, steps.CodeNotBound, steps.CodeSignIn},
	byNetwork: {"", steps.CodeUnreachable, steps.CodeUntrusted, steps.CodeInstallFailed, steps.CodeNotOnline, steps.CodeNotBound,
		steps.CodeSignIn},
	byForger:  {steps.CodeUntrusted, steps.CodeInstallFailed, steps.CodeUnreachable},
	byAgent:   {steps.CodeInstallFailed, steps.CodeNotOnline, steps.CodeNotBound},
	byKey:     {steps.CodeKeyRefused, steps.CodeKeyOld},
	byPerson:  {steps.CodeSignIn, steps.CodeKeyMalformed, steps.CodeKeyForeign},
	byDates:   {"", steps.CodeUnreachable, steps.CodeUntrusted, steps.CodeInstallFailed, steps.CodeNotOnline, steps.CodeClock},
	byMoment:  {"", steps.CodeKeyRefused},
	byAdmin:   {steps.CodeNotBound},
	byClock:   {steps.CodeClock, steps.CodeInstallFailed},
	bySystem:  {steps.CodeUnsupported},
	byProfile: {steps.CodeProfile},
}

// blame are words that tell a person to have done something wrong, or send them to mend what is whole.
var blame = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
	`is wrong`, `was wrong`, `are wrong`, `you typed`, `your (key|password|code|clock|answers)`, `your account is`, `check (your )?(email|password)`,
	`totpSecret`, `this computer's clock`, `did not accept the key`, `make a new (one|key)`, `you stopped`, `copy (it|the)`, `nobody agreed`,
	`too many tries`, `not switched this on`, `defect`,
}, "|") + `)`)

// sendsAway are words that are right where nothing answers, and wrong where the service answered.
var sendsAway = regexp.MustCompile(`(?i)(check your (internet )?connection|another network)`)

// inside is what only developers read.
var inside = regexp.MustCompile(`x509|dial tcp|\bEOF\b|deadline exceeded|panic|goroutine|%!|<no value>|\{\{|\bnil\b|No sentence for|HTTP/|status code|exit status`)

// toDo tells whether a sentence says what to do, or that nothing is to be done.
var toDo = regexp.MustCompile(`(?i)\b(try|ask|wait|tell|use|check|open|sign in|restart|follow|send|switch|make|copy|set|press|type|correct|start|save|free)\b`)

// judge says what is wrong with how a run ended.
func judge(r cellEnd) []string {
	var wrong []string
	say := func(broken bool, text string, args ...any) {
		if broken {
			wrong = append(wrong, fmt.Sprintf(text, args...))
		}
	}
	if r.hung {
		return []string{"it did not end in time"}
	}
	var code steps.Code
	if r.problem != nil {
		code = r.problem.Code
		say(steps.ExitCode(r.problem) != r.exit, "the exit code is not that of %s", code)
		say(!strings.Contains(r.sentence, r.problem.Hint), "standard error does not have the hint %q", r.problem.Hint)
		say(r.problem.Hint == "" && r.because != byPerson, "there is no hint")
		say(!toDo.MatchString(r.sentence), "it does not say what to do")
	} else {
		say(r.exit != 0, "the exit code is %d, and no event tells a problem", r.exit)
	}
	say(r.sentence == "", "there is no sentence")
	say(!slices.Contains(allowed[r.because], code), "%q is not a code for what is the fault of the %s", code, r.because)
	say(inside.MatchString(r.sentence), "it has %q, which is not for people", inside.FindString(r.sentence))
	if slices.Contains([]cause{byServer, byNetwork, byForger, byAgent, byAdmin}, r.because) {
		say(blame.MatchString(r.sentence), "it blames the person: %q", blame.FindString(r.sentence))
	}
	if slices.Contains([]cause{byServer, byAgent, byDates, byAdmin}, r.because) {
		say(sendsAway.MatchString(r.sentence), "the connection is good, and it says %q", sendsAway.FindString(r.sentence))
	}
	return wrong
}
