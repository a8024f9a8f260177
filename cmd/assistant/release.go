//go:build !qa

package main

import "flag"

// testBuild is false: this build installs on the computer it runs on, and believes protected profiles only.
const testBuild = false

// sandboxUsage is empty: a release build has no flag for a sandbox.
const sandboxUsage = ""

// sandboxFlag adds nothing.
func sandboxFlag(*flag.FlagSet, *options) {}
