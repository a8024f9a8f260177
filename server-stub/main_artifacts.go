package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/signal"
	"syscall"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/server-stub/stub"
)

// artifactsMain builds what lies on the shelves, and tells of each package in a line.
func artifactsMain(args []string) (err error) {
	flags := flag.NewFlagSet("artifacts", flag.ContinueOnError)
	flags.Usage = usage("stub.cli.artifacts.usage", flags)
	s := &stub.Server{}
	flags.StringVar(&s.Data, "data", "", assets.Text("stub.cli.artifacts.data"))
	program := flags.String("agent-program", "", assets.Text("stub.cli.serve.agent"))
	flags.StringVar(&s.WindowsAgent, "windows-agent", "", assets.Text("stub.cli.serve.windowsagent"))
	agent := flags.String("agent-version", stub.DefaultSettings().AgentVersion, assets.Text("stub.cli.serve.agentversion"))
	if err := parse(flags, args); err != nil {
		return err
	}
	if s.Data == "" {
		flags.Usage()
		return errUsage
	}
	if s.AgentProgram, err = agentBinary(*program); err != nil {
		return err
	}
	settings := stub.DefaultSettings()
	settings.AgentVersion = *agent
	s.Initial = &settings
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer func() { err = errors.Join(err, s.Close()) }()
	list, err := s.Artifacts(ctx)
	out := json.NewEncoder(os.Stdout)
	for _, a := range list {
		err = errors.Join(err, out.Encode(a))
	}
	return err
}
