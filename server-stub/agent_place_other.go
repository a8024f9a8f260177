//go:build !windows

package main

import (
	"errors"
	"path/filepath"
)

// Files of the agent, as they lie on an enrolled computer; a place gives them below a sandbox.
const (
	jcDir         = "/opt/jc"
	markerFile    = "/opt/jc/.stub" // only a stub's package or script makes it
	versionFile   = "/opt/jc/version.txt"
	confFile      = "/opt/jc/jcagent.conf"
	caFile        = "/opt/jc/ca.crt"
	certFile      = "/opt/jc/client.crt"
	keyFile       = "/opt/jc/client.key"
	bootstrapFile = "/opt/jc/agentBootstrap.json"
	managedFile   = "/opt/jc/managedUsers.json"
	pidFile       = "/var/run/jcagent.pid"
	logFile       = "/var/log/jcagent.log"
)

// path is where a file of the agent lies in this place.
func (p place) path(name string) string { return filepath.Join(string(p)+"/", name) }

// osPlugin is what the configuration calls the agent's part for this system.
const osPlugin = "agent-linux"

// protect has nothing to do: a new file of os.CreateTemp is its owner's alone.
func protect(string) error { return nil }

// bootstrapAgent refuses: here the file with the key is written by who installs.
func bootstrapAgent([]string) error { return errors.ErrUnsupported }
