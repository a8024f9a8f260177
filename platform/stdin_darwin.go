package platform

import (
	"errors"
	"os"
)

// memoryFile gives a file that holds content and that nobody else can open: its name is removed at once.
func memoryFile(content []byte) (*os.File, error) {
	f, err := os.CreateTemp("", "stdin-") // 0600
	if err != nil {
		return nil, err
	}
	_, err = f.Write(content)
	if _, seek := f.Seek(0, 0); err == nil {
		err = seek
	}
	if err = errors.Join(err, os.Remove(f.Name())); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
