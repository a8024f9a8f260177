package steps

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"example.com/enrollment-assistant/platform"
)

// Config is what an enrollment needs besides a UI.
type Config struct {
	Host    platform.Host
	Profile Profile
	// StateDir is the folder of run.json and downloads, 0700. It must exist.
	StateDir string
	// Client is used for the portal and for downloads; nil means one that trusts the system's CAs and the profile's.
	Client *http.Client
	// Log gets what happened, for the help desk; nil discards it.
	Log *slog.Logger
	// Until is Online (default) or Bound: when a run that nobody watches ends.
	Until VerdictName
	// BoundWithin is how long to wait with Until Bound; 0 means 15 minutes, as long as the elevated side watches.
	BoundWithin time.Duration
	// Root is the sandbox of a test build.
	Root string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Run enrolls this computer and blocks until that is done, refused or failed. Its error is a *Problem, or ErrQuit
// when the person ended it without one.
func Run(ctx context.Context, c Config, ui UI) (Device, error) {
	panic("contract only")
}
