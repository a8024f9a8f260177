package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/steps"
)

// environmentOf is a place with variables and programs, which lie in /bin.
func environmentOf(system string, env map[string]string, programs ...string) environment {
	return environment{system: system, env: func(name string) string { return env[name] }, find: func(name string) (string, error) {
		if slices.Contains(programs, filepath.Base(name)) {
			return "/bin/" + filepath.Base(name), nil
		}
		return "", os.ErrNotExist
	}}
}

func TestEnvironment_Screen(t *testing.T) {
	for name, c := range map[string]struct {
		d    environment
		want bool
	}{
		"nothing": {environmentOf("linux", nil), false},
		"X11":     {environmentOf("linux", map[string]string{"DISPLAY": ":0"}), true},
		"Wayland": {environmentOf("linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}), true},
		"Mac":     {environmentOf("darwin", nil), true},
		"Windows": {environmentOf("windows", nil), true},
	} {
		if got := c.d.screen(); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

// The best terminal comes first, and each gets the command in its own form.
func TestEnvironment_Terminals(t *testing.T) {
	desk := func(env map[string]string, programs ...string) environment {
		return environmentOf("linux", env, programs...)
	}
	for name, c := range map[string]struct {
		d    environment
		want []string // the command is "run it"
	}{
		"none":           {desk(nil), nil},
		"Debian":         {desk(nil, "xterm", "x-terminal-emulator"), []string{"/bin/x-terminal-emulator -e run it", "/bin/xterm -u8 -e run it"}},
		"GNOME":          {desk(map[string]string{"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}, "x-terminal-emulator", "gnome-terminal", "konsole"), []string{"/bin/gnome-terminal -- run it", "/bin/x-terminal-emulator -e run it", "/bin/konsole -e run it"}},
		"KDE":            {desk(map[string]string{"XDG_CURRENT_DESKTOP": "KDE"}, "gnome-terminal", "konsole"), []string{"/bin/konsole -e run it", "/bin/gnome-terminal -- run it"}},
		"XFCE":           {desk(map[string]string{"XDG_CURRENT_DESKTOP": "XFCE"}, "xfce4-terminal"), []string{"/bin/xfce4-terminal -x run it"}},
		"chosen":         {desk(map[string]string{"XDG_CURRENT_DESKTOP": "KDE"}, "konsole", "xdg-terminal-exec"), []string{"/bin/xdg-terminal-exec run it", "/bin/konsole -e run it"}},
		"own":            {desk(map[string]string{"TERMINAL": "/opt/mine"}, "mine", "xterm"), []string{"/bin/mine -e run it", "/bin/xterm -u8 -e run it"}},
		"own, known":     {desk(map[string]string{"TERMINAL": "foot"}, "foot"), []string{"/bin/foot run it", "/bin/foot run it"}},
		"own, not there": {desk(map[string]string{"TERMINAL": "gone"}, "xterm"), []string{"/bin/xterm -u8 -e run it"}},
		"OpenGL last":    {desk(nil, "alacritty", "kitty", "xterm"), []string{"/bin/xterm -u8 -e run it", "/bin/kitty run it", "/bin/alacritty -e run it"}},
		"Mac":            {environmentOf("darwin", nil), []string{"open -a Terminal run it"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, line := range c.d.terminals([]string{"run", "it"}) {
				got = append(got, strings.Join(line, " "))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A message goes to a box that stays before it goes to a notification, and a Mac's words are no AppleScript.
func TestEnvironment_Messages(t *testing.T) {
	var got []string
	for _, line := range environmentOf("linux", nil, "busctl", "notify-send", "xmessage", "kdialog", "zenity").messages("Title", "Text") {
		got = append(got, filepath.Base(line[0]))
		if !slices.Contains(line, "Title") || !slices.Contains(line, "Text") {
			t.Errorf("%q lacks title or text", line)
		}
	}
	if want := []string{"zenity", "kdialog", "xmessage", "notify-send", "busctl"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	mac := environmentOf("darwin", nil).messages("Title", `" & (do shell script "id") & "`)
	if len(mac) != 1 || mac[0][len(mac[0])-1] != `" & (do shell script "id") & "` || strings.Contains(strings.Join(mac[0][:len(mac[0])-1], " "), "shell") {
		t.Errorf("got %q", mac)
	}
}

func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{
		"/usr/bin/assistant-cli": "/usr/bin/assistant-cli", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(id)": "'$(id)'",
	} {
		if got := quoted(word); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
}

// The line to type is as short as it can be.
func TestEnvironment_Typed(t *testing.T) {
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cli := filepath.Join(folder, "assistant-cli")
	if err := os.WriteFile(cli, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	there := environment{system: "linux", find: func(string) (string, error) { return cli, nil }}
	if got := there.typed(cli, []string{"--profile", "my profile.json"}); got != "assistant-cli enroll --profile 'my profile.json'" {
		t.Errorf("got %s", got)
	}
	if got := environmentOf("linux", nil).typed(cli, nil); got != cli+" enroll" {
		t.Errorf("got %s", got)
	}
	if got := there.typed("/opt/other/assistant-cli", nil); got != "/opt/other/assistant-cli enroll" {
		t.Errorf("another one is on the path: got %s", got)
	}
}

// The exit code is the last one that was told; a terminal that is closed before it tells one was ended by its person.
func TestInstruct(t *testing.T) {
	for name, c := range map[string]struct {
		told []int
		want int
	}{
		"closed": {nil, 130}, "enrolled": {[]int{0}, 0}, "refused": {[]int{12}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			here, there := net.Pipe()
			go func() {
				defer func() { _ = there.Close() }()
				var o order
				if err := json.NewDecoder(there).Decode(&o); err != nil || o.Why != "because" || !slices.Equal(o.Args, []string{"--profile", "x"}) {
					t.Errorf("got %+v, %v", o, err)
				}
				for _, code := range c.told {
					_ = json.NewEncoder(there).Encode(ended{code})
				}
			}()
			if got := instruct(here, order{Args: []string{"--profile", "x"}, Why: "because"}); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

// What a terminal says of itself stays, everything else is as where the order came from.
func TestOrder_Adopt(t *testing.T) {
	for _, name := range []string{"TERM", "ENROLLMENT_TEST_A", "ENROLLMENT_TEST_B"} {
		t.Setenv(name, "here")
	}
	folder := t.TempDir()
	t.Chdir(folder)
	order{Env: []string{"TERM=there", "ENROLLMENT_TEST_A=there", "=C:=C:\\"}, Dir: folder}.adopt()
	if a, b, term := os.Getenv("ENROLLMENT_TEST_A"), os.Getenv("ENROLLMENT_TEST_B"), os.Getenv("TERM"); a != "there" || b != "here" || term != "here" {
		t.Errorf("got %s, %s, TERM %s", a, b, term)
	}
}

// The note on a crash is given once, keeps no secret, and says the day where it was another one.
func TestCrashNote(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	t.Setenv("HOME", state)
	if note := crashNote(); note != "" {
		t.Errorf("nothing crashed: %q", note)
	}
	writeCrash([]byte("panic"), false, time.Now())
	if note := crashNote(); note != "" {
		t.Errorf("nobody saw a window: %q", note)
	}
	at := time.Now()
	writeCrash([]byte("panic: jcc_abcd and 0123456789abcdef0123456789abcdef01234567"), true, at)
	text, err := os.ReadFile(crashPath())
	if err != nil || !strings.HasSuffix(string(text), "\npanic: [secret] and [secret]") {
		t.Errorf("the file is %q, %v", text, err)
	}
	if note := crashNote(); !strings.Contains(note, " at "+at.Format("15:04")+". ") {
		t.Errorf("got %q", note)
	}
	if note := crashNote(); note != "" {
		t.Errorf("told again: %q", note)
	}
	day := time.Date(2026, 3, 9, 14, 5, 0, 0, time.Local)
	if got := clockOf(day, day.AddDate(0, 0, 1)); got != "2026-03-09 14:05" {
		t.Errorf("got %s", got)
	}
}

// Without a folder for what is kept there is no crash file, and none is looked for where the program happens to stand.
func TestCrashNote_NoFolder(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, untoldName)) // a file
	if err := os.WriteFile(untoldName, []byte(time.Now().Format(time.RFC3339)), 0o600); err != nil {
		t.Fatal(err)
	}
	if path := crashPath(); path != "" {
		t.Fatalf("this test needs a person without a folder, not %s", path)
	}
	if note := crashNote(); note != "" {
		t.Errorf("got %q", note)
	}
}

// The first window that dies is opened again, a later one where it lived long enough, and no fourth one comes.
func TestOpensAgain(t *testing.T) {
	for _, tc := range []struct {
		n     int
		lived time.Duration
		want  bool
	}{
		{1, 0, true},
		{2, settled - 1, false},
		{2, settled, true},
		{3, time.Hour, false},
	} {
		if got := opensAgain(tc.n, tc.lived); got != tc.want {
			t.Errorf("window %d that lived %v: got %v", tc.n, tc.lived, got)
		}
	}
}

// A file in which somebody else wrote is no reason to say anything.
func TestCrashNote_Garbage(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	t.Setenv("HOME", state)
	if err := os.WriteFile(untoldPath(crashPath()), []byte("yesterday"), 0o600); err != nil {
		t.Fatal(err)
	}
	if note := crashNote(); note != "" {
		t.Errorf("got %q", note)
	}
}

func TestTailWriter(t *testing.T) {
	w := &tailWriter{to: io.Discard, keep: 4}
	for _, part := range []string{"ab", "cdef", "g"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
	}
	if got := string(w.bytes()); got != "defg" {
		t.Errorf("got %q", got)
	}
}

func TestOpenText_SaysWhy(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	seen := map[string]bool{}
	for _, err := range []error{errLate, errUnseen, os.ErrNotExist, errors.New("exit status 127")} {
		seen[openText(err)] = true
	}
	if len(seen) != 4 {
		t.Errorf("got %v", seen)
	}
	if endedByHand(errors.New("other")) || steps.ExitCode(&steps.Problem{Code: steps.CodeCanceled}) != 130 {
		t.Error("a person's end is not told from others")
	}
}
