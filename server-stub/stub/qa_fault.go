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
	if err := s.addWired(&in); err != nil {
		return nil, err
	}
	return s.qaFaults(r)
}

// addWired adds a fault in its wire form, or those of a preset, and fills in its name.
func (s *Server) addWired(f *faultJSON) error {
	if f.Preset != "" {
		f.Name = f.Preset
		_, err := s.ApplyPreset(f.Preset)
		return err
	}
	if f.DelayMS < 0 || f.DelayMS > maxFaultDelay.Milliseconds() {
		return fmt.Errorf("%w: delayMs is at most ten minutes", errBadRequest)
	}
	f.Delay = time.Duration(f.DelayMS) * time.Millisecond
	if f.Name == "" {
		f.Name = f.named()
	}
	if _, err := s.AddFault(f.Fault); err != nil {
		return fmt.Errorf("%w: %w", errBadRequest, err)
	}
	return nil
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
