//go:build pc

package main

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// The workflow's PC has no graphics card, and so no OpenGL that a window could be drawn with: the window's program, as it
// is double-clicked, goes on in a console that it opens.
func TestPC_NoOpenGL(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	s.furnish(p)
	p.copyProgram("assistant.exe", pcWindow)
	cmd := exec.Command(pcWindow)
	must(t, cmd.Start())
	t.Cleanup(func() {
		p.run("taskkill", "/F", "/T", "/PID", strconv.Itoa(cmd.Process.Pid)) // what it started as well
		_ = cmd.Process.Kill()                                               // it has ended
		_ = cmd.Wait()                                                       // its code is that of the kill
	})
	p.until("it asks in a console", func() bool {
		said := p.logs()
		return strings.Contains(said, `"msg":"a console is open"`) && strings.Contains(said, `"msg":"step"`) && strings.Contains(said, `"step":"welcome"`)
	})
}
