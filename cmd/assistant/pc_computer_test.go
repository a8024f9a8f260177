//go:build pc

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// pcPatience is the most that anything may take on a busy computer.
const pcPatience = 5 * time.Minute

// has tells whether a file is there.
func (p *pc) has(name string) bool {
	_, err := os.Stat(p.path(name))
	return err == nil
}

// read gives a file of the computer; empty when there is none.
func (p *pc) read(name string) string {
	raw, err := os.ReadFile(p.path(name))
	if err != nil {
		return ""
	}
	return string(raw)
}

// run runs a program of the computer to its end and gives what it printed and its exit code. It may be called when the
// test is over, to clear up.
func (p *pc) run(args ...string) (string, int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.Context()), pcPatience)
	defer cancel()
	cmd := p.command(ctx, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // the code says it
	if cmd.ProcessState == nil || ctx.Err() != nil {
		p.t.Fatalf("%.60q did not end: %v", args, ctx.Err())
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// until waits until something on the computer is so.
func (p *pc) until(what string, is func() bool) {
	p.t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	late := time.After(pcPatience)
	for !is() {
		select {
		case <-look.C:
		case <-late:
			p.t.Fatalf("after %s it is not so: %s\n%s", pcPatience, what, p.read(agentLog))
		}
	}
}

// output runs a program that must succeed.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return string(out)
}

// write puts a file on the computer.
func (p *pc) write(name, content string) {
	p.t.Helper()
	must(p.t, os.MkdirAll(filepath.Dir(p.path(name)), 0o755))
	must(p.t, os.WriteFile(p.path(name), []byte(content), 0o644))
}

// patience is a context that ends when anything has taken too long.
func (p *pc) patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.t.Context(), pcPatience)
}
