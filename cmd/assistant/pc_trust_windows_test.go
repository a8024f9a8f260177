//go:build pc

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What Wine does not look at: WinVerifyTrust there passes over a changed byte, and over an authority that nobody trusts.

// A package that was changed after it was signed is refused as that.
func TestPC_Changed(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	file := s.packageFor("2.166.2")
	raw, err := os.ReadFile(file)
	must(t, err)
	at := bytes.Index(raw, []byte("MSCF")) // the cabinet within, which the signature covers
	if at < 0 {
		t.Fatal("the package holds no cabinet")
	}
	raw[at+len(raw[at:])/2] ^= 1
	must(t, os.WriteFile(file, raw, 0o600))
	s.furnish(p)
	s.refuses(t, p, "problem.job.package-changed")
}

// One whose publisher has a certificate that this computer does not trust is refused as somebody else's.
func TestPC_Untrusted(t *testing.T) {
	s, p := newPCStub(t), newPC(t)
	s.packageFor("2.166.2")
	s.furnish(p)
	authority := filepath.Join(s.Data, "publisher-windows.crt")
	if out, code := p.run("certutil", "-delstore", "Root", "Stub server test publisher authority"); code != 0 {
		t.Fatal(out)
	}
	t.Cleanup(func() {
		if out, code := p.run("certutil", "-addstore", "Root", authority); code != 0 {
			t.Error(out)
		}
	})
	s.refuses(t, p, "problem.job.package-signer")
}
