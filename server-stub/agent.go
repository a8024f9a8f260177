package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/kardianos/service"

	"example.com/enrollment-assistant/assets"
)

// agentProgram is the agent's name on an enrolled computer. Called so, this program has the verbs of the agent only.
const agentProgram = "jumpcloud-agent"

// Files of the agent, as they lie on an enrolled computer; a place gives them below a sandbox.
const (
	jcDir         = "/opt/jc"
	markerFile    = "/opt/jc/.stub" // only a stub's package or script makes it
	versionFile   = "/opt/jc/version.txt"
	confFile      = "/opt/jc/jcagent.conf"
	caFile        = "/opt/jc/ca.crt"
	certFile      = "/opt/jc/client.crt"
	keyFile       = "/opt/jc/client.key"
	bootstrapFile = "/opt/jc/agentBootstrap.json"
	managedFile   = "/opt/jc/managedUsers.json"
	pidFile       = "/var/run/jcagent.pid"
	logFile       = "/var/log/jcagent.log"
)

// place is where the agent's files lie: below a sandbox, or below / when it is empty.
type place string

func (p place) path(name string) string { return filepath.Join(string(p)+"/", name) }

func (p place) sandbox() bool { return p != "" }

// errForeign is a computer that was enrolled with somebody else.
var errForeign = errors.New("there is no " + markerFile + ": no stub server installed this agent, and nothing was touched")

// guard refuses a computer whose /opt/jc the stub did not make.
func (p place) guard() error {
	if _, err := os.Lstat(p.path(markerFile)); errors.Is(err, fs.ErrNotExist) {
		return errForeign
	} else if err != nil {
		return fmt.Errorf("looking for the marker: %w", err)
	}
	return nil
}

// agentMain is the command "agent", and the whole program when it is called jumpcloud-agent.
func agentMain(args []string) error {
	flags := flag.NewFlagSet("agent", flag.ContinueOnError)
	root := flags.String("root", "", assets.Text("stub.cli.agent.root"))
	flags.Usage = usage("stub.cli.agent.usage", flags)
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		if err := flags.Parse(args); err != nil {
			return asUsage(err)
		}
		flags.Usage()
		return errUsage
	}
	verb := args[0]
	if err := flags.Parse(args[1:]); err != nil {
		return asUsage(err)
	}
	at := place(*root)
	if at.sandbox() {
		whole, err := filepath.Abs(*root)
		if err != nil {
			return fmt.Errorf("reading --root: %w", err)
		}
		at = place(whole)
	}
	switch {
	case flags.NArg() > 0:
	case verb == "run" && at.sandbox():
		return runInSandbox(at)
	case verb == "run":
		return runAsService()
	case verb == "install" && !at.sandbox():
		return installService()
	case verb == "uninstall" && !at.sandbox():
		return uninstallService()
	}
	flags.Usage()
	return errUsage
}

// runInSandbox runs the agent as an ordinary process. It ends by itself when its stub or its folder is gone.
func runInSandbox(at place) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return runAgent(ctx, at)
}

// program is the agent as the service manager sees it. service.Interactive, which guesses from the parent process, is
// not asked: the agent does the same either way and writes its own log.
type program struct {
	stop context.CancelFunc
	done chan error
}

// Start implements service.Interface.
func (p *program) Start(service.Service) error {
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	go func() { p.done <- runAgent(ctx, "") }()
	return nil
}

// Stop implements service.Interface.
func (p *program) Stop(service.Service) error {
	p.stop()
	return <-p.done
}

// wait ends with the agent or with the signal of the service manager, whichever comes first.
func (p *program) wait() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	select {
	case <-signals:
	case err := <-p.done:
		p.done <- err // for Stop
	}
}

// newService describes the agent to the service manager.
func newService(p *program) (service.Service, error) {
	unit, err := assets.Stub.ReadFile("agent/jcagent.service")
	if err != nil {
		return nil, fmt.Errorf("reading the unit: %w", err)
	}
	s, err := service.New(p, &service.Config{
		Name: "jcagent", Description: "Agent of a stub server, for tests",
		Executable: jcDir + "/bin/" + agentProgram, Arguments: []string{"run"},
		Option: service.KeyValue{"SystemdScript": string(unit), "RunWait": p.wait},
	})
	if err != nil {
		return nil, fmt.Errorf("describing the service: %w", err)
	}
	return s, nil
}

func runAsService() error {
	s, err := newService(&program{done: make(chan error, 1)})
	if err != nil {
		return err
	}
	return s.Run()
}

// installService makes the unit new and starts it; an agent that runs is replaced by the one on disk.
func installService() error {
	if err := place("").guard(); err != nil {
		return err
	}
	s, err := newService(&program{})
	if err != nil {
		return err
	}
	if s.Platform() != "linux-systemd" {
		return fmt.Errorf("installing the service: %w on %s", errors.ErrUnsupported, s.Platform())
	}
	if unitThere() {
		if err := s.Uninstall(); err != nil { // kardianos writes no unit over another
			return fmt.Errorf("removing the old unit: %w", err)
		}
	}
	if err := s.Install(); err != nil {
		return fmt.Errorf("installing the service: %w", err)
	}
	if err := s.Restart(); err != nil {
		return fmt.Errorf("starting the service: %w", err)
	}
	return nil
}

func uninstallService() error {
	if err := place("").guard(); err != nil {
		return err
	}
	s, err := newService(&program{})
	if err != nil {
		return err
	}
	if !unitThere() {
		return nil
	}
	if err := s.Stop(); err != nil {
		return fmt.Errorf("stopping the service: %w", err)
	}
	if err := s.Uninstall(); err != nil {
		return fmt.Errorf("removing the service: %w", err)
	}
	return nil
}

// unitThere looks where kardianos/service puts units.
func unitThere() bool {
	_, err := os.Stat("/etc/systemd/system/jcagent.service")
	return err == nil
}
