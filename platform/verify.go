package platform

import (
	"errors"
	"fmt"
	"regexp"
)

// This file holds what is decided about a Mac account's password. It asks nobody, so every system tests it.

// What OpenDirectory answers: CFOpenDirectoryConstants.h
const (
	directoryRight   = 0
	directoryInvalid = 5000 // kODErrorCredentialsInvalid
)

// explainDirectory reads the code with which OpenDirectory verified a password.
func explainDirectory(code int) error {
	switch code {
	case directoryRight:
		return nil
	case directoryInvalid:
		return ErrPassword
	default: // no such account, disabled, expired, locked: none says anything about the password
		return fmt.Errorf("verifying the account: OpenDirectory answers %d", code)
	}
}

// verifiable refuses what the vendor's installer cannot be given, and what could be no account's.
func verifiable(name string, password Secret) error {
	a := &wireAccount{Name: name, Password: password.Reveal()}
	if err := a.check(); err != nil {
		return fmt.Errorf("verifying the account: %w", err)
	}
	return nil
}

// dsclError is how dscl tells an error: <dscl_cmd> DS Error: -14090 (eDSAuthFailed).
var dsclError = regexp.MustCompile(`DS Error: (-?\d+)`)

// dsclInvalid is a password that is wrong: eDSAuthFailed of DirServicesTypes.h.
const dsclInvalid = "-14090"

// explainDscl reads what dscl said and how it ended. What it said is given to nobody: the terminal may have echoed.
func explainDscl(said string, ended error) error {
	m := dsclError.FindStringSubmatch(said)
	switch {
	case m == nil && ended == nil:
		return nil
	case m == nil:
		return fmt.Errorf("verifying the account: %w", ended)
	case m[1] == dsclInvalid:
		return ErrPassword
	default:
		return errors.New("verifying the account: dscl answers " + m[1])
	}
}
