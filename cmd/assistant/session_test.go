package main

import (
	"os"
	"os/user"
	"path/filepath"
	"testing"
)

// The side with rights is found beside this program, wherever that lies: in a Mac's app too, which macOS may run from a
// random place as long as it is quarantined.
func TestElevatedProgram_LiesBeside(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		t.Fatal(err)
	}
	got, err := elevatedProgram()
	if err != nil || filepath.Dir(got) != filepath.Dir(self) {
		t.Errorf("%q, %v", got, err)
	}
}

// What manages computers starts scripts without HOME.
func TestHomeDir_Unset(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"HOME", "USERPROFILE"} {
		t.Setenv(name, "")
	}
	if got, err := homeDir(); err != nil || got != me.HomeDir {
		t.Errorf("%q, %v; want %q", got, err, me.HomeDir)
	}
}
