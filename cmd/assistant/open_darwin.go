package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// inherit hands an open file to a program that is started, and gives the number by which it finds it.
func inherit(cmd *exec.Cmd, f *os.File) string {
	cmd.ExtraFiles = []*os.File{f}
	return "3"
}

// killTree ends a program that was started here. The window program starts none that outlives it on macOS.
func killTree(root *os.Process) { _ = root.Kill() }

// nativeMessage is for systems whose message box is a call.
func nativeMessage(string, string) error {
	return fmt.Errorf("a message box: %w", errors.ErrUnsupported)
}
