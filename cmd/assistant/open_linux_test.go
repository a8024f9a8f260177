package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// A window that hangs is ended with everything that it started, and its standard error is not waited for.
func TestKillTree(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "sh -c 'sleep 600 & echo $! >&3; wait' & echo $! >&3; wait")
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	for started, lines := 0, bufio.NewScanner(read); started < 2 && lines.Scan(); started++ {
		t.Logf("started %s", lines.Text())
	}
	killTree(cmd.Process)
	_ = cmd.Wait() // it was killed
	// The pipe ends when nobody can write to it any more.
	if err := read.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(read); err != nil {
		t.Errorf("something still runs: %v", err)
	}
}
