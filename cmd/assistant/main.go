// Command assistant enrolls this computer into the organization that owns it. Without a command it opens a window; the
// build without a window (assistant-cli, -tags nogui) has every other command, the side that runs with administrator
// rights among them. Both programs are always shipped together, in one folder.
//
// The rules of this command line: no flag ever takes a secret, and no error repeats a value that could be one. What a
// command was asked for goes to standard output; what went wrong goes to standard error, as one sentence of what
// happened and one of what to do. Exit codes are those of package steps and are listed in README.md.
package main

import (
	"context"
	"io"
	"os"
	"slices"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// stdio is where a command reads and writes.
type stdio struct {
	in       *os.File
	out, err io.Writer
}

// command is one subcommand. Its run gives the process's exit code.
type command struct {
	name string
	run  func(ctx context.Context, args []string, io stdio) int
}

// commands lists the subcommands in the order of the usage text. The side with administrator rights, and the side in a
// terminal that was opened, are in it and not in the text: only the assistant itself starts those.
func commands() []command {
	return []command{
		{"enroll", enroll},
		{"check", check},
		{"plan", plan},
		{"profile", profileCommand},
		{"report", reportCommand},
		{"open", open},
		{"preview", preview},
		{"version", showVersion},
		{"licenses", licenses},
		{"help", help},
		{"elevated", elevated},
		{"in-terminal", insideTerminal},
	}
}

func main() {
	// The side with administrator rights talks to this program alone, and everybody waits for it: its few sentences are English.
	if !slices.Equal(os.Args[1:min(2, len(os.Args))], []string{"elevated"}) {
		setLanguage()
	}
	os.Exit(run(context.Background(), os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// run finds the command and runs it.
func run(ctx context.Context, args []string, io stdio) int {
	if len(args) == 0 || args[0] != "" && args[0][0] == '-' && !isHelp(args[0]) {
		return window(ctx, args, io)
	}
	name := args[0]
	if isHelp(name) {
		name = "help"
	}
	for _, c := range commands() {
		if c.name == name {
			return c.run(ctx, args[1:], io)
		}
	}
	return fail(io, usageProblem("cli.usage.unknown-command", "Name", printable(args[0])))
}

// help prints the short usage text, or with "all" the one that has every flag.
func help(_ context.Context, args []string, io stdio) int {
	switch {
	case len(args) == 0:
		say(io.out, assets.Text("cli.usage.short"))
	case len(args) == 1 && args[0] == "all":
		say(io.out, usageAll())
	default:
		return fail(io, usageProblem("cli.usage.help-arguments"))
	}
	return 0
}

// usageAll is the long usage text; a test build has a flag more.
func usageAll() string {
	text := assets.Text("cli.usage.all")
	if sandboxUsage != "" {
		text += "\n\n" + sandboxUsage
	}
	return text
}

// fail says what went wrong and gives the exit code for it.
func fail(io stdio, p *steps.Problem) int {
	say(io.err, problemText(p))
	return steps.ExitCode(p)
}
