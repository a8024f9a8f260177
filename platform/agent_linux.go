package platform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

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

// installedVersion asks the package databases. Both may be there: rpm can be installed on Debian. An agent that is half
// installed has a version too.
func installedVersion(ctx context.Context) (string, bool) {
	half := ""
	if text, err := query(ctx, askDpkgDatabase[0], askDpkgDatabase[1:]...); err == nil {
		version, ok := parseDpkgQuery(text)
		if ok {
			return version, true
		}
		half = version
	}
	text, err := query(ctx, askRPMDatabase[0], askRPMDatabase[1:]...)
	if err != nil {
		return half, false
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
