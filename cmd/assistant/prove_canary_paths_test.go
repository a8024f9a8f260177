//go:build matrix && linux

package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/server-stub/stub"
)

// canaryPath is one way through the assistant, and the exit code at its end; -1 is an end by a signal.
type canaryPath struct {
	what string
	cell cell
	do   func(*canaryRun) int
	exit int
}

// trusting makes a client take whatever certificate the stub has: it is this test's own.
func trusting(t *testing.T, address string) *tls.Config {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(address, "https://"), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // pinned in the next lines
	must(t, err)
	defer func() { _ = conn.Close() }()
	pool := x509.NewCertPool()
	for _, c := range conn.ConnectionState().PeerCertificates {
		pool.AddCert(c)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// plainly enrolls by the answers, to the end.
func plainly(r *canaryRun) int { return r.unattended("", nil) }

// with enrolls by other answers; each of them is a canary of its own.
func with(answers map[string]string) func(*canaryRun) int {
	return func(r *canaryRun) int {
		r.give(answers)
		return plainly(r)
	}
}

// give writes other answers.
func (r *canaryRun) give(answers map[string]string) {
	must(r.t, r.answer(answers))
	for name, value := range answers {
		if name != "email" {
			r.secrets["answer "+name] = value
		}
	}
}

// ending enrolls and does something to the assistant when a line comes.
func ending(at string, signal syscall.Signal) func(*canaryRun) int {
	return func(r *canaryRun) int {
		return r.unattended(at, func(pid int) { must(r.t, syscall.Kill(pid, signal)) })
	}
}

// Lines of the output at which something happens.
const (
	atScript   = `"phase":"run-script","title":"Run JumpCloud's install script","state":"running"`
	atPackage  = `"phase":"install-package","title":"Install the agent","state":"running"`
	atRegister = `"phase":"register","title":"Register this computer with JumpCloud","state":"running"`
	atPlan     = `"event":"step","step":"plan"`
)

// tenantKeyOf makes the long form of a key.
func (r *canaryRun) tenantKeyOf(key string) string {
	payload, err := json.Marshal(map[string]string{"publicKickstartUrl": r.at.Console, "privateKickstartUrl": r.at.Private, "connectKey": key})
	must(r.t, err)
	return "jcc_" + base64.StdEncoding.EncodeToString(payload)
}

// welcomeLines are what a person types at first.
func welcomeLines(more ...says) []says {
	return append([]says{{"[yes/no]: ", "yes", false}, {"[yes/no]: ", "yes", false}}, more...)
}

// installLines go on from the key to the end.
var installLines = []says{{"to go on, or", "", false}, {"Type install", "install", false}, {"Press Enter to end, or", "", false}}

// signInLines sign in at the terminal.
func signInLines(password string) []says {
	return welcomeLines(says{"Press Enter to sign in here", "", false}, says{"Email: ", "nora@acme.example", false}, says{"goes back): ", password, true})
}

// otherKey and otherSecret are what nobody ever made.
const (
	otherKey    = "0123456789abcdef0123456789abcdef01234567"
	otherSecret = "canary-Sw0rdfish/+2026"
)

// canaryPaths lists the paths: both ways to install, each way to bring a key, what goes wrong, and what ends it.
func canaryPaths() []canaryPath {
	script, pack := cell{way: platform.WayScript}, cell{way: platform.WayPackage}
	account := func(c cell) cell { c.account = true; return c }
	faulty := func(c cell, name string) cell { c.fault, c.faults = name, preset(name).Faults; return c }
	slow := pack // so that it is not over before it is ended
	slow.fault, slow.faults = "signing is slow", []stub.Fault{{Point: stub.PointSignCSR, Delay: 5 * time.Second}}
	paths := []canaryPath{
		{"script way", script, plainly, 0},
		{"package way", pack, plainly, 0},
		{"script way, signed in here", account(script), plainly, 0},
		{"package way, signed in here", account(pack), plainly, 0},
		{"script way, a tenant's key", script, func(r *canaryRun) int { return with(map[string]string{"connectKey": r.tenantKeyOf(r.key)})(r) }, 0},
		{"the whole command", script, func(r *canaryRun) int {
			r.give(map[string]string{"connectKey": "curl --header 'x-connect-key: " + r.key + "' " + r.at.Console + "/Kickstart | sudo bash"})
			return plainly(r)
		}, 0},
		{"enrolled again", script, func(r *canaryRun) int { plainly(r); return plainly(r) }, 0},
		{"key of the profile", cell{way: platform.WayScript, profile: func(p map[string]any) { p["connectKey"] = otherKey }}, func(r *canaryRun) int {
			r.secrets["key of the profile"] = otherKey
			must(r.t, os.WriteFile(filepath.Join(r.dir, "answers.json"), []byte("{}"), 0o600))
			r.run("profile", "check", filepath.Join(r.dir, "profile.json"))
			return plainly(r)
		}, 12},
		{"a proxy's password", script, func(r *canaryRun) int {
			r.env = []string{"HTTPS_PROXY=http://nora:" + otherSecret + "@127.0.0.1:9", "NO_PROXY=127.0.0.1"}
			r.run("check", "--profile", filepath.Join(r.dir, "profile.json"))
			r.run("plan", "--profile", filepath.Join(r.dir, "profile.json"))
			r.env = nil
			return plainly(r)
		}, 0},
		// What goes wrong.
		{"wrong password", account(script), with(map[string]string{"email": "nora@acme.example", "password": otherSecret, "totpSecret": stub.DemoTOTPSecret}), 13},
		{"wrong code", account(script), with(map[string]string{"email": "nora@acme.example", "password": stub.DemoUserPassword, "totpSecret": "GEZDGNBVGY3TQOJQ"}), 13},
		{"no code", account(script), with(map[string]string{"email": "nora@acme.example", "password": stub.DemoUserPassword}), 2},
		{"secret of codes that is none", account(script), with(map[string]string{"email": "nora@acme.example", "password": stub.DemoUserPassword, "totpSecret": otherSecret}), 2},
		{"key that nobody made", script, with(map[string]string{"connectKey": otherKey}), 12},
		{"key refused at signing", faulty(script, "key-refused-at-signing"), plainly, 12},
		{"half a key", script, with(map[string]string{"connectKey": otherKey[:30]}), 10},
		{"key of another service", script, with(map[string]string{"connectKey": "curl --header 'x-connect-key: " + otherKey + "' https://kickstart.example.com/Kickstart"}), 11},
		{"answers that are no JSON", script, func(r *canaryRun) int {
			r.secrets["answers"] = otherSecret
			must(r.t, os.WriteFile(filepath.Join(r.dir, "answers.json"), []byte(`{"connectKey":"`+otherSecret+`"`), 0o600))
			return plainly(r)
		}, 2},
		{"answers that others can read", script, func(r *canaryRun) int {
			must(r.t, os.Chmod(filepath.Join(r.dir, "answers.json"), 0o644))
			return plainly(r)
		}, 2},
		{"script that fails", faulty(script, "maintenance"), plainly, 20},
		{"package that is not the vendor's", faulty(pack, "package-unsigned"), plainly, 50},
		// What ends it.
		{"stopped at the plan", script, ending(atPlan, syscall.SIGTERM), 130},
		{"stopped while the script runs", script, ending(atScript, syscall.SIGTERM), 130},
		{"killed while the script runs", script, ending(atScript, syscall.SIGKILL), -1},
		{"killed while the package is installed", pack, ending(atPackage, syscall.SIGKILL), -1},
		{"killed while it signs in", account(script), ending(`"step":"login"`, syscall.SIGKILL), -1},
		{"crashed while the script runs", script, ending(atScript, syscall.SIGQUIT), 2},
		{"crashed while it registers", slow, ending(atRegister, syscall.SIGABRT), 2},
		{"the elevated side is killed", script, func(r *canaryRun) int {
			return r.unattended(atScript, func(int) { must(r.t, r.killElevated(syscall.SIGKILL)) })
		}, 1},
		{"the elevated side crashes", pack, func(r *canaryRun) int {
			return r.unattended(atPackage, func(int) { must(r.t, r.killElevated(syscall.SIGQUIT)) }) // once it registers, it has soon ended
		}, 1},
		{"a window that crashes", script, crashedWindow, 1},
	}
	return append(paths, terminalPaths(script)...)
}

// terminalPaths are those of a person at a terminal.
func terminalPaths(script cell) []canaryPath {
	typedKey := func(r *canaryRun) says { return says{"not shown): ", r.key, true} }
	return []canaryPath{
		{"terminal", script, func(r *canaryRun) int {
			return r.attended(append(welcomeLines(says{"have a connect key already", "key", false}, typedKey(r)), installLines...)...)
		}, 0},
		{"terminal, a wrong key first", script, func(r *canaryRun) int {
			r.secrets["wrong key"] = otherSecret
			return r.attended(append(welcomeLines(says{"have a connect key already", "key", false}, says{"not shown): ", otherSecret, true}, typedKey(r)), installLines...)...)
		}, 0},
		{"terminal, signed in here", script, func(r *canaryRun) int {
			code, err := totpCode(platform.NewSecret(stub.DemoTOTPSecret), time.Now())
			must(r.t, err)
			return r.attended(append(append(signInLines(stub.DemoUserPassword), says{"app (not shown): ", code.Reveal(), true}), installLines...)...)
		}, 0},
		{"terminal, wrong password", script, func(r *canaryRun) int {
			r.secrets["wrong password"] = otherSecret
			return r.attended(append(signInLines(otherSecret), says{"Press Enter to sign in here", "quit", false})...)
		}, 13},
		{"terminal, closed while a password is typed", script, func(r *canaryRun) int {
			return r.attended(signInLines(hangUp)...)
		}, -1},
	}
}

// killElevated ends the elevated side of this scene.
func (r *canaryRun) killElevated(signal syscall.Signal) error {
	for pid := range parents() {
		line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
		if words := strings.Split(string(line), "\x00"); err == nil && len(words) > 2 && words[1] == "elevated" && strings.HasPrefix(words[2], r.dir) {
			return syscall.Kill(pid, signal)
		}
	}
	return errors.New("there is no elevated side")
}

// crashedWindow lets a window die that has said secrets before, as a defect of it could.
func crashedWindow(r *canaryRun) int {
	r.secrets["password that was said"] = otherSecret
	bin := r.t.TempDir()
	window := "#!/bin/sh\nexec >&2\necho panic: no key like " + r.key + "\necho 'goroutine 1: {\"password\":\"" + otherSecret + "\"}'\nexit 2\n"
	must(r.t, errors.Join(os.Link(r.cli, filepath.Join(bin, "assistant-cli")), os.WriteFile(filepath.Join(bin, "assistant"), []byte(window), 0o755)))
	cmd := r.program()
	cmd.Args[len(cmd.Args)-1] = filepath.Join(bin, "assistant-cli")
	cmd.Args = append(cmd.Args, "open")
	must(r.t, cmd.Start()) // what a window says in a terminal is not the assistant's to change
	exit := r.wait(cmd)
	crash, err := os.ReadFile(filepath.Join(r.dir, "state/enrollment-assistant", crashName))
	if err != nil || !strings.Contains(string(crash), "panic: no key like [secret]") {
		r.t.Errorf("the crash file holds %q, %v", crash, err)
	}
	return exit
}
