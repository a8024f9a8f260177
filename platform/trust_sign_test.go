package platform

import (
	"strings"
	"testing"
)

// signCase is one answer of macOS or Windows about a signature that must be refused.
type signCase struct {
	what string
	test func(*testing.T)
}

// What pkgutil and spctl say of a good package.
const (
	goodPkgutil = `Package "received.package":
   Status: signed by a developer certificate issued by Apple for distribution
   Notarization: trusted by the Apple notary service
   Signed with a trusted timestamp on: 2026-09-01 10:00:00 +0000
   Certificate Chain:
    1. Developer ID Installer: JUMPCLOUD INC. (N985MXSH85)
       Expires: 2031-02-01 22:12:15 +0000
       SHA256 Fingerprint:
           7A FC 9D 01 A6 2F 03 A2 DE 96 37 93 6D 4A FE 68 09 0D 2D E1 8D 03 F2 9C
       ------------------------------------------------------------------------
    2. Developer ID Certification Authority
       Expires: 2031-09-17 00:00:00 +0000
       ------------------------------------------------------------------------
    3. Apple Root CA
`
	goodSpctl = `received.package: accepted
source=Notarized Developer ID
origin=Developer ID Installer: JUMPCLOUD INC. (N985MXSH85)
`
)

// signCases are answers that must be refused.
func signCases() []signCase {
	mac := func(what, pkgutil, spctl string, t Trust, code JobCode) signCase {
		return signCase{"macOS: " + what, func(test *testing.T) {
			if got := codeOf(test, judgePKG(pkgutil, spctl, t)); got != code {
				test.Errorf("%q, want %q", got, code)
			}
		}}
	}
	pkg := func(from, to string) string { return strings.Replace(goodPkgutil, from, to, 1) }
	windows := func(what string, answer uint32, organization string, t Trust, code JobCode) signCase {
		return signCase{"Windows: " + what, func(test *testing.T) {
			if got := codeOf(test, judgeMSI(answer, organization, t)); got != code {
				test.Errorf("%q, want %q", got, code)
			}
		}}
	}
	const rejected = "received.package: rejected\nsource=Unnotarized Developer ID\n"
	return []signCase{
		mac("unsigned", "Package \"x.pkg\":\n   Status: no signature\n", "x.pkg: rejected\nsource=no usable signature\n", Trust{}, JobUnsigned),
		mac("no words at all", "", "", Trust{}, JobUnsigned),
		mac("a package that is not there, which ends with 0", "Package does not exist: \"x.pkg\"\n", goodSpctl, Trust{}, JobUnsigned),
		mac("changed after it was signed", "Package \"x.pkg\":\n   Status: package is invalid (checksum did not verify)\n", rejected, Trust{}, JobChanged),
		mac("another team", pkg("JUMPCLOUD INC. (N985MXSH85)", "EVIL INC. (ABCDE12345)"), goodSpctl, Trust{}, JobOtherSigner),
		mac("another team with the vendor's as a name", pkg("JUMPCLOUD INC. (N985MXSH85)", "JUMPCLOUD INC. (N985MXSH85) (ABCDE12345)"), goodSpctl, Trust{}, JobOtherSigner),
		mac("the vendor's, where the profile pins another", goodPkgutil, goodSpctl, Trust{TeamID: "ABCDE12345"}, JobOtherSigner),
		mac("a certificate for programs, not installers", pkg("Developer ID Installer", "Developer ID Application"), goodSpctl, Trust{}, JobOtherSigner),
		mac("a certificate that this Mac alone trusts", pkg("signed by a developer certificate issued by Apple for distribution", "signed by a certificate trusted by macOS"), goodSpctl, Trust{}, JobOtherSigner),
		mac("a certificate for development", pkg("for distribution", "(Development)"), goodSpctl, Trust{}, JobOtherSigner),
		mac("the vendor further up the chain", pkg("1. Developer ID Installer: JUMPCLOUD INC. (N985MXSH85)", "1. Developer ID Installer: EVIL (ABCDE12345)\n    2. Developer ID Installer: JUMPCLOUD INC. (N985MXSH85)"), goodSpctl, Trust{}, JobOtherSigner),
		mac("not notarized", goodPkgutil, rejected, Trust{}, JobOtherSigner),
		mac("Gatekeeper says nothing", goodPkgutil, "", Trust{}, JobOtherSigner),
		windows("unsigned", 0x800B0100, "", Trust{}, JobUnsigned),
		windows("of a form that has no signature", 0x800B0003, "", Trust{}, JobNotPackage),
		windows("changed after it was signed", 0x80096010, "JumpCloud Inc.", Trust{}, JobChanged),
		windows("an unknown authority", 0x800B0109, "JumpCloud Inc.", Trust{}, JobOtherSigner),
		windows("a certificate that has ended", 0x800B0101, "JumpCloud Inc.", Trust{}, JobOtherSigner),
		windows("a certificate that was revoked", 0x800B010C, "JumpCloud Inc.", Trust{}, JobOtherSigner),
		windows("another organization", 0, "Evil Ltd", Trust{}, JobOtherSigner),
		windows("no organization", 0, "", Trust{}, JobOtherSigner),
		windows("the vendor's, where the profile pins another", 0, "JumpCloud Inc.", Trust{Signer: "Acme"}, JobOtherSigner),
		windows("a part of the pinned organization", 0, "Acme", Trust{Signer: "Acme GmbH"}, JobOtherSigner),
		windows("more than the pinned organization", 0, "Acme GmbH & Co", Trust{Signer: "Acme GmbH"}, JobOtherSigner),
		windows("the pinned organization in other letters", 0, "ACME GMBH", Trust{Signer: "Acme GmbH"}, JobOtherSigner),
	}
}

// TestSigners: what is right is accepted; what is not is in TestProve_Publisher.
func TestSigners(t *testing.T) {
	if err := judgePKG(goodPkgutil, goodSpctl, Trust{}); err != nil {
		t.Errorf("the vendor's package: %v", err)
	}
	if err := judgePKG(strings.ReplaceAll(goodPkgutil, "N985MXSH85", "ABCDE12345"), goodSpctl, Trust{TeamID: "ABCDE12345"}); err != nil {
		t.Errorf("the profile's team: %v", err)
	}
	for organization, trust := range map[string]Trust{"JumpCloud Inc.": {}, "JUMPCLOUD, INC.": {}, "Acme GmbH": {Signer: "Acme GmbH"}} {
		if err := judgeMSI(0, organization, trust); err != nil {
			t.Errorf("%s: %v", organization, err)
		}
	}
}
