package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

func TestWrapped(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      int
		want       string
	}{
		{"short", "nothing to do", 20, "nothing to do"},
		{"at words", "one two three four", 9, "one two\nthree\nfour"},
		{"to the last column", "12345 6789", 10, "12345 6789"},
		{"one too many", "12345 67890", 10, "12345\n67890"},
		{"no limit", strings.Repeat("word ", 50), 0, strings.Repeat("word ", 50)},
		{"its own lines stay", "one two\n\nthree four five", 10, "one two\n\nthree four\nfive"},
		{"below its indent", "    one two three", 11, "    one two\n    three"},
		{"below a list's text", "- one two three", 9, "- one two\n  three"},
		{"below output", "  | one two three", 11, "  | one two\n    three"},
		{"a word that is too wide", "see https://example.com/a/long/address now", 10, "see\nhttps://example.com/a/long/address\nnow"},
		{"a question keeps its blank", "type yes or no, or quit: ", 15, "type yes or no,\nor quit: "},
		{"letters, not bytes", "über über über", 9, "über über\nüber"},
		{"hardly any room", "            one two", 10, "            one\ntwo"},
		{"a command stays whole", "type " + whole("one two three") + " now", 9, "type\none two three\nnow"},
		{"whole, and no limit", whole("one two"), 0, "one two"},
		{"several blanks stay", "a  b", 80, "a  b"},
	} {
		if got := wrapped(c.text, c.width); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
}

// Sentences, questions and problems are broken at the terminal's width as it is then; a file gets whole lines.
func TestTerminal_Wraps(t *testing.T) {
	ui, s := onScreen(t)
	sentence := assets.Text("cli.welcome.agent")
	for _, c := range []struct{ told, width int }{{0, 80}, {40, 40}, {132, 132}} {
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(unix.IoctlSetWinsize(int(s.tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(c.told), Row: 24}))
		before := len(s.all())
		ui.print("  " + sentence)
		answer := asked(func() (struct{}, error) {
			return struct{}{}, ui.Problem(context.Background(), steps.Problem{Summary: sentence, Hint: sentence, Retry: true})
		})
		s.expect(assets.Text("cli.problem.code", "Code", ""))
		s.expect("quit: ")
		s.enter("")
		_, err := answer()
		must(err)
		longest := 0
		for line := range strings.SplitSeq(strings.ReplaceAll(s.all()[before:], "\r", ""), "\n") {
			longest = max(longest, len(line))
			if len(line) > 0 && line[0] != ' ' && strings.HasSuffix(line, " ") && !strings.HasSuffix(line, ": ") {
				t.Errorf("the line %q ends with a blank", line)
			}
		}
		if longest > c.width || longest < c.width-20 {
			t.Errorf("a terminal of %d columns got a line of %d", c.told, longest)
		}
	}
	var file bytes.Buffer
	say(&file, sentence)
	if file.String() != sentence+"\n" {
		t.Errorf("a file got %q", file.String())
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), w.Close() }()
	if columns(w) != 0 {
		t.Error("a pipe has a width")
	}
}
