//go:build laptop

package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"time"
)

//go:embed testdata/laptop/session.sh
var sessionScript []byte

// shownPage is how long a page, a window or a line in the log may take: reached only when something is broken, or the
// computer has a lot else to do.
const shownPage = 3 * time.Minute

// desktop is nora's desktop: a session that logind knows, with a screen, windows and the dialog that asks for passwords.
type desktop struct {
	g       *guest
	folder  string
	display string
	log     chan map[string]any // lines of the assistant's log
	shots   string              // folder for pictures, if any
}

// signIn signs nora in at the screen and waits until her desktop can ask for passwords.
func (g *guest) signIn() *desktop {
	g.t.Helper()
	g.put("/usr/local/bin/session.sh", "root", "0755", sessionScript)
	folder := g.check("folder=$(mktemp --directory /tmp/desktop-XXXXXX) && chown " + localUser + " $folder && echo $folder")
	s := &desktop{g: g, folder: folder, log: make(chan map[string]any, 1000), shots: os.Getenv("LAPTOP_SHOTS")}
	lines := g.follow(loginTo("x11", localUser, false, "exec session.sh "+folder+" 2>"+folder+"/said")...)
	s.display = s.next(lines)
	if word := s.next(lines); word != "ready" || !strings.HasPrefix(s.display, ":") {
		g.t.Fatalf("the desktop said %q and %q:\n%s", s.display, word, g.root("cat "+folder+"/said").stdout)
	}
	go func() {
		for range lines { // what else the desktop's programs print
			continue
		}
	}()
	agents := g.follow("journalctl", "--follow", "--lines=all", "--output=cat", "--unit=polkit")
	for !strings.Contains(s.next(agents), "Registered Authentication Agent") {
		continue
	}
	if kind := g.check("loginctl show-session --property=Type --property=Active --property=Seat $(loginctl show-user --value --property=Display nora)"); kind != "Seat=seat0\nType=x11\nActive=yes" {
		g.t.Fatalf("nora's session is %q", kind)
	}
	go s.readLog(g.follow("tail", "--follow=name", "--retry", "--lines=+1", "/home/nora/.local/state/enrollment-assistant/assistant.log"))
	return s
}

// follow runs a command of the laptop as root until the test ends, and gives what it prints, a line at a time.
func (g *guest) follow(args ...string) <-chan string {
	g.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := g.command(ctx, args...)
	out, err := cmd.StdoutPipe()
	must(g.t, err)
	must(g.t, cmd.Start())
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(out)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			lines <- in.Text()
		}
		_ = cmd.Wait() // it was killed, or its end is seen by what does not come
	}()
	g.t.Cleanup(func() {
		cancel()
		_ = out.Close() // a session that goes on holds the other end
		for range lines {
			continue
		}
	})
	return lines
}

// next gives the next line.
func (s *desktop) next(lines <-chan string) string {
	s.g.t.Helper()
	select {
	case line, more := <-lines:
		if !more {
			s.g.t.Fatalf("it ended:\n%s", s.g.root("cat "+s.folder+"/said").stdout)
		}
		return line
	case <-time.After(shownPage):
		s.shot("stuck")
		s.g.t.Fatal("nothing was said in time")
	}
	return ""
}

// readLog hands on the assistant's log.
func (s *desktop) readLog(lines <-chan string) {
	defer close(s.log)
	for line := range lines {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil {
			s.log <- entry
		}
	}
}

// logged waits for a line of the assistant's log with these fields, given as names and values in turn. It tells whether
// the line came in time.
func (s *desktop) logged(within time.Duration, fields ...string) bool {
	late := time.NewTimer(within)
	defer late.Stop()
	for {
		select {
		case entry, more := <-s.log:
			if !more {
				return false
			}
			all := true
			for i := 0; i+1 < len(fields); i += 2 {
				all = all && fmt.Sprint(entry[fields[i]]) == fields[i+1]
			}
			if all {
				return true
			}
		case <-late.C:
			return false
		}
	}
}

