package stub

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// capture is an answer that was not sent yet.
type capture struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (c *capture) Header() http.Header { return c.header }

// WriteHeader implements http.ResponseWriter.
func (c *capture) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

// Write implements http.ResponseWriter.
func (c *capture) Write(b []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	return c.body.Write(b)
}

// faulty shapes the answers of next as the faults say.
func (s *Server) faulty(port string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_qa/") {
			next.ServeHTTP(w, r)
			return
		}
		f, keeping, spent := s.faults.take(func(f Fault) bool { return f.matches(port, r) })
		if f == nil && len(keeping) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		answer := func() *capture {
			c := &capture{header: maps.Clone(w.Header())}
			next.ServeHTTP(c, r)
			return c
		}
		if f == nil {
			c := answer()
			for _, k := range keeping {
				k.kept = c
			}
			c.send(w, c.body.Bytes())
			return
		}
		if own, ok := w.(*written); ok {
			own.fault = f.Name
		}
		if spent {
			s.note(Entry{Kind: EntryFault, Text: "used up " + f.Name, Fault: f.ID})
		}
		if s.heldBack(r.Context(), w, f) == nil {
			s.shape(w, r, f, answer)
		}
		// Over HTTP/2 a body that nobody read ends in a reset after the answer, which some versions of curl take for a
		// failure of it: https://www.rfc-editor.org/rfc/rfc9113#section-8.1
		_, _ = io.Copy(io.Discard, r.Body) // who sends no more of it gets the answer too
	})
}

// heldBack waits for the delay of a fault, or until it is removed.
func (s *Server) heldBack(ctx context.Context, w http.ResponseWriter, f *loaded) error {
	if f.Delay == 0 {
		return nil
	}
	extend(w, f.Delay)
	timer := time.NewTimer(f.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-f.gone:
		return nil
	case <-s.closing():
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// shape answers as the fault says; answer gives the true answer.
func (s *Server) shape(w http.ResponseWriter, r *http.Request, f *loaded, answer func() *capture) {
	if f.Reset {
		reset(w)
	}
	var c *capture
	switch {
	case f.Redirect != "":
		c = &capture{header: w.Header(), status: http.StatusFound}
		c.header.Set("Location", f.Redirect)
	case f.Stale && f.kept != nil:
		c = &capture{header: maps.Clone(f.kept.header), status: f.kept.status}
		c.body.Write(f.kept.body.Bytes())
		c.header.Set("Age", strconv.Itoa(int((24 * time.Hour).Seconds())))
		c.header.Set("X-Cache", "HIT")
	case f.Poison != "":
		var err error
		if c, err = s.poisonedAnswer(w, r, f.Poison, answer); err != nil {
			s.broken(w, r, err)
			return
		}
	case f.Status != 0 || f.Body != "":
		c = &capture{header: w.Header(), status: f.Status}
		c.WriteHeader(http.StatusOK) // where only the body is another
		c.header.Set("Content-Type", "text/plain; charset=utf-8")
		c.body.WriteString(f.Body)
	default:
		c = answer()
	}
	for name, value := range f.Header {
		c.header.Set(name, value)
	}
	s.deliver(w, r, f, c)
}

// deliver sends an answer, slowly, cut or with a wrong length where the fault says so.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, f *loaded, c *capture) {
	body := c.body.Bytes()
	cut := f.CutAfter > 0 && f.CutAfter < int64(len(body)) && r.Method != http.MethodHead
	if r.Method != http.MethodHead || c.header.Get("Content-Length") == "" {
		c.header.Set("Content-Length", strconv.FormatInt(max(0, int64(len(body))+f.LengthOff), 10))
	}
	if cut {
		body = body[:f.CutAfter]
	}
	if f.LengthOff < 0 {
		body = body[:max(0, int64(len(body))+f.LengthOff)] // net/http does not send more than was announced
	}
	if f.BytesPerSecond > 0 {
		s.trickle(w, r, c, body, f.BytesPerSecond)
	} else {
		c.send(w, body)
	}
	if cut || f.LengthOff > 0 {
		_ = http.NewResponseController(w).Flush() // what was written arrives before the end
		panic(http.ErrAbortHandler)               //nolint:forbidigo // how net/http is told to end a connection without an answer
	}
}

// send sends an answer with this body.
func (c *capture) send(w http.ResponseWriter, body []byte) {
	maps.Copy(w.Header(), c.header)
	c.WriteHeader(http.StatusOK)
	w.WriteHeader(c.status)
	_, _ = w.Write(body) // the client is gone: nobody is left to tell
}

// trickle sends a body at so many bytes a second, in ten parts a second.
func (s *Server) trickle(w http.ResponseWriter, r *http.Request, c *capture, body []byte, rate int64) {
	c.send(w, nil)
	part := max(rate/10, 1)
	tick := time.NewTicker(time.Second / 10 * time.Duration(max(1, 10/max(rate, 1))))
	defer tick.Stop()
	for len(body) > 0 {
		n := min(part, int64(len(body)))
		extend(w, time.Minute)
		if _, err := w.Write(body[:n]); err != nil || http.NewResponseController(w).Flush() != nil {
			return // the client is gone
		}
		body = body[n:]
		select {
		case <-tick.C:
		case <-s.closing():
			return
		case <-r.Context().Done():
			return
		}
	}
}

// reset ends the connection at once: with an RST where the connection can be taken over, which HTTP/2 does not allow;
// there the stream is reset.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		raw := conn
		if secure, ok := conn.(*tls.Conn); ok {
			raw = secure.NetConn()
		}
		if tcp, ok := raw.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // so that closing resets
		}
		_ = raw.Close()
	}
	panic(http.ErrAbortHandler) //nolint:forbidigo // how net/http is told to end a connection without an answer
}

// certificateFor gives the certificate of a handshake: the true one, or a bad one where a fault says so.
func (s *Server) certificateFor(port string, good *tls.Certificate) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		f, _, spent := s.faults.take(func(f Fault) bool { return f.Certificate != "" && (f.Port == "" || f.Port == port) })
		if f == nil {
			return good, nil
		}
		if spent {
			s.note(Entry{Kind: EntryFault, Text: "used up " + f.Name, Fault: f.ID})
		}
		bad, err := s.ca.badCertificate(f.Certificate, good.Leaf)
		if err != nil {
			return nil, fmt.Errorf("making a bad certificate: %w", err)
		}
		return bad, nil
	}
}
