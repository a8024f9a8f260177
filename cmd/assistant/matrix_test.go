//go:build matrix && linux

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/server-stub/stub"
	"example.com/enrollment-assistant/steps"
)

// cell is one fault at one step of an enrollment.
type cell struct {
	step    string // where the fault is met: a step, or "profile" for what comes before them
	fault   string
	way     platform.Way
	because cause

	after   steps.Step   // the fault comes when this step begins; empty: it is there from the start
	faults  []stub.Fault // for the cell's own server
	profile func(map[string]any)
	arrange func(*scene) error // what else is to be done before the fault comes …
	ready   func(*scene) error // … and when it is there
	account bool               // signs in, instead of bringing a key
	flags   []string           // besides those that every run has
	slow    bool               // a deadline of the assistant, of minutes, is what ends it
}

// name tells cells apart.
func (c cell) name() string { return fmt.Sprintf("%s/%s/%s", c.step, c.fault, c.way) }

// cellEnd is how a cell's run ended.
type cellEnd struct {
	cell
	exit     int
	problem  *steps.Problem // nil: the fault was overcome
	sentence string         // what a person reads
	hung     bool
	wrong    []string // what is wrong with it
	took     time.Duration
}

// How long a run may take. A cell that waits for a deadline of the assistant has that deadline and some time more;
// whoever reads the page sees meanwhile what is waited for.
const (
	soon  = 180 * time.Second // the computer may be busy with other cells
	later = 330 * time.Second
)

// How many cells run at once. Those that wait for a deadline do nothing meanwhile.
const (
	workers = 4
	waiters = 24
)

// TestMatrix plays every fault at every step where it can occur, by the real program, and judges what a person is told.
// MATRIX_OUT names a file for the table; MATRIX_TENTH=n plays a tenth of the cells, n being a digit; MATRIX_ONLY plays
// those whose name contains a text.
func TestMatrix(t *testing.T) {
	m := newMatrix(t)
	cells := chosen(t, m.cells())
	results := make([]cellEnd, len(cells))
	var running sync.WaitGroup
	quick, slow := make(chan struct{}, workers), make(chan struct{}, waiters)
	for i, c := range cells {
		slots := quick
		if c.slow {
			slots = slow
		}
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = m.play(c)
		})
	}
	running.Wait()
	text, good := table(results)
	t.Log("\n" + text)
	if out := os.Getenv("MATRIX_OUT"); out != "" {
		need(t, os.WriteFile(out, []byte(text), 0o600))
	}
	if !good {
		t.Error("not every cell is explained")
	}
}

// chosen gives the cells to play, and fails where two have one name.
func chosen(t *testing.T, all []cell) []cell {
	t.Helper()
	tenth, only := os.Getenv("MATRIX_TENTH"), os.Getenv("MATRIX_ONLY")
	names := map[string]bool{}
	var cells []cell
	for _, c := range all {
		if names[c.name()] {
			t.Fatalf("two cells are called %s", c.name())
		}
		names[c.name()] = true
		if inTenth(c.name(), tenth) && strings.Contains(c.name(), only) {
			cells = append(cells, c)
		}
	}
	if len(cells) == 0 {
		t.Fatal("no cell is chosen")
	}
	return cells
}

// scene is one cell's server, folder and program under way.
type scene struct {
	*matrix
	server *stub.Server
	at     stub.Addresses
	dir    string
	key    string
	ids    []string // of the faults
}

// play runs one cell.
func (m *matrix) play(c cell) (r cellEnd) {
	r.cell = c
	begun := time.Now()
	defer func() { r.took = time.Since(begun) }()
	fail := func(err error) cellEnd {
		r.wrong = append(r.wrong, "the cell could not be played: "+err.Error())
		return r
	}
	s, err := m.newScene(c)
	if err != nil {
		return fail(err)
	}
	defer s.end()
	r, err = s.run(c, r)
	if err != nil {
		return fail(err)
	}
	r.wrong = append(r.wrong, judge(r)...)
	if !r.hung && !s.met() {
		r.wrong = append(r.wrong, "the fault was never met")
	}
	return r
}

// run starts the program, brings the fault when its step begins, and waits until the program ends.
func (s *scene) run(c cell, r cellEnd) (cellEnd, error) {
	limit := soon
	if c.slow {
		limit = later
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	args := append([]string{"enroll", "--json", "--profile", filepath.Join(s.dir, "profile.json"), "--root", filepath.Join(s.dir, "root"),
		"--answers", filepath.Join(s.dir, "answers.json")}, c.flags...)
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "assistant-cli"), args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "XDG_STATE_HOME=" + filepath.Join(s.dir, "state"), "TMPDIR=" + s.dir, "LANG=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	events, write, err := narrowPipe()
	if err != nil {
		return r, err
	}
	defer func() { _ = events.Close() }()
	cmd.Stdout = write
	err = cmd.Start()
	_ = write.Close()
	if err != nil {
		return r, err
	}
	brought := c.after == ""
	waited := make(chan error, 1)
	go func() { waited <- cmd.Wait() }()
	in := json.NewDecoder(events)
	for {
		var e steps.Event
		if in.Decode(&e) != nil {
			break
		}
		if e.Kind == steps.KindStep && e.Step == c.after && !brought {
			brought = true
			if err := s.bring(c); err != nil {
				return r, err
			}
		}
		if e.Kind == steps.KindFinished {
			r.problem = e.Problem
			r.sentence = overcome
		}
	}
	<-waited //nolint:errcheck // its exit code says more
	r.exit, r.hung = cmd.ProcessState.ExitCode(), ctx.Err() != nil
	if r.problem != nil || r.exit != 0 {
		r.sentence = strings.TrimSpace(stderr.String())
	}
	if s.key != "" && strings.Contains(stderr.String(), s.key) {
		r.wrong = append(r.wrong, "the key is shown")
	}
	return r, nil
}

// overcome is what stands in the table for a run that ended well in spite of the fault.
const overcome = "(goes on, and ends online)"

// table gives a line for each cell, what is wrong, and the line of figures.
func table(all []cellEnd) (text string, good bool) {
	slices.SortStableFunc(all, func(a, b cellEnd) int { return cmp.Compare(slices.Index(rows, a.step), slices.Index(rows, b.step)) })
	var b strings.Builder
	explained, hung := 0, 0
	for _, r := range all {
		code, again := "ok", "-"
		if r.problem != nil {
			code, again = string(r.problem.Code), "no"
			if r.problem.Retry {
				again = "again"
			}
		}
		fmt.Fprintf(&b, "%-12s %-7s %-38s %3d %-15s %-5s %4.0fs  %s\n", r.step, r.way, r.fault, r.exit, code, again, r.took.Seconds(),
			strings.ReplaceAll(r.sentence, "\n", " "))
		for _, w := range r.wrong {
			fmt.Fprintf(&b, "    WRONG: %s\n", w)
		}
		if r.hung {
			hung++
		}
		if len(r.wrong) == 0 && !r.hung {
			explained++
		}
	}
	fmt.Fprintf(&b, "matrix cells=%d explained=%d hung=%d\n", len(all), explained, hung)
	return b.String(), explained == len(all)
}
