package platform

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// TestChannelStalls: an other end that takes nothing is given up, and the channel with it.
func TestChannelStalls(t *testing.T) {
	here, there := net.Pipe()
	defer func() { _ = there.Close() }()
	c := newChannel(here)
	c.wait = 10 * time.Millisecond
	if err := c.write(message{Done: true}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v, want a deadline", err)
	}
	if _, err := c.read(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v, want a closed channel", err)
	}
}

func TestChannelBounds(t *testing.T) {
	here, there := net.Pipe()
	defer func() { _ = there.Close() }()
	c := newChannel(here)
	if err := c.write(message{Report: &Report{Output: strings.Repeat("x", maxLine)}}); !errors.Is(err, errLine) {
		t.Errorf("%v, want errLine", err)
	}
	go func() { _, _ = io.WriteString(there, `{"done":tr`); _ = there.Close() }()
	if m, err := c.read(); !errors.Is(err, io.ErrUnexpectedEOF) || m.Done {
		t.Errorf("half a message: %+v %v", m, err)
	}
	if m, err := c.read(); !errors.Is(err, io.EOF) {
		t.Errorf("nothing: %+v %v", m, err)
	}
}
