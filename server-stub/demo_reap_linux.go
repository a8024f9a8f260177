package main

import (
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one line of the process table.
type process struct {
	pid    int
	zombie bool
}

// childrenOf reads the process table: proc_pid_stat(5).
func childrenOf(parent int) []process {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var list []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // it ended meanwhile
		}
		// The name, in brackets, may hold anything; state and parent follow the last bracket.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			list = append(list, process{pid, fields[0] == "Z"})
		}
	}
	return list
}

// killDescendants ends every process below this one. What a killed process had started becomes a child of this one,
// which is a subreaper, and is killed in the next round.
func killDescendants() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 && err != syscall.EINTR { //nolint:errorlint // a bare errno
				break
			}
		}
		list := childrenOf(os.Getpid())
		if len(list) == 0 {
			return
		}
		for _, p := range list {
			_ = syscall.Kill(p.pid, syscall.SIGKILL) // it may have ended
		}
		<-tick.C
	}
}

// nursery starts programs and waits for the orphans that come to this process, so that no zombie is taken for a
// running agent.
type nursery struct {
	mu  sync.Mutex
	own []int // started here; os/exec waits for them
}

// adopt waits for orphans until done is closed.
func (n *nursery) adopt(done <-chan struct{}) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	defer signal.Stop(signals)
	for {
		select {
		case <-done:
			return
		case <-signals:
		}
		n.mu.Lock()
		for _, p := range childrenOf(os.Getpid()) {
			if p.zombie && !slices.Contains(n.own, p.pid) {
				_, _ = syscall.Wait4(p.pid, nil, syscall.WNOHANG, nil) // killDescendants may have been first
			}
		}
		n.mu.Unlock()
	}
}

// run runs a program to its end. It is killed with this process.
func (n *nursery) run(cmd *exec.Cmd) error {
	ended := make(chan error, 1)
	go func() {
		// The signal comes when the thread ends that started the program, so the thread stays as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		n.mu.Lock()
		err := cmd.Start()
		if err == nil {
			n.own = append(n.own, cmd.Process.Pid)
		}
		n.mu.Unlock()
		if err == nil {
			err = cmd.Wait()
		}
		ended <- err
	}()
	return <-ended
}
