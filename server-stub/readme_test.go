//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// The commands of the README work as they stand there, but for the ports and the folder. Each client that shall trust
// the authority is one that the server heard: it asked for /readyz?NAME. A program that is not on this computer is told.
func TestReadme_Commands(t *testing.T) {
	dir := t.TempDir()
	_, said, _ := startServeFor(t, 5*time.Minute, "--demo", "--data", dir, "--agent-program", "/bin/true")
	v, err := newVisitor(said)
	must(t, err)
	host := func(base string) string {
		u, err := url.Parse(base)
		must(t, err)
		return u.Host
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(readFile(t, "README.md"), -1)
	var clients []string
	for _, b := range blocks {
		if missing := missingProgram(b[1]); missing != "" {
			t.Logf("not here: %s", missing)
			continue
		}
		text := strings.NewReplacer("/tmp/stub", dir, "127.0.0.1:8443", host(said.Console), "127.0.0.1:8080", host(said.People)).Replace(b[1])
		got := runBlock(t, dir, text)
		if want := promised(b[1]); len(want) > 0 && got != strings.Join(want, "\n") {
			t.Errorf("%s\nprinted\n%s\ninstead of\n%s", b[1], got, strings.Join(want, "\n"))
		}
		for _, m := range regexp.MustCompile(`readyz\?([a-z-]+)`).FindAllStringSubmatch(b[1], -1) {
			clients = append(clients, m[1])
		}
	}
	heard, _, err := call(t.Context(), v.client, http.MethodGet, said.Console+"/_qa/journal?path=/readyz", nil, "X-QA", "1")
	must(t, err)
	for _, name := range clients {
		if !bytes.Contains(heard, []byte(`"query":"`+name+`=","`)) {
			t.Errorf("%s did not come through:\n%s", name, heard)
		}
	}
	if len(blocks) < 8 || len(clients) < 3 || !slices.Contains(clients, "go") {
		t.Errorf("%d blocks were found, and %v came", len(blocks), clients)
	}
}

// runBlock runs commands as a shell does that ends at the first that fails, and gives what they print.
func runBlock(t *testing.T, dir, text string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euc", text)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Dir, cmd.WaitDelay = &out, &errs, dir, time.Second
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "NO_AT_BRIDGE=1")
	if err := cmd.Run(); err != nil {
		t.Errorf("%s\n%v\n%s%s", text, err, out.String(), errs.String())
	}
	return strings.TrimSpace(out.String())
}

// promised is what the README says that a block prints: what stands after the # of its lines.
func promised(block string) (lines []string) {
	for line := range strings.Lines(block) {
		if _, said, ok := strings.Cut(line, " # "); ok {
			lines = append(lines, strings.TrimSpace(said))
		}
	}
	return lines
}

// missingProgram gives a program of a block that is not on this computer; "" when all are.
func missingProgram(block string) string {
	for _, name := range []string{"curl", "jq", "go", "node", "python3", "keytool", "javac", "java", "certutil", "chromium", "firefox-esr"} {
		if name == "javac" && strings.Contains(block, "java ") || regexp.MustCompile(`(?m)(^|[ =(])`+name+` `).MatchString(block) {
			if _, err := exec.LookPath(name); err != nil {
				return name
			}
		}
	}
	return ""
}

// The example of the README is the one that is compiled and run.
func TestReadme_Example(t *testing.T) {
	example := readFile(t, filepath.Join("stub", "example_test.go"))
	if !strings.Contains(readFile(t, "README.md"), fmt.Sprintf("```go\n%s```", example)) {
		t.Error("README.md has another example than stub/example_test.go")
	}
}

// The presets that the README names are there, and every preset of the poisoned shelf is in it.
func TestReadme_Presets(t *testing.T) {
	text := readFile(t, "README.md")
	_, shelf, _ := strings.Cut(text, "### The poisoned shelf")
	shelf, _, _ = strings.Cut(shelf, "\n## ")
	known := map[string]bool{}
	for _, p := range stub.Presets() {
		known[p.Name] = true
		if slices.ContainsFunc(p.Faults, func(f stub.Fault) bool { return f.Poison != "" }) && !strings.Contains(shelf, "`"+p.Name+"`") {
			t.Errorf("%s is not in the README", p.Name)
		}
	}
	named := regexp.MustCompile("(?m)^\\| (`.*`) \\|").FindAllStringSubmatch(shelf, -1)
	if len(named) < 8 {
		t.Errorf("only %d rows were found", len(named))
	}
	for _, row := range named {
		for name := range strings.SplitSeq(row[1], ", ") {
			if name = strings.Trim(name, "`"); !known[name] {
				t.Errorf("there is no preset %s", name)
			}
		}
	}
}
