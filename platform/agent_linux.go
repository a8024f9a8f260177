package platform

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// commandFolders is where commands are looked for. Never PATH: it is the user's.
var commandFolders = []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin"}

// command gives the absolute path of one of the system's commands, "" when it is not there.
func command(name string) string {
	for _, folder := range commandFolders {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

// query runs a command that only reads and gives what it printed, in the C locale.
func query(ctx context.Context, name string, args ...string) (string, error) {
	path := command(name)
	if path == "" {
		return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = []string{"LC_ALL=C", "PATH=" + safePath}
	var out bytes.Buffer
	cmd.Stdout = &out
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	return out.String(), err
}

// shallowState tells what an ordinary user can see of the agent.
func shallowState(ctx context.Context, root string) (AgentState, error) {
	if root != "" {
		return sandboxState(root)
	}
	var s AgentState
	s.Version, s.Installed = installedVersion(ctx)
	text, err := query(ctx, askSystemd[0], askSystemd[1:]...)
	if err == nil {
		s.Service = parseSystemctlShow(text, time.Now(), uptime())
	}
	return s, ctx.Err()
}

// installedVersion asks the package databases. Both may be there: rpm can be installed on Debian.
func installedVersion(ctx context.Context) (string, bool) {
	if text, err := query(ctx, askDpkgDatabase[0], askDpkgDatabase[1:]...); err == nil {
		if version, ok := parseDpkgQuery(text); ok {
			return version, true
		}
	}
	text, err := query(ctx, askRPMDatabase[0], askRPMDatabase[1:]...)
	if err != nil {
		return "", false
	}
	return strings.TrimSpace(text), true
}

// uptime is the monotonic clock that systemd stamps units with.
func uptime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// sandboxState reads the agent of a test build's sandbox, where it is a plain process.
func sandboxState(root string) (AgentState, error) {
	var s AgentState
	version, err := readEnd(filepath.Join(root, agentVersion))
	if err != nil {
		return s, err
	}
	s.Version = strings.TrimSpace(string(version))
	s.Installed = s.Version != ""
	s.Service.Exists = exists(filepath.Join(root, agentBinary))
	pid, since, ok := sandboxPID(root)
	if ok && alive(pid) {
		s.Service.Running, s.Service.State, s.Service.Since = true, "active/running", since.Truncate(time.Second)
	} else if s.Service.Exists {
		s.Service.State = "inactive/dead"
	}
	return s, nil
}

// sandboxPID reads the agent's pid file and its age.
func sandboxPID(root string) (pid int, since time.Time, ok bool) {
	path := filepath.Join(root, agentPID)
	info, err := os.Stat(path)
	if err != nil {
		return 0, time.Time{}, false
	}
	pid, err = strconv.Atoi(strings.TrimSpace(readText(path)))
	return pid, info.ModTime(), err == nil && pid > 1
}

// alive tells whether a process runs; one that ended and was not waited for does not.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	// The state follows the name, which may hold anything, in brackets: proc_pid_stat(5).
	stat := readText("/proc/" + strconv.Itoa(pid) + "/stat")
	_, state, ok := strings.Cut(stat[max(0, strings.LastIndexByte(stat, ')')):], ") ")
	return ok && !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}
