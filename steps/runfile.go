package steps

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"example.com/enrollment-assistant/platform"
)

// runFile is run.json in the user's state folder. It saves bytes and questions; it is never believed about the
// computer, so deleting it, or its being damaged, costs only time.
type runFile struct {
	ID       string    `json:"id"` // names the run in the log
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
	// Enrolled is when a run of this user last came to its end, and no other has begun to install since.
	Enrolled time.Time `json:"enrolled,omitzero"`
	Verdicts []Verdict `json:"verdicts,omitempty"` // the last ones, with their time
	// System is the system's id in the API, as it was last seen.
	System string `json:"system,omitempty"`
	// Region is the one that was chosen, for a report; a run that goes on offers it first.
	Region platform.Region `json:"region,omitempty"`
	// Problem is the last one of this run; nil when there was none, or the person went on from it.
	Problem *toldProblem `json:"problem,omitempty"`

	path string
}

// toldProblem is a problem as it was told, and when. Details are for the help desk.
type toldProblem struct {
	Time    time.Time `json:"time"`
	Code    Code      `json:"code"`
	Step    Step      `json:"step"`
	Summary string    `json:"summary"`
	Hint    string    `json:"hint,omitempty"`
	Details string    `json:"details,omitempty"`
}

// readRunFile reads dir/run.json as it is; nil when there is none that can be read.
func readRunFile(dir string) *runFile {
	if dir == "" {
		return nil
	}
	old := &runFile{path: filepath.Join(dir, "run.json")}
	b, err := os.ReadFile(old.path)
	if err != nil || json.Unmarshal(b, old) != nil || len(old.ID) > 64 {
		return nil
	}
	return old
}

// openRunFile reads dir/run.json. A run that was not finished goes on under its id; everything else begins a new one.
// An empty dir gives one that is not kept.
func openRunFile(dir string, now time.Time) *runFile {
	fresh := &runFile{ID: rand.Text(), Started: now}
	if dir == "" {
		return fresh
	}
	fresh.path = filepath.Join(dir, "run.json")
	sweepRunFiles(dir)
	old := readRunFile(dir)
	if old == nil {
		return fresh
	}
	fresh.Enrolled, fresh.Verdicts, fresh.System = old.Enrolled, old.Verdicts, old.System
	if old.ID != "" && old.Finished.IsZero() {
		fresh.ID, fresh.Started, fresh.Region = old.ID, old.Started, old.Region
	}
	return fresh
}

// sweepRunFiles removes what a run left that ended within save. One that saves just now says that it could not.
func sweepRunFiles(dir string) {
	left, err := filepath.Glob(filepath.Join(dir, ".run-*"))
	if err != nil {
		return // only of a folder whose name is a pattern
	}
	for _, path := range left {
		_ = os.Remove(path) // it is tried again at the next start
	}
}

// save writes the file.
func (r *runFile) save() error {
	if r.path == "" {
		return nil
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing run.json: %w", err)
	}
	if err := replaceFile(r.path, b); err != nil {
		return fmt.Errorf("writing run.json: %w", err)
	}
	return nil
}

// replaceFile writes a file for this user alone, so that a reader sees the old or the new one, never a part.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".run-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		if gone := os.Remove(f.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// keep replaces the verdict of that name.
func (r *runFile) keep(v Verdict) {
	for i := range r.Verdicts {
		if r.Verdicts[i].Name == v.Name {
			r.Verdicts[i] = v
			return
		}
	}
	r.Verdicts = append(r.Verdicts, v)
}
