package platform

// Who makes the agent, as the systems that check it name them. A protected profile may name others.
const (
	// VendorFingerprint is the OpenPGP key that signs the packages for Linux.
	VendorFingerprint = "64A5EEB13230D7C20C364F191E6CC51448B05857"
	// VendorTeam is the Apple team of the certificate that signs the package for macOS, "Developer ID Installer:
	// JUMPCLOUD INC. (N985MXSH85)".
	VendorTeam = "N985MXSH85"
	// VendorSigner must be in the name of the signer of the package for Windows. The whole name is not published, so it
	// is not compared.
	VendorSigner = "JumpCloud"
)

// StateFolderOf is the elevated side's own folder on a system (GOOS): its lock, its log and the package it received.
// Only administrators can read it.
func StateFolderOf(goos string) string {
	switch goos {
	case "darwin":
		return "/var/db/enrollment-assistant"
	case "windows":
		return `C:\ProgramData\enrollment-assistant\elevated` // the profile beside it is for everyone to read
	}
	return stateFolder
}
