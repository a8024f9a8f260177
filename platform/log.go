package platform

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
)

// maxLog is how large a log may grow before it becomes the predecessor of a new one, in bytes.
const maxLog = 2 << 20

// OpenLog opens the log at path for appending: JSON lines, readable by this user alone, 2 MB and one predecessor
// beside it (path + ".1"). The closer ends it; what is logged afterwards is lost.
func OpenLog(path string) (*slog.Logger, io.Closer, error) {
	w := &logFile{path: path, max: maxLog}
	if err := w.open(); err != nil {
		return nil, nil, fmt.Errorf("opening the log: %w", err)
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})), w, nil
}

// logFile is a file that is renamed when it has grown.
type logFile struct {
	path string
	max  int64
	mu   sync.Mutex
	f    *os.File
	size int64
}

// open opens the file for appending. A link in its place is not followed.
func (l *logFile) open() error {
	if info, err := os.Lstat(l.path); err == nil && !info.Mode().IsRegular() {
		return &fs.PathError{Op: "open", Path: l.path, Err: errors.New("not a regular file")}
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = f.Chmod(0o600)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.f, l.size = f, info.Size()
	return nil
}

// Write implements io.Writer; one call is one line, which is never split over two files.
func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return 0, os.ErrClosed
	}
	if l.size > 0 && l.size+int64(len(p)) > l.max {
		if err := l.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := l.f.Write(p)
	l.size += int64(n)
	return n, err
}

// rotate makes the file the predecessor and begins a new one. The caller holds mu.
func (l *logFile) rotate() error {
	// Windows does not rename an open file.
	err := errors.Join(l.f.Close(), os.Rename(l.path, l.path+".1"))
	l.f = nil
	if opening := l.open(); opening != nil {
		return errors.Join(err, opening)
	}
	return nil
}

// Close implements io.Closer.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	f := l.f
	l.f = nil
	return f.Close()
}
