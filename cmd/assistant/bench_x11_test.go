//go:build bench && linux && !nogui

package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// xscreen is a display of its own and a connection to it, which sees every window appear and, by the DAMAGE
// extension, every change of pixels, and presses keys by XTEST: no polling and no other process lies between.
// https://www.x.org/releases/current/doc/xproto/x11protocol.html
type xscreen struct {
	t         *testing.T
	display   string
	conn      net.Conn
	sent      uint16 // requests so far
	root, ids uint32
	xtest     byte // the number of the extension's requests
	replies   chan []byte
	events    chan xevent
}

// xevent is a window that appeared or, where window is 0, a change of pixels.
type xevent struct {
	at     time.Time
	window uint32
}

// box is a part of the screen, in pixels.
type box struct{ x, y, width, height int }

// newXScreen starts a display without a graphics card.
func newXScreen(t *testing.T) *xscreen {
	t.Helper()
	number, write, err := os.Pipe()
	sure(t, err)
	cmd := exec.CommandContext(context.Background(), "Xvfb", "-displayfd", "3", "-screen", "0", "1100x760x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{write}
	startBeside(t, cmd)
	sure(t, write.Close())
	line, err := bufio.NewReader(number).ReadString('\n')
	sure(t, err)
	sure(t, number.Close())
	x := &xscreen{t: t, display: strings.TrimSpace(line), replies: make(chan []byte, 64), events: make(chan xevent, 1<<16)}
	x.conn, err = (&net.Dialer{}).DialContext(t.Context(), "unix", "/tmp/.X11-unix/X"+x.display)
	sure(t, err)
	t.Cleanup(func() { _ = x.conn.Close() })
	x.greet()
	go x.read()
	damage := x.extension("DAMAGE")
	x.xtest = x.extension("XTEST")
	x.ask(damage, 0, 1, 1)              // the version has to be agreed on
	x.send(damage, 1, x.ids, x.root, 0) // create: of the screen, each rectangle by itself
	const attributes, eventMask, ofWindows = 2, 1 << 11, 1 << 19
	x.send(attributes, 0, x.root, eventMask, ofWindows)
	x.picture(box{0, 0, 1, 1}) // an answer: the requests before it were heeded
	return x
}

// startBeside starts a program that ends with the test.
func startBeside(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	sure(t, cmd.Start())
	t.Cleanup(func() { end(cmd) })
}

// end ends a program and waits for it.
func end(cmd *exec.Cmd) {
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	_ = cmd.Wait()
}

// greet begins the conversation and learns the root window and the numbers for own things.
func (x *xscreen) greet() {
	_, err := x.conn.Write([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	sure(x.t, err)
	head := make([]byte, 8)
	_, err = io.ReadFull(x.conn, head)
	sure(x.t, err)
	rest := make([]byte, 4*int(binary.LittleEndian.Uint16(head[6:])))
	_, err = io.ReadFull(x.conn, rest)
	sure(x.t, err)
	if head[0] != 1 {
		x.t.Fatalf("the display refuses: %s", rest)
	}
	vendor, formats := int(binary.LittleEndian.Uint16(rest[16:])), int(rest[21])
	x.ids = binary.LittleEndian.Uint32(rest[4:])
	x.root = binary.LittleEndian.Uint32(rest[32+(vendor+3)/4*4+8*formats:])
}

// read sorts what the display says until the connection ends.
func (x *xscreen) read() {
	const failed, reply, mapped, extensions = 0, 1, 19, 64
	r := bufio.NewReaderSize(x.conn, 1<<20)
	for {
		said := make([]byte, 32)
		if _, err := io.ReadFull(r, said); err != nil {
			close(x.replies)
			return
		}
		e := xevent{at: time.Now()}
		switch kind := said[0] & 0x7f; {
		case kind == failed:
			x.replies <- said
		case kind == reply:
			more := make([]byte, 4*binary.LittleEndian.Uint32(said[4:]))
			if _, err := io.ReadFull(r, more); err != nil {
				close(x.replies)
				return
			}
			x.replies <- append(said, more...)
		case kind == mapped:
			e.window = binary.LittleEndian.Uint32(said[8:])
			x.events <- e
		case kind >= extensions: // of those that were asked for, only DAMAGE has an event
			x.events <- e
		}
	}
}

// send sends a request; detail is its second byte.
func (x *xscreen) send(request, detail byte, words ...uint32) {
	x.t.Helper()
	b := []byte{request, detail, byte(len(words) + 1), 0}
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	x.sent++
	_, err := x.conn.Write(b)
	sure(x.t, err)
}

// ask sends a request and gives its answer.
func (x *xscreen) ask(request, detail byte, words ...uint32) []byte {
	x.t.Helper()
	x.send(request, detail, words...)
	for answer := range x.replies {
		if answer[0] == 0 {
			x.t.Fatalf("request %d of the display failed with error %d", answer[10], answer[1])
		}
		if binary.LittleEndian.Uint16(answer[2:]) == x.sent {
			return answer
		}
	}
	x.t.Fatal("the display is gone")
	return nil
}

// extension gives the number of an extension's requests.
func (x *xscreen) extension(name string) byte {
	x.t.Helper()
	const query = 98
	padded := name + "\x00\x00\x00\x00"
	words := []uint32{uint32(len(name))}
	for i := 0; i < len(name); i += 4 {
		words = append(words, binary.LittleEndian.Uint32([]byte(padded[i:])))
	}
	answer := x.ask(query, 0, words...)
	if answer[8] == 0 {
		x.t.Fatalf("the display has no extension %s", name)
	}
	return answer[9]
}

// place is where a window is.
func (x *xscreen) place(window uint32) box {
	const geometry = 14
	a := x.ask(geometry, 0, window)
	n := func(i int) int { return int(int16(binary.LittleEndian.Uint16(a[i:]))) }
	return box{n(12), n(14), n(16), n(18)}
}

// picture gives the pixels of a part of the screen, row by row, four bytes each.
func (x *xscreen) picture(b box) []byte {
	const image, bitmap = 73, 2
	a := x.ask(image, bitmap, x.root, uint32(b.x)|uint32(b.y)<<16, uint32(b.width)|uint32(b.height)<<16, 0xffffffff)
	return a[32 : 32+4*b.width*b.height]
}

// next waits for something to happen on the screen.
func (x *xscreen) next() xevent {
	x.t.Helper()
	select {
	case e := <-x.events:
		return e
	case <-time.After(benchPatience):
		x.t.Fatal("nothing happens on the screen")
		return xevent{}
	}
}

// forget drops what happened until now.
func (x *xscreen) forget() {
	for {
		select {
		case <-x.events:
		default:
			return
		}
	}
}

// Keys by their codes: X11 counts from 8, so Tab is Linux' KEY_TAB 15 and more, Shift KEY_LEFTSHIFT 42.
const (
	keyTab   = 15 + 8
	keyShift = 42 + 8
)

// press presses or lets go of a key.
func (x *xscreen) press(code uint32, down bool) {
	const fake, pressed, released = 2, 2, 3
	kind := uint32(released)
	if down {
		kind = pressed
	}
	x.send(x.xtest, fake, kind|code<<8, 0, x.root, 0, 0, 0, 0, 0)
}

// focus gives a window the keyboard.
func (x *xscreen) focus(window uint32) {
	const set, backToRoot = 42, 1
	x.send(set, backToRoot, window, 0)
}
