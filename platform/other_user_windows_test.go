package platform

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A person without rights has an administrator type name and password: the elevated side then runs as another user, and
// Windows makes the person's program its parent. With PC_SACRIFICE the person is a new user of this computer; else it is
// the same one, since Wine has no other.

// asking are the persons' programs that this test program can be.
var asking = map[string]func() error{"ask": askAndWait, "ask-windows": askWindows}

// askAndWait is the person's program: it says where its channel is, is told which process was started for it, and gives
// it a job.
func askAndWait() error {
	l, address, remove, err := listenChannel(context.Background())
	if err != nil {
		return err
	}
	defer remove()
	fmt.Println(address)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return err
	}
	pid, err := strconv.ParseUint(strings.TrimSpace(line), 10, 32)
	if err != nil {
		return err
	}
	e := elevation{starting: &starting{child: &child{started: make(chan struct{}), pid: uint32(pid)}}}
	close(e.starting.child.started)
	conn, err := l.Accept()
	if err != nil || !e.admits(conn) {
		return fmt.Errorf("the elevated side is not admitted: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err = converse(ctx, newChannel(conn), Job{Verb: VerbWatch}, func(r Report) {
		if r.State != nil {
			fmt.Println("state, deep:", r.State.Deep)
			cancel()
		}
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// askWindows is the person's program that has Windows ask, and tells what came of it.
func askWindows() error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	o := Options{Program: own}
	e := elevation{options: o, wait: consentWait, attempts: func() ([]attempt, error) { return windowsAttempts(o) }}
	err = e.run(context.Background(), Job{Verb: VerbWatch}, func(Report) {})
	fmt.Printf("desktop: %t, no: %t, nobody can be asked: %t, %v\n", visibleDesktop(), errors.Is(err, ErrDenied), errors.Is(err, ErrNoConsent), err)
	return nil
}

func TestElevate_AnotherUser(t *testing.T) {
	person := newPerson(t)
	in, out := person.start("ask")
	address, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	person.shutOut()
	var rights windows.Token // without it the parent's user would be taken
	if err := windows.DuplicateTokenEx(windows.GetCurrentProcessToken(), windows.MAXIMUM_ALLOWED, nil, windows.SecurityImpersonation, windows.TokenPrimary, &rights); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rights.Close() }()
	switchOff(t, rights, debugRight(t))
	elevated := exec.Command(person.program, "elevated", strings.TrimSpace(address))
	elevated.SysProcAttr = &syscall.SysProcAttr{ParentProcess: syscall.Handle(person.process), Token: syscall.Token(rights), HideWindow: true}
	if err := elevated.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = elevated.Wait() }() // what it found is told by the other side
	if _, err := fmt.Fprintln(in, elevated.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if said, err := out.ReadString('\n'); err != nil || strings.TrimSpace(said) != "state, deep: true" {
		rest, _ := io.ReadAll(out)
		t.Errorf("the person's side says %q, %v, %s", said, err, rest)
	}
}

// person is who asks.
type person struct {
	t              *testing.T
	program        string
	name, password string // of a user of their own; empty for the same one
	process        windows.Handle
}

