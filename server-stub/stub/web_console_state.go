package stub

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// typed is a text that a tester typed into the console, and what is wrong with it.
type typed struct{ Text, Wrong string }

// What the console's fields hold until somebody types: a fault, and a seed that the demo organization takes.
const (
	firstFault = "point: kickstart\nskip: 1\ntimes: 2\nstatus: 503\n"
	firstSeed  = "settings: {keyLifeSeconds: 60}\ndevices:\n  - {hostname: lab, count: 30, installedBy: nora, seenAgo: 48h}\n"
)

// consoleTyped takes a fault or a seed in YAML. One that cannot work stands there again, as it was typed, with the reason.
func (s *Server) consoleTyped(w http.ResponseWriter, r *http.Request) error {
	text := r.PostFormValue("text")
	switch r.PostFormValue("do") {
	case "fault":
		var f faultJSON
		err := readYAML([]byte(text), &f)
		if err == nil {
			err = s.addWired(&f)
		}
		if err == nil {
			return done(w, r, consolePath+"#faults", "armed", "Name", oneLine(f.Name, maxEchoed))
		}
		return s.drawConsole(w, r, http.StatusBadRequest, typed{text, err.Error()}, typed{Text: firstSeed})
	case "seed":
		seed, err := ParseSeed([]byte(text))
		if err == nil {
			err = s.Plant(r.Context(), seed)
		}
		if err == nil {
			return done(w, r, consolePath+"#states", "planted")
		}
		return s.drawConsole(w, r, http.StatusBadRequest, typed{Text: firstFault}, typed{text, err.Error()})
	}
	return ErrNotFound
}

// consoleKeep saves or restores by name, and says so.
func (s *Server) consoleKeep(act func(context.Context, string) error, sentence string) webFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		name := strings.TrimSpace(r.PostFormValue("name"))
		err := act(r.Context(), name)
		switch {
		case errors.Is(err, errBadRequest), errors.Is(err, ErrNotFound):
			return done(w, r, consolePath+"#states", "not_a_state")
		case err != nil:
			return err
		}
		return done(w, r, consolePath+"#states", sentence, "Name", name)
	}
}

func (s *Server) consoleReset(w http.ResponseWriter, r *http.Request) error {
	if err := s.startOver(r.Context(), r.PostFormValue("demo") == "yes"); err != nil {
		return err
	}
	return done(w, r, consolePath+"#states", "emptied")
}
