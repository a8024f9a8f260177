package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/server-stub/stub"
)

// line is what the demo reads of the assistant's JSON lines. It is written out here again: the stub shares no types with
// the assistant.
type line struct {
	Event string `json:"event"`
	Phase *struct {
		Title string `json:"title"`
		State string `json:"state"`
	} `json:"phase"`
	Check *struct {
		Level string `json:"level"`
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"check"`
	Problem *struct {
		Summary string `json:"summary"`
		Hint    string `json:"hint"`
	} `json:"problem"`
}

// unattended enrolls by a demo account without asking, and says in sentences what happened.
func (d *demo) unattended(ctx context.Context) error {
	answers, err := json.Marshal(map[string]string{"email": "nora@acme.example", "password": stub.DemoUserPassword, "totpSecret": stub.DemoTOTPSecret})
	if err != nil {
		return err
	}
	cmd := d.command(ctx, d.cli, "enroll", "--json", "--answers", "-")
	cmd.Stdin = bytes.NewReader(answers)
	read, write := io.Pipe()
	cmd.Stdout = write
	told := make(chan struct{})
	go func() {
		defer close(told)
		tell(read, os.Stdout)
	}()
	err = d.children.run(cmd)
	_ = write.Close()
	<-told
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("enrolling by the demo account: %w", err)
	}
	return d.whatTheServerSaw(ctx)
}

// tell puts the assistant's events into sentences.
func tell(events io.Reader, out io.Writer) {
	say := func(first string, more ...string) {
		if next := strings.Join(more, " "); next != "" {
			first = strings.TrimRight(first, ".") + ". " + next // titles have no full stop
		}
		_, _ = fmt.Fprintln(out, "  "+first) // nobody reads any more: go on
	}
	begun := map[string]bool{}
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l line
		if json.Unmarshal(lines.Bytes(), &l) != nil {
			continue // the assistant's own tests hold it to JSON
		}
		switch {
		case l.Phase != nil && !begun[l.Phase.Title]:
			begun[l.Phase.Title] = true
			say(l.Phase.Title)
		case l.Check != nil && (l.Check.Level == "warn" || l.Check.Level == "block"):
			say(l.Check.Title, l.Check.Text)
		case l.Problem != nil:
			say(l.Problem.Summary, l.Problem.Hint)
		}
	}
	_, _ = io.Copy(io.Discard, events) // a line that is too long must not hold up the program
}

// whatTheServerSaw says what the enrollment led to, by the server's own records.
func (d *demo) whatTheServerSaw(ctx context.Context) error {
	seen, err := d.server.Snapshot(ctx)
	if err != nil {
		return err
	}
	if len(seen.Systems) == 0 {
		return errors.New("the assistant ended well, but the server knows no device")
	}
	y := seen.Systems[0]
	mails := 0
	for _, m := range seen.Outbox {
		if m.SystemID == y.ID {
			mails++
		}
	}
	fmt.Println(assets.Text("stub.demo.enrolled", "Hostname", y.Hostname, "System", y.ID, "Version", y.AgentVersion, "User", y.ProvisionerName))
	fmt.Println(assets.Text("stub.demo.mails", "Count", mails))
	return nil
}

// lowerName is os-release's NAME as Support wants it.
func lowerName(release map[string]string) string { return strings.ToLower(release["NAME"]) }
