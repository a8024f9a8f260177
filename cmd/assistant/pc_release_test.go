//go:build pc

package main

import (
	"debug/pe"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The programs that are shipped carry what Windows shows of a program and asks it for: a subsystem each, icon, the version
// PC_VERSION, and a manifest by which neither ever asks for rights by itself, paths may be long, and each screen has its own
// density: https://learn.microsoft.com/windows/win32/sbscs/application-manifests
func TestPCWindow_Release(t *testing.T) {
	for name, subsystem := range map[string]uint16{"assistant.exe": pe.IMAGE_SUBSYSTEM_WINDOWS_GUI, "assistant-cli.exe": pe.IMAGE_SUBSYSTEM_WINDOWS_CUI} {
		file := filepath.Join(os.Getenv("PC_RELEASE"), name)
		program, err := pe.Open(file)
		if err != nil {
			t.Fatalf("make windows makes it: %v", err)
		}
		header, is64 := program.OptionalHeader.(*pe.OptionalHeader64)
		must(t, program.Close())
		if !is64 || header.Subsystem != subsystem {
			t.Errorf("%s: the header is %+v", name, program.OptionalHeader)
		}
		found := t.TempDir()
		output(t, exec.Command("go-winres", "extract", "--xml-manifest", "--dir", found, file))
		manifest, err := os.ReadFile(filepath.Join(found, "app.manifest"))
		must(t, err)
		version, err := os.ReadFile(filepath.Join(found, "winres.json"))
		must(t, err)
		for _, want := range []string{`level="asInvoker" uiAccess="false"`, ">permonitorv2", "<longPathAware xmlns=\"http://schemas.microsoft.com/SMI/2016/WindowsSettings\">true<", "Microsoft.Windows.Common-Controls"} {
			if !strings.Contains(string(manifest), want) {
				t.Errorf("%s: the manifest does not say %s:\n%s", name, want, manifest)
			}
		}
		number := os.Getenv("PC_VERSION") + `"`
		for _, want := range []string{`"FileVersion": "` + number, `"ProductVersion": "` + number, "Enrollment Assistant, not affiliated with JumpCloud"} {
			if !strings.Contains(string(version), want) {
				t.Errorf("%s: the version does not say %s:\n%s", name, want, version)
			}
		}
		if icon, err := os.Stat(filepath.Join(found, "APP_0000.ico")); err != nil || icon.Size() < 1000 {
			t.Errorf("%s: the icon is %v, %v", name, icon, err)
		}
	}
}
