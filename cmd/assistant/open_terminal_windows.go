package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"example.com/enrollment-assistant/assets"
)

// overStandard is the address of who reads an order on standard input.
const overStandard = "-"

// ends is a connection over two pipes.
type ends struct {
	io.ReadCloser
	io.WriteCloser
}

// Close implements io.Closer.
func (e ends) Close() error { return errors.Join(e.WriteCloser.Close(), e.ReadCloser.Close()) }

// reachTerminal starts our program in a console of its own, which Windows shows in the person's terminal, and gives the
// connection to it: its standard input and output. It finds the console by name.
// https://learn.microsoft.com/windows/console/creation-of-a-console
func reachTerminal(_ context.Context, _ environment, cli string, log *slog.Logger) (io.ReadWriteCloser, error) {
	cmd := exec.Command(cli, "in-terminal", overStandard) //nolint:noctx // the person ends it
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_CONSOLE}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	log.Info("a console is open")
	return ends{out, in}, cmd.Process.Release()
}

var setConsoleTitle = windows.NewLazySystemDLL("kernel32.dll").NewProc("SetConsoleTitleW")

// opener gives the connection to the program that opened this console, and the console to speak in.
// https://learn.microsoft.com/windows/console/console-handles
func opener(_ context.Context, address string, _ stdio) (io.ReadWriteCloser, stdio, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	out, failed := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	title, wrong := windows.UTF16PtrFromString(assets.Text("app.name"))
	if err := errors.Join(err, failed, wrong); err != nil || address != overStandard {
		return nil, stdio{}, errors.Join(err, errors.New("this is no console that was opened for it"))
	}
	_, _, _ = setConsoleTitle.Call(uintptr(unsafe.Pointer(title))) // a title is not worth a word
	return ends{os.Stdin, os.Stdout}, stdio{in: in, out: out, err: out}, nil
}
