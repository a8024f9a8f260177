//go:build laptop

package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

//go:embed testdata/laptop/*.sh
var imageRecipes embed.FS

// findImage gives the root folder that a recipe makes, out of what it is given. It is built once and kept; another
// recipe, or other arguments, make another image.
func (l *lab) findImage(t *testing.T, name string, args ...string) string {
	t.Helper()
	release, err := os.ReadFile("/etc/os-release")
	must(t, err)
	recipe, err := imageRecipes.ReadFile("testdata/laptop/" + name)
	must(t, err)
	cache := os.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(cache) {
		home, err := os.UserHomeDir()
		must(t, err)
		cache = filepath.Join(home, ".cache")
	}
	hash := sha256.Sum256(slices.Concat(release, recipe, []byte(strings.Join(args, " "))))
	root := filepath.Join(cache, "enrollment-assistant", fmt.Sprintf("laptop-%x", hash[:6]))
	began := time.Now()
	// In a process and a mount namespace of its own, so that nothing of it stays when it is ended.
	unshare := append([]string{"--pid", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "testdata/laptop/" + name, root}, args...)
	cmd := exec.Command("unshare", unshare...)
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	must(t, cmd.Start())
	ended := make(chan struct{})
	l.onClose(func() {
		select {
		case <-ended:
			return
		default:
		}
		endNamespace(cmd)
		<-ended
		// Whoever else builds it now holds the lock.
		_ = exec.Command("flock", "--nonblock", root+".lock", "rm", "-rf", "--one-file-system", root+".new").Run()
	})
	err = cmd.Wait()
	close(ended)
	if err != nil {
		t.Fatalf("building the laptop's image by %s %v: %v\n%s", name, args, err, &printed)
	}
	t.Logf("the image of %s %v is ready after %.1f s: %s", name, args, time.Since(began).Seconds(), root)
	return root
}

// debian gives the root folder of a Debian release: the laptop's own where this computer runs that.
func (l *lab) debian(t *testing.T, codename string) string {
	t.Helper()
	if o, err := exec.Command("/bin/sh", "-c", `. /etc/os-release && echo "$ID $VERSION_CODENAME"`).Output(); err == nil && string(o) == "debian "+codename+"\n" {
		return l.image
	}
	return l.findImage(t, "image.sh", codename)
}

// endNamespace ends unshare's child, the first process of a namespace: it takes all others with it and is reaped when
// they are gone.
func endNamespace(cmd *exec.Cmd) {
	if first, err := onlyChild(cmd.Process.Pid); err != nil || syscall.Kill(first, syscall.SIGKILL) != nil {
		_ = cmd.Process.Kill() // it may have ended
	}
}

// cgroups makes a control group for a machine in each hierarchy that systemd uses, below this process's own.
func (l *lab) cgroups(name string) []string {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	must(l.t, err)
	own, err := os.ReadFile("/proc/self/cgroup")
	must(l.t, err)
	where := map[string]string{} // "" is the unified hierarchy, "name=systemd" the legacy one
	for line := range strings.Lines(string(own)) {
		if part := strings.SplitN(strings.TrimSpace(line), ":", 3); len(part) == 3 {
			where[part[1]] = part[2]
		}
	}
	var groups []string
	for line := range strings.Lines(string(mounts)) {
		before, after, _ := strings.Cut(line, " - ")
		kind, mount := strings.Fields(after), strings.Fields(before)
		for hierarchy, path := range where {
			unified := hierarchy == "" && kind[0] == "cgroup2"
			legacy := hierarchy == "name=systemd" && kind[0] == "cgroup" && strings.Contains(kind[2], hierarchy)
			if unified || legacy {
				group := filepath.Join(mount[4], path, name)
				must(l.t, os.MkdirAll(group, 0o755))
				groups = append(groups, group)
			}
		}
	}
	return groups
}

// removeTraces removes what a killed machine leaves on this computer: empty control groups and folders in /run.
func (l *lab) removeTraces(name string, groups []string) {
	for _, group := range groups {
		var folders []string
		_ = filepath.WalkDir(group, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				folders = append(folders, path)
			}
			return nil
		})
		for i := len(folders) - 1; i >= 0; i-- {
			_ = os.Remove(folders[i])
		}
	}
	for _, folder := range []string{"unix-export", "propagate"} {
		_ = os.Remove(filepath.Join("/run/systemd/nspawn", folder, name))
	}
}
