package platform

import (
	"cmp"
	"regexp"
	"strings"
)

// This file judges what macOS and Windows say of a signature. It asks them nothing, so that it is tested everywhere.

// team is the Apple team whose packages are accepted.
func (t Trust) team() string {
	if t.TeamID != "" {
		return t.TeamID
	}
	return VendorTeam
}

// signs tells whether a package for Windows may be signed by an organization: exactly the one that the profile pins, or
// else one with the vendor's name in it, whose whole name is not published.
func (t Trust) signs(organization string) bool {
	if t.Signer != "" {
		return organization == t.Signer
	}
	return strings.Contains(strings.ToLower(organization), strings.ToLower(VendorSigner))
}

// What pkgutil --check-signature says: pkgutil(1). It ends with 0 for a file that is not there, so its words count.
const (
	pkgTrusted   = "signed by a developer certificate issued by Apple for distribution"
	pkgUnsigned  = "no signature"
	pkgDamaged   = "package is invalid"
	pkgAuthority = "Developer ID Installer: "
)

// leafLine is the first certificate of the chain that pkgutil lists; those after it are Apple's own.
var leafLine = regexp.MustCompile(`^1\. (.*)$`)

// teamAtEnd is how Apple ends the name of a developer's certificate.
var teamAtEnd = regexp.MustCompile(`\(([A-Z0-9]{10})\)$`)

// parsePkgutil gives the status that pkgutil tells, and who signed.
func parsePkgutil(text string) (status, leaf string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if s, ok := strings.CutPrefix(line, "Status: "); ok && status == "" {
			status = s
		}
		if m := leafLine.FindStringSubmatch(line); m != nil && leaf == "" {
			leaf = m[1]
		}
	}
	return status, leaf
}

// parseSpctl reads what spctl --assess --type install --verbose=2 says of a package: spctl(8).
func parseSpctl(text string) (accepted bool, source string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasSuffix(line, ": accepted") {
			accepted = true
		}
		if s, ok := strings.CutPrefix(line, "source="); ok {
			source = s
		}
	}
	return accepted, source
}

// judgePKG decides from the words of both. The certificate must be Apple's for the team that is pinned, and Gatekeeper
// must accept the package as notarized; a certificate that this Mac alone trusts is not enough.
func judgePKG(pkgutil, spctl string, t Trust) error {
	status, leaf := parsePkgutil(pkgutil)
	accepted, source := parseSpctl(spctl)
	team := teamAtEnd.FindStringSubmatch(leaf)
	switch {
	case strings.HasPrefix(status, pkgDamaged):
		return refuse(JobChanged, "pkgutil: %s", printable(status))
	case status == "" || strings.HasPrefix(status, pkgUnsigned):
		return refuse(JobUnsigned, "pkgutil: %s", printable(status))
	case status != pkgTrusted || !strings.HasPrefix(leaf, pkgAuthority) || team == nil:
		return refuse(JobOtherSigner, "pkgutil: %s, %s", printable(status), printable(leaf))
	case team[1] != t.team():
		return refuse(JobOtherSigner, "signed by %s, not by the team %s", printable(leaf), t.team())
	case !accepted || source != "Notarized Developer ID":
		return refuse(JobOtherSigner, "spctl does not accept it: %s", printable(source))
	}
	return nil
}

// What WinVerifyTrust answers: https://learn.microsoft.com/windows/win32/api/wintrust/nf-wintrust-winverifytrust
const (
	trustNoSignature = 0x800B0100 // TRUST_E_NOSIGNATURE
	trustUnknownForm = 0x800B0003 // TRUST_E_SUBJECT_FORM_UNKNOWN
	trustBadDigest   = 0x80096010 // TRUST_E_BAD_DIGEST
)

// judgeMSI decides from what WinVerifyTrust answers and from the organization, O, of the signer's certificate.
func judgeMSI(answer uint32, organization string, t Trust) error {
	switch {
	case answer == trustNoSignature:
		return refuse(JobUnsigned, "WinVerifyTrust: %#x", answer)
	case answer == trustUnknownForm: // no package in spite of how it begins: a part of one
		return refuse(JobNotPackage, "WinVerifyTrust: %#x", answer)
	case answer == trustBadDigest:
		return refuse(JobChanged, "WinVerifyTrust: %#x", answer)
	case answer != 0: // an authority that this computer does not know, expired, revoked, forbidden
		return refuse(JobOtherSigner, "WinVerifyTrust: %#x, signed by %q", answer, printable(organization))
	case organization == "" || !t.signs(organization):
		return refuse(JobOtherSigner, "signed by %q, not by %q", printable(organization), cmp.Or(t.Signer, VendorSigner))
	}
	return nil
}
