package platform

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Why a package is refused. Each has a sentence of its own: what to do about them differs.
const (
	JobNoProof      JobCode = "package-no-proof" // nothing says who may have made a package for Linux
	JobNotPackage   JobCode = "package-none"     // what came is not an installer: a page, or a part of one
	JobPinned       JobCode = "package-pin"      // it is not the file that the profile names
	JobUnsigned     JobCode = "package-unsigned" // nobody signed it
	JobOtherSigner  JobCode = "package-signer"   // somebody signed it who is not the publisher
	JobChanged      JobCode = "package-changed"  // the publisher signed something else: cut short, changed, swapped
	JobOldPackage   JobCode = "package-old"      // the publisher's, but older than what the profile allows
	JobOtherPackage JobCode = "package-other"    // the publisher's, but not the agent
)

// MaxSignature bounds a detached signature, in bytes; real ones have about one thousand.
const MaxSignature = 16 << 10

// refuse is a package that is not installed.
func refuse(code JobCode, format string, args ...any) error {
	return &JobError{code, PhaseReceive, fmt.Sprintf(format, args...)}
}

// CheckProof refuses the package way on Linux where neither a hash nor a key of the publisher is pinned: then nothing
// but the way that it came would say who made the package, and it comes from a process without rights. For the other
// systems the release itself pins the vendor.
func (t Trust) CheckProof(goos string) error {
	if goos != "linux" || t.SHA256 != "" || t.PublisherKey != "" {
		return nil
	}
	return refuse(JobNoProof, "no protected profile names the package's hash or its publisher's key")
}

// CheckPackage refuses a package that is not the publisher's, or not the agent; p.SHA256 must have been computed from
// the file at p.Path by whoever asks. Both sides ask, each for its own copy: the user's before the consent, so that
// nobody agrees to what is refused afterwards, the elevated one because it believes nothing that the other says.
// What it learns of the package's name and version replaces what p says of them.
func (t Trust) CheckPackage(ctx context.Context, p *Package) error {
	return t.checkPackage(ctx, p, func(ctx context.Context, t Trust, kind, path string) error { return t.checkSigner(ctx, kind, path) })
}

// signer asks the system who signed a package of a kind that it signs itself, and refuses all but the publisher.
type signer func(ctx context.Context, t Trust, kind, path string) error

// checkPackage does it with the signer that is given.
func (t Trust) checkPackage(ctx context.Context, p *Package, signed signer) error {
	kind, err := fileKind(p.Path)
	if err != nil {
		return fmt.Errorf("looking at the package: %w", err)
	}
	if t.SHA256 != "" && !strings.EqualFold(t.SHA256, p.SHA256) {
		return refuse(JobPinned, "the hash is %s, not %s as the profile pins", p.SHA256, t.SHA256)
	}
	switch kind {
	case kindDeb, kindRPM:
		if err := t.CheckProof("linux"); err != nil {
			return err
		}
		if t.PublisherKey != "" {
			if err := t.checkSignature(p.Path, p.Signature); err != nil {
				return err
			}
		}
	case kindPKG:
		if err := signed(ctx, t, kind, p.Path); err != nil {
			return err
		}
		// What it says of itself only serves to install nothing older than what is there; without, it is not older.
		info, err := readPackageInfo(ctx, p.Path)
		if err != nil {
			return refuse(JobNotPackage, "%v", err)
		}
		p.Name, p.Version = info.Name, info.Version
		return nil
	case kindMSI:
		return t.checkMSI(ctx, p)
	default:
		return refuse(JobNotPackage, "what came is not a package")
	}
	info, err := readPackageInfo(ctx, p.Path)
	if err != nil {
		return refuse(JobNotPackage, "%v", err)
	}
	p.Name, p.Version = info.Name, info.Version
	if p.Name != packageName {
		return refuse(JobOtherPackage, "the package is %q, not the agent", printable(p.Name))
	}
	return notOlder(p.Version, t.Oldest)
}

