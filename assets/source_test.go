package assets

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// This file holds what all of the module says to people: every sentence comes from the translations, every key that
// is asked for is there, and every key that is there is asked for.

// literal is a string in the sources.
type literal struct {
	where string // file and line
	value string
	// aside is set where no person reads it: an import, a tag, an error, a log message.
	aside bool
}

// goLiterals gives every string of the module's own Go files, whatever they are built for.
func goLiterals(t *testing.T) []literal {
	t.Helper()
	var all []literal
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, literalsOf(files, tree)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// unread are the functions whose strings no person is shown as they are: errors, which are for developers and stand
// behind a Problem; logs; and the answers of the stub's API, which imitate the vendor's.
var unread = regexp.MustCompile(`^(errors\.New|fmt\.Errorf|panic|.*\.(Debug|Info|Warn|Error|error)|badRequest|message)$`)

// literalsOf gives the strings of one file.
func literalsOf(files *token.FileSet, tree *ast.File) []literal {
	var all []literal
	aside := map[ast.Node]bool{}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			aside[n.Path] = true
		case *ast.Field:
			if n.Tag != nil {
				aside[n.Tag] = true
			}
		case *ast.CallExpr:
			if unread.MatchString(nameOf(n.Fun)) {
				for _, arg := range n.Args {
					aside[arg] = true
				}
			}
		case *ast.BinaryExpr:
			if aside[n] {
				aside[n.X], aside[n.Y] = true, true
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				value, err := strconv.Unquote(n.Value)
				if err == nil {
					all = append(all, literal{where: filepath.ToSlash(files.Position(n.Pos()).String()), value: value, aside: aside[n]})
				}
			}
		}
		return true
	})
	return all
}

// nameOf writes what is called: errors.New, s.log.Info.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e.X) + "." + e.Sel.Name
	}
	return ""
}

// pages gives the stub server's templates by name.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := fs.Glob(Stub, "web/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal(len(names), err)
	}
	all := map[string]string{}
	for _, name := range names {
		b, err := Stub.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(b)
	}
	return all
}

var (
	keyLike  = regexp.MustCompile(`^(app|check|problem|plan|phase|verdict|note|gui|cli|stub|web)\.[A-Za-z0-9_.-]*$`)
	fileLike = regexp.MustCompile(`\.(js|db|go)$`)
)

// named is what the sources have to put keys together.
type named struct {
	keys     map[string]string // written out, or their beginning, and where
	words    map[string]bool   // every string
	suffixes []string          // those that begin with a dot, a hyphen or an underscore
}

// allNamed reads the sources.
func allNamed(t *testing.T) named {
	t.Helper()
	n := named{keys: map[string]string{}, words: map[string]bool{}}
	add := func(value, where string) {
		n.words[value], n.words[strings.ReplaceAll(value, " ", "_")] = true, true
		switch {
		case keyLike.MatchString(value) && !fileLike.MatchString(value):
			n.keys[value] = where
		case len(value) > 1 && strings.ContainsAny(value[:1], ".-_"):
			n.suffixes = append(n.suffixes, value)
		}
	}
	for _, l := range goLiterals(t) {
		add(l.value, l.where)
	}
	quoted := regexp.MustCompile(`"([a-z_.]+)"`)
	for name, page := range pages(t) {
		for _, m := range quoted.FindAllStringSubmatch(page, -1) {
			add(m[1], name)
		}
	}
	return n
}

// asksFor tells whether a key is written out, or can be put together: from a beginning that ends in a dot or a hyphen
// and words, or from another key, with endings. All of them must stand in the sources.
func (n named) asksFor(key string) bool {
	if _, ok := n.keys[key]; ok {
		return true
	}
	for _, s := range n.suffixes {
		if rest, ok := strings.CutSuffix(key, s); ok && rest != "" && n.asksFor(rest) {
			return true
		}
	}
	for i := len(key) - 1; i > 0; i-- {
		if key[i-1] != '.' && key[i-1] != '-' {
			continue
		}
		if _, ok := n.keys[key[:i]]; ok && n.hasWords(key[i:]) {
			return true
		}
	}
	return false
}

// hasWords tells whether the end of a key is one string of the sources, or several with dots or hyphens between.
func (n named) hasWords(end string) bool {
	if n.words[end] {
		return true
	}
	for i, c := range end {
		if (c == '.' || c == '-') && n.words[end[:i]] && n.hasWords(end[i+1:]) {
			return true
		}
	}
	return false
}

func TestKeys_AreThere(t *testing.T) {
	n := allNamed(t)
	all := sentences(t, "en")
	var keys []string
	for key := range all {
		key, _, _ = strings.Cut(key, "#")
		keys = append(keys, key)
	}
	for key, where := range n.keys {
		found := false
		for _, k := range keys {
			rest, ok := strings.CutPrefix(k, key)
			found = found || ok && (rest == "" || strings.HasSuffix(key, ".") || strings.HasSuffix(key, "-") || strings.ContainsAny(rest[:1], ".-_"))
		}
		if !found {
			t.Errorf("%s: no sentence for %q", where, key)
		}
	}
	if len(n.keys) < 600 {
		t.Errorf("only %d keys were found in the sources", len(n.keys))
	}
}

func TestKeys_AreUsed(t *testing.T) {
	n := allNamed(t)
	for key := range sentences(t, "en") {
		key, _, _ = strings.Cut(key, "#")
		if key != "app.language" && !n.asksFor(key) { // app.language is read here, by Languages
			t.Errorf("nothing says the sentence %s", key)
		}
	}
	for _, key := range []string{"gui.nothing", "check.disk.nothing", "gui.verdict.nothing-waiting", "gui.back.nothing"} {
		if n.asksFor(key) {
			t.Errorf("%s counts as used", key)
		}
	}
}

