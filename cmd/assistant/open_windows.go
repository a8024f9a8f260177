package main

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/windows"
)

// inherit hands an open file to a program that is started, and gives the number by which it finds it: here a handle,
// which is the same in both once it is marked.
func inherit(cmd *exec.Cmd, f *os.File) string {
	handle := f.Fd()
	_ = windows.SetHandleInformation(windows.Handle(handle), windows.HANDLE_FLAG_INHERIT, windows.HANDLE_FLAG_INHERIT)
	cmd.SysProcAttr = &syscall.SysProcAttr{AdditionalInheritedHandles: []syscall.Handle{syscall.Handle(handle)}}
	return strconv.FormatUint(uint64(handle), 10)
}

// killTree ends a program that was started here. The window program starts none that outlives it on Windows.
func killTree(root *os.Process) { _ = root.Kill() }

// nativeMessage shows a text in a box and waits until it is closed:
// https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-messageboxw
func nativeMessage(title, text string) error {
	caption, err := windows.UTF16PtrFromString(title)
	if err != nil {
		return err
	}
	body, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return err
	}
	_, err = windows.MessageBox(0, body, caption, windows.MB_OK|windows.MB_ICONINFORMATION|windows.MB_SETFOREGROUND)
	return err
}
