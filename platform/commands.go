package platform

import (
	"context"
	"time"
)

// commands runs one of the system's programs that only read, in the C locale, and gives what it printed. What a system
// is asked goes through one of these, so that its answers can be recorded and its decisions be tested anywhere.
type commands func(ctx context.Context, path string, args ...string) (stdout, stderr string, err error)

// askWait is how long such a program may take where the context does not say.
const askWait = 20 * time.Second
