//go:build !windows

package platform

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// cooldown is how long a command that was told to end may take to do so.
const cooldown = 10 * time.Second

// runCommand runs one of the vendor's or the system's programs to its end, whatever happens on the channel, with
// input as its stdin, in a session of its own so that the terminal's signals do not reach it. It reports each line
// and gives the last ones. The input comes once the command is noted, and whole: a run that is killed has either left
// a command that the next one waits for, or one that reads nothing and ends.
func (s *session) runCommand(phase Phase, limit time.Duration, input []byte, name string, args ...string) ([]string, error) {
	path := command(name)
	if path == "" {
		return nil, &exec.Error{Name: name, Err: exec.ErrNotFound}
	}
	stdin, feed, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("preparing stdin: %w", err)
	}
	defer func() { _, _ = stdin.Close(), feed.Close() }()
	if err := roomFor(feed, len(input)); err != nil {
		return nil, fmt.Errorf("preparing stdin: %w", err)
	}
	r, w, err := lastingPipe()
	if err != nil {
		return nil, fmt.Errorf("preparing stdout: %w", err)
	}
	defer func() { _ = r.Close() }()
	cmd := exec.Command(path, args...) //nolint:noctx // never cut short by a context: the vendor's command is finished
	cmd.Env, cmd.Dir = s.scriptEnv(), "/"
	if phase == PhaseInstallPackage || phase == PhaseFetchScript {
		cmd.Env = append(cmd.Env, "LC_ALL=C.UTF-8") // what it says of its lock, and of the script, is read
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, w, w
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	s.log.Info("command", "phase", phase, "path", path, "args", args)
	err = cmd.Start()
	_, _ = w.Close(), stdin.Close()
	if err != nil {
		return nil, err
	}
	defer s.noteCommand(cmd.Process.Pid)()
	go func() { _, _ = feed.Write(input); _ = feed.Close() }() // one that ends early reads no more of it
	lines := make(chan []string, 1)
	go func() { lines <- s.readLines(phase, r) }()
	err = waitFor(cmd, limit)
	// What it started and left running may hold the pipe open for ever.
	_ = r.SetReadDeadline(time.Now().Add(time.Second))
	return <-lines, err
}

// waitFor waits for a command; one that does not end in time is told to, and then ended, with all of its session.
func waitFor(cmd *exec.Cmd, limit time.Duration) error {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(limit):
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-ended: //nolint:errcheck // how it ended after being told to says nothing
	case <-time.After(cooldown):
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended //nolint:errcheck // as above
	}
	return errTooLong
}

// readLines reports what a program prints. Progress bars end their lines with a carriage return.
func (s *session) readLines(phase Phase, r *os.File) []string {
	var kept []string
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, maxLine), maxLine)
	scanner.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
			return i + 1, data[:i], nil
		}
		if atEOF && len(data) == 0 {
			return 0, nil, nil
		}
		if atEOF || len(data) >= maxLine {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	for scanner.Scan() {
		if line := s.line(phase, scanner.Text()); line != "" {
			kept = append(kept, line)
			kept = kept[max(0, len(kept)-keptLines):]
		}
	}
	return kept
}
