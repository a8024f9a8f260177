//go:build bench && linux && !nogui

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// turns is how often each side of a comparison is measured. The median of them counts.
const turns = 15

// benchPatience is how long one thing that is measured may take; then it counts as not to be measured.
const benchPatience = 90 * time.Second

// ratios is the result: the lines that `make bench` ends with.
var ratios []string

// TestBench measures how fast and how light the assistant is, always against something that is measured in the same
// run, turn about: the computer it runs on is as slow for the one as for the other. It fails when something cannot be
// measured, never because of a figure. BENCH_BIN names the folder of the programs, BENCH_OUT the file for the result.
func TestBench(t *testing.T) {
	for _, b := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"window", benchWindow}, {"size", benchSize}, {"input", benchInput}, {"enroll", benchEnroll},
		{"checks", benchChecks}, {"download", benchDownload}, {"pages", benchPages},
	} {
		t.Run(b.name, b.run)
	}
	sure(t, os.WriteFile(os.Getenv("BENCH_OUT"), []byte(strings.Join(ratios, "\n")+"\n"), 0o600))
}

// sure ends a test that cannot go on.
func sure(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// program is one of the programs to measure.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(os.Getenv("BENCH_BIN"), name))
	sure(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: build it with `make bench`, which sets BENCH_BIN", err)
	}
	return path
}

// series is what was measured of one side, in any unit.
type series []float64

func (s series) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	if len(sorted) == 0 {
		return 0
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// spread is the middle half of what was measured.
func (s series) spread() (low, high float64) {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/4], sorted[len(sorted)-1-len(sorted)/4]
}

// comparison is one line of the result.
type comparison struct {
	name       string
	this, that series
	// thisIs and thatIs say what was compared; unit is that of both.
	thisIs, thatIs, unit string
	counted              string
	aim                  float64
	atLeast              bool // the aim is a least ratio
}

// turnAbout measures this, that, this, that … after one turn that does not count, which fills caches.
func (c *comparison) turnAbout(this, that func() float64) {
	for i := range turns + 1 {
		a, b := this(), that()
		if i > 0 {
			c.this, c.that = append(c.this, a), append(c.that, b)
		}
	}
}

// tell notes the line. A ratio of nothing is a failure.
func (c *comparison) tell(t *testing.T) {
	t.Helper()
	if len(c.this) == 0 || len(c.that) == 0 || c.this.median() <= 0 || c.that.median() <= 0 {
		t.Fatalf("%s: measured %v and %v", c.name, c.this, c.that)
	}
	sign := "at most"
	if c.atLeast {
		sign = "at least"
	}
	spread := func(s series) string {
		low, high := s.spread()
		return fmt.Sprintf("%.4g %s, half of them %.4g to %.4g", s.median(), c.unit, low, high)
	}
	line := fmt.Sprintf("ratio %s %.2f (%s: %s; against %s: %s; counted: %s; aim %s %.2f)", c.name, c.this.median()/c.that.median(),
		c.thisIs, spread(c.this), c.thatIs, spread(c.that), c.counted, sign, c.aim)
	t.Log(line)
	ratios = append(ratios, line)
}

// milliseconds is the time since start.
func milliseconds(start time.Time) float64 {
	return float64(time.Since(start)) / float64(time.Millisecond)
}

// benchSize compares the programs as shipped, without symbols.
func benchSize(t *testing.T) {
	megabytes := func(name string) series {
		info, err := os.Stat(program(t, name))
		sure(t, err)
		return series{float64(info.Size()) / 1e6}
	}
	c := comparison{
		name: "size", this: megabytes("assistant"), that: megabytes("bench/hello"), unit: "MB", aim: 1.5,
		thisIs: "bin/assistant", thatIs: "a Fyne hello-world", counted: "the stripped file",
	}
	c.tell(t)
}
