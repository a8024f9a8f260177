//go:build matrix && linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"example.com/enrollment-assistant/server-stub/stub"
)

// matrix is what all cells share: the programs, and the server whose namespaces are theirs.
type matrix struct {
	bin    string
	dir    string
	parent *stub.Server
	ca     string
	// publisher is whom profiles name as the one who signs packages.
	publisher map[string]string
	// Hosts that have one fault each, for ever.
	closed, silent, hangsUp string
	bad                     map[string]stub.Addresses // by the preset or certificate that is at fault
}

// newMatrix builds the programs and starts the servers.
func newMatrix(t *testing.T) *matrix {
	t.Helper()
	dir, err := os.MkdirTemp("", "mx") //nolint:usetesting // short, since there are sockets below it, and 108 bytes is their limit
	need(t, err)
	m := &matrix{bin: t.TempDir(), dir: dir, bad: map[string]stub.Addresses{}}
	goBuild(t, m.bin, "assistant-cli", "nogui,qa", ".")
	goBuild(t, m.bin, "server-stub", "", "../../server-stub")
	settings := stub.DefaultSettings()
	settings.Supported = append(settings.Supported, thisSystem(t))
	m.parent = &stub.Server{Data: filepath.Join(dir, "stub"), AgentProgram: filepath.Join(m.bin, "server-stub"), Initial: &settings}
	t.Cleanup(func() {
		need(t, m.parent.Close())
		need(t, os.RemoveAll(dir))
	})
	pem, err := m.parent.CA()
	need(t, err)
	m.ca = string(pem)
	_, err = m.parent.Packages(t.Context())
	need(t, err)
	publisher, err := m.parent.Publisher()
	need(t, err)
	m.publisher = map[string]string{"key": string(publisher.PublicKey()), "fingerprint": publisher.Fingerprint(), "signature": ".asc"}
	for _, kind := range certificates {
		m.spoil(t, string(kind), stub.Fault{Certificate: kind, Times: stub.Always})
	}
	for _, name := range []string{"captive-portal", "captive-portal-redirect", "maintenance"} {
		f := preset(name).Faults[0]
		f.Port = ""
		m.spoil(t, name, f)
	}
	m.closed, m.silent, m.hangsUp = closedPort(t), listen(t, func(net.Conn) {}), listen(t, func(c net.Conn) {
		_ = c.(*net.TCPConn).SetLinger(0) // so that closing resets
		_ = c.Close()
	})
	return m
}

// spoil starts a server that has one fault on all its ports.
func (m *matrix) spoil(t *testing.T, name string, f stub.Fault) {
	t.Helper()
	n, err := m.parent.NewNamespace(t.Context(), "bad-"+name)
	need(t, err)
	_, err = n.Server.AddFault(f)
	need(t, err)
	m.bad[name] = n.Addresses
}

// preset gives a preset of the stub by its name.
func preset(name string) stub.Preset {
	all := stub.Presets()
	i := slices.IndexFunc(all, func(p stub.Preset) bool { return p.Name == name })
	return all[max(0, i)]
}

// newScene makes the server, folder, profile and answers of a cell.
func (m *matrix) newScene(c cell) (*scene, error) {
	n, err := m.parent.NewNamespace(context.Background(), "")
	if err != nil {
		return nil, err
	}
	s := &scene{matrix: m, server: n.Server, at: n.Addresses}
	if s.dir, err = os.MkdirTemp(m.dir, ""); err != nil {
		return nil, err
	}
	if err := errors.Join(s.server.Demo(context.Background()), os.Mkdir(filepath.Join(s.dir, "root"), 0o700)); err != nil {
		return nil, err
	}
	answers, err := s.answers(c)
	if err != nil {
		return nil, err
	}
	p := map[string]any{
		"organization": map[string]any{"name": "Acme Corporation"},
		"endpoints": map[string]any{"console": s.at.Console, "kickstart": s.at.Console, "privateKickstart": s.at.Private,
			"agent": s.at.Private, "packages": s.at.Console},
		"ca":     m.ca,
		"signIn": map[string]any{"keyEndpoint": "/userconsole/api/connectkey"},
		"linux":  map[string]any{"install": c.way, "publisher": m.publisher, "oldest": "1.0.0"},
		"help":   map[string]any{"email": "it-help@acme.example"},
	}
	if c.profile != nil {
		c.profile(p)
	}
	for name, content := range map[string]any{"profile.json": p, "answers.json": answers} {
		text, err := json.Marshal(content)
		if err == nil {
			err = os.WriteFile(filepath.Join(s.dir, name), text, 0o600)
		}
		if err != nil {
			return nil, err
		}
	}
	if c.arrange != nil {
		err = c.arrange(s)
	}
	if err == nil && c.after == "" {
		err = s.bring(c)
	}
	if err == nil && c.ready != nil {
		err = c.ready(s)
	}
	return s, err
}

// answers gives what the run is asked for: a fresh key, or nora's account.
func (s *scene) answers(c cell) (map[string]string, error) {
	if c.account {
		return map[string]string{"email": "nora@acme.example", "password": stub.DemoUserPassword, "totpSecret": stub.DemoTOTPSecret}, nil
	}
	users, err := s.server.Users(context.Background())
	if err != nil {
		return nil, err
	}
	k, err := s.server.IssueKey(context.Background(), users[0])
	s.key = k.Value
	return map[string]string{"connectKey": k.Value}, err
}

// answer writes other answers than a fresh key.
func (s *scene) answer(answers map[string]string) error {
	text, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "answers.json"), text, 0o600)
}

// bring adds the cell's faults.
func (s *scene) bring(c cell) error {
	for _, f := range c.faults {
		f.Name = c.fault
		id, err := s.server.AddFault(f)
		if err != nil {
			return fmt.Errorf("adding a fault: %w", err)
		}
		s.ids = append(s.ids, id)
	}
	return nil
}

// met tells whether a fault of the cell's has shaped an answer; a cell without faults has another kind of them. One that
// is used up is no longer listed.
func (s *scene) met() bool {
	left := s.server.Faults()
	for _, id := range s.ids {
		i := slices.IndexFunc(left, func(f stub.Fault) bool { return f.ID == id })
		if i < 0 || left[i].Used > 0 {
			return true
		}
	}
	return len(s.ids) == 0
}

// end stops what the cell has started.
func (s *scene) end() {
	endAgent(filepath.Join(s.dir, "root"))
	for _, n := range s.parent.Namespaces() {
		if n.Server == s.server {
			_ = s.parent.EndNamespace(n.Name) // it is there
		}
	}
	_ = os.RemoveAll(s.dir) // the whole folder is removed at the end
}
