package platform

import "time"

// testLimits are short, but for those that a test waits to pass.
var testLimits = limits{
	job: 2 * time.Second, fetch: 10 * time.Second, script: 4 * time.Second, install: 20 * time.Second,
	service: 2 * time.Second, enrol: 2 * time.Second, watch: 20 * time.Second, tick: 20 * time.Millisecond,
}
