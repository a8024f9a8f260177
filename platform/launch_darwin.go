package platform

import "os"

// darwinAttempts gives the ways of starting the elevated side that the consent allows on this Mac.
func darwinAttempts(o Options) ([]attempt, error) {
	asking := macAsking{root: os.Geteuid() == 0, environ: os.Environ()}
	if o.Prompt != nil {
		asking.prompt = o.Prompt()
	}
	if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		asking.terminal = true
		_ = tty.Close()
	}
	attempts, err := macAttempts(o, asking)
	for i := range attempts {
		if attempts[i].tty {
			attempts[i].echo = os.Stderr
		}
	}
	return attempts, err
}
