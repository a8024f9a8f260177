// Package stub is a server that plays JumpCloud for tests and demonstrations: User Portal, Admin Portal, Kickstart, the
// agent's endpoints and an outbox, over real TLS from a certificate authority of its own, in one SQLite file.
//
// The zero Server serves an empty organization from a temporary folder. Start listens on three ports: public TLS, TLS
// that requires a client certificate, and plain HTTP on loopback for people's browsers. What a real server would not
// have lies under /_qa/. Where the vendor's behaviour is not known it is a setting, and invented shapes are marked so
// where they are defined.
//
// The exported fields of a Server must not be changed once a method was called. All methods may be called from
// several goroutines: there is one writer to the database at a time, readers see the last commit, and whoever waits
// (Await, the agents' long polls) is woken after a commit. A Server is not started again after Close.
package stub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Server is one stub server: one organization, one database, one certificate authority.
type Server struct {
	// Data is the folder of the database, the authority and the packages. Empty is a temporary one that Close removes.
	Data string
	// Hosts are names and addresses besides loopback that the certificate is for.
	Hosts []string
	// Address is the IP address to listen on; empty is 127.0.0.1, with ListenAnywhere every IPv4 address. One that is not
	// loopback needs ListenAnywhere.
	// People's plain port is on 127.0.0.1 whatever stands here.
	Address string
	// ListenAnywhere lets other computers reach the server: anyone there may then use /_qa/ too.
	ListenAnywhere bool
	// Advertise are base URLs to tell clients instead of those listened on; empty ones are not used.
	Advertise Addresses
	// AgentProgram is the path of the program that becomes the agent in the packages; without it there are none.
	AgentProgram string
	// WindowsAgent is the path of the agent's program for Windows; without it there is no package for Windows. Building that
	// needs wixl and osslsigncode.
	WindowsAgent string
	// Initial are the first settings; nil for DefaultSettings.
	Initial *Settings
	// Log gets one record a request, at debug level, and what goes wrong. nil discards.
	Log *slog.Logger
	// Journal gets every entry of the journal as a line of JSON, one at a time. nil keeps the newest in memory only.
	Journal io.Writer
	// SMTP is the host:port of a relay that gets every mail of the outbox besides; empty keeps them here.
	SMTP string
	// Now is the clock; nil is time.Now. MoveClock and its like move it. Certificates always go by the computer's own clock,
	// since those who check them do.
	Now func() time.Time

	once     sync.Once
	openErr  error
	dir      string
	db       *sql.DB
	ca       *authority
	log      *slog.Logger
	done     chan struct{} // closed by Close
	writing  sync.Mutex    // held during a write transaction
	did      []Entry       // what that transaction did so far
	journal  journal
	rules    rules
	faults   faultBox
	epoch    atomic.Pointer[epoch]
	changed  signal // after every commit, and when the clock or the settings change
	orders   signal // when an agent may have something to do
	clock    movableClock
	shelf    shelf
	portals  sessions
	pushes   pushes
	family   family
	relaying sync.WaitGroup
	parent   *Server // of a namespace: whose authority and packages it has

	mu       sync.Mutex // guards what follows
	settings Settings
	listened Addresses
	servers  []*http.Server
	closed   bool
}

// Ports to listen on; 0 is a free one.
type Ports struct {
	Public  int // TLS: console, Kickstart, packages, /_qa/
	Private int // TLS with client certificates: CheckAccess, GetAgentInstall, poll
	People  int // plain HTTP on loopback, for browsers
}

// The ports that a tester expects.
const (
	DefaultPublicPort  = 8443
	DefaultPrivatePort = 8444
	DefaultPeoplePort  = 8080
)

// Addresses are base URLs without a path, and the authority's certificate.
type Addresses struct {
	Console string // https, also Kickstart and packages
	Private string // https, wants a client certificate
	People  string // http on loopback
	CAFile  string // path of a PEM file
}

var errClosed = errors.New("the server is closed")

// open makes folder, database and authority, once.
func (s *Server) open() error {
	s.once.Do(func() {
		s.done = make(chan struct{})
		s.openErr = s.openAll()
	})
	return s.openErr
}

// openAll has no context of a caller: what it opens outlives every request.
func (s *Server) openAll() error {
	s.log = s.Log
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.settings = DefaultSettings()
	if s.Initial != nil {
		s.settings = *s.Initial
	}
	if err := s.settings.check(); err != nil {
		return fmt.Errorf("checking the settings: %w", err)
	}
	s.dir = s.Data
	var err error
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp("", "server-stub-"); err != nil {
			return fmt.Errorf("making a temporary folder: %w", err)
		}
	} else if err = os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if s.parent != nil {
		s.ca = s.parent.ca
		err = os.WriteFile(filepath.Join(s.dir, caName), s.ca.pem, 0o644) //nolint:gosec // everyone may know whom to trust
	} else {
		s.ca, err = openAuthority(s.dir, s.Hosts)
	}
	if err != nil {
		return err
	}
	s.db, err = openDB(context.Background(), s.dir)
	return err
}

// closing is closed when the server closes. Call it after open.
func (s *Server) closing() <-chan struct{} { return s.done }

// Addresses gives the base URLs that clients are told: those of Advertise, else those listened on. They are empty
// before Start.
func (s *Server) Addresses() Addresses {
	s.mu.Lock()
	a := s.listened
	s.mu.Unlock()
	a.CAFile = filepath.Join(s.dir, caName)
	for _, o := range []struct{ to, from *string }{{&a.Console, &s.Advertise.Console}, {&a.Private, &s.Advertise.Private},
		{&a.People, &s.Advertise.People}, {&a.CAFile, &s.Advertise.CAFile}} {
		if *o.from != "" {
			*o.to = *o.from
		}
	}
	return a
}

// CA gives the authority's certificate as PEM.
func (s *Server) CA() ([]byte, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	return s.ca.pem, nil
}

// graceful is how long Close waits for requests under way.
const graceful = 2 * time.Second

// Close ends long polls, waits a moment for requests under way, and closes the database. A temporary folder is
// removed. It may be called more than once.
func (s *Server) Close() error {
	s.mu.Lock()
	servers, again := s.servers, s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	s.once.Do(func() { // never opened
		s.done, s.openErr = make(chan struct{}), errClosed
	})
	close(s.done)
	err := s.closeNamespaces()
	ctx, cancel := context.WithTimeout(context.Background(), graceful)
	defer cancel()
	for _, server := range servers {
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // whoever is left had their time
		}
	}
	s.relaying.Wait()
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
	}
	if s.Data == "" && s.dir != "" {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}
