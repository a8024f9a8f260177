//go:build ignore

// gen_notices writes assets/notices.txt: the licence of every module that is linked into one of the programs on one
// of the three systems. Run it with `make notices`; a test fails when the file is behind.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen_notices:", err)
		os.Exit(1)
	}
}

func run() error {
	modules, err := linked()
	if err != nil {
		return err
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("asking for GOROOT: %w", err)
	}
	modules = append(modules, "the Go standard library|"+strings.TrimSpace(string(goroot)))

	byText := map[string][]string{}
	for _, m := range modules {
		name, dir, _ := strings.Cut(m, "|")
		text, err := licence(dir)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		byText[text] = append(byText[text], name)
	}
	texts := make([]string, 0, len(byText))
	for t := range byText {
		texts = append(texts, t)
	}
	slices.SortFunc(texts, func(a, b string) int { return strings.Compare(byText[a][0], byText[b][0]) })

	var out bytes.Buffer
	out.WriteString("This program contains the work of others, under these licences.\n")
	for _, t := range texts {
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(byText[t], "\n"), t)
	}
	return os.WriteFile("assets/notices.txt", out.Bytes(), 0o644)
}

// linked gives "path version|folder" of every module in one of the programs, sorted.
func linked() ([]string, error) {
	seen := map[string]bool{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		for _, tags := range []string{"", "nogui"} {
			cmd := exec.Command("go", "list", "-deps", "-tags", tags,
				"-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}|{{.Dir}}{{end}}{{end}}", "./cmd/assistant", "./server-stub")
			cgo := "1"
			if tags == "nogui" {
				cgo = "0"
			}
			cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED="+cgo)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				return nil, fmt.Errorf("listing the modules for %s: %w", system, err)
			}
			for _, line := range strings.Fields(strings.ReplaceAll(string(out), " ", "\x00")) {
				seen[strings.ReplaceAll(line, "\x00", " ")] = true
			}
		}
	}
	modules := make([]string, 0, len(seen))
	for m := range seen {
		modules = append(modules, m)
	}
	slices.Sort(modules)
	return modules, nil
}

// licence reads every licence and notice file of a module's folder.
func licence(dir string) (string, error) {
	var parts []string
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "License*", "license*", "COPYING*", "NOTICE*", "UNLICENSE*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return "", err
		}
		for _, f := range files {
			if strings.HasSuffix(f, ".go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				return "", err
			}
			parts = append(parts, strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")))
		}
	}
	if len(parts) == 0 {
		return "", errors.New("no licence file in " + filepath.Base(dir))
	}
	return strings.Join(parts, "\n\n"), nil
}
