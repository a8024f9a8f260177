//go:build (matrix || crash) && linux

package main

import (
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"syscall"
	"testing"
)

// need ends a test that cannot go on.
func need(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// inTenth tells whether a name falls into a tenth, 0 to 9; everything does where none is asked for.
func inTenth(name, tenth string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return tenth == "" || strconv.Itoa(int(h.Sum32()%10)) == tenth
}

// narrowPipe gives a pipe that holds one write at a time: a program that writes an event to it stops at the next but one
// until the test has read it, and so does nothing that the test did not allow. See O_DIRECT in pipe(2).
func narrowPipe() (r, w *os.File, err error) {
	var fds [2]int
	if err := syscall.Pipe2(fds[:], syscall.O_DIRECT|syscall.O_CLOEXEC); err != nil {
		return nil, nil, fmt.Errorf("making a pipe: %w", err)
	}
	r, w = os.NewFile(uintptr(fds[0]), "events"), os.NewFile(uintptr(fds[1]), "events")
	const setPipeSize = 1031 // F_SETPIPE_SZ
	if _, _, no := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fds[1]), setPipeSize, uintptr(os.Getpagesize())); no != 0 {
		_, _ = r.Close(), w.Close()
		return nil, nil, fmt.Errorf("narrowing a pipe: %w", no)
	}
	return r, w, nil
}
