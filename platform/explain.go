//go:build !windows

package platform

// explainSudo reads sudo's exit code: 1 is a password that was wrong or not typed, or a user who may not use sudo.
func explainSudo(code int, stderr string) error {
	if code == 1 || code < 0 {
		return ErrDenied
	}
	return explainOwn(code, stderr)
}

// explainSilent reads the exit code of sudo -n, which asks nobody.
func explainSilent(code int, stderr string) error {
	if code == 1 {
		return ErrNoConsent
	}
	return explainOwn(code, stderr)
}
