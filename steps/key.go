package steps

import "example.com/enrollment-assistant/platform"

// Key is a connect key that is well formed. Only the server makes it valid.
type Key struct {
	Value  platform.Secret // as it goes into the x-connect-key header
	Tenant bool            // the jcc_ form, which names its hosts
	// KickstartURL and PrivateKickstartURL are base URLs: those of a jcc_ payload, or of the pasted command; empty
	// for a bare key of 40 characters.
	KickstartURL        string
	PrivateKickstartURL string
}
