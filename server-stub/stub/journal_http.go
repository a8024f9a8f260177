package stub

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The ports, as the journal and the faults name them.
const (
	portPublic  = "public"
	portPrivate = "private"
	portPeople  = "people"
)

// written counts what is answered. It hands on what handlers ask of a ResponseWriter through http.ResponseController.
type written struct {
	http.ResponseWriter
	status int
	bytes  int64
	fault  string
}

// WriteHeader implements http.ResponseWriter.
func (w *written) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *written) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *written) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack implements http.Hijacker where the connection can be taken over.
func (w *written) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// journaled writes down every request, also one whose connection a fault cuts. Watching the journal is not in it.
func (s *Server) journaled(port string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		own := &written{ResponseWriter: w}
		defer func() {
			if strings.HasPrefix(r.URL.Path, "/_qa/journal") || watches(r) {
				return
			}
			s.note(Entry{
				Kind: EntryRequest, Port: port, Method: oneLine(r.Method, 20), Path: oneLine(mask(r.URL.Path), 500), Query: maskQuery(r.URL.Query()),
				Headers: tellingHeaders(r.Header), From: remoteIP(r), Status: own.status, Bytes: own.bytes,
				Micros: time.Since(began).Microseconds(), Fault: own.fault,
			})
		}()
		next.ServeHTTP(own, r)
	})
}

// tellingHeaders are those that say who asks and for what; of a secret one only that it was there.
func tellingHeaders(h http.Header) map[string]string {
	told := map[string]string{}
	for _, name := range []string{"User-Agent", "Content-Type", "Range", "If-Range", "X-Org-Id", "X-Agent-Version"} {
		if v := h.Get(name); v != "" {
			told[strings.ToLower(name)] = oneLine(mask(v), 200)
		}
	}
	for _, name := range []string{"X-Connect-Key", "X-Api-Key", "Authorization", "Cookie"} {
		if h.Get(name) != "" {
			told[strings.ToLower(name)] = masked
		}
	}
	return told
}

// note puts entries into the journal at the server's time, and looks whether what they say may be.
func (s *Server) note(entries ...Entry) {
	now := s.now().UTC()
	for i := range entries {
		entries[i].Time = now
	}
	s.journal.add(s.Journal, append(entries, s.rules.leaks(now, entries)...)...)
}

// journalQuery reads what is asked for.
func journalQuery(r *http.Request) (q JournalQuery, err error) {
	number := func(name, value string) int {
		n, bad := strconv.Atoi(value)
		if bad != nil || n < 0 {
			err = errors.Join(err, fmt.Errorf("%w: %s is a number", errBadRequest, name))
		}
		return n
	}
	for name, values := range r.URL.Query() {
		value := values[len(values)-1]
		switch name {
		case "after":
			q.After = int64(number(name, value))
		case "limit":
			q.Limit = number(name, value)
		case "status":
			q.Status = number(name, value)
		case "kind":
			q.Kind = EntryKind(value)
		case "method":
			q.Method = value
		case "path":
			q.Path = value
		case "q":
			q.Text = value
		default:
			err = errors.Join(err, fmt.Errorf("%w: what is %q? There are after, limit, status, kind, method, path, q", errBadRequest, name))
		}
	}
	return q, err
}

// serveJournal answers with the entries that are asked for, one line of JSON each.
func (s *Server) serveJournal(w http.ResponseWriter, r *http.Request) {
	q, err := journalQuery(r)
	if err != nil {
		s.answerQA(w, r, nil, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	to := json.NewEncoder(w)
	for _, e := range s.ReadJournal(q) {
		if to.Encode(e) != nil {
			return // the client is gone
		}
	}
}

// serveJournalStream goes on with what happens, as server-sent events whose id is the entry's number: a client that
// comes back with Last-Event-ID misses nothing that is kept.
func (s *Server) serveJournalStream(w http.ResponseWriter, r *http.Request) {
	q, err := journalQuery(r)
	if id, bad := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); bad == nil {
		q.After = max(q.After, id)
	}
	if err != nil {
		s.answerQA(w, r, nil, err)
		return
	}
	flush := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		more := s.journal.more.wait()
		for _, e := range s.ReadJournal(q) {
			line, err := json.Marshal(e)
			if err != nil {
				return
			}
			q.After, q.Limit = e.Seq, 0
			if _, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Kind, line); err != nil {
				return // the client is gone
			}
		}
		extend(w, streamBeat)
		if flush.Flush() != nil {
			return
		}
		beat := time.NewTimer(streamBeat / 2)
		select {
		case <-more:
		case <-beat.C:
			_, err = fmt.Fprint(w, ": still here\n\n")
		case <-s.closing():
			err = errClosed
		case <-r.Context().Done():
			err = r.Context().Err()
		}
		beat.Stop()
		if err != nil {
			return
		}
	}
}

// streamBeat is how long a stream may say nothing before its connection is given up.
const streamBeat = 30 * time.Second
