package platform

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// publisher signs the packages of a test.
type publisher struct {
	t      *testing.T
	entity *openpgp.Entity
	config *packet.Config
}

// newPublisher makes a publisher with a key of its own.
func newPublisher(t *testing.T, name string) *publisher {
	t.Helper()
	// The clock is behind, so that a signature of now is not from the future.
	config := &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, DefaultHash: crypto.SHA256, Time: func() time.Time { return time.Now().Add(-time.Hour) }}
	e, err := openpgp.NewEntity(name, "", "packages@acme.example", config)
	if err != nil {
		t.Fatal(err)
	}
	return &publisher{t, e, config}
}

// key gives the public key, armored.
func (p *publisher) key() string {
	p.t.Helper()
	var b bytes.Buffer
	w, err := armor.Encode(&b, openpgp.PublicKeyType, nil)
	if err == nil {
		err = errors.Join(p.entity.Serialize(w), w.Close())
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return b.String()
}

// pin gives the key's fingerprint.
func (p *publisher) pin() string { return hex.EncodeToString(p.entity.PrimaryKey.Fingerprint) }

// sign signs a file as it is.
func (p *publisher) sign(path string) []byte {
	p.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := openpgp.DetachSign(&b, p.entity, bytes.NewReader(content), p.config); err != nil {
		p.t.Fatal(err)
	}
	return b.Bytes()
}

// canaryAgent is an agent that tells that it was executed, and where.
const canaryAgent = "#!/bin/bash\ntouch $3/canary\n"

// TestProve_Publisher brings packages to the elevated side that are not what the publisher made. The user's side, which
// has its own checks, is passed over: it may be anybody. Each must be refused in its own words, with nothing of it
// installed or executed.
func TestProve_Publisher(t *testing.T) {
	p := newProof(t, "publisher")
	vendor, other := newPublisher(t, "Vendor"), newPublisher(t, "Vendor")
	good := buildPackageOf(t, "deb", "gzip", packageName, "2.166.2", canaryAgent)
	newer := buildPackageOf(t, "deb", "gzip", packageName, "2.167.0", canaryAgent)
	old := buildPackageOf(t, "deb", "gzip", packageName, "0.0.1", canaryAgent)
	evil := buildPackageOf(t, "deb", "gzip", "evil", "2.166.2", canaryAgent)
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	file := func(content []byte) string {
		path := filepath.Join(t.TempDir(), "file.deb")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	changed := bytes.Clone(content)
	changed[len(changed)-9] ^= 1
	page := []byte("<html><body>Sign in to the hotel's network, which is long enough</body></html>")
	by := vendor.trust()
	with := func(change func(*testProfile)) testProfile {
		q := by
		change(&q)
		return q
	}
	for _, c := range []struct {
		what      string
		path      string
		signature []byte
		profile   testProfile
		code      JobCode
		words     string
	}{
		{"nothing says whose it may be", good, vendor.sign(good), with(func(q *testProfile) { q.Publisher = "" }), JobNoProof, "names the package's hash"},
		{"unsigned", good, nil, by, JobUnsigned, "there is no signature"},
		{"a blank as a signature", good, []byte(" \n"), by, JobUnsigned, "there is no signature"},
		{"a page as a signature", good, page, by, JobUnsigned, "cannot be used"},
		{"the key as a signature", good, []byte(vendor.key()), by, JobUnsigned, "it is a PGP PUBLIC KEY BLOCK"},
		{"the signature of a text", good, vendor.signText(content), by, JobUnsigned, "not of a file"},
		{"a signature that has ended", good, vendor.signEnded(good), by, JobUnsigned, "expired"},
		{"signed by somebody else of the same name", good, other.sign(good), by, JobOtherSigner, "not by the key"},
		{"the profile's key is not the pinned one", good, other.sign(good), with(func(q *testProfile) { q.Publisher = other.key() }), JobNoProof, "not the pinned one"},
		{"the release's own pin, with another key", good, other.sign(good), with(func(q *testProfile) { q.Pin = "" }), JobNoProof, VendorFingerprint},
		{"a key that is none", good, vendor.sign(good), with(func(q *testProfile) { q.Publisher = "key" }), JobNoProof, "cannot be read"},
		{"a key that was revoked", good, vendor.sign(good), vendor.revoked(), JobUnsigned, "revoked"},
		{"cut short", file(content[:len(content)/2]), vendor.sign(good), by, JobChanged, "does not fit"},
		{"one bit changed", file(changed), vendor.sign(good), by, JobChanged, "does not fit"},
		{"something added", file(append(bytes.Clone(content), canaryAgent...)), vendor.sign(good), by, JobChanged, "does not fit"},
		{"swapped between the request for it and that for its signature", good, vendor.sign(newer), by, JobChanged, "does not fit"},
		{"older than the profile allows", old, vendor.sign(old), with(func(q *testProfile) { q.Oldest = "2.100" }), JobOldPackage, `"0.0.1", older than 2.100`},
		{"another program of the publisher", evil, vendor.sign(evil), by, JobOtherPackage, `"evil", not the agent`},
		{"a page", file(page), vendor.sign(file(page)), by, JobNotPackage, "not a package"},
		{"an archive that is no package", file([]byte("!<arch>\nand nothing of an archive after it")), nil, by, JobUnsigned, "no signature"},
		{"an installer for another system", file([]byte("xar!\x00\x1c\x00\x01" + strings.Repeat("x", 64))), nil, by, JobNotPackage, "not for this system"},
		{"signed, but not the pinned file", newer, vendor.sign(newer), with(func(q *testProfile) { q.SHA256 = described(t, good).SHA256 }), JobPinned, "not the one that the profile pins"},
		{"the pinned file, but unsigned", good, nil, with(func(q *testProfile) { q.SHA256 = described(t, good).SHA256 }), JobUnsigned, "there is no signature"},
		{"a signature that fills the memory", good, bytes.Repeat([]byte{1}, MaxSignature+1), by, JobMalformed, "too long"},
	} {
		p.try(c.what, func(t *testing.T) {
			b := newBench(t, nil)
			c.profile.Endpoints = []string{b.url}
			b.trust(c.profile)
			pack := described(t, c.path)
			pack.Signature, pack.Name, pack.Version = c.signature, packageName, "2.166.2" // a user's side may say anything
			job := b.job()
			job.Way, job.Package, job.PrivateKickstartURL = WayPackage, pack, b.url
			err := b.run(job, nil)
			if got := codeOf(t, err); got != c.code || !strings.Contains(err.Error(), c.words) {
				t.Errorf("%v, want %s: …%s…", err, c.code, c.words)
			}
			if got := b.phases(); slices.Contains(got, PhaseBootstrap) || slices.Contains(got, PhaseInstallPackage) {
				t.Errorf("phases %q", got)
			}
			untouched(t, b.root)
		})
	}
	p.try("older than the agent that is there", func(t *testing.T) {
		b := newBench(t, nil)
		by.Endpoints = []string{b.url}
		b.trust(by)
		if err := errors.Join(os.MkdirAll(b.path(agentFolder), 0o700), os.WriteFile(b.path(agentVersion), []byte("2.166.10"), 0o600)); err != nil {
			t.Fatal(err)
		}
		pack := described(t, good)
		pack.Signature, pack.Version = vendor.sign(good), "9.9.9"
		if err := b.run(b.packageJob(pack), stopAtWatch); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(b.reports, func(r Report) bool { return r.Unchanged }) || exists(b.path("canary")) || exists(b.path(agentBinary)) {
			t.Errorf("phases %q", b.phases())
		}
	})
	for _, c := range signCases() {
		p.try(c.what, c.test)
	}
	// And what is right is installed: or every refusal above would prove nothing.
	b := newBench(t, nil)
	by.Endpoints, by.Oldest = []string{b.url}, "2.166"
	b.trust(by)
	right := buildPackage(t, "deb", "gzip", packageName, "2.166.2")
	pack := described(t, right)
	pack.Signature = vendor.sign(right)
	if err := b.run(b.packageJob(pack), stopAtWatch); !errors.Is(err, context.Canceled) {
		t.Errorf("a good package: %v", err)
	}
}

// trust is the profile that names this publisher.
func (p *publisher) trust() testProfile { return testProfile{Publisher: p.key(), Pin: p.pin()} }

// revoked is that profile after the publisher revoked the key.
func (p *publisher) revoked() testProfile {
	p.t.Helper()
	ring, err := openpgp.ReadArmoredKeyRing(strings.NewReader(p.key()))
	if err != nil {
		p.t.Fatal(err)
	}
	private := *p.entity
	private.Identities = ring[0].Identities
	if err := private.RevokeKey(packet.KeyCompromised, "stolen", p.config); err != nil {
		p.t.Fatal(err)
	}
	copied := publisher{p.t, &private, p.config}
	return testProfile{Publisher: copied.key(), Pin: p.pin()}
}

// signText signs content as a text, whose line ends do not count.
func (p *publisher) signText(content []byte) []byte {
	p.t.Helper()
	var b bytes.Buffer
	if err := openpgp.DetachSignText(&b, p.entity, bytes.NewReader(content), p.config); err != nil {
		p.t.Fatal(err)
	}
	return b.Bytes()
}

// signEnded signs a file for a second that is over.
func (p *publisher) signEnded(path string) []byte {
	p.t.Helper()
	short := *p.config
	short.SigLifetimeSecs = 1
	return (&publisher{p.t, p.entity, &short}).sign(path)
}
