package platform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// cleanProcess forgets what came from the user's side with the elevation: variables of the person's own settings are
// in the environment of what Windows starts for them. Libraries come from Windows' folder alone from now on.
func cleanProcess() error {
	root := systemFolder()
	system := root + `\System32`
	before := os.Environ()
	os.Clearenv()
	for name, value := range map[string]string{
		"SystemRoot": root, "windir": root, "SystemDrive": filepath.VolumeName(root), "PATH": system + ";" + root, "ComSpec": system + `\cmd.exe`,
		"TEMP": root + `\Temp`, "TMP": root + `\Temp`, "PATHEXT": ".COM;.EXE",
		"ProgramFiles": filepath.Dir(agentFolder), "ProgramData": filepath.Dir(filepath.Dir(stateFolder)),
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	for _, variable := range before { // Wine finds nobody's signatures without its own
		if name, value, ok := strings.Cut(variable, "="); ok && Sandbox && strings.HasPrefix(name, "WINE") {
			if err := os.Setenv(name, value); err != nil {
				return err
			}
		}
	}
	// What cannot be set leaves the usual order, in which Windows' folder comes after the program's own; that one is checked.
	_ = windows.SetDefaultDllDirectories(windows.LOAD_LIBRARY_SEARCH_SYSTEM32)
	return os.Chdir(system)
}

// Who may do what in a folder of the elevated side, and in the one above it, in the form of
// https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format: administrators and the system
// everything; in the one above everybody may read.
const (
	accessOwn   = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
	accessShown = accessOwn + "(A;OICI;0x1200a9;;;BU)"
)

// privateFolder makes a folder that administrators alone can enter, or makes sure that the one there is. Anybody may
// make a folder where it lies, so one that is not an administrator's is put aside.
func privateFolder(path string) error {
	if err := ownFolder(filepath.Dir(path), accessShown, changesPath); err != nil {
		return err
	}
	return ownFolder(path, accessOwn, changesHome)
}

// ownFolder makes a folder, and puts one aside in which somebody else has one of the rights.
func ownFolder(path, access string, rights uint32) error {
	sd, err := windows.SecurityDescriptorFromString(access)
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: sd}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	err = windows.CreateDirectory(name, attributes)
	if err == nil || !errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		return err
	}
	if err := checkOwnFolder(path, rights); err == nil {
		return nil
	}
	if err := os.Rename(path, fmt.Sprintf("%s.%d", path, time.Now().UnixNano())); err != nil {
		return fmt.Errorf("putting somebody else's folder aside: %w", err)
	}
	return windows.CreateDirectory(name, attributes)
}

// checkOwnFolder refuses a folder in which somebody who is no administrator has one of the rights.
func checkOwnFolder(path string, rights uint32) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errors.New("it is not a folder")
	}
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return err
	}
	list, err := accessOf(sd)
	if err != nil {
		return err
	}
	if who := list.changer(rights, undividedUser()...); who != "" {
		return &writableError{path, who}
	}
	return nil
}

// undividedUser gives this process's user where all that the user runs has administrator rights anyway, as with UAC off:
// what belongs to such a user is no less safe than what belongs to administrators. A test build takes any: Wine keeps no owners.
func undividedUser() []string {
	const notDivided = 1 // TokenElevationTypeDefault
	token := windows.GetCurrentProcessToken()
	var kind, size uint32
	err := windows.GetTokenInformation(token, windows.TokenElevationType, (*byte)(unsafe.Pointer(&kind)), uint32(unsafe.Sizeof(kind)), &size)
	if (err != nil || kind != notDivided) && !Sandbox {
		return nil
	}
	user, err := tokenUser(token)
	if err != nil {
		return nil
	}
	return []string{user}
}

var setThreadExecutionState = windows.NewLazySystemDLL("kernel32.dll").NewProc("SetThreadExecutionState")

