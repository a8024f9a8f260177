package platform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// limits is every deadline of the elevated side.
type limits struct {
	job     time.Duration // from the connection to the job
	fetch   time.Duration // the vendor's script over the network
	script  time.Duration // the vendor's script runs; the time that is usual in the field
	install time.Duration // the system's installer, and waiting for its lock
	service time.Duration // until the service runs steadily; the vendor's own scripts wait as long
	access  time.Duration // until a person has given Full Disk Access on macOS; the vendor's own limit
	enrol   time.Duration // until the agent has its systemKey
	watch   time.Duration // how long it is watched after that
	tick    time.Duration // how often the agent's files are read
	look    time.Duration // how often what takes seconds to read is read
}

// deadlines are those of the program.
var deadlines = limits{
	job: 30 * time.Second, fetch: time.Minute, script: 300 * time.Second, install: 300 * time.Second,
	service: 300 * time.Second, access: 5 * time.Minute, enrol: 180 * time.Second, watch: 15 * time.Minute, tick: time.Second, look: 10 * time.Second,
}

// errStopped ends a job whose other side said stop, or is gone.
var errStopped = errors.New("stopped")

// ServeElevated is the elevated side: it connects to address, a channel that Elevate of an unprivileged process
// listens on, checks who listens there and that this program cannot be changed by anyone else, takes one job, does it
// and reports over the channel. It returns when the job ended, when the other end stopped it or died, or when ctx
// ends; a command of the vendor that runs is finished first, and nothing new is begun. It changes this process's
// environment, umask and folder, so it is called once, by a process that does nothing else.
//
// trust reads what a protected profile allows beyond the built-in hosts; it is called with the job's profile path
// (empty when the run has no profile) and may be nil.
func ServeElevated(ctx context.Context, address string, trust func(profilePath string) (Trust, error)) error {
	return elevatedSide{trust: trust, sandbox: Sandbox, limits: deadlines}.serve(ctx, address)
}

// elevatedSide is what ServeElevated needs; tests set the fields.
type elevatedSide struct {
	trust   func(profilePath string) (Trust, error)
	sandbox bool
	limits  limits
	system  func(*session) systemSide // what session.system is; nil for this system's own
}

// session is one job being done.
type session struct {
	elevatedSide
	channel  *channel
	job      *wireJob
	trusted  Trust
	root     string // "" but in a sandbox
	state    string // the root-only folder
	secrets  []string
	log      *slog.Logger
	begun    time.Time
	last     AgentState // the last state reported
	ending   sync.Mutex // of over, and of the note that this run is about to end
	over     bool
	doubt    *JobError                  // what a script that ended well said of this system; it counts when no agent comes up
	heard    func(Phase, string) string // takes the lines of a program in place of output, when set
	fromSudo bool                       // sudo started this side, from a terminal
	asking   bool                       // a person is asked for Full Disk Access: what goes on meanwhile is reported under that
	system   systemSide                 // the session itself, but on macOS
}

// systemSide is what the elevated side does in its own way on each operating system.
type systemSide interface {
	// tidy removes what a run that was killed may have left and that must not lie about. locked tells that this run
	// holds the lock of installs.
	tidy(locked bool) error
	// keepAwake asks the system not to sleep until the result is called.
	keepAwake(ctx context.Context) (release func())
	// mend puts right what the job says, before anything else is done.
	mend(ctx context.Context) error
	// agentState tells what anybody can see of the agent.
	agentState(ctx context.Context) (AgentState, error)
	// suffix is how the name of a package must end for the system's tools.
	suffix() string
	// checkPackage refuses a package that is not the publisher's.
	checkPackage(ctx context.Context, p *Package) error
	// installFile has the system install the package at path.
	installFile(path string) error
	// startAgent starts the agent's service.
	startAgent(ctx context.Context) error
	// awaitAccess waits for what a person must still give the agent after that.
	awaitAccess(ctx context.Context) error
}

// serve does one job.
func (e elevatedSide) serve(ctx context.Context, address string) error {
	asker, err := whoAsked()
	if err != nil {
		return fmt.Errorf("finding out who asked: %w", err)
	}
	if !hasRights() && !e.sandbox {
		return errors.New("this command is started by the assistant itself, with administrator rights")
	}
	conn, err := dialAsker(address, asker)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	fromSudo := os.Getenv("SUDO_UID") != ""
	if err := cleanProcess(); err != nil {
		return fmt.Errorf("cleaning the environment: %w", err)
	}
	s := &session{elevatedSide: e, fromSudo: fromSudo, channel: newChannel(conn), begun: time.Now(), log: slog.New(slog.DiscardHandler)}
	if s.system = ownSide(s); e.system != nil {
		s.system = e.system(s)
	}
	return s.end(s.serve(ctx, asker))
}

