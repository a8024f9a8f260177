//go:build !windows

package platform

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// commandFolders is where commands are looked for. Never PATH: it is the user's.
var commandFolders = []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin"}

// command gives the absolute path of one of the system's commands, "" when it is not there. A name that is a path
// already is looked for there alone.
func command(name string) string {
	folders := commandFolders
	if filepath.IsAbs(name) {
		folders = []string{"/"}
	}
	for _, folder := range folders {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

// query runs a command that only reads and gives what it printed, in the C locale.
func query(ctx context.Context, name string, args ...string) (string, error) {
	out, _, err := askSystem(ctx, name, args...)
	return out, err
}

// askSystem does the same and gives stderr too. It implements commands.
func askSystem(ctx context.Context, name string, args ...string) (stdout, stderr string, err error) {
	path := command(name)
	if path == "" {
		return "", "", &exec.Error{Name: name, Err: exec.ErrNotFound}
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, askWait)
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = []string{"LC_ALL=C", "PATH=" + safePath}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	return out.String(), errs.String(), err
}
