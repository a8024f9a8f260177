// Command server-stub plays JumpCloud for tests and demonstrations: the server that enrolls computers, and the agent
// that is put on them. README.md beside it says how to use it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"example.com/enrollment-assistant/assets"
)

// version is set by the build.
var version = "unknown"

// errUsage is a command line that cannot be followed; what is wrong was printed already.
var errUsage = errors.New("usage")

// errSaid is a failure that another process told already.
var errSaid = errors.New("failed, as said above")

func main() {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == agentProgram {
		os.Exit(exitCode(asAgent(os.Args[1:])))
	}
	os.Exit(exitCode(run(os.Args[1:])))
}

// exitCode prints an error and gives the process's exit code: 2 for a wrong command line, 3 for an
// invariant that did not hold under --strict, 1 for what failed.
func exitCode(err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	case errors.Is(err, errSaid):
		return 1
	case errors.Is(err, errViolated):
		fmt.Fprintln(os.Stderr, filepath.Base(os.Args[0])+":", err)
		return 3
	}
	fmt.Fprintln(os.Stderr, filepath.Base(os.Args[0])+":", err)
	return 1
}

// asAgent is the program under the agent's name, where the word "agent" may be left out.
func asAgent(args []string) error {
	if len(args) > 0 && args[0] == "agent" {
		args = args[1:]
	}
	return agentMain(args)
}

func run(args []string) error {
	commands := map[string]func([]string) error{
		"serve": serveMain, "agent": agentMain, "ca": caMain, "artifacts": artifactsMain, "version": versionMain, "demo": demoMain,
	}
	if len(args) > 0 {
		if command, ok := commands[args[0]]; ok {
			return command(args[1:])
		}
	}
	if len(args) > 0 && (args[0] == "-h" || args[0] == "--help" || args[0] == "help") {
		fmt.Print(assets.Text("stub.cli.usage"))
		return nil
	}
	fmt.Fprint(os.Stderr, assets.Text("stub.cli.usage"))
	return errUsage
}

// usage prints a command's text and its flags.
func usage(key string, flags *flag.FlagSet) func() {
	return func() {
		_, _ = fmt.Fprint(flags.Output(), assets.Text(key)) // as PrintDefaults does
		flags.PrintDefaults()
	}
}

// parse reads the flags of a command that takes no other arguments.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return asUsage(err)
	}
	if flags.NArg() > 0 {
		flags.Usage()
		return errUsage
	}
	return nil
}

// asUsage turns an error of the flag package, which printed it, into the one of this program.
func asUsage(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return errUsage
}

func versionMain(args []string) error {
	flags := flag.NewFlagSet("version", flag.ContinueOnError)
	flags.Usage = usage("stub.cli.version.usage", flags)
	if err := parse(flags, args); err != nil {
		return err
	}
	fmt.Println("server-stub", version, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	return nil
}
