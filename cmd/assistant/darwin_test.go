package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// darwinPackage is what `go list` says of a package as macOS with cgo sees it.
type darwinPackage struct {
	Dir, ImportPath   string
	GoFiles, CgoFiles []string
	ImportMap         map[string]string
	Module            *struct{ Main bool }
}

// checked imports what was type-checked before; `go list -deps` gives dependencies first.
type checked map[string]*types.Package

// Import implements types.Importer.
func (c checked) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p, ok := c[path]; ok {
		return p, nil
	}
	return nil, errors.New("not listed: " + path)
}

// No C compiler for macOS is at hand elsewhere, so the files that `go vet` leaves out without cgo are type-checked
// with the C parts left open.
func TestDarwinCgoFiles_TypeCheck(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,ImportPath,GoFiles,CgoFiles,ImportMap,Module", "./platform/...")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(cmd.Environ(), "GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	done := checked{}
	var names []string // of ours
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p darwinPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		main := p.Module != nil && p.Module.Main
		var parsed []*ast.File
		for _, name := range append(p.GoFiles, p.CgoFiles...) {
			f, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, f)
			if main {
				names = append(names, name)
			}
		}
		vendored := checked{}
		maps.Copy(vendored, done)
		for as, is := range p.ImportMap {
			vendored[as] = done[is]
		}
		config := types.Config{
			Importer: vendored, FakeImportC: true, IgnoreFuncBodies: !main,
			Sizes: types.SizesFor("gc", "arm64"),
			Error: func(err error) {
				if main {
					t.Error(err)
				}
			},
		}
		// What others wrote may lean on C where it cannot be seen; only our own files are judged.
		done[p.ImportPath], _ = config.Check(p.ImportPath, files, parsed, nil)
	}
	for _, name := range []string{"keychain_darwin.go", "verify_darwin.go"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s, which needs cgo, is not among the files that were checked: %q", name, names)
		}
	}
}
