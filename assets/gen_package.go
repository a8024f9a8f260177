//go:build ignore

// gen_package packs the programs into a deb and an rpm, as assets/linux/nfpm.yaml says. Run it with `make package`.
package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb"
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

func main() {
	programs := flag.String("programs", "bin", "`folder` of assistant and assistant-cli")
	out := flag.String("out", "dist", "`folder` that gets the packages")
	version := flag.String("version", "", "what git describe says: v1.2.3, v1.2.3-4-gabcdef0 or abcdef0")
	flag.Parse()
	if err := run(*programs, *out, *version); err != nil {
		fmt.Fprintln(os.Stderr, "gen_package:", err)
		os.Exit(1)
	}
}

func run(programs, out, described string) error {
	version, err := packageVersion(described)
	if err != nil {
		return err
	}
	glibc, err := newestGLIBC(filepath.Join(programs, "assistant"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile("assets/linux/nfpm.yaml")
	if err != nil {
		return err
	}
	values := map[string]string{"ARCH": runtime.GOARCH, "VERSION": version, "PROGRAMS": programs, "GLIBC": glibc}
	config, err := nfpm.Parse(strings.NewReader(os.Expand(string(text), func(name string) string { return values[name] })))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, format := range []string{"deb", "rpm"} {
		name := filepath.Join(out, fmt.Sprintf("%s_%s_%s.%s", config.Name, version, runtime.GOARCH, format))
		if err := pack(&config, format, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Println(name)
	}
	return nil
}

// pack writes one package. A name that was there before is replaced whole.
func pack(config *nfpm.Config, format, name string) error {
	info, err := config.Get(format)
	if err != nil {
		return err
	}
	built, err := commitTime()
	if err != nil {
		return err
	}
	info.MTime = built
	for _, c := range info.Contents {
		c.FileInfo.MTime, c.FileInfo.Owner, c.FileInfo.Group = built, "root", "root"
	}
	if err := nfpm.PrepareForPackager(info, format); err != nil {
		return err
	}
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := packager.Package(info, &b); err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", b.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// tagged is a release, and what git describe adds for commits after it and for changes that are not committed.
var tagged = regexp.MustCompile(`^v?([0-9]+\.[0-9]+\.[0-9]+)(-[0-9A-Za-z.]+?)??(?:-([0-9]+)-g([0-9a-f]+))?(-dirty)?$`)

// packageVersion gives a version that package managers order as git does: a later commit is newer than the release
// before it, and what has no release yet is older than the first.
func packageVersion(described string) (string, error) {
	m := tagged.FindStringSubmatch(described)
	if m == nil {
		count, err := exec.Command("git", "rev-list", "--count", "HEAD").Output()
		if err != nil {
			return "", fmt.Errorf("counting the commits, since %q is no release: %w", described, err)
		}
		hash, dirty := strings.CutSuffix(described, "-dirty")
		m = []string{"", "0.0.0", "", strings.TrimSpace(string(count)), hash, ""}
		if dirty {
			m[5] = "-dirty"
		}
	}
	version := m[1] + strings.Replace(m[2], "-", "~", 1)
	if m[3] != "" {
		version += "+" + m[3] + ".g" + m[4]
	}
	if m[5] != "" {
		version += "+dirty"
	}
	return version, nil
}

// newestGLIBC gives the newest version of the C library that a program asks for, such as 2.34.
func newestGLIBC(program string) (string, error) {
	f, err := elf.Open(program)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	symbols, err := f.ImportedSymbols()
	if err != nil {
		return "", err
	}
	newest := 0
	for _, s := range symbols {
		if minor, ok := strings.CutPrefix(s.Version, "GLIBC_2."); ok {
			minor, _, _ = strings.Cut(minor, ".")
			n, err := strconv.Atoi(minor)
			if err != nil {
				return "", fmt.Errorf("%s asks for %s", s.Name, s.Version)
			}
			newest = max(newest, n)
		}
	}
	if newest == 0 {
		return "", errors.New("the window program asks for no version of the C library")
	}
	return "2." + strconv.Itoa(newest), nil
}

// commitTime is the time of all files, so that one commit gives one package.
func commitTime() (time.Time, error) {
	out, err := exec.Command("git", "log", "-1", "--format=%ct").Output()
	if err != nil {
		return time.Time{}, fmt.Errorf("asking for the time of the commit: %w", err)
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	return time.Unix(seconds, 0).UTC(), err
}
