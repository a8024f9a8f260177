package platform

import (
	"os"

	"golang.org/x/sys/unix"
)

// memoryFile gives a file without a name that holds content. Unlike a pipe it can be sought: bash then reads a script
// in blocks and leaves to the commands in it what it has not read.
func memoryFile(content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("stdin", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "stdin")
	if _, err := f.Write(content); err != nil {
		_ = f.Close()
		return nil, err
	}
	if _, err := f.Seek(0, 0); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
