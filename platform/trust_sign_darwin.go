package platform

import (
	"context"
	"os/exec"
	"time"
)

// checkSigner asks macOS who signed a package. Both tools say on stderr what they refuse, and end with an error then:
// their words are judged, and no words are a refusal.
func (t Trust) checkSigner(ctx context.Context, kind, path string) error {
	if kind != kindPKG {
		return refuse(JobNotPackage, "a %s package is not for this system", kind)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute) // Gatekeeper may ask Apple
	defer cancel()
	ask := func(name string, args ...string) string {
		cmd := exec.CommandContext(ctx, name, append(args, path)...)
		cmd.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin:/usr/sbin:/sbin"}
		out, _ := cmd.CombinedOutput() //nolint:errcheck // see above
		return string(out)
	}
	return judgePKG(ask("/usr/sbin/pkgutil", "--check-signature"),
		ask("/usr/sbin/spctl", "--assess", "--type", "install", "--verbose=2"), t)
}
