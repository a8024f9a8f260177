package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/term"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/server-stub/stub"
)

// demo is one running demo.
type demo struct {
	demoOptions
	dir      string
	server   *stub.Server
	at       stub.Addresses
	children nursery
	terminal bool // somebody can type and read
}

// supervise runs the demo in a folder that it makes, and removes everything at the end, however that comes.
func supervise(o demoOptions) (err error) {
	syscall.CloseOnExec(controlFD)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		// There is nothing to read; the end of the pipe is the end of the launcher.
		_, _ = io.Copy(io.Discard, os.NewFile(controlFD, "control"))
		stop()
	}()
	ctx, unregister := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer unregister()
	d := &demo{demoOptions: o, dir: o.supervise,
		terminal: term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))}
	done := make(chan struct{})
	go d.children.adopt(done)
	defer func() {
		close(done)
		killDescendants()
		if d.server != nil {
			err = errors.Join(err, d.server.Close())
		}
		err = errors.Join(err, os.RemoveAll(d.dir))
	}()
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	if err := d.start(ctx); err != nil {
		return err
	}
	d.introduce()
	if err := d.enroll(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	if ctx.Err() != nil || !d.terminal {
		return nil //nolint:nilerr // being told to end is no failure
	}
	fmt.Println(assets.Text("stub.demo.keeps_running", "URL", d.at.People+"/admin"))
	<-ctx.Done()
	return nil
}

// start starts the server and writes what the assistant needs.
func (d *demo) start(ctx context.Context) error {
	for _, name := range []string{"root", "tmp", "state", "config", "cache", "data", "server"} {
		if err := os.Mkdir(filepath.Join(d.dir, name), 0o700); err != nil {
			return fmt.Errorf("making the demo's folders: %w", err)
		}
	}
	log, err := os.Create(filepath.Join(d.dir, "server.log"))
	if err != nil {
		return fmt.Errorf("making the server's log: %w", err)
	}
	program, err := agentBinary("")
	if err != nil {
		return err
	}
	// The demo is to run wherever it is built, so the system it runs on counts as supported.
	release := place("").osRelease()
	settings := stub.DefaultSettings()
	settings.Supported = append(settings.Supported, stub.Support{ID: release["ID"], Names: []string{lowerName(release)},
		Versions: []string{release["VERSION_ID"]}, Format: "deb"})
	settings.PollWait = 5 * time.Second // so that who looks on sees the contact move
	d.server = &stub.Server{Data: filepath.Join(d.dir, "server"), AgentProgram: program, Initial: &settings,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if err := d.server.Demo(ctx); err != nil {
		return err
	}
	if d.at, err = d.server.Start(stub.Ports{}); err != nil {
		return err
	}
	return d.writeProfile(release)
}

// writeProfile writes what an admin would ship for this server.
func (d *demo) writeProfile(release map[string]string) error {
	ca, err := d.server.CA()
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(map[string]any{
		"organization": map[string]any{"name": "Acme Corporation"},
		"endpoints": map[string]any{"console": d.at.Console, "kickstart": d.at.Console, "packages": d.at.Console,
			"privateKickstart": d.at.Private, "agent": d.at.Private},
		"ca": string(ca),
		"signIn": map[string]any{"keyEndpoint": "/userconsole/api/connectkey",
			"portal": d.at.People + "/userconsole#/security"}, // a browser knows the stub's authority nowhere else
		"help":         map[string]any{"email": "it-help@acme.example"},
		"requirements": map[string]any{"systems": map[string][]string{release["ID"]: {release["VERSION_ID"]}}},
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	if err := os.WriteFile(d.profile(), raw, 0o600); err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	return nil
}

func (d *demo) profile() string { return filepath.Join(d.dir, "profile.json") }

// introduce says where everything is.
func (d *demo) introduce() {
	fmt.Println(assets.Text("stub.demo.intro", "Dir", d.dir, "Portal", d.at.People+"/userconsole", "Admin", d.at.People+"/admin",
		"Phone", d.at.People+"/_qa/phone", "UserPassword", stub.DemoUserPassword, "AdminPassword", stub.DemoAdminPassword))
}

// enroll opens the wizard, or goes on in the terminal where there is no display, or without questions where there is no
// terminal either.
func (d *demo) enroll(ctx context.Context) error {
	if d.assistant != "" && (os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "") {
		if d.window(ctx, shownWithin) {
			return nil
		}
		fmt.Println(assets.Text("stub.demo.no_window"))
	}
	if !d.terminal {
		fmt.Println(assets.Text("stub.demo.unattended"))
		return d.unattended(ctx)
	}
	fmt.Println(assets.Text("stub.demo.in_terminal"))
	cmd := d.command(ctx, d.cli, "enroll")
	cmd.Stdin = os.Stdin
	// It says itself what failed, and the server may still be of interest.
	_ = d.children.run(cmd)
	return nil
}

// command is a program of the assistant, for this demo's server and sandbox. What it keeps, it keeps in the folder.
func (d *demo) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, append(args, "--profile", d.profile(), "--root", filepath.Join(d.dir, "root"))...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	in := func(name string) string { return filepath.Join(d.dir, name) }
	// The person's own settings stay readable, so that the portal opens in their browser.
	config, err := os.UserConfigDir()
	if err != nil {
		config = "/etc/xdg"
	}
	cmd.Env = append(os.Environ(), "TMPDIR="+in("tmp"), "XDG_STATE_HOME="+in("state"), "XDG_CONFIG_HOME="+in("config"),
		"XDG_CACHE_HOME="+in("cache"), "XDG_DATA_HOME="+in("data"), "XDG_CONFIG_DIRS="+config+":/etc/xdg")
	return cmd
}
