package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
)

// agentLog writes lines as the vendor's agent does: 2026/11/23 09:52:45 [932] [INFO] poll ok
type agentLog struct {
	lines *log.Logger
	file  io.Closer
}

// logLimit is the size at which a log becomes jcagent.log.prev when an agent starts; a week of polls is a megabyte.
const logLimit = 4 << 20

func openLog(at place) (*agentLog, error) {
	name := at.path(logFile)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // the usual mode of /var/log
		return nil, fmt.Errorf("making the log's folder: %w", err)
	}
	if info, err := os.Stat(name); err == nil && info.Size() > logLimit {
		if err := os.Rename(name, name+".prev"); err != nil {
			return nil, fmt.Errorf("keeping the old log: %w", err)
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	return &agentLog{lines: log.New(f, "["+strconv.Itoa(os.Getpid())+"] ", log.LstdFlags|log.Lmsgprefix), file: f}, nil
}

func (l *agentLog) info(format string, args ...any)  { l.lines.Printf("[INFO] "+format, args...) }
func (l *agentLog) error(format string, args ...any) { l.lines.Printf("[ERROR] "+format, args...) }
