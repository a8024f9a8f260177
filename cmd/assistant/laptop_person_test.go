//go:build laptop

package main

import (
	"bufio"
	"context"
	_ "embed"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

//go:embed testdata/laptop/terminal.sh
var terminalScript []byte

// The accounts of the laptop, as image.sh makes them: its user, and the administrator who may come by.
const (
	localUser      = "nora"
	localAdmin     = "ada-local"
	localAdminPass = "local-Ada-7"
)

// runWithin is how long one enrollment may take, and somebody who sits before it. A run that is never seen by its service
// ends after three minutes.
const runWithin = 10 * time.Minute

// reply is what somebody types when a question stands in the terminal. A hidden one is not shown there. Of several to
// one question each is given once, in order, and the last one from then on.
type reply struct {
	question, text string
	hidden         bool
}

// seated is a program that runs in a terminal of the laptop, with somebody who answers what is asked there.
type seated struct {
	g      *guest
	cmd    *exec.Cmd
	folder string
	cancel context.CancelFunc
	keys   io.WriteCloser
	read   chan struct{} // closed when the terminal is

	mu     sync.Mutex
	screen strings.Builder
	more   chan struct{} // closed when more stands in the terminal
	past   int           // how much of it, with single blanks for all white space, sees has seen
}

// seat starts a program as nora, in a terminal, beside the text agent of polkit. When the agent asks for a password,
// password is typed; nothing where there is none. What stands in the terminal is polkit's, what the program prints is in
// files.
func (g *guest) seat(password, program string) *seated {
	g.t.Helper()
	g.put("/usr/local/bin/terminal.sh", "root", "0755", terminalScript)
	var replies []reply
	if password != "" {
		replies = []reply{{"Password: ", password, true}}
	}
	return g.sit(localUser, "exec terminal.sh \"$folder\" "+program, replies...)
}

// sit runs a shell script as a person in a terminal. The script finds a folder of its own in $folder, whose file tty
// names the terminal.
func (g *guest) sit(person, script string, replies ...reply) *seated {
	g.t.Helper()
	folder := g.check("folder=$(mktemp --directory /tmp/seat-XXXXXX) && chown " + person + " $folder && echo $folder")
	ctx, cancel := context.WithTimeout(g.t.Context(), runWithin)
	p := &seated{g: g, folder: folder, cancel: cancel, read: make(chan struct{}), more: make(chan struct{})}
	p.cmd = g.command(ctx, login(person, true, "folder="+folder+"; tty >$folder/tty; "+script)...)
	var err error
	p.keys, err = p.cmd.StdinPipe()
	must(g.t, err)
	out, err := p.cmd.StdoutPipe()
	must(g.t, err)
	p.cmd.Stderr = p.cmd.Stdout
	must(g.t, p.cmd.Start())
	go p.answer(out, replies)
	return p
}

// answer types the reply to each question as soon as it stands there.
func (p *seated) answer(out io.Reader, replies []reply) {
	defer close(p.read)
	in := bufio.NewReader(out)
	given := map[int]bool{}
	for {
		b, err := in.ReadByte()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.screen.WriteByte(b)
		screen := strings.ReplaceAll(p.screen.String(), "\r\n", " ") // a question may take two lines
		close(p.more)
		p.more = make(chan struct{})
		p.mu.Unlock()
		next := -1
		for i, r := range replies {
			if strings.HasSuffix(screen, r.question) && (next < 0 || given[next]) {
				next = i
			}
		}
		if next >= 0 {
			given[next] = true
			p.types(replies[next].text, replies[next].hidden)
		}
	}
}

// types types a line. A hidden one waits until the terminal does not show what is typed.
func (p *seated) types(text string, hidden bool) {
	if hidden {
		p.echoOff()
	}
	_, _ = io.WriteString(p.keys, text+"\n") // a terminal that is gone is seen by the reader
}

// sees waits until a text stands in the terminal, below what was seen before, however its lines are broken.
func (p *seated) sees(text string) {
	p.g.t.Helper()
	want := strings.Join(strings.Fields(text), " ")
	late := time.NewTimer(runWithin)
	defer late.Stop()
	for ended := false; ; {
		p.mu.Lock()
		screen := strings.Join(strings.Fields(p.screen.String()), " ")
		more, at := p.more, strings.Index(screen[min(p.past, len(screen)):], want)
		if at >= 0 {
			p.past += at + len(want)
		}
		p.mu.Unlock()
		switch {
		case at >= 0:
			return
		case ended:
			p.g.t.Fatalf("the program ended before it said %q:\n%s", text, screen)
		}
		select {
		case <-more:
		case <-p.read:
			ended = true
		case <-late.C:
			p.g.t.Fatalf("it never said %q:\n%s", text, screen)
		}
	}
}

// echoOff waits until the terminal does not show what is typed: what came before that is thrown away by programs which
// write their question first and change the terminal then.
func (p *seated) echoOff() {
	script := `until stty --file="$(cat "$1/tty")" --all | grep --quiet -e ' -echo '; do sleep 0.05; done`
	ctx, cancel := context.WithTimeout(p.g.t.Context(), time.Minute)
	defer cancel()
	_ = p.g.command(ctx, "/bin/sh", "-c", script, "sh", p.folder).Run() // typing too early is seen by what does not happen
}

// end waits for the program's end and gives its exit code. What stood in the terminal is logged.
func (p *seated) end() int {
	p.g.t.Helper()
	defer p.cancel()
	<-p.read
	_ = p.cmd.Wait() // its exit code says it
	p.g.t.Logf("exit code %d; the terminal showed:\n%s", p.cmd.ProcessState.ExitCode(), p.shown())
	return p.cmd.ProcessState.ExitCode()
}

// wait waits for the end of a program that seat started and gives what it printed.
func (p *seated) wait() outcome {
	p.g.t.Helper()
	o := outcome{code: p.end()}
	o.stdout = p.g.check("cat " + p.folder + "/stdout")
	o.stderr = p.g.check("cat " + p.folder + "/stderr")
	return o
}

// shown gives what stood in the terminal.
func (p *seated) shown() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.ReplaceAll(p.screen.String(), "\r", "")
}

// until waits until a program that seat started has printed a line that holds all of the words.
func (p *seated) until(words ...string) {
	p.g.t.Helper()
	ctx, cancel := context.WithTimeout(p.g.t.Context(), runWithin)
	defer cancel()
	tail := p.g.command(ctx, "tail", "--follow=name", "--retry", "--lines=+1", p.folder+"/stdout")
	out, err := tail.StdoutPipe()
	must(p.g.t, err)
	must(p.g.t, tail.Start())
	defer func() {
		cancel()
		_ = tail.Wait() // it was killed
	}()
	go func() { // a program that ended prints no more
		select {
		case <-p.read:
			cancel()
		case <-ctx.Done():
		}
	}()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		found := true
		for _, word := range words {
			found = found && strings.Contains(lines.Text(), word)
		}
		if found {
			return
		}
	}
	p.g.t.Fatalf("the program ended, or took too long, before it printed %q", words)
}