// notOlder refuses a package of a version before the oldest that is accepted; empty accepts all.
func notOlder(version, oldest string) error {
	if oldest != "" && compareVersions(version, oldest) < 0 {
		return refuse(JobOldPackage, "the package is %q, older than %s", printable(version), oldest)
	}
	return nil
}

// checkMSI refuses a package for Windows that is not the publisher's, or another program of the publisher's.
func (t Trust) checkMSI(ctx context.Context, p *Package) error {
	if err := t.checkSigner(ctx, kindMSI, p.Path); err != nil {
		return err
	}
	info, err := readMSI(p.Path)
	if err != nil {
		return refuse(JobNotPackage, "%v", err)
	}
	if !isAgentName(info.Name) {
		return refuse(JobOtherPackage, "the package is %q, not the agent", info.Name)
	}
	p.Name, p.Version = info.Name, info.Version
	return notOlder(p.Version, t.OldestMSI)
}

// checkPackage implements Host.CheckPackage.
func checkPackage(ctx context.Context, p *Package, t Trust) error { return t.CheckPackage(ctx, p) }

// checkSignature refuses a file whose detached OpenPGP signature, binary or armored, is not of the pinned key.
func (t Trust) checkSignature(path string, signature []byte) error {
	ring, err := t.publisher()
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(signature)) == 0 {
		return refuse(JobUnsigned, "there is no signature")
	}
	raw, err := unarmored(signature)
	if err != nil {
		return refuse(JobUnsigned, "what came is not a signature: %v", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading the package: %w", err)
	}
	defer func() { _ = f.Close() }()
	sig, _, err := openpgp.VerifyDetachedSignature(ring, f, bytes.NewReader(raw), nil)
	var wrong pgperrors.SignatureError
	switch {
	case err == nil && sig.SigType == packet.SigTypeBinary:
		return nil
	case err == nil:
		return refuse(JobUnsigned, "the signature is not of a file")
	case errors.Is(err, pgperrors.ErrUnknownIssuer):
		return refuse(JobOtherSigner, "the signature is not by the key %s", t.PublisherPin())
	case errors.As(err, &wrong):
		return refuse(JobChanged, "the signature does not fit the package: %v", err)
	}
	return refuse(JobUnsigned, "the signature cannot be used: %v", err) // expired, revoked, of a kind that proves nothing
}

// unarmored gives a signature's bytes.
func unarmored(signature []byte) ([]byte, error) {
	if len(signature) > MaxSignature {
		return nil, errors.New("it is too long")
	}
	if !bytes.HasPrefix(bytes.TrimSpace(signature), []byte("-----BEGIN ")) {
		return signature, nil
	}
	block, err := armor.Decode(bytes.NewReader(signature))
	if err != nil {
		return nil, err
	}
	if block.Type != openpgp.SignatureType {
		return nil, fmt.Errorf("it is a %s", printable(block.Type))
	}
	return io.ReadAll(io.LimitReader(block.Body, MaxSignature))
}

// publisher gives the one key that counts: the profile's, if it is the one that is pinned.
func (t Trust) publisher() (openpgp.EntityList, error) {
	ring, err := openpgp.ReadArmoredKeyRing(strings.NewReader(t.PublisherKey))
	if err != nil {
		return nil, refuse(JobNoProof, "the publisher's key cannot be read: %v", err)
	}
	for _, e := range ring {
		if strings.EqualFold(hex.EncodeToString(e.PrimaryKey.Fingerprint), t.PublisherPin()) {
			return openpgp.EntityList{e}, nil
		}
	}
	return nil, refuse(JobNoProof, "the publisher's key is not the pinned one, %s", t.PublisherPin())
}

// PublisherPin is the fingerprint that the publisher's key must have.
func (t Trust) PublisherPin() string {
	if t.Fingerprint != "" {
		return t.Fingerprint
	}
	return VendorFingerprint
}
