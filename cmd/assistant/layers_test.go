package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
)

const module = "example.com/enrollment-assistant"

// mayImport holds the layers: what each package may import of ours. A package that is not here fails the test.
var mayImport = map[string][]string{
	"assets":               {},
	"platform":             {},
	"platform/fake":        {"platform"},
	"steps":                {"platform", "assets"},
	"gui":                  {"steps", "platform", "assets"},
	"cmd/assistant":        {"gui", "steps", "platform", "assets"},
	"server-stub":          {"server-stub/stub", "assets"},
	"server-stub/stub":     {"assets"},
	"server-stub/stubtest": {"server-stub/stub", "platform"}, // of tests alone
}

// mustNotImport holds what a package may not import of others: a prefix of the import path. The window's widgets do
// no I/O, the engine knows no toolkit, and nothing but the window's command starts one.
var mustNotImport = map[string][]string{
	"assets":           {"fyne.io/"},
	"platform":         {"fyne.io/", "modernc.org/"},
	"platform/fake":    {"fyne.io/", "modernc.org/"},
	"steps":            {"fyne.io/", "modernc.org/", "os/exec"},
	"gui":              {"fyne.io/fyne/v2/app", "os", "os/exec", "net", "net/http", "database/sql", "modernc.org/"},
	"cmd/assistant":    {"modernc.org/"},
	"server-stub":      {"fyne.io/"},
	"server-stub/stub": {"fyne.io/"},
}

// direct is every module this one depends on itself, and why.
var direct = map[string]string{
	"fyne.io/fyne/v2":                          "the window",
	"github.com/ProtonMail/go-crypto":          "checks who signed a package; signs those of the stub",
	"github.com/TheJumpCloud/jcapi-go":         "tests: the vendor's own clients use the stub",
	"github.com/chromedp/cdproto":              "tests: what chromedp speaks",
	"github.com/chromedp/chromedp":             "tests: drives a real browser",
	"github.com/creack/pty":                    "a terminal for dscl, which takes no password but from one",
	"github.com/getkin/kin-openapi":            "tests: holds the stub's answers against OpenAPI documents",
	"github.com/godbus/dbus/v5":                "keeps the computer awake through logind",
	"github.com/goreleaser/nfpm/v2":            "builds the stub agent's deb and rpm",
	"github.com/kardianos/service":             "the stub agent as a service; starts the agent's",
	"github.com/keybase/go-keychain":           "remembers the connect key",
	"github.com/nicksnyder/go-i18n/v2":         "translations with plurals",
	"github.com/pkg/browser":                   "opens the portal",
	"github.com/pquerna/otp":                   "time-based codes",
	"github.com/rogpeppe/go-internal":          "tests: command lines as scripts",
	"github.com/santhosh-tekuri/jsonschema/v6": "checks profiles",
	"github.com/shirou/gopsutil/v3":            "facts about the computer",
	"go.yaml.in/yaml/v3":                       "reads the stub's seeds; kept by the YAML organization",
	"golang.org/x/crypto":                      "hashes the stub's passwords",
	"golang.org/x/image":                       "tests: looks into the fonts that we bring along",
	"golang.org/x/net":                         "which proxy this computer uses",
	"golang.org/x/sys":                         "peer credentials, locks",
	"golang.org/x/term":                        "secrets without echo",
	"golang.org/x/text":                        "language tags",
	"modernc.org/sqlite":                       "the stub's database, pure Go",
}

// listed is what `go list` says of one package.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// goList runs `go list` at the top of the module.
func goList(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = filepath.Join("..", "..")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, stderr.String())
	}
	return out
}

func packages(t *testing.T, args ...string) []listed {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(goList(t, append([]string{"-json=ImportPath,Imports,Deps"}, args...)...))))
	var all []listed
	for {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestLayers_Imports(t *testing.T) {
	for _, tags := range []string{"", "nogui", "qa"} {
		found := packages(t, "-tags", tags, "./assets/...", "./platform/...", "./steps/...", "./gui/...", "./cmd/...", "./server-stub/...")
		if len(found) < len(mayImport) {
			t.Errorf("found %d packages, the table has %d", len(found), len(mayImport))
		}
		for _, p := range found {
			name := strings.TrimPrefix(p.ImportPath, module+"/")
			allowed, known := mayImport[name]
			if !known {
				t.Errorf("%s: a package that the layers do not know", name)
			}
			for _, imported := range p.Imports {
				if ours, ok := strings.CutPrefix(imported, module+"/"); ok && !slices.Contains(allowed, ours) {
					t.Errorf("%s imports %s", name, ours)
				}
				if slices.ContainsFunc(mustNotImport[name], func(forbidden string) bool {
					return imported == forbidden || strings.HasSuffix(forbidden, "/") && strings.HasPrefix(imported, forbidden)
				}) {
					t.Errorf("%s imports %s", name, imported)
				}
			}
		}
	}
}

func TestLayers_WhatIsLinked(t *testing.T) {
	for _, c := range []struct{ tags, dep string }{
		{"", "modernc.org/sqlite"},
		{"nogui", "modernc.org/sqlite"},
		{"nogui", "fyne.io/fyne/v2"},
	} {
		p := packages(t, "-tags", c.tags, "./cmd/assistant")[0]
		if len(p.Deps) < 50 {
			t.Fatalf("only %d dependencies listed", len(p.Deps))
		}
		if slices.ContainsFunc(p.Deps, func(d string) bool { return d == c.dep || strings.HasPrefix(d, c.dep+"/") }) {
			t.Errorf("-tags %q links %s", c.tags, c.dep)
		}
	}
}

func TestLayers_DirectDependencies(t *testing.T) {
	out := goList(t, "-m", "-f", "{{if not (or .Indirect .Main)}}{{.Path}}{{end}}", "all")
	found := strings.Fields(string(out))
	for _, m := range found {
		if direct[m] == "" {
			t.Errorf("%s is a direct dependency that the list does not give a reason for", m)
		}
	}
	for m := range direct {
		if !slices.Contains(found, m) {
			t.Errorf("%s is in the list, but nothing needs it", m)
		}
	}
}

// The licences of everything that is linked travel with the programs.
func TestNotices_EveryLinkedModule(t *testing.T) {
	for _, system := range []string{"linux", "windows", "darwin"} {
		t.Setenv("GOOS", system)
		t.Setenv("CGO_ENABLED", "1")
		out := goList(t, "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "./cmd/assistant", "./server-stub")
		for line := range strings.Lines(string(out)) {
			if line = strings.TrimSpace(line); line != "" && !strings.Contains(assets.Notices, "\n"+line+"\n") {
				t.Errorf("%s: assets/notices.txt lacks %q; run `make notices`", system, line)
			}
		}
	}
}

// Nobody puts the names of this project's folders or registries into a file by accident: the tree has the top level
// that its user fixed.
func TestLayers_TopLevel(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	allowed := strings.Fields(`.ci .git .github .gitignore .golangci.yml CHANGELOG.md CONTRIBUTING.md FyneApp.toml LICENSE Makefile
		README.md assets bin cmd dist go.mod go.sum gui platform server-stub steps`)
	for _, e := range entries {
		if !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}
