package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"example.com/enrollment-assistant/assets"
)

// agentProgram is the agent's name on an enrolled computer. Called so, this program has the verbs of the agent only.
const agentProgram = "jumpcloud-agent"

// place is where the agent's files lie: below a sandbox, or where they are on an enrolled computer when it is empty.
type place string

func (p place) sandbox() bool { return p != "" }

// errForeign is a computer that was enrolled with somebody else.
var errForeign = errors.New("there is no " + markerFile + ": no stub server installed this agent, and nothing was touched")

// guard refuses a computer whose /opt/jc the stub did not make.
func (p place) guard() error {
	if _, err := os.Lstat(p.path(markerFile)); errors.Is(err, fs.ErrNotExist) {
		return errForeign
	} else if err != nil {
		return fmt.Errorf("looking for the marker: %w", err)
	}
	return nil
}

// agentMain is the command "agent", and the whole program when it is called jumpcloud-agent.
func agentMain(args []string) error {
	flags := flag.NewFlagSet("agent", flag.ContinueOnError)
	root := flags.String("root", "", assets.Text("stub.cli.agent.root"))
	flags.Usage = usage("stub.cli.agent.usage", flags)
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		if err := flags.Parse(args); err != nil {
			return asUsage(err)
		}
		flags.Usage()
		return errUsage
	}
	verb := args[0]
	if verb == "bootstrap" {
		return bootstrapAgent(args[1:])
	}
	if err := flags.Parse(args[1:]); err != nil {
		return asUsage(err)
	}
	at, err := placeAt(*root)
	if err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
	case verb == "run" && at.sandbox():
		return runInSandbox(at)
	case verb == "run":
		return runAsService()
	case verb == "install" && !at.sandbox():
		return installService()
	case verb == "uninstall" && !at.sandbox():
		return uninstallService()
	}
	flags.Usage()
	return errUsage
}

// placeAt gives the place of --root; empty is this computer.
func placeAt(root string) (place, error) {
	if root == "" {
		return "", nil
	}
	whole, err := filepath.Abs(root)
	if err != nil {
		return "", fmt.Errorf("reading --root: %w", err)
	}
	return place(whole), nil
}

// runInSandbox runs the agent as an ordinary process. It ends by itself when its stub or its folder is gone.
func runInSandbox(at place) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return runAgent(ctx, at)
}