// sentence is what reads as one: a capital and a small word after the first, or several words and a full stop, an
// ellipsis or a question mark. A name (Application Support) is none.
var sentence = regexp.MustCompile(`^[A-Z][a-z']*,? [a-z]|[a-z]{2}\S* .*[a-z)][.…?]\s*$`)

// label is a word that may stand on a button. The window, the terminal and the engine have no other use for one but to
// name a value of a sentence.
var (
	label  = regexp.MustCompile(`^[A-Z][a-z]+[:…]?$`)
	labels = regexp.MustCompile(`^\.\./(gui|steps|cmd/assistant)/`)
	names  = []string{"Accept", "Debian", "Downloads", "Get:", "Library", "Notify", "Terminal", "Ubuntu", "Windows"} // of headers, folders, systems, programs
)

// elsewhere are the sentences and words that no translation can hold, where they are, and why.
var elsewhere = []struct{ where, text, why string }{
	{"steps/report_send.go", "Authorization", "a header"},
	{"assets/gen_notices.go", "This program contains", "legal text beside licences, which stay as their authors wrote them"},
	{"cmd/assistant/qa.go", "Test build only:", "a flag that no release has"},
	{"cmd/assistant/qa.go", "No sentence for", "said to tests alone"},
	{"gui/preview_computer.go", "Professional", "Windows calls an edition so"},
	{"gui/preview_event.go", "Checking ", "the vendor's script says it"},
	{"platform/fake/computers.go", "Checking ", "the vendor's script says it"},
	{"platform/fake/computers.go", "installer: The install", "macOS says it"},
	{"platform/launch_linux.go", "Not authorized", "pkexec says it"},
	{"platform/install_linux.go", "Enrollment assistant", "logind keeps one text for all users of a computer"},
	{"platform/install_linux.go", "Installing the agent", "logind keeps one text for all users of a computer"},
	{"platform/keychain_darwin.go", "Enrollment assistant", "the keychain keeps one name for an entry"},
	{"platform/keychain_linux.go", "Connect key of", "the key ring keeps one name for an entry"},
	{"platform/parse_mac.go", "Enrolled via DEP", "macOS says it"},
	{"platform/parse_mac.go", "Secure token is ENABLED", "macOS says it"},
	{"platform/parse_mac.go", "Secure token is DISABLED", "macOS says it"},
	{"platform/parse_mac.go", "Unknown user", "macOS says it"},
	{"platform/parse_mac.go", "Now drawing from", "macOS says it"},
	{"server-stub/agent_service_other.go", "Agent of a stub", "systemd keeps one description of a service"},
	{"server-stub/stub/api.go", "The body is too long", "an answer of the API, for programs"},
	{"server-stub/stub/ca.go", "Stub server", "a name in a certificate"},
	{"server-stub/stub/ca.go", "Enrollment assistant", "a name in a certificate"},
	{"server-stub/stub/fault_preset.go", "Detect does", "the interface for tests, in its own words"},
	{"server-stub/stub/package.go", "This agent was installed", "the agent looks for these bytes"},
	{"server-stub/stub/package.go", "Enrollment assistant <", "packages are not translated"},
	{"server-stub/stub/package.go", "agent of a stub server", "packages are not translated"},
	{"server-stub/stub/package_authenticode.go", "Stub server test publisher", "a name in a certificate"},
}

func TestSentences_NotInCode(t *testing.T) {
	values := map[string]bool{} // names of values: the Host of {{.Host}}
	for _, s := range sentences(t, "en") {
		for _, m := range regexp.MustCompile(`\{\{\.(\w+)`).FindAllStringSubmatch(s, -1) {
			values[m[1]] = true
		}
	}
	used := map[int]bool{}
	for _, l := range goLiterals(t) {
		isLabel := labels.MatchString(l.where) && label.MatchString(l.value) && !values[l.value] && !slices.Contains(names, l.value)
		if l.aside || !isLabel && !sentence.MatchString(l.value) {
			continue
		}
		i := slices.IndexFunc(elsewhere, func(e struct{ where, text, why string }) bool {
			return strings.HasPrefix(l.where, "../"+e.where+":") && strings.HasPrefix(l.value, e.text)
		})
		if used[i] = true; i < 0 {
			t.Errorf("%s: %q belongs into the translations", l.where, l.value)
		}
	}
	for i, e := range elsewhere {
		if !used[i] {
			t.Errorf("%s no longer has %q", e.where, e.text)
		}
	}
}

// read are the attributes that people are shown or told.
var read = map[string]bool{"alt": true, "aria-label": true, "placeholder": true, "title": true}

// In the templates of the stub's pages too: words stand in {{ }} only, by their keys.
func TestSentences_NotInPages(t *testing.T) {
	words := regexp.MustCompile(`\pL{2}`)
	action := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	seen := 0
	for name, page := range pages(t) {
		z := html.NewTokenizer(strings.NewReader(action.ReplaceAllString(page, "§")))
		for z.Next() != html.ErrorToken {
			token := z.Token()
			if token.Type == html.TextToken {
				seen++
				if words.MatchString(token.Data) {
					t.Errorf("%s: %q belongs into the translations", name, strings.TrimSpace(token.Data))
				}
			}
			for _, a := range token.Attr {
				if read[a.Key] && words.MatchString(a.Val) {
					t.Errorf("%s: %s=%q belongs into the translations", name, a.Key, a.Val)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d texts were found", seen)
	}
}
