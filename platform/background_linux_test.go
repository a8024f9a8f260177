package platform

import (
	"io"
	"testing"

	"golang.org/x/sys/unix"
)

// niceness is a reader that notes how nice the thread is that reads.
type niceness struct{ is int }

func (n *niceness) Read([]byte) (int, error) {
	priority, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		return 0, err
	}
	n.is = 20 - priority // as the system call gives it
	return 0, io.EOF
}

// A hash costs a processor as much as there comes in, and a window beside it must not wait for that.
func TestHashing_GoesInTheBackground(t *testing.T) {
	var n niceness
	h := newHashing(&n)
	if _, err := h.end(); err != nil {
		t.Fatal(err)
	}
	if n.is < backgroundNice {
		t.Errorf("the hashing is as nice as %d", n.is)
	}
}
