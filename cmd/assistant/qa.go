//go:build qa

package main

import "flag"

// testBuild marks a build that may do what only a test may: install into a folder, and believe every profile.
const testBuild = true

// sandboxUsage is the flag that only a test build has.
const sandboxUsage = `Test build only:
  --root DIR   install into DIR instead of the computer; nothing runs with administrator rights`

// sandboxFlag adds --root.
func sandboxFlag(set *flag.FlagSet, o *options) { set.StringVar(&o.root, "root", "", "") }
