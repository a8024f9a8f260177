package stub

import (
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// PublicHandler serves the TLS port: console, public API, Kickstart, packages, pages for people, /_qa/.
func (s *Server) PublicHandler() http.Handler {
	mux := http.NewServeMux()
	s.kickstartRoutes(mux)
	s.shelfRoutes(mux)
	s.portalRoutes(mux)
	s.qaRoutes(mux)
	s.openapiRoutes(mux)
	s.webRoutes(mux)
	s.apiRoutes(mux)
	return s.guarded(portPublic, mux)
}

// PrivateHandler serves the port that requires a client certificate. Behind a TLS server that does not, it refuses
// every request.
func (s *Server) PrivateHandler() http.Handler {
	mux := http.NewServeMux()
	s.agentRoutes(mux)
	return s.guarded(portPrivate, mux)
}

// PeopleHandler serves the plain port for browsers on this computer. It answers only to its own loopback name and
// port, so that a web page cannot reach it under a name of its own (DNS rebinding).
func (s *Server) PeopleHandler() http.Handler {
	mux := http.NewServeMux()
	s.shelfRoutes(mux) // browsers do not know the authority of the TLS port
	s.portalRoutes(mux)
	s.qaRoutes(mux)
	s.openapiRoutes(mux)
	s.webRoutes(mux)
	own := s.guarded(portPeople, mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ownHost(r) {
			http.Error(w, "This server answers only to its own loopback address.", http.StatusMisdirectedRequest)
			return
		}
		own.ServeHTTP(w, r)
	})
}

// maxBody is the most a request may carry; a certificate request is the longest that is needed.
const maxBody = 1 << 20

// watched is around what answers, within the faults. The tests of this package put something here that holds every answer
// against openapi.yaml, so that none can forget to.
var watched = func(_ *Server, _ string, next http.Handler) http.Handler { return next }

// guarded is around every surface: opened, bounded, written down, shaped by faults, and closed to forms of other sites.
func (s *Server) guarded(port string, next *http.ServeMux) http.Handler {
	next.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok\n") })
	answer := s.journaled(port, s.faulty(port, watched(s, port, next)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.open(); err != nil {
			http.Error(w, "The server could not open its data.", http.StatusInternalServerError)
			return
		}
		began := time.Now()
		w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat)) // by the clock that it judges others by
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !sameOrigin(r) {
			http.Error(w, "A page of another site may not do this.", http.StatusForbidden)
		} else {
			answer.ServeHTTP(w, r)
		}
		if !s.log.Enabled(r.Context(), slog.LevelDebug) {
			return
		}
		s.log.Debug("request", "method", r.Method, "path", r.URL.Path, "from", r.RemoteAddr, "took", time.Since(began))
	})
}

// sameOrigin says whether a request comes from this server's own pages, or from a program, which sends no Origin.
func sameOrigin(r *http.Request) bool {
	values := r.Header.Values("Origin")
	if len(values) == 0 {
		return true
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	u, err := url.Parse(values[0])
	return len(values) == 1 && err == nil && u.Scheme == scheme && u.Host == r.Host
}

// ownHost says whether the Host of a request is a loopback name with the port it came in by.
func ownHost(r *http.Request) bool {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, "80"
	}
	return loopbackName(host) && (localPort(r) == "" || port == localPort(r))
}

func loopbackName(host string) bool {
	return slices.Contains([]string{"127.0.0.1", "localhost", "::1", "[::1]"}, host)
}

// localPort is the port a request came in by; empty where there was no connection.
func localPort(r *http.Request) string {
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return strconv.Itoa(a.Port)
	}
	return ""
}

// basesFor gives the base URLs to tell the client of a request: under the name by which it came, if that is one of
// ours, so that a computer that knows the server as --host keeps doing so.
func (s *Server) basesFor(r *http.Request) Addresses {
	a := s.Addresses()
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, "443"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || !loopbackName(host) && !slices.Contains(s.Hosts, host) {
		return a
	}
	if a.Console == "" {
		a.Console = "https://" + net.JoinHostPort(host, port)
	}
	for _, o := range []struct {
		base  *string
		fixed string
	}{{&a.Console, s.Advertise.Console}, {&a.Private, s.Advertise.Private}} {
		if u, err := url.Parse(*o.base); err == nil && u.Port() != "" && o.fixed == "" {
			*o.base = "https://" + net.JoinHostPort(host, u.Port())
		}
	}
	return a
}

// text answers with a line of text.
func text(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // the client is gone: nobody is left to tell
}

// asJSON answers with a value.
func asJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "The answer could not be written.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body))) // or a long one would go out in chunks
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nobody is left to tell
}

// message is the vendor's shape of an error.
func message(w http.ResponseWriter, status int, words string) {
	asJSON(w, status, map[string]string{"message": words})
}

// broken answers for a failure of the server itself, and logs why.
func (s *Server) broken(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		s.log.Error("answering", "method", r.Method, "path", r.URL.Path, "err", err)
	}
	message(w, http.StatusInternalServerError, "Internal error")
}

// remoteIP is the address a request came from.
func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}
