package main

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// usualWidth is how many columns a terminal is taken to have that does not say it, as a serial line does not.
const usualWidth = 80

// columns is how wide what is written to w may be: as wide as the terminal. 0 is no limit, which is so for files and
// pipes: who reads those wants whole lines.
func columns(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
		return width
	}
	return usualWidth
}

// wrapped breaks the lines of text at blanks so that none has more than width columns; 0 is no limit. What is broken
// goes on below the line's first word: its indent, and the mark of a list or of output, are kept free. A word that is
// wider, as an address may be, stays whole: it can still be selected, and the terminal itself goes on in the next row.
// A column is a character, which is so in the languages that the assistant speaks. What whole gave is not broken.
func wrapped(text string, width int) string {
	if width <= 0 {
		return strings.ReplaceAll(text, glue, " ")
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if utf8.RuneCountInString(line) > width {
			lines[i] = wrappedLine(line, width)
		}
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), glue, " ")
}

// glue is a blank at which no line is broken.
const glue = "\u00a0"

// whole is a command as a part of a sentence: it is to be copied in one piece.
func whole(command string) string { return strings.ReplaceAll(command, " ", glue) }

// wrappedLine breaks one line. The blanks at its end, as after a question, stay.
func wrappedLine(line string, width int) string {
	start := hanging(line)
	body := strings.TrimRight(line[start:], " ")
	tail := line[start+len(body):]
	indent := strings.Repeat(" ", start)
	if start > width/2 { // no room is left below it
		indent = ""
	}
	var b strings.Builder
	b.WriteString(line[:start])
	column, first := start, true
	for word := range strings.SplitSeq(body, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case first:
			first = false
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String() + tail
}

// hanging is how many bytes, and columns, come before the text of a line: blanks, and then "- " of a list or "| " of a
// program's output.
func hanging(line string) int {
	text := strings.TrimLeft(line, " ")
	if strings.HasPrefix(text, "- ") || strings.HasPrefix(text, "| ") {
		text = strings.TrimLeft(text[1:], " ")
	}
	return len(line) - len(text)
}