// end tells the other side how the job ended.
func (s *session) end(err error) error {
	err = onDisk(PhaseConsent, err)
	var failed *JobError
	switch {
	case err == nil:
		_ = s.channel.write(message{Done: true})
	case errors.As(err, &failed):
		_ = s.channel.write(message{Error: failed})
	default:
		// The other end may be gone, which is one way of stopping this one.
		_ = s.channel.write(message{Error: &JobError{JobInternal, PhaseConsent, redact(err.Error(), s.secrets)}})
	}
	return err
}

// serve takes the job, checks it and does it.
func (s *session) serve(ctx context.Context, asker userID) error {
	own, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	if err := checkProgram(own, asker, s.sandbox); err != nil {
		return &JobError{JobUnsafeProgram, PhaseConsent, err.Error()}
	}
	if err := s.takeJob(); err != nil {
		return err
	}
	if s.job.Root != "" && !s.sandbox {
		return &JobError{JobUntrusted, PhaseConsent, "this is not a test build"}
	}
	if s.job.Root == "" && !hasRights() {
		return &JobError{JobInternal, PhaseConsent, "no administrator rights"}
	}
	s.root = s.job.Root
	s.state = below(s.root, stateFolder)
	if err := privateFolder(s.state); err != nil {
		return fmt.Errorf("making the private folder: %w", err)
	}
	if s.job.Verb == VerbInstall {
		unlock, err := s.lock(ctx)
		if err != nil {
			return err
		}
		defer unlock()
	}
	log, closer, err := OpenLog(filepath.Join(s.state, "elevated.log"))
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	defer func() { _ = closer.Close() }()
	s.log = log.With("asker", asker)
	if s.job.Verb == VerbInstall {
		if err := s.clearLeft(ctx); err != nil {
			return err
		}
	}
	s.log.Info("job", "verb", s.job.Verb, "way", s.job.Way, "kickstart", s.job.KickstartURL, "profile", s.job.Profile)
	err = s.work(ctx)
	s.log.Info("ended", "err", fmt.Sprint(err))
	return err
}

// takeJob reads the job and checks its form.
func (s *session) takeJob() error {
	if err := s.channel.conn.SetReadDeadline(time.Now().Add(s.limits.job)); err != nil {
		return err
	}
	m, err := s.channel.read()
	if err != nil {
		return &JobError{JobMalformed, PhaseConsent, fmt.Sprintf("reading the job: %v", err)}
	}
	s.job = m.Job
	if err := s.job.checkForm(); err != nil {
		return err
	}
	s.secrets = s.job.secrets()
	return s.channel.conn.SetReadDeadline(time.Time{})
}

// work does the job. The other end's stop, its death and ctx all end it between two steps.
func (s *session) work(ctx context.Context) error {
	if s.trust != nil {
		t, err := s.trust(s.job.Profile)
		if err != nil {
			return &JobError{JobUntrusted, PhaseConsent, redact(fmt.Sprintf("reading the profile: %v", err), s.secrets)}
		}
		s.trusted = t
	}
	if err := s.job.checkHosts(s.trusted); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.system.tidy(s.job.Verb == VerbInstall); err != nil {
		return err
	}
	if s.job.Verb == VerbWatch {
		go s.listen(cancel)
		return s.watch(ctx)
	}
	release := s.system.keepAwake(ctx)
	defer release()
	if err := s.system.mend(ctx); err != nil {
		return err
	}
	unchanged, err := s.install(ctx, cancel)
	if err != nil {
		return err
	}
	if !unchanged {
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	release()
	return s.watch(ctx)
}

// install puts the agent onto this computer, or finds that a newer one is there.
func (s *session) install(ctx context.Context, cancel func()) (unchanged bool, err error) {
	if s.job.Way == WayPackage {
		return s.installPackage(ctx, cancel)
	}
	go s.listen(cancel)
	script, err := s.fetchScript(ctx)
	if err != nil {
		return false, err
	}
	if ctx.Err() != nil {
		return false, errStopped
	}
	return false, s.runScript(script)
}

// listen waits for the other end's stop, or its death.
func (s *session) listen(cancel func()) {
	defer cancel()
	for {
		if m, err := s.channel.read(); err != nil || m.Stop {
			s.log.Info("stopping", "said", m.Stop)
			s.noteEnding()
			return
		}
	}
}
