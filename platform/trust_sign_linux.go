package platform

import "context"

// checkSigner has no answer here: nothing on Linux tells who signed a package for another system.
func (t Trust) checkSigner(_ context.Context, kind, _ string) error {
	return refuse(JobNotPackage, "a %s package is not for this system", kind)
}
