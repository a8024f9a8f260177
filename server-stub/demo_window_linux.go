package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"example.com/enrollment-assistant/assets"
)

const (
	// shownFD names, to the assistant's window program, the descriptor on which it says "shown" once it can be seen.
	// Without it nobody knows: a display without GLX gives a window program that runs on unseen.
	shownFD = "ENROLLMENT_ASSISTANT_SHOWN_FD"
	// shownWithin is how long a window may take to appear on a busy computer.
	shownWithin = 20 * time.Second
)

// window runs the wizard and tells whether there was one to see. When told to end it gives true: there is nothing else
// to try.
func (d *demo) window(told context.Context, within time.Duration) bool {
	fmt.Println(assets.Text("stub.demo.window"))
	read, write, err := os.Pipe()
	if err != nil {
		return false
	}
	defer func() { _ = read.Close() }() // only read
	ctx, stop := context.WithCancel(told)
	defer stop()
	cmd := d.command(ctx, d.assistant)
	cmd.ExtraFiles = append(cmd.ExtraFiles, write)
	cmd.Env = append(cmd.Env, shownFD+"=3")
	shown := make(chan bool, 1)
	go func() {
		line, err := bufio.NewReader(read).ReadString('\n')
		shown <- err == nil && line == "shown\n"
		_, _ = io.Copy(io.Discard, read) // until the program closes it
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = d.children.run(cmd)
		_ = write.Close() // the end of the pipe for the reader
	}()
	select {
	case <-ended: // closed before it said so, or unable to open
		return err == nil || told.Err() != nil || <-shown
	case seen := <-shown:
		if !seen { // it closed the pipe without a word
			stop()
		}
		<-ended // seen is seen, however it ends
		return seen || told.Err() != nil
	case <-time.After(within):
		stop()
		<-ended
		return told.Err() != nil
	}
}
