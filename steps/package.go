package steps

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"example.com/enrollment-assistant/platform"
)

// fetchPackage downloads the installer, before anyone is asked for consent. What has come stays for the next try.
func (e *enrollment) fetchPackage(ctx context.Context) (platform.Package, error) {
	address := packageURL(e.c.Profile, e.endpoints(), e.facts())
	w := &watch{shown: []platform.Phase{PhaseDownload}, states: make(map[platform.Phase]PhaseState)}
	tell := func(s PhaseState, done, total int64) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.tellPhase(w, PhaseDownload, s, done, total)
	}
	tell(PhaseRunning, 0, 0)
	if err := e.c.Profile.Trust().CheckProof(e.facts().OS); err != nil {
		tell(PhaseFailed, 0, 0)
		return platform.Package{}, e.jobProblem(Install, err)
	}
	dir := e.downloadsDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		tell(PhaseFailed, 0, 0)
		return platform.Package{}, e.downloadProblem(ctx, err)
	}
	p, err := platform.Download(ctx, e.c.Client, address, dir, func(done, total int64) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.tellBytes(w, PhaseDownload, done, max(0, total))
	})
	if ctx.Err() != nil {
		return platform.Package{}, ctx.Err()
	}
	if err == nil {
		err = e.checkPackage(ctx, address, &p)
	}
	if err != nil {
		tell(PhaseFailed, 0, 0)
		return platform.Package{}, e.downloadProblem(ctx, err)
	}
	tell(PhaseDone, p.Size, p.Size)
	e.log.Info("downloaded", "url", address, "sha256", p.SHA256, "version", p.Version)
	return p, nil
}

// checkPackage proves a package before anyone is asked for consent. What is refused is removed; what could not be looked at
// stays for the next try.
func (e *enrollment) checkPackage(ctx context.Context, address string, p *platform.Package) error {
	trust := e.c.Profile.Trust()
	var err error
	if trust.PublisherKey != "" {
		p.Signature, err = platform.FetchSignature(ctx, e.c.Client, signatureURL(e.c.Profile, address))
	}
	if err == nil && e.c.Host.CheckPackage != nil {
		err = e.c.Host.CheckPackage(ctx, p, trust)
	}
	var refused *platform.JobError
	if errors.As(err, &refused) {
		e.removeDownloads()
	}
	return err
}

// signatureURL is where the signature of a package lies: beside it.
func signatureURL(p Profile, address string) string {
	if p.Linux.Publisher.Signature != "" {
		return address + p.Linux.Publisher.Signature
	}
	return address + ".sig" // as the vendor has it
}

// downloadProblem is an installer that did not come, or is not one.
func (e *enrollment) downloadProblem(ctx context.Context, err error) *Problem {
	var refused *platform.JobError
	if errors.As(err, &refused) {
		return e.jobProblem(Install, err)
	}
	p := &Problem{Step: Install, Retry: true, Err: err}
	var status *platform.StatusError
	var path *fs.PathError
	host := hostOf(e.endpoints().Packages)
	say := func(code Code, key string) *Problem {
		p.Code = code
		return p.say(key, key+".hint", "Host", host)
	}
	switch {
	case errors.Is(err, platform.ErrNotPackage), errors.Is(err, platform.ErrTooLarge):
		return say(CodeUntrusted, "problem.package.other")
	case errors.Is(err, platform.ErrCutShort):
		return say(CodeUnreachable, "problem.package.cut")
	case errors.As(err, &status):
		return say(CodeUnreachable, "problem.package.missing")
	case errors.As(err, &path):
		return say(CodeInstallFailed, "problem.package.disk")
	}
	return e.networkProblem(ctx, Install, e.endpoints().Packages, err)
}
