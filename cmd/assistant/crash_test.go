//go:build crash && linux

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// victim is whom kill -9 meets.
type victim string

// The victims.
const (
	theAssistant victim = "assistant"
	theElevated  victim = "elevated side"
	theAgent     victim = "agent"
	theStub      victim = "stub"
)

// crashPoint is one moment at which one of the four is killed.
type crashPoint struct {
	way    platform.Way
	victim victim
	what   string // the moment

	// One of these says when it is.
	at      func(steps.Event) bool // an event that the assistant tells
	held    string                 // a point of the service, whose answer is held back
	dripped string                 // the same, once the service did what was asked and answers slowly
	file    string                 // a file, below the person's folder, and …
	nth     int                    // … how many times a program has touched it

	slow bool // the package comes slowly
}

func (p crashPoint) name() string { return fmt.Sprintf("%s/%s/%s", p.way, p.victim, p.what) }

// crashWorkers is how many points are played at once. Most of the time of each, a service has to be seen to run for a while.
const crashWorkers = 6

// TestProve_Crash kills the assistant, its elevated side, the agent and the server, one at each moment of an enrollment,
// starts what was killed again with the same answers, and looks at what there is in the end: one device in the stub's
// model, one mail for each admin, no rule of the stub's broken, an assistant that ends online, and nothing left of the
// run that died. CRASH_TENTH=n plays a tenth of the points, n being a digit; CRASH_ONLY those whose name has a text.
func TestProve_Crash(t *testing.T) {
	var tried, held atomic.Int64
	defer func() { fmt.Printf("proof crash tried=%d held=%d\n", tried.Load(), held.Load()) }()
	l := newCrashLab(t)
	points := slices.DeleteFunc(crashPoints(), func(p crashPoint) bool {
		return !inTenth(p.name(), os.Getenv("CRASH_TENTH")) || !strings.Contains(p.name(), os.Getenv("CRASH_ONLY"))
	})
	if len(points) == 0 {
		t.Fatal("no point is chosen")
	}
	seen := map[string]bool{}
	slots := make(chan struct{}, crashWorkers)
	var playing sync.WaitGroup
	var table sync.Mutex
	for _, p := range points {
		if seen[p.name()] {
			t.Fatalf("two points are called %s", p.name())
		}
		seen[p.name()] = true
		tried.Add(1)
		playing.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			begun := time.Now()
			wrong := l.play(p)
			table.Lock()
			defer table.Unlock()
			t.Logf("%4.0fs  %s", time.Since(begun).Seconds(), p.name())
			for _, w := range wrong {
				t.Errorf("%s: %s", p.name(), w)
			}
			if len(wrong) == 0 {
				held.Add(1)
			}
		})
	}
	playing.Wait()
}

// play runs one point and says what is wrong.
func (l *crashLab) play(p crashPoint) (wrong []string) {
	s, err := l.newScene(p)
	if err != nil {
		return []string{"the point could not be played: " + err.Error()}
	}
	defer s.end()
	first, err := s.struck(p)
	if err != nil {
		return []string{"the point could not be played: " + err.Error() + first.tail()}
	}
	runs := []*crashRun{first}
	if first.exit != 0 {
		second, err := s.run("", 0)
		if err != nil {
			return []string{"starting again: " + err.Error()}
		}
		second.follow(s, nil)
		runs = append(runs, second)
	}
	return s.judge(runs)
}

// struck runs the assistant until the point, kills the victim, and sees the run to its end. A service that does not go
// on is stopped by the person after a while; so is a run of which nothing more is to be expected.
func (s *crashScene) struck(p crashPoint) (*crashRun, error) {
	if err := s.prepare(p); err != nil {
		return nil, err
	}
	r, err := s.run(p.file, p.nth)
	if err != nil {
		return nil, err
	}
	if p.file != "" { // strace kills
		r.follow(s, nil)
		if r.killed() || p.victim == theElevated && r.exit != 0 {
			return r, nil
		}
		return r, fmt.Errorf("%s was not touched %d times", p.file, p.nth)
	}
	hit := false
	strike := func() {
		hit = true
		err = s.kill(p.victim, r)
	}
	if p.at != nil {
		r.follow(s, func(e steps.Event) {
			if !hit && p.at(e) {
				strike()
			}
		})
	} else {
		r.followUntil(s, s.awaited(p), strike)
	}
	if err == nil && !hit {
		err = fmt.Errorf("the run ended before it: exit code %d", r.exit)
	}
	return r, err
}
