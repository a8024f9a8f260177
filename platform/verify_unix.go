//go:build !windows

package platform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/creack/pty"
)

// dsclPrompt is what dscl asks with, on the terminal, once it has switched the echo off: getpass(3).
const dsclPrompt = "assword:"

// askDscl has the dscl at path verify a password. It gets it from a terminal, where it asks for one that is not among
// its arguments: those can be read by everybody.
func askDscl(ctx context.Context, path, name string, password Secret) error {
	if err := verifiable(name, password); err != nil {
		return err
	}
	// A terminal would take them for its own.
	if strings.ContainsFunc(password.Reveal(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errors.New("verifying the account: the password has a control character")
	}
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "/Local/Default", "-authonly", name)
	cmd.Env, cmd.Dir = []string{"LC_ALL=C", "PATH=" + safePath}, "/"
	// What it finds is not read from the terminal: that may lose the last words of a program that ends right after them.
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said
	terminal, err := pty.Start(cmd)
	if err != nil {
		return fmt.Errorf("verifying the account: %w", err)
	}
	answerDscl(terminal, password)
	ended := cmd.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("verifying the account: %w", ctx.Err())
	}
	return explainDscl(said.String(), ended)
}

// answerDscl types the password when it is asked for, once, and reads on until nobody has the terminal any more.
func answerDscl(terminal *os.File, password Secret) {
	defer func() { _ = terminal.Close() }()
	var asked bytes.Buffer
	typed := false
	for part := make([]byte, 1024); ; {
		n, err := terminal.Read(part)
		asked.Write(part[:n])
		if err != nil || asked.Len() > maxPrinted {
			return // a terminal whose program has ended gives an error on Linux
		}
		if !typed && bytes.Contains(asked.Bytes(), []byte(dsclPrompt)) {
			typed = true
			line := []byte(password.Reveal() + "\n")
			_, err := terminal.Write(line)
			clear(line)
			if err != nil {
				return
			}
		}
	}
}
