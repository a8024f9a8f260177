package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// answers is what an unattended enrollment is asked for. It comes from a file that only its owner can read, or from
// standard input, and never from a flag.
type answers struct {
	connectKey platform.Secret
	email      string
	password   platform.Secret
	totpSecret platform.Secret // base32, as the service shows it when the second factor is set up

	macAccount  string // an administrator's of this Mac, who holds a SecureToken
	macPassword platform.Secret
}

// answersLimit is the largest answers file that is read, in bytes. A connect key has 240.
const answersLimit = 64 << 10

// errMode: the answers file can be read by others.
var errMode = errors.New("readable by others")

// readAnswers reads the answers from a file, or from in when the name is "-"; none at all for an empty name.
func readAnswers(name string, in io.Reader) (answers, *steps.Problem) {
	if name == "" {
		return answers{}, nil
	}
	text, err := answersText(name, in)
	defer clear(text)
	if errors.Is(err, errMode) {
		return answers{}, newProblem(steps.CodeUsage, err, "cli.answers.mode", "Path", name)
	}
	if err != nil {
		return answers{}, newProblem(steps.CodeUsage, err, "cli.answers.read", "Path", name)
	}
	var wire struct{ ConnectKey, Email, Password, TOTPSecret, MacAccount, MacPassword string }
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&wire); err != nil {
		// The decoder's error can repeat what it read, so it does not go on.
		return answers{}, newProblem(steps.CodeUsage, nil, "cli.answers.form")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return answers{}, newProblem(steps.CodeUsage, nil, "cli.answers.form")
	}
	a := answers{connectKey: platform.NewSecret(wire.ConnectKey), email: wire.Email,
		password: platform.NewSecret(wire.Password), totpSecret: platform.NewSecret(wire.TOTPSecret),
		macAccount: wire.MacAccount, macPassword: platform.NewSecret(wire.MacPassword)}
	if (wire.Email == "") != (wire.Password == "") {
		return answers{}, newProblem(steps.CodeUsage, nil, "cli.answers.half")
	}
	if (wire.MacAccount == "") != (wire.MacPassword == "") {
		return answers{}, newProblem(steps.CodeUsage, nil, "cli.answers.half-mac")
	}
	return a, nil
}

// answersText reads the bytes, and refuses a file that others can read. Windows has no mode bits: there the folder's
// access list decides, as for every file of a person.
func answersText(name string, in io.Reader) ([]byte, error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		info, err := file.Stat()
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is not a file", name)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			return nil, errMode
		}
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, answersLimit+1))
	if err == nil && len(text) > answersLimit {
		err = fmt.Errorf("more than %d bytes", answersLimit)
	}
	return text, err
}

// wipe overwrites the secrets.
func (a answers) wipe() {
	a.connectKey.Wipe()
	a.password.Wipe()
	a.totpSecret.Wipe()
	a.macPassword.Wipe()
}
