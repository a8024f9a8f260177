package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/windows/svc"
)

// program is the agent as the service manager sees it. Whether this process is a service at all is not guessed from
// its session, which some systems do not tell: who says run means it.
type program struct{}

// runAsService runs the agent as the service that the package registered.
func runAsService() error {
	if err := svc.Run(agentProgram, program{}); err != nil {
		return fmt.Errorf("running as a service: %w", err)
	}
	return nil
}

// Execute implements svc.Handler.
func (program) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (specific bool, code uint32) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- runAgent(ctx, "") }()
	running := svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	status <- running
	for {
		select {
		case err := <-done:
			if err != nil {
				return true, 1
			}
			return false, 0
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				status <- running
			case svc.Stop, svc.Shutdown:
				running = svc.Status{State: svc.StopPending}
				status <- running
				stop()
			}
		}
	}
}

// errByPackage says who registers the service.
var errByPackage = fmt.Errorf("%w: the package does this", errors.ErrUnsupported)

func installService() error { return errByPackage }

func uninstallService() error { return errByPackage }

// product is what the package says of itself and of the server that it is for.
type product struct {
	Public  string `json:"publicKickstartUrl"`
	Private string `json:"privateKickstartUrl"`
	Code    string `json:"productCode"` // of the Windows Installer
}

func (p place) readProduct() (product, error) {
	var out product
	raw, err := os.ReadFile(p.path(productFile))
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		return out, fmt.Errorf("reading %s: %w", productFile, err)
	}
	return out, nil
}

// remove ends the enrollment: what the server gave this computer goes, and the Windows Installer takes the package away,
// which ends this process too.
func (a *agent) remove(ctx context.Context) error {
	a.log.info("removing the agent: %v", errDeleted)
	for _, name := range []string{certFile, keyFile, confFile, managedFile, bootstrapFile} {
		if err := os.Remove(a.at.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the agent: %w", err)
		}
	}
	if err := os.Remove(a.at.path(markerFile)); err != nil || a.at.sandbox() {
		return err
	}
	p, err := a.at.readProduct()
	if err != nil {
		return err
	}
	// Not bound to ctx: the removal stops this service, and must outlive it.
	installer := filepath.Join(os.Getenv("SystemRoot"), "System32", "msiexec.exe")
	if err := exec.Command(installer, "/x", p.Code, "/qn").Start(); err != nil { //nolint:noctx // as above
		return fmt.Errorf("starting the removal: %w", err)
	}
	<-ctx.Done()
	return nil
}
