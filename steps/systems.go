package steps

import (
	"slices"
	"strconv"
	"strings"

	"example.com/enrollment-assistant/platform"
)

// supportedSystems lists the versions that the service accepts, by ID of os-release, macos and windows. The service
// judges by itself (Kickstart's /Detect); this table saves the way. Sources: the vendor's compatibility article for
// macOS, https://github.com/inviqa/ansible-jumpcloud defaults/main.yml of May 2026 for Linux. Windows editions are not
// published in a form that can be checked: 10.0 is Windows 10 and 11. An entry covers what begins with it and a dot.
var supportedSystems = map[string][]string{
	"ubuntu":  {"18.04", "20.04", "22.04", "24.04", "26.04"},
	"debian":  {"11", "12"},
	"rhel":    {"8", "9", "10"},
	"rocky":   {"8", "9"},
	"ol":      {"9"},
	"amzn":    {"2", "2023"},
	"fedora":  {"40", "41", "42", "43"},
	"pop":     {"22"},
	"macos":   {"13", "14", "15"},
	"windows": {"10.0"},
}

// refusedSystems lists distributions that are known not to be accepted, and versions of accepted ones that are newer
// than the table and were seen to be refused. What is in neither table is uncertain: a warning.
var refusedSystems = map[string][]string{
	"centos": nil, "alpine": nil, "arch": nil, "nixos": nil, // nil: every version
	"opensuse": nil, "opensuse-leap": nil, "opensuse-tumbleweed": nil,
	"debian": {"13"},
}

// packagedAsRPM tells the distributions whose packages are rpm; the agent's aarch64 build is certain for those only.
var packagedAsRPM = map[string]bool{"rhel": true, "rocky": true, "ol": true, "amzn": true, "fedora": true}

// support is what the tables say about a system.
type support int

const (
	supported   support = iota
	uncertain           // in no table, or newer than it
	unsupported         // known not to be accepted
)

// systemID is the row of the tables for this computer.
func systemID(f platform.Facts) string {
	switch f.OS {
	case "darwin":
		return "macos"
	case "linux":
		return strings.ToLower(f.Distribution)
	}
	return f.OS
}

// judgeSystem looks a computer up. overrides are rows of the profile, which replace those of the tables.
func judgeSystem(f platform.Facts, overrides map[string][]string) support {
	id := systemID(f)
	if row, ok := overrides[id]; ok {
		if covers(row, f.Version) {
			return supported
		}
		return unsupported
	}
	if refused, ok := refusedSystems[id]; ok && (refused == nil || covers(refused, f.Version)) {
		return unsupported
	}
	row, ok := supportedSystems[id]
	switch {
	case f.Windows != nil && f.Windows.Server: // which servers are accepted is not published
		return uncertain
	case !ok, f.Version == "": // a rolling distribution, or a test version of one, names no version
		return uncertain
	case covers(row, f.Version):
		return supported
	case newer(f.Version, row):
		return uncertain
	}
	return unsupported
}

// covers tells whether a version is one of the row's, or a point release of it.
func covers(row []string, version string) bool {
	return slices.ContainsFunc(row, func(entry string) bool {
		return version == entry || strings.HasPrefix(version, entry+".")
	})
}

// newer tells whether a version is above every one of the row.
func newer(version string, row []string) bool {
	return !slices.ContainsFunc(row, func(entry string) bool { return compareNumbers(version, entry) <= 0 })
}

// compareNumbers compares versions such as 24.04 and 9 by their numbers; a part that is no number counts as 0.
func compareNumbers(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		if d := numberAt(x, i) - numberAt(y, i); d != 0 {
			return d
		}
	}
	return 0
}

func numberAt(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, err := strconv.Atoi(parts[i])
	if err != nil {
		return 0
	}
	return n
}

// judgeArch tells whether there is an agent for this processor. The facts say it as uname -m does.
func judgeArch(f platform.Facts) support {
	switch f.Arch {
	case "x86_64", "amd64", "AMD64":
		return supported
	case "aarch64", "arm64", "ARM64":
		if f.OS == "darwin" || packagedAsRPM[systemID(f)] {
			return supported
		}
		return uncertain
	}
	return unsupported
}
