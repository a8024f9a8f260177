package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"

	"example.com/enrollment-assistant/server-stub/stub"
)

// The two forms of a connect key.
var (
	plainKey  = regexp.MustCompile(`^[0-9A-Za-z]{40}$`)
	tenantKey = regexp.MustCompile(`^jcc_([0-9a-zA-Z+/]{4,}={0,3})$`)
)

var errKeyForm = errors.New("the connect key has 40 letters and digits, or begins with jcc_")

// bootstrapAgent is what the package runs once its files are there, with the words of its property JCINSTALLERARGUMENTS,
// of which only "-k KEY" means something here. It marks the computer as the stub's, and leaves the key to the service in a
// file that only administrators can read and that the agent removes after use.
func bootstrapAgent(args []string) error {
	at := place("")
	if err := at.mark(); err != nil {
		return err
	}
	key := ""
	for i, word := range args[:max(len(args)-1, 0)] {
		if word == "-k" {
			key = args[i+1]
		}
	}
	if key == "" {
		return nil // an upgrade: the agent has its certificate
	}
	if m := tenantKey.FindStringSubmatch(key); m != nil {
		raw, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil || !json.Valid(raw) {
			return errKeyForm // the error would quote from it
		}
		return at.writeFile(bootstrapFile, raw)
	}
	if !plainKey.MatchString(key) {
		return errKeyForm
	}
	p, err := at.readProduct()
	if err != nil {
		return err
	}
	return at.writeJSON(bootstrapFile, bootstrap{Public: p.Public, Private: p.Private, ConnectKey: key})
}

// mark leaves the marker on a computer that has nothing of another agent.
func (p place) mark() error {
	if p.guard() == nil {
		return nil
	}
	for _, name := range []string{confFile, certFile, keyFile, managedFile} {
		if _, err := os.Lstat(p.path(name)); err == nil {
			return fmt.Errorf("%s: %w", name, errForeign)
		}
	}
	return os.WriteFile(p.path(markerFile), []byte(stub.Marker), 0o600)
}
