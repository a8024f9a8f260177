package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The table of what is checked names every check, in the order in which they are shown.
func TestReadme_Checks(t *testing.T) {
	source, err := os.ReadFile("../../steps/needs.go")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range regexp.MustCompile(`(?m)^\s+Check\w+\s+= "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
		want = append(want, m[1])
	}
	_, section, _ := strings.Cut(readme(t), "### What is checked")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, m := range regexp.MustCompile(`(?m)^\| ([a-z]+) \|`).FindAllStringSubmatch(section, -1) {
		if m[1] != "check" {
			got = append(got, m[1])
		}
	}
	if len(want) < 20 || !slices.Equal(got, want) {
		t.Errorf("README.md has %q, the program %q", got, want)
	}
}

// What only a Mac has stands in the page about Macs, in that order too.
func TestReadme_ChecksOfMacs(t *testing.T) {
	source, err := os.ReadFile("../../steps/needs_mac.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("macos.md")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range regexp.MustCompile(`(?m)^\s+Check\w+\s+= "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
		want = append(want, m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)^\| ([a-z-]+) \|`).FindAllStringSubmatch(string(page), -1) {
		if slices.Contains(want, m[1]) {
			got = append(got, m[1])
		}
	}
	if len(want) < 6 || !slices.Equal(got, want) {
		t.Errorf("macos.md has %q, the program %q", got, want)
	}
}
