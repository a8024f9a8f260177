package main

import (
	"encoding/json"
	"encoding/xml"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// readme is the document for admins.
func readme(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// The table of exit codes names every code that package steps declares, with its exit code, and no other.
func TestReadme_ExitCodes(t *testing.T) {
	source, err := os.ReadFile("../../steps/problem.go")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\s+Code\w+\s+Code = "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
		want[m[1]] = strconv.Itoa(steps.ExitCode(&steps.Problem{Code: steps.Code(m[1])}))
	}
	got := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| (\\d+) \\| `([a-z-]+)` \\|").FindAllStringSubmatch(readme(t), -1) {
		got[m[2]] = m[1]
	}
	if len(want) < 10 || !maps.Equal(got, want) {
		t.Errorf("README.md has %v, the program %v", got, want)
	}
}

// The table of the profile names every key of the schema, and no other.
func TestReadme_ProfileKeys(t *testing.T) {
	content, err := assets.Files.ReadFile("profile.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(content, &schema); err != nil {
		t.Fatal(err)
	}
	want := schemaKeys(schema, "")
	var got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([$a-zA-Z0-9.]+)` \\| (yes|no|only)").FindAllStringSubmatch(readme(t), -1) {
		got = append(got, m[1])
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("README.md has %v, the schema %v", got, want)
	}
}

// schemaKeys gives the keys that hold a value, with dots between the names.
func schemaKeys(schema map[string]any, prefix string) []string {
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return []string{strings.TrimSuffix(prefix, ".")}
	}
	var keys []string
	for name, inner := range properties {
		keys = append(keys, schemaKeys(inner.(map[string]any), prefix+name+".")...)
	}
	return keys
}

// The policy asks for an administrator's password every time, for the program that has no window.
func TestPolkitPolicy(t *testing.T) {
	content, err := os.ReadFile("../../assets/linux/com.example.enrollment-assistant.policy")
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Actions []struct {
			ID       string `xml:"id,attr"`
			Any      string `xml:"defaults>allow_any"`
			Inactive string `xml:"defaults>allow_inactive"`
			Active   string `xml:"defaults>allow_active"`
			Annotate []struct {
				Key   string `xml:"key,attr"`
				Value string `xml:",chardata"`
			} `xml:"annotate"`
		} `xml:"action"`
	}
	if err := xml.Unmarshal(content, &policy); err != nil {
		t.Fatal(err)
	}
	if len(policy.Actions) != 1 {
		t.Fatalf("%d actions", len(policy.Actions))
	}
	a := policy.Actions[0]
	for _, allow := range []string{a.Any, a.Inactive, a.Active} {
		if allow != "auth_admin" {
			t.Errorf("allows %q, want auth_admin", allow)
		}
	}
	if len(a.Annotate) != 1 || a.Annotate[0].Key != "org.freedesktop.policykit.exec.path" || a.Annotate[0].Value != "/usr/bin/assistant-cli" {
		t.Errorf("annotated %v", a.Annotate)
	}
}

// The menu's entry starts the program that can tell when no window appears.
func TestDesktopFile(t *testing.T) {
	content, err := os.ReadFile("../../assets/linux/com.example.enrollment-assistant.desktop")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(strings.Split(string(content), "\n"), "Exec=assistant-cli open") {
		t.Errorf("the desktop file does not run \"assistant-cli open\":\n%s", content)
	}
}
