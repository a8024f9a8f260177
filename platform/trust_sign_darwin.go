package platform

import "context"

// checkSigner asks macOS who signed a package.
func (t Trust) checkSigner(ctx context.Context, kind, path string) error {
	return macSigner(askSystem)(ctx, t, kind, path)
}
