package stub

import (
	"regexp"
	"slices"
	"strings"
)

// Support is one distribution that Detect accepts.
type Support struct {
	ID       string   `json:"id"`              // of os-release: ubuntu
	Names    []string `json:"names,omitempty"` // beginnings of os-release's NAME, lower case; the ID is one too
	Versions []string `json:"versions"`        // "24.04" also stands for 24.04.1
	Format   string   `json:"format"`          // of its package: deb, rpm
}

// arches are the architectures that Detect accepts, as uname -m says them.
var arches = []string{"x86_64", "aarch64"}

// DefaultSupport is what a maintained public Ansible role lists for the vendor's agent
// (https://github.com/inviqa/ansible-jumpcloud, defaults/main.yml). Debian 13 is not in it.
func DefaultSupport() []Support {
	return []Support{
		{"ubuntu", nil, []string{"18.04", "20.04", "22.04", "24.04", "26.04"}, "deb"},
		{"debian", nil, []string{"11", "12"}, "deb"},
		{"pop", []string{"pop!_os"}, []string{"22"}, "deb"},
		{"rhel", []string{"red hat enterprise linux"}, []string{"8", "9", "10"}, "rpm"},
		{"rocky", nil, []string{"8", "9"}, "rpm"},
		{"ol", []string{"oracle linux"}, []string{"9"}, "rpm"},
		{"amzn", []string{"amazon linux"}, []string{"2", "2023"}, "rpm"},
		{"fedora", nil, []string{"40", "41", "42", "43"}, "rpm"},
	}
}

var firstVersion = regexp.MustCompile(`(?:^|[ -])(\d+(?:\.\d+)*)(?:[ .(-]|$)`)

// templateID gives the template id for an operating system, in os-release's "$NAME $VERSION" ("Debian GNU/Linux 12
// (bookworm)") or as "debian 12", and a machine; ok is false for what is not supported.
func templateID(supported []Support, os, machine string) (id string, ok bool) {
	if !slices.Contains(arches, machine) {
		return "", false
	}
	os = strings.ToLower(strings.TrimSpace(os))
	if strings.HasPrefix(os, "windows ") { // which versions the vendor supports is not public; the one id that was seen is this
		return "windows-windows-" + machine, true
	}
	m := firstVersion.FindStringSubmatch(os)
	if m == nil {
		return "", false
	}
	for _, d := range supported {
		if !d.named(os) {
			continue
		}
		for _, v := range d.Versions {
			if m[1] == v || strings.HasPrefix(m[1], v+".") {
				return d.ID + "-" + v + "-" + machine, true
			}
		}
	}
	return "", false
}

// named says whether an operating system is this distribution: its name begins with one of ours, as whole words.
func (d Support) named(os string) bool {
	for _, name := range append([]string{d.ID}, d.Names...) {
		if rest, ok := strings.CutPrefix(os, name); ok && (rest == "" || rest[0] == ' ' || rest[0] == '-') {
			return true
		}
	}
	return false
}

// hasPackage says whether there is a package for a template id.
func hasPackage(supported []Support, shelf []Package, id string) bool {
	for _, d := range supported {
		for _, p := range shelf {
			if strings.HasPrefix(id, d.ID+"-") && strings.HasSuffix(id, "-"+p.Arch) && p.Format == d.Format {
				return true
			}
		}
	}
	return false
}
