package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/server-stub/stub"
)

// listening is the line that serve prints on stdout once all ports listen, and the only one.
type listening struct {
	Event   string `json:"event"` // "listening"
	Console string `json:"console"`
	Private string `json:"private"`
	People  string `json:"people"`
	CA      string `json:"ca"` // path of a PEM file
	Data    string `json:"data"`
}

func serveMain(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.Usage = usage("stub.cli.serve.usage", flags)
	s := &stub.Server{}
	flags.StringVar(&s.Data, "data", "", assets.Text("stub.cli.serve.data"))
	port := flags.Int("port", stub.DefaultPublicPort, assets.Text("stub.cli.serve.port"))
	private := flags.Int("private-port", stub.DefaultPrivatePort, assets.Text("stub.cli.serve.private"))
	people := flags.Int("people-port", stub.DefaultPeoplePort, assets.Text("stub.cli.serve.people"))
	flags.StringVar(&s.Address, "address", "", assets.Text("stub.cli.serve.address"))
	flags.BoolVar(&s.ListenAnywhere, "listen-anywhere", false, assets.Text("stub.cli.serve.anywhere"))
	flags.Func("host", assets.Text("stub.cli.serve.host"), func(h string) error {
		s.Hosts = append(s.Hosts, h)
		return nil
	})
	program := flags.String("agent-program", "", assets.Text("stub.cli.serve.agent"))
	flags.StringVar(&s.WindowsAgent, "windows-agent", "", assets.Text("stub.cli.serve.windowsagent"))
	agent := flags.String("agent-version", "", assets.Text("stub.cli.serve.agentversion"))
	demo := flags.Bool("demo", false, assets.Text("stub.cli.serve.demo"))
	seed := flags.String("seed", "", assets.Text("stub.cli.serve.seed"))
	journal := flags.String("journal", "", assets.Text("stub.cli.serve.journal"))
	flags.StringVar(&s.SMTP, "smtp", "", assets.Text("stub.cli.serve.smtp"))
	strict := flags.Bool("strict", false, assets.Text("stub.cli.serve.strict"))
	reports := flags.Bool("reports", false, assets.Text("stub.cli.serve.reports"))
	verbose := flags.Bool("verbose", false, assets.Text("stub.cli.serve.verbose"))
	if err := parse(flags, args); err != nil {
		return err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	ports := stub.Ports{Public: *port, Private: *private, People: *people}
	if *port == 0 { // all three are free ones, unless one was asked for
		if !given["private-port"] {
			ports.Private = 0
		}
		if !given["people-port"] {
			ports.People = 0
		}
	}
	var err error
	if s.AgentProgram, err = agentBinary(*program); err != nil {
		return err
	}
	settings := stub.DefaultSettings()
	if *agent != "" {
		settings.AgentVersion = *agent
	}
	settings.Reports = *reports
	s.Initial = &settings
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	s.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return serve(ctx, s, ports, serving{demo: *demo, seed: *seed, journal: *journal, strict: *strict}, os.Stdout)
}

// serving is what serve does besides serving.
type serving struct {
	demo    bool
	seed    string // file to plant
	journal string // file to write the journal to
	strict  bool   // a violated invariant is an error at the end
}

// errViolated is the end of a strict server of which an invariant did not hold.
var errViolated = errors.New("an invariant did not hold")

// agentBinary is the program that goes into the packages: this one, which is server and agent in one.
func agentBinary(given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	own, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this program: %w", err)
	}
	return own, nil
}

// serve runs a server until ctx ends and says on out where it listens.
func serve(ctx context.Context, s *stub.Server, ports stub.Ports, extra serving, out io.Writer) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	if extra.journal != "" {
		f, err := os.OpenFile(extra.journal, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("opening the journal: %w", err)
		}
		defer func() { _ = f.Close() }() // each line was written already
		s.Journal = f
	}
	if extra.demo {
		if err := s.Demo(ctx); err != nil {
			return err
		}
	}
	if extra.seed != "" {
		if err := plant(ctx, s, extra.seed); err != nil {
			return err
		}
	}
	a, err := s.Start(ports)
	if err != nil {
		return err
	}
	line, err := json.Marshal(listening{"listening", a.Console, a.Private, a.People, a.CAFile, filepath.Dir(a.CAFile)})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, string(line)); err != nil {
		return fmt.Errorf("saying where it listens: %w", err)
	}
	<-ctx.Done()
	if v := s.Violations(); extra.strict && len(v) > 0 {
		for _, one := range v {
			s.Log.Error("invariant", "rule", one.Invariant, "time", one.Time, "what", one.Text)
		}
		return fmt.Errorf("%w: %d times", errViolated, len(v))
	}
	return nil
}

// plant adds what a seed file says.
func plant(ctx context.Context, s *stub.Server, file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading the seed: %w", err)
	}
	seed, err := stub.ParseSeed(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return s.Plant(ctx, seed)
}

// caMain prints the authority's certificate of a data folder.
func caMain(args []string) error {
	flags := flag.NewFlagSet("ca", flag.ContinueOnError)
	flags.Usage = usage("stub.cli.ca.usage", flags)
	data := flags.String("data", "", assets.Text("stub.cli.ca.data"))
	if err := parse(flags, args); err != nil {
		return err
	}
	if *data == "" {
		flags.Usage()
		return errUsage
	}
	pem, err := os.ReadFile(filepath.Join(*data, "ca.crt"))
	if err != nil {
		return fmt.Errorf("reading the authority (serve makes it at its first start): %w", err)
	}
	_, err = os.Stdout.Write(pem)
	return err
}
