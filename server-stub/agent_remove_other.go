//go:build !windows

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"example.com/enrollment-assistant/assets"
)

// remove ends the enrollment: in a sandbox the agent deletes its own files, else the package is removed by a unit of its
// own, which ends this process too.
func (a *agent) remove(ctx context.Context) error {
	if a.at.sandbox() {
		if err := os.RemoveAll(a.at.path(jcDir)); err != nil {
			return fmt.Errorf("removing the agent: %w", err)
		}
		a.log.info("removed: %v", errDeleted)
		return nil
	}
	a.log.info("removing the agent: %v", errDeleted)
	script, err := assets.Stub.ReadFile("agent/remove.sh")
	if err != nil {
		return fmt.Errorf("reading how to remove the agent: %w", err)
	}
	// A unit of its own, since stopping a service ends all that the service started.
	out, err := exec.CommandContext(ctx, "systemd-run", "--collect", "--unit=jcagent-removal", "--description=Removal of the stub's agent",
		"/bin/sh", "-c", string(script)).CombinedOutput()
	if err != nil {
		a.log.error("failed to start the removal: %v: %s", err, firstLine(out))
		return fmt.Errorf("starting the removal: %w", err)
	}
	<-ctx.Done()
	return nil
}