// shutOut has the person's process let in nobody but the person and the system. Windows does not say whether one lets in
// the administrator whose password is typed.
func (p *person) shutOut() {
	p.t.Helper()
	pid, err := windows.GetProcessId(p.process)
	if err != nil {
		p.t.Fatal(err)
	}
	user, err := processUser(pid)
	if err != nil {
		p.t.Fatal(err)
	}
	sd, err := windows.SecurityDescriptorFromString("D:P(A;;GA;;;SY)(A;;GA;;;" + user + ")")
	if err != nil {
		p.t.Fatal(err)
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := windows.SetSecurityInfo(p.process, windows.SE_KERNEL_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, dacl, nil); err != nil {
		p.t.Fatal(err)
	}
}

func newPerson(t *testing.T) *person {
	t.Helper()
	if os.Getenv("PC_SACRIFICE") == "" {
		return &person{t: t, program: program(t)}
	}
	p := &person{t: t, name: "enrolling", password: "aA1!" + rand.Text()[:10]} // from 15 letters on, net asks
	p.windows("net", "user", p.name, p.password, "/add")
	t.Cleanup(func() { p.windows("net", "user", p.name, "/delete") })
	folder := filepath.Join(os.Getenv("ProgramFiles"), "Enrollment test") // which the person can read and not change
	raw, err := os.ReadFile(program(t))
	p.program = filepath.Join(folder, "platform.test.exe")
	if err := errors.Join(err, os.MkdirAll(folder, 0o755), os.WriteFile(p.program, raw, 0o755)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	p.windows("icacls", folder, "/setowner", "*S-1-5-32-544", "/T") // else it is the one administrator's who runs this
	return p
}

// windows runs a program of Windows' own.
func (p *person) windows(name string, args ...string) {
	p.t.Helper()
	if out, err := exec.Command(systemFolder()+`\System32\`+name+".exe", args...).CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
}

// start starts the person's program. It ends before the test does.
func (p *person) start(verb string) (in io.Writer, out *bufio.Reader) {
	p.t.Helper()
	if p.password == "" {
		cmd := exec.Command(p.program, verb)
		in, err := cmd.StdinPipe()
		if err != nil {
			p.t.Fatal(err)
		}
		said, err := cmd.StdoutPipe()
		if err := errors.Join(err, cmd.Start()); err != nil {
			p.t.Fatal(err)
		}
		p.process, err = windows.OpenProcess(windows.PROCESS_ALL_ACCESS|windows.WRITE_DAC, false, uint32(cmd.Process.Pid))
		p.t.Cleanup(func() { _, _, _ = in.Close(), cmd.Wait(), windows.CloseHandle(p.process) })
		if err != nil {
			p.t.Fatal(err)
		}
		return in, bufio.NewReader(said)
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	said, saying, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.process = p.logon(verb, theirs, saying)
	p.t.Cleanup(func() {
		_ = errors.Join(ours.Close(), said.Close())
		_, _ = windows.WaitForSingleObject(p.process, 60_000)
		_ = windows.CloseHandle(p.process)
	})
	_ = errors.Join(theirs.Close(), saying.Close())
	return ours, bufio.NewReader(said)
}

var createProcessWithLogon = windows.NewLazySystemDLL("advapi32.dll").NewProc("CreateProcessWithLogonW")

// logon starts the program as the person:
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-createprocesswithlogonw
func (p *person) logon(verb string, in, out *os.File) windows.Handle {
	p.t.Helper()
	const withProfile = 1
	var texts [6]*uint16
	for i, s := range []string{p.name, ".", p.password, p.program, `"` + p.program + `" ` + verb, systemFolder()} {
		var err error
		if texts[i], err = windows.UTF16PtrFromString(s); err != nil {
			p.t.Fatal(err)
		}
	}
	start := windows.StartupInfo{Flags: windows.STARTF_USESTDHANDLES, StdInput: windows.Handle(in.Fd()), StdOutput: windows.Handle(out.Fd()), StdErr: windows.Handle(out.Fd())}
	start.Cb = uint32(unsafe.Sizeof(start))
	for _, h := range []windows.Handle{start.StdInput, start.StdOutput} {
		if err := windows.SetHandleInformation(h, windows.HANDLE_FLAG_INHERIT, windows.HANDLE_FLAG_INHERIT); err != nil {
			p.t.Fatal(err)
		}
	}
	var made windows.ProcessInformation
	ok, _, err := createProcessWithLogon.Call(uintptr(unsafe.Pointer(texts[0])), uintptr(unsafe.Pointer(texts[1])), uintptr(unsafe.Pointer(texts[2])), withProfile,
		uintptr(unsafe.Pointer(texts[3])), uintptr(unsafe.Pointer(texts[4])), windows.CREATE_NO_WINDOW, 0, uintptr(unsafe.Pointer(texts[5])), uintptr(unsafe.Pointer(&start)), uintptr(unsafe.Pointer(&made)))
	if ok == 0 {
		p.t.Fatal(err)
	}
	_ = windows.CloseHandle(made.Thread)
	return made.Process
}
