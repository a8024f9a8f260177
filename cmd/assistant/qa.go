//go:build qa

package main

import (
	"flag"
	"fmt"
	"os"

	"example.com/enrollment-assistant/assets"
)

// testBuild marks a build that may do what only a test may: install into a folder, and believe every profile.
const testBuild = true

// noSentence is what a test build says on stderr of a key that has no sentence; the key follows.
const noSentence = "No sentence for the key "

func init() {
	assets.Missing = func(key string) { fmt.Fprintln(os.Stderr, noSentence+key) }
}

// sandboxUsage is the flag that only a test build has.
const sandboxUsage = `Test build only:
  --root DIR   install into DIR instead of the computer; nothing runs with administrator rights
  --bound-within TIME   with --until bound: wait so long for an admin, such as 20s`

// sandboxFlag adds the flags of a test build.
func sandboxFlag(set *flag.FlagSet, o *options) {
	set.StringVar(&o.root, "root", "", "")
	set.DurationVar(&o.boundWithin, "bound-within", 0, "")
}
