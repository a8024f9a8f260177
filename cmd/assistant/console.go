package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// console prints lines and asks for lines, one question at a time. What is printed while a question is open stands on
// lines of its own, and the question follows again, so that nobody has to remember it.
type console struct {
	// in is read byte by byte: what is typed ahead belongs to the next question, which may be one without echo.
	in  *os.File
	out io.Writer

	mu     sync.Mutex
	prompt string // of the open question, or empty

	// unread is the line of a question that ended by itself, as the one for Full Disk Access does: reading a terminal
	// cannot be cut short, so that line is the next question's. Nil when nothing reads.
	unread chan typed
}

// print writes text as lines.
func (c *console) print(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.prompt == "" {
		say(c.out, text)
		return
	}
	say(c.out, "\n"+text)
	c.showPrompt()
}

// typed is an answer to a question, or why there is none.
type typed struct {
	text []byte
	err  error
}

// ask shows the prompt and gives the line that is typed, without spaces around it. The end of the input is
// steps.ErrQuit. When ctx ends first, a terminal that echoed nothing echoes again.
func (c *console) ask(ctx context.Context, prompt string, hidden bool) (string, error) {
	fd := int(c.in.Fd())
	if hidden && c.unread != nil { // it would be echoed: whatever is typed there is no secret yet
		if _, err := c.ask(ctx, assets.Text("cli.ask.enter"), false); err != nil {
			return "", err
		}
	}
	c.open(prompt + " ")
	defer c.open("")
	restore := func() {}
	if state, err := term.GetState(fd); err == nil {
		restore = func() { _ = term.Restore(fd, state) }
	}
	answer := c.unread
	if answer == nil {
		answer = make(chan typed, 1)
		go func() {
			text, err := c.read(fd, hidden)
			answer <- typed{text, err}
		}()
	}
	select {
	case <-ctx.Done():
		c.unread = answer
		restore()
		say(c.out, "")
		return "", ctx.Err()
	case a := <-answer:
		c.unread = nil
		defer clear(a.text)
		if hidden {
			say(c.out, "") // the line end that was not echoed
		}
		if a.err != nil {
			return "", steps.ErrQuit
		}
		return strings.TrimSpace(string(a.text)), nil
	}
}

// open notes which question is open and shows it.
func (c *console) open(prompt string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prompt = prompt
	c.showPrompt()
}

// showPrompt shows the open question; the lock is held.
func (c *console) showPrompt() { _, _ = io.WriteString(c.out, wrapped(c.prompt, columns(c.out))) }

// read reads one line, from a terminal without echo where it is hidden.
func (c *console) read(fd int, hidden bool) ([]byte, error) {
	if hidden && term.IsTerminal(fd) {
		return term.ReadPassword(fd)
	}
	var line []byte
	one := make([]byte, 1)
	for {
		n, err := c.in.Read(one)
		switch {
		case n == 1 && one[0] == '\n':
			return bytes.TrimSuffix(line, []byte("\r")), nil
		case n == 1:
			line = append(line, one[0])
		case err != nil && len(line) > 0:
			return line, nil
		case err != nil:
			return nil, err
		}
	}
}

// line asks for a line that may be seen. "back" and "quit" are answers to every question.
func (c *console) line(ctx context.Context, prompt string) (string, error) {
	text, err := c.ask(ctx, prompt, false)
	if err != nil {
		return "", err
	}
	return text, leaving(text)
}

// secret asks for a line that is not shown. Where words is true "back" and "quit" are answers here too; a password may
// be such a word, so there an empty line is the way back.
func (c *console) secret(ctx context.Context, prompt string, words bool) (platform.Secret, error) {
	text, err := c.ask(ctx, prompt, true)
	if err != nil {
		return platform.Secret{}, err
	}
	if words {
		err = leaving(text)
	} else if text == "" {
		err = steps.ErrBack
	}
	if err != nil {
		return platform.Secret{}, err
	}
	return platform.NewSecret(text), nil
}

// leaving gives the error that the words back and quit stand for.
func leaving(text string) error {
	switch {
	case isWord(text, "back"):
		return steps.ErrBack
	case isWord(text, "quit"), strings.EqualFold(text, "q"):
		return steps.ErrQuit
	}
	return nil
}
