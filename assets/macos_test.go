package assets

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// plist reads the keys of a property list's outer dictionary with their values; an array's are joined by blanks.
func plist(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	values, key, in := map[string]string{}, "", []string{}
	for d := xml.NewDecoder(f); ; {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return values
		case err != nil:
			t.Fatalf("%s: %v", path, err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			in = append(in, x.Name.Local)
			if name := x.Name.Local; name == "true" || name == "false" {
				values[key] = name
			}
		case xml.EndElement:
			in = in[:len(in)-1]
		case xml.CharData:
			switch text := string(x); {
			case len(in) == 0 || strings.TrimSpace(text) == "":
			case in[len(in)-1] == "key":
				key = text
				values[key] = ""
			default:
				values[key] = strings.TrimSpace(values[key] + " " + text)
			}
		}
	}
}

// What macOS reads of the app: who it is, what it runs, and a sentence for each permission that it asks for.
func TestMacApp_InfoPlist(t *testing.T) {
	info := plist(t, "macos/Info.plist")
	for key, want := range map[string]string{
		"CFBundleIdentifier": "com.example.enrollment-assistant", "CFBundleExecutable": "assistant", "CFBundlePackageType": "APPL",
		"CFBundleShortVersionString": "VERSION", "CFBundleVersion": "VERSION", "CFBundleIconFile": "icon.icns",
		"NSHighResolutionCapable": "true", "CFBundleLocalizations": "en de",
		"LSMinimumSystemVersion": "12.0", // what Go 1.26 needs; an older agent's system is refused by the requirements
	} {
		if info[key] != want {
			t.Errorf("%s is %q, want %q", key, info[key], want)
		}
	}
	spoken := map[string][]string{}
	line := regexp.MustCompile(`(?m)^(\w+) = "([^"]+)";$`)
	for _, l := range Languages() {
		b, err := os.ReadFile("macos/" + l.Tag + ".lproj/InfoPlist.strings")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllStringSubmatch(string(b), -1) {
			spoken[m[1]] = append(spoken[m[1]], m[2])
			if l.Tag == "en" && info[m[1]] != m[2] {
				t.Errorf("%s says %q and %q", m[1], info[m[1]], m[2])
			}
		}
	}
	for key, said := range spoken {
		if len(said) != len(Languages()) || said[0] == said[1] {
			t.Errorf("%s: %q", key, said)
		}
	}
	if _, ok := spoken["NSDownloadsFolderUsageDescription"]; !ok {
		t.Error("nothing says why Downloads is written to")
	}
}

// The hardened runtime has no exception.
func TestMacApp_Entitlements(t *testing.T) {
	if granted := plist(t, "macos/entitlements.plist"); len(granted) != 0 {
		t.Errorf("%v", granted)
	}
}
