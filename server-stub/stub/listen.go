package stub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Start listens and serves until Close, and says where. It refuses to listen for other computers unless told. After
// an error the Server is closed; only a second Start leaves it running.
func (s *Server) Start(p Ports) (Addresses, error) {
	if s.started() {
		return Addresses{}, errors.New("the server was started before")
	}
	a, err := s.start(p)
	if err != nil {
		return Addresses{}, errors.Join(err, s.Close())
	}
	return a, nil
}

func (s *Server) start(p Ports) (Addresses, error) {
	address := s.Address
	if address == "" && s.ListenAnywhere {
		address = "0.0.0.0"
	}
	if address == "" {
		address = "127.0.0.1"
	}
	ip := net.ParseIP(address)
	if ip == nil {
		return Addresses{}, fmt.Errorf("the address %q to listen on is not an IP address", address)
	}
	if !ip.IsLoopback() && !s.ListenAnywhere {
		return Addresses{}, fmt.Errorf("%s can be reached from other computers: anyone there could sign in, enroll and use the test endpoints; use a loopback address, or --listen-anywhere", address)
	}
	if err := s.open(); err != nil {
		return Addresses{}, err
	}
	leaf, err := s.ca.serverCertificate(s.Hosts, ip)
	if err != nil {
		return Addresses{}, err
	}
	public := &tls.Config{MinVersion: tls.VersionTLS12, SessionTicketsDisabled: true, GetCertificate: s.certificateFor(portPublic, &leaf)}
	private := public.Clone()
	private.GetCertificate = s.certificateFor(portPrivate, &leaf)
	private.ClientAuth, private.ClientCAs = tls.RequireAndVerifyClientCert, s.ca.pool()
	name := address
	if ip.IsUnspecified() {
		name = "127.0.0.1"
	}
	for _, l := range []struct {
		address, name string
		port          int
		tls           *tls.Config
		handler       http.Handler
		base          *string
	}{
		{address, name, p.Public, public, s.PublicHandler(), &s.listened.Console},
		{address, name, p.Private, private, s.PrivateHandler(), &s.listened.Private},
		{"127.0.0.1", "127.0.0.1", p.People, nil, s.PeopleHandler(), &s.listened.People},
	} {
		port, err := s.listen(l.address, l.port, l.tls, l.handler)
		if err != nil {
			return Addresses{}, err
		}
		scheme := "https://"
		if l.tls == nil {
			scheme = "http://"
		}
		s.mu.Lock()
		*l.base = scheme + net.JoinHostPort(l.name, strconv.Itoa(port))
		s.mu.Unlock()
	}
	if s.SMTP != "" {
		s.relaying.Go(s.relay)
	}
	return s.Addresses(), nil
}

// started says whether a port is being served.
func (s *Server) started() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.servers) > 0
}

// listen serves one port in the background.
func (s *Server) listen(address string, port int, config *tls.Config, h http.Handler) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		return 0, fmt.Errorf("listening on port %d: %w", port, err)
	}
	actual := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert,errcheck // a TCP listener
	if config != nil {
		config.NextProtos = []string{"h2", "http/1.1"}
		l = tls.NewListener(l, config)
	}
	server := &http.Server{
		Handler: h, TLSConfig: config, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		WriteTimeout: 30 * time.Second, MaxHeaderBytes: 64 << 10, // long answers move the write deadline themselves
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, errors.Join(errClosed, l.Close())
	}
	s.servers = append(s.servers, server)
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("serving", "address", l.Addr().String(), "err", err)
		}
	}()
	return actual, nil
}