// keepAwake asks Windows not to let the computer sleep until the result is called. The wish is a thread's:
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setthreadexecutionstate
func (s *session) keepAwake(context.Context) (release func()) {
	const continuous, system = 0x80000000, 0x1 // ES_CONTINUOUS, ES_SYSTEM_REQUIRED
	over := make(chan struct{})
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and the wish with the thread
		if was, _, err := setThreadExecutionState.Call(continuous | system); was == 0 {
			s.log.Warn("keeping the computer awake", "err", err)
		}
		<-over
	}()
	return sync.OnceFunc(func() { close(over) })
}

// mend puts right what the job says, before anything else is done.
func (s *session) mend(ctx context.Context) error {
	if len(s.job.Fixes) == 0 {
		return nil
	}
	s.report(Report{Phase: PhaseMend})
	for _, fix := range s.job.Fixes {
		s.log.Info("fix", "name", fix)
		if fix != FixLeftovers {
			return &JobError{JobMalformed, PhaseMend, "there is no such fix on Windows"}
		}
		if err := s.mendLeftovers(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mendLeftovers removes what an agent that is gone has left. An agent that is there keeps its own.
func (s *session) mendLeftovers(ctx context.Context) error {
	state, err := shallowState(ctx, s.root)
	if err != nil {
		return fmt.Errorf("reading the agent's state: %w", err)
	}
	if state.Installed || state.Service.Exists {
		s.log.Warn("an agent is there, so nothing of it is removed")
		return nil
	}
	if err := removeTree(agentFolder); err != nil {
		return fmt.Errorf("removing what an earlier agent left: %w", err)
	}
	return nil
}

// removeTree removes a folder with all that is in it. A link is removed itself, never what it leads to. os.RemoveAll
// asks for a way of deleting that not every file system has, nor Wine.
func removeTree(path string) error {
	var paths []string
	err := filepath.WalkDir(path, func(at string, _ fs.DirEntry, err error) error {
		paths = append(paths, at)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, at := range slices.Backward(paths) {
		if err == nil {
			err = os.Remove(at)
		}
	}
	return err
}

// flushNames has Windows forget the addresses that it knows, as the vendor's own script does: one that is stale would
// be the agent's too. An install goes on without it.
func (s *session) flushNames() {
	ctx, cancel := context.WithTimeout(context.Background(), s.limits.fetch)
	defer cancel()
	cmd := exec.CommandContext(ctx, systemFolder()+`\System32\ipconfig.exe`, "/flushdns")
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
	s.log.Info("command", "phase", PhaseInstallPackage, "path", cmd.Path, "args", cmd.Args[1:])
	if err := cmd.Run(); err != nil {
		s.log.Warn("forgetting addresses", "err", err)
	}
}

// installFile has the Windows Installer install the package, and waits where another install runs. The key goes to the
// installer in the call, on no command line of ours.
func (s *session) installFile(path string) error {
	properties, err := installerProperties(s.job.Key)
	if err != nil {
		return &JobError{JobMalformed, PhaseInstallPackage, err.Error()}
	}
	locked, err := lockedFile(path)
	if err != nil {
		return fmt.Errorf("keeping the package: %w", err)
	}
	defer func() { _ = locked.Close() }()
	s.flushNames()
	for begun := time.Now(); ; {
		code, said, late := s.runInstaller(path, properties)
		s.log.Info("installer", "code", code, "late", late)
		if late && code != 0 {
			return &JobError{JobPackageFailed, PhaseInstallPackage, fmt.Sprintf("the Windows Installer was not done after %s and was stopped, code %d: %s", s.limits.install, code, lastLines(said))}
		}
		if code == msiBusy && time.Since(begun) < s.limits.install {
			<-time.After(5 * s.limits.tick)
			continue
		}
		restart, err := judgeInstaller(code, said)
		if restart {
			s.report(Report{Phase: PhaseInstallPackage, Restart: true})
		}
		return err
	}
}

// lockedFile opens a file so that nobody can change, move or remove it while it is open.
func lockedFile(path string) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), path), nil
}
