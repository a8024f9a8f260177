package platform

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// These tests run as an administrator with all rights, as on a runner or under Wine: nobody is asked.

// program gives this test program, in a folder of this user's.
func program(t *testing.T) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// Watching needs the whole channel: the pipe, both ends' checks, the private folder, reports, and the stop at the end.
func TestElevate(t *testing.T) {
	o := Options{Program: program(t)}
	e := elevation{options: o, wait: time.Minute, attempts: func() ([]attempt, error) { return windowsAttempts(o) }}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var state *AgentState
	var phases []Phase
	err := e.run(ctx, Job{Verb: VerbWatch}, func(r Report) {
		phases = append(phases, r.Phase)
		if r.State != nil {
			state = r.State
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || state == nil || !state.Deep || phases[0] != PhaseConsent {
		t.Fatalf("%v, %+v, %q", err, state, phases)
	}
	if err := checkOwnFolder(stateFolder, changesHome); err != nil {
		t.Errorf("the elevated side's folder: %v", err)
	}
	for _, name := range []string{"elevated.log"} {
		if !exists(filepath.Join(stateFolder, name)) {
			t.Errorf("there is no %s", name)
		}
	}
}

// Whoever else of the same user connects is turned away, though the pipe's list lets them in.
func TestAdmits_OnlyTheStarted(t *testing.T) {
	l, address, remove, err := listenChannel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	c := &child{started: make(chan struct{}), pid: uint32(os.Getpid())}
	close(c.started)
	for name, want := range map[string]struct {
		child *child
		in    bool
	}{"the one that was started": {c, true}, "another": {&child{started: c.started, pid: c.pid + 4}, false}, "before any was": {nil, false}} {
		e := elevation{starting: &starting{child: want.child}}
		dialled := make(chan *pipeConn, 1)
		go func() {
			conn, err := dialPipe(address)
			if err != nil {
				t.Error(err)
			}
			dialled <- conn
		}()
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := e.admits(conn); got != want.in {
			t.Errorf("%s: %v", name, got)
		}
		_ = conn.Close()
		_ = (<-dialled).Close()
	}
}

// A pipe of that name that is there already is somebody else's.
func TestListenChannel_IsTheFirst(t *testing.T) {
	l, address, remove, err := listenChannel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	if other, err := listenPipe(address, "D:P(A;;GA;;;BA)"); err == nil {
		_ = other.Close()
		t.Error("a second listener took the name")
	}
	_ = l
}

// The elevated side speaks only with the process that started it.
func TestDialAsker(t *testing.T) {
	me, err := ownUser()
	if err != nil {
		t.Fatal(err)
	}
	_, address, remove, err := listenChannel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	if conn, err := dialAsker(address, me); err == nil {
		_ = conn.Close()
		t.Error("a pipe of this process, which is not its own parent, was taken")
	}
	for _, wrong := range []string{`\\.\pipe\other`, `\\server\pipe\x`, `C:\channel`, ""} {
		if conn, err := dialAsker(wrong, me); err == nil {
			_ = conn.Close()
			t.Errorf("%q was taken", wrong)
		}
	}
	out, err := exec.Command(program(t), "elevated", address).CombinedOutput() // its parent is this process: it gets further, and finds no job
	if err == nil || strings.Contains(string(out), errOtherEnd.Error()) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestCheckProgram(t *testing.T) {
	me, err := ownUser()
	if err != nil {
		t.Fatal(err)
	}
	if err := checkProgram(program(t), me, false); err != nil {
		t.Errorf("this program: %v", err)
	}
	if err := checkProgram(systemFolder()+`\System32\kernel32.dll`, me, false); err != nil {
		t.Errorf("one of Windows' own: %v", err)
	}
	path := filepath.Join(t.TempDir(), "program.exe")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	grant(t, path, "D:P(A;;FA;;;BA)(A;;FA;;;WD)")
	var open *writableError
	if err := checkProgram(path, me, false); !errors.As(err, &open) || open.who != sidEveryone {
		t.Errorf("one that everybody may write: %v", err)
	}
	if err := checkProgram("assistant-cli.exe", me, false); err == nil {
		t.Error("a path that is not whole was taken")
	}
}

// grant gives a file an access list.
func grant(t *testing.T, path, list string) {
	t.Helper()
	sd, err := windows.SecurityDescriptorFromString(list)
	if err != nil {
		t.Fatal(err)
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		t.Fatal(err)
	}
	if err := windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, dacl, nil); err != nil {
		t.Fatal(err)
	}
}

// A folder that everybody may write is put aside, and nothing in it is used.
func TestPrivateFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "above", "own")
	if err := privateFolder(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := privateFolder(path); err != nil || !exists(filepath.Join(path, "mine")) {
		t.Errorf("the folder was not kept: %v", err)
	}
	grant(t, path, "D:P(A;OICI;FA;;;BA)(A;OICI;FA;;;WD)")
	if err := privateFolder(path); err != nil || exists(filepath.Join(path, "mine")) {
		t.Errorf("the folder that everybody may write was kept: %v", err)
	}
	if err := checkOwnFolder(path, changesHome); err != nil {
		t.Error(err)
	}
}
