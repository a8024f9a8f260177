package stub

import (
	"fmt"
	"net/http"
	"time"
)

// How often a page is told that something changed, at most.
const liveEvery = 300 * time.Millisecond

// serveLive tells a page that something changed, as a server-sent event without content: the page then asks for itself
// again, as whoever is signed in. It says nothing that must be kept.
func (s *Server) serveLive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	for said := "retry: 2000\n\n"; ; {
		changed := s.changed.wait()
		extend(w, streamBeat)
		if _, err := fmt.Fprint(w, said); err != nil || flush.Flush() != nil {
			return // the browser is gone
		}
		beat := time.NewTimer(streamBeat / 2)
		select {
		case <-changed:
			beat.Reset(liveEvery) // what comes together is told once
			select {
			case <-beat.C:
			case <-r.Context().Done():
			}
			said = "event: changed\ndata: \n\n"
		case <-beat.C:
			said = ": still here\n\n"
		case <-s.closing():
			beat.Stop()
			return
		case <-r.Context().Done():
		}
		beat.Stop()
		if r.Context().Err() != nil {
			return
		}
	}
}
