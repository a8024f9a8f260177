//go:build laptop

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bootWithin is how long a machine may take to boot; it needs about two seconds.
const bootWithin = time.Minute

// guest is a booted computer: a Debian of its own, with its own systemd, users, polkit and package database, that
// shares the network of this one, so that the stub's loopback addresses are its own too, unless it has a cable. It lives
// in memory over a root folder that it cannot change, and all its processes end with this test's, however that ends.
type guest struct {
	t      *testing.T
	name   string
	leader int // its first process
}

// boot starts a machine without a screen and waits until its systemd says that everything is up.
func (l *lab) boot(t *testing.T, name string) *guest {
	t.Helper()
	return l.bootFrom(t, l.image, name)
}

// bootFrom starts a machine with a root folder. It ends with the test.
func (l *lab) bootFrom(t *testing.T, image, name string, options ...string) *guest {
	t.Helper()
	began := time.Now()
	g := &guest{t: t, name: fmt.Sprintf("laptop-%d-%s", os.Getpid(), name)}
	groups := l.cgroups(g.name)
	ready := filepath.Join(l.dir, name+".ready")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: ready, Net: "unixgram"})
	must(t, err)
	defer func() { _ = socket.Close() }()
	log, err := os.Create(filepath.Join(l.dir, name+".boot"))
	must(t, err)
	defer func() { _ = log.Close() }()
	// A process namespace around the machine: when its first process is killed, the kernel kills all the others.
	// Each machine has a control group of its own, or two of them would take each other's units for theirs.
	args := append([]string{"-c", `for g in "$@"; do echo $$ >"$g/cgroup.procs"; done
exec unshare --pid --fork --kill-child --mount-proc systemd-nspawn --quiet --directory="$IMAGE" --machine="$NAME" \
	--volatile=overlay --register=no --keep-unit --console=pipe --notify-ready=yes $OPTIONS --boot`, "sh"}, groups...)
	cmd := exec.Command("/bin/sh", args...)
	cmd.Env = append(plainEnv(), "IMAGE="+image, "NAME="+g.name, "NOTIFY_SOCKET="+ready, "OPTIONS="+strings.Join(options, " "))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	must(t, cmd.Start())
	end := sync.OnceFunc(func() {
		endNamespace(cmd)
		_ = cmd.Wait() // it was killed
		l.removeTraces(g.name, groups)
	})
	l.onClose(end) // an interrupt leaves out what a test cleans up
	t.Cleanup(end)
	if err := awaitReady(socket); err != nil {
		out, _ := os.ReadFile(log.Name())
		t.Fatalf("booting %s: %v\n%s", g.name, err, out)
	}
	keeper, err := onlyChild(cmd.Process.Pid)
	must(t, err)
	g.leader, err = onlyChild(keeper)
	must(t, err)
	g.check("systemctl is-system-running")
	t.Logf("booted in %.1f s", time.Since(began).Seconds())
	return g
}

// in gives the same machine for a part of a test.
func (g *guest) in(t *testing.T) *guest { return &guest{t: t, name: g.name, leader: g.leader} }

// awaitReady waits for the message by which the machine's systemd says that it is up.
func awaitReady(socket *net.UnixConn) error {
	if err := socket.SetReadDeadline(time.Now().Add(bootWithin)); err != nil {
		return err
	}
	buf := make([]byte, 4096)
	for {
		n, err := socket.Read(buf)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(buf[:n])) {
			if strings.TrimSpace(line) == "READY=1" {
				return nil
			}
		}
	}
}

// onlyChild gives the one child of a process: systemd-nspawn is unshare's, and the machine's first process is its own.
func onlyChild(pid int) (int, error) {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(children)))
}

// plainEnv is an environment that says nothing of this computer.
func plainEnv() []string {
	return []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "TERM=dumb"}
}

// outcome is how a command in the guest ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// command prepares a command that runs in the guest as root.
func (g *guest) command(ctx context.Context, args ...string) *exec.Cmd {
	enter := []string{"--target", strconv.Itoa(g.leader), "--all", "--"}
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, args...)...)
	cmd.Env = plainEnv()
	// nsenter starts another process in the machine; ending the group ends both.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// run runs a prepared command with stdin and tells how it ended.
func (g *guest) run(cmd *exec.Cmd, stdin string) outcome {
	g.t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		g.t.Fatalf("%s: %v", cmd, err)
	}
	return outcome{code: cmd.ProcessState.ExitCode(), stdout: out.String(), stderr: errs.String()}
}

// root runs a shell script as root.
func (g *guest) root(script string) outcome {
	g.t.Helper()
	return g.run(g.command(g.t.Context(), "/bin/sh", "-c", script), "")
}

// check runs a shell script as root that must end well, and gives what it printed.
func (g *guest) check(script string) string {
	g.t.Helper()
	o := g.root(script)
	if o.code != 0 {
		g.t.Fatalf("%s: exit code %d\n%s%s", script, o.code, o.stdout, o.stderr)
	}
	return strings.TrimSpace(o.stdout)
}

// put writes a file; owner is as chown wants it, mode in octal. Its folder is made, root's, when it is not there.
func (g *guest) put(path, owner, mode string, content []byte) {
	g.t.Helper()
	script := `mkdir -p "$(dirname "$1")" && rm -f "$1" && install -m 0600 /dev/null "$1" && cat >"$1" && chown "$2" "$1" && chmod "$3" "$1"`
	o := g.run(g.command(g.t.Context(), "/bin/sh", "-c", script, "sh", path, owner, mode), string(content))
	if o.code != 0 {
		g.t.Fatalf("writing %s: %s", path, o.stderr)
	}
}

// login gives the command line that runs a shell script as a person in a session of their own at the computer's seat,
// as if they had signed in there. tty says whether the session has a terminal.
func login(person string, tty bool, script string) []string {
	return loginTo("tty", person, tty, script)
}

// loginTo is login to a session of a type that logind knows: tty or x11.
func loginTo(session, person string, tty bool, script string) []string {
	kind := "--pipe"
	if tty {
		kind = "--pty"
	}
	// The command line has no dollar sign: systemd would expand it, and doubles it once more when somebody reloads its units
	// before this one runs, as an installer does.
	return []string{"systemd-run", "--quiet", "--wait", "--collect", kind, "--uid=" + person, "--property=WorkingDirectory=~",
		"--property=PAMName=login", "--setenv=XDG_SEAT=seat0", "--setenv=XDG_SESSION_TYPE=" + session, "--setenv=TERM=dumb",
		"--setenv=SCRIPT=unset SCRIPT; " + script, "/bin/sh", "-c", "eval \"`printenv SCRIPT`\""}
}

// as runs a shell script as a person who has no terminal and no dialog to answer: a script's place.
func (g *guest) as(person, script string) outcome {
	g.t.Helper()
	return g.run(g.command(g.t.Context(), login(person, false, script)...), "")
}
