package fake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"example.com/enrollment-assistant/platform"
)

// StubAgent makes the computer's agent the one of a stub server, which runs as its program in the folder root and
// presents itself as this computer: what an enrollment tells is then true of a server too. ca is the PEM of the server's
// authority. The agent ends with its server, or when the folder is gone; stop waits for that.
func (c *Computer) StubAgent(program, root string, ca []byte) (stop func() error) {
	var cmd *exec.Cmd
	var said bytes.Buffer
	c.Register = func(ctx context.Context, job platform.Job) (string, error) {
		if err := c.placeAgent(root, ca, job); err != nil {
			return "", err
		}
		cmd = exec.Command(program, "agent", "run", "--root", root) //nolint:noctx // ended by stop
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			return "", fmt.Errorf("starting the stub's agent: %w", err)
		}
		return awaitSystemKey(ctx, filepath.Join(root, "opt/jc/jcagent.conf"))
	}
	return func() error {
		if cmd == nil {
			return nil
		}
		if err := os.Remove(filepath.Join(root, "opt/jc/.stub")); err != nil {
			return err
		}
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("the stub's agent: %w: %s", err, said.String())
		}
		return nil
	}
}

// placeAgent writes what an installer leaves, and what the computer is.
func (c *Computer) placeAgent(root string, ca []byte, job platform.Job) error {
	bootstrap, err := json.Marshal(map[string]string{
		"publicKickstartUrl": job.KickstartURL, "privateKickstartUrl": job.PrivateKickstartURL, "connectKey": job.Key.Reveal(),
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	system, err := json.Marshal(map[string]any{
		"hostname": c.Facts.Hostname, "os": "Mac OS X", "osFamily": c.Facts.OS, "version": c.Facts.Version, "arch": c.Facts.Arch,
		"agentHasFullDiskAccess": c.Agent.FullDiskAccess == platform.Yes,
		"hasServiceAccount":      c.Agent.ServiceAccount.Exists == platform.Yes,
		"serviceAccountState":    map[string]bool{"hasSecureToken": c.Agent.ServiceAccount.Token == platform.Yes},
		"fde":                    map[string]bool{"active": c.Facts.Mac != nil && c.Facts.Mac.FileVault == platform.Yes},
	})
	version := c.Agent.Version
	c.mu.Unlock()
	if err != nil {
		return err
	}
	folder := filepath.Join(root, "opt/jc")
	errs := []error{os.MkdirAll(folder, 0o700), os.MkdirAll(filepath.Join(root, "var/log"), 0o700)}
	for name, text := range map[string][]byte{
		".stub": nil, ".stub-system.json": system, "version.txt": []byte(version), "ca.crt": ca, "agentBootstrap.json": bootstrap,
	} {
		errs = append(errs, os.WriteFile(filepath.Join(folder, name), text, 0o600))
	}
	return errors.Join(errs...)
}

// awaitSystemKey waits until the agent has registered.
func awaitSystemKey(ctx context.Context, conf string) (string, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		var c struct{ SystemKey string }
		if b, err := os.ReadFile(conf); err == nil && json.Unmarshal(b, &c) == nil && c.SystemKey != "" {
			return c.SystemKey, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
