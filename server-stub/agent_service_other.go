//go:build !windows

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/kardianos/service"

	"example.com/enrollment-assistant/assets"
)

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
