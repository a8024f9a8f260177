package stub

import (
	"fmt"
	"net/http"
	"time"
)

// How often a page is told that something changed, at most.
const liveEvery = 300 * time.Millisecond

// serveLive tells a page that something changed, as a server-sent event without content: the page then asks for itself
// again, as whoever is signed in. It says nothing that must be kept. With of=journal a line of the journal counts too.
func (s *Server) serveLive(w http.ResponseWriter, r *http.Request) {
	if !ownSite(r) || !sameOrigin(r) {
		http.Error(w, "A page of another site may not watch this.", http.StatusForbidden)
		return
	}
	lines := func() <-chan struct{} { return nil } // which nothing comes from
	if r.URL.Query().Get("of") == "journal" {
		lines = s.journal.more.wait
	}
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	for said := "retry: 2000\n\n"; ; {
		changed, written := s.changed.wait(), lines()
		extend(w, streamBeat)
		if _, err := fmt.Fprint(w, said); err != nil || flush.Flush() != nil {
			return // the browser is gone
		}
		if !s.pause(r, liveEvery) { // what comes together is told once
			return
		}
		beat := time.NewTimer(streamBeat / 2)
		said = "event: changed\ndata: \n\n"
		select {
		case <-changed:
		case <-written:
		case <-beat.C:
			said = ": still here\n\n"
		case <-s.closing():
		case <-r.Context().Done():
		}
		beat.Stop()
	}
}

// pause waits, and tells whether there is still somebody to go on for.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closing():
	case <-r.Context().Done():
	}
	return false
}

// ownSite tells whether a browser says that no page of another site asks. Programs do not say.
func ownSite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none"
}

// follows tells whether a page asks for itself again, to draw its parts anew.
func follows(r *http.Request) bool { return r.Header.Get("X-Live") == "1" }

// watches tells whether a request only looks at what happens. It is not in the journal, or whoever looks would be what
// happens.
func watches(r *http.Request) bool {
	return r.Method == http.MethodGet && (r.URL.Path == "/live" || r.URL.Path == consolePath || follows(r))
}