// page waits until a page asks something.
func (s *desktop) page(name string) {
	s.g.t.Helper()
	if !s.logged(shownPage, "msg", "page", "page", name) {
		s.shot("stuck")
		s.g.t.Fatalf("the page %s did not come; the desktop said:\n%s", name, s.g.root("cat "+s.folder+"/said").stdout)
	}
}

// hands runs a program on the desktop as nora, outside of her session: her hands. It gives what the program printed.
func (s *desktop) hands(stdin string, args ...string) string {
	s.g.t.Helper()
	ctx, cancel := context.WithTimeout(s.g.t.Context(), shownPage)
	defer cancel()
	o := s.g.run(s.g.command(ctx, append([]string{"runuser", "--user", localUser, "--", "env", "DISPLAY=" + s.display}, args...)...), stdin)
	if o.code != 0 {
		s.shot("stuck")
		s.g.t.Fatalf("%s: %d %s", args, o.code, o.stderr)
	}
	return strings.TrimSpace(o.stdout)
}

// keys presses keys, one after the other.
func (s *desktop) keys(names ...string) {
	s.g.t.Helper()
	s.hands("", append([]string{"xdotool", "key", "--delay", "40"}, names...)...)
}

// types types a text; it is no argument, which everybody could see.
func (s *desktop) types(text string) {
	s.g.t.Helper()
	s.hands(text, "xdotool", "type", "--delay", "15", "--file", "-")
}

// window waits for a window whose title matches, and turns to it.
func (s *desktop) window(title string) {
	s.g.t.Helper()
	s.hands("", "sh", "-c", searchWindow, "sh", "--name", title, "windowactivate", "--sync")
}

// left tells whether within a time no window is left whose title matches.
func (s *desktop) left(title string, within time.Duration) bool {
	s.g.t.Helper()
	for began := time.Now(); time.Since(began) < within; {
		if s.hands("", "sh", "-c", `xdotool search --onlyvisible --name "$1" || true`, "sh", title) == "" {
			return true
		}
	}
	return false
}

// gone waits until no window has a title that matches.
func (s *desktop) gone(title string) {
	s.g.t.Helper()
	if !s.left(title, shownPage) {
		s.shot("stuck")
		s.g.t.Fatalf("the window %s stays", title)
	}
}

// shot saves a picture of the screen when LAPTOP_SHOTS names a folder, once the screen is at rest.
func (s *desktop) shot(name string) {
	s.g.t.Helper()
	if s.shots == "" {
		return
	}
	picture := s.g.root("cat " + s.folder + "/Xvfb_screen0").stdout
	for range 8 { // a cursor that blinks never rests
		last := picture
		if picture = s.g.root("cat " + s.folder + "/Xvfb_screen0").stdout; picture == last {
			break
		}
	}
	must(s.g.t, os.MkdirAll(s.shots, 0o750))
	var b bytes.Buffer
	must(s.g.t, png.Encode(&b, decodeXWD([]byte(picture))))
	must(s.g.t, os.WriteFile(filepath.Join(s.shots, name+".png"), b.Bytes(), 0o600))
}

// decodeXWD reads the file in which Xvfb keeps its screen: a header of 32-bit numbers, a table of colours of 12 bytes
// each, and the pixels as blue, green, red and nothing. https://www.x.org/releases/X11R7.7/doc/man/man1/xwd.1.xhtml
func decodeXWD(b []byte) image.Image {
	field := func(i int) int { return int(binary.BigEndian.Uint32(b[4*i:])) }
	size, width, height, line, colours := field(0), field(4), field(5), field(12), field(19)
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			p := b[size+12*colours+y*line+4*x:]
			picture.SetRGBA(x, y, color.RGBA{p[2], p[1], p[0], 255})
		}
	}
	return picture
}
