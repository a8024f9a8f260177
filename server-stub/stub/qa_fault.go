package stub

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// faultJSON is the wire form of a Fault, or the name of a preset.
type faultJSON struct {
	Fault
	DelayMS int64  `json:"delayMs,omitempty"`
	Preset  string `json:"preset,omitempty"`
}

// qaAddFault adds a fault, or those of a preset, and gives what is there now.
func (s *Server) qaAddFault(r *http.Request) (any, error) {
	var in faultJSON
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Preset != "" {
		if _, err := s.ApplyPreset(in.Preset); err != nil {
			return nil, err
		}
		return s.qaFaults(r)
	}
	if in.DelayMS < 0 || in.DelayMS > maxFaultDelay.Milliseconds() {
		return nil, fmt.Errorf("%w: delayMs is at most ten minutes", errBadRequest)
	}
	in.Delay = time.Duration(in.DelayMS) * time.Millisecond
	if _, err := s.AddFault(in.Fault); err != nil {
		return nil, fmt.Errorf("%w: %w", errBadRequest, err)
	}
	return s.qaFaults(r)
}

// qaFaults gives the faults that are not used up.
func (s *Server) qaFaults(*http.Request) (any, error) {
	list := []faultJSON{}
	for _, f := range s.Faults() {
		list = append(list, faultJSON{Fault: f, DelayMS: f.Delay.Milliseconds()})
	}
	return list, nil
}

// qaClearFaults removes the fault that id names, or all.
func (s *Server) qaClearFaults(r *http.Request) (any, error) {
	for name := range r.URL.Query() {
		if name != "id" {
			return nil, errors.Join(errBadRequest, fmt.Errorf("what is %q? There is id", name))
		}
	}
	if err := s.ClearFaults(r.URL.Query().Get("id")); err != nil {
		return nil, err
	}
	return s.qaFaults(r)
}
