package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// say writes one line, or a few, as wide as a terminal is. A standard stream that is closed leaves nobody to tell.
func say(w io.Writer, text string) { _, _ = fmt.Fprintln(w, wrapped(text, columns(w))) }

// problemText is a problem as one line of what happened and what to do, and the vendor's article below it. A summary is
// a page's title too, and so may lack its full stop.
func problemText(p *steps.Problem) string {
	summary := p.Summary
	if summary != "" && !strings.ContainsAny(summary[len(summary)-1:], ".!?") {
		summary += "."
	}
	text := strings.TrimSpace(summary + " " + p.Hint)
	if p.Link != "" {
		text += "\n" + p.Link
	}
	return text
}

// newProblem makes a problem of the command line whose sentence says what to do itself.
func newProblem(code steps.Code, err error, key string, args ...any) *steps.Problem {
	return &steps.Problem{Code: code, Summary: assets.Text(key, args...), Err: err}
}

// hintedProblem is a newProblem with a sentence of its own about what to do.
func hintedProblem(code steps.Code, err error, key string, args ...any) *steps.Problem {
	p := newProblem(code, err, key, args...)
	p.Hint = assets.Text(key+".hint", args...)
	return p
}

// usageProblem is a wrong argument.
func usageProblem(key string, args ...any) *steps.Problem {
	return newProblem(steps.CodeUsage, nil, key, args...)
}

// internalProblem is something that this program needs and that the computer refused.
func internalProblem(key string, err error) *steps.Problem {
	return newProblem(steps.CodeInternal, err, key, "Error", err.Error())
}

// asProblem gives the problem within err, or one that says that the person ended it, or an internal one.
func asProblem(err error) *steps.Problem {
	var p *steps.Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, steps.ErrQuit), errors.Is(err, steps.ErrBack):
		return newProblem(steps.CodeCanceled, err, "cli.problem.quit")
	}
	return internalProblem("cli.problem.internal", err)
}

// usageError tells whether the flags were wrong or arguments were given to a command that has none.
func usageError(rest []string, err error) (*steps.Problem, bool) {
	if err != nil {
		return asProblem(err), true
	}
	if len(rest) > 0 {
		return usageProblem("cli.usage.no-arguments"), true
	}
	return nil, false
}

// setLanguage chooses the language of every sentence: the one of those offered that suits the person best, else the
// first offered. Nothing offered is all there are.
func setLanguage(offered ...string) {
	assets.SetLanguage(assets.MatchLanguage(assets.Languages(offered...), platform.Languages()...))
}

// isWord tells whether text is the answer that questions call word: in the chosen language or in English, for whoever
// reads a manual.
func isWord(text, word string) bool {
	return strings.EqualFold(text, word) || strings.EqualFold(text, assets.Text("cli.word."+word))
}

// isInitial tells whether text is the first letter of such an answer.
func isInitial(text, word string) bool {
	for _, w := range []string{word, assets.Text("cli.word." + word)} {
		first, _ := utf8.DecodeRuneInString(w)
		if strings.EqualFold(text, string(first)) {
			return true
		}
	}
	return false
}
