package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// agentConf is jcagent.conf: a single line of JSON with those of the vendor's names that mean something here. The
// kickstart script writes it without systemKey; with a bootstrap file the agent writes all of it.
type agentConf struct {
	AgentInstallDir   string `json:"agentInstallDir"`
	AgentLogDir       string `json:"agentLogDir"`
	AgentServerHost   string `json:"agentServerHost"`
	AgentServerPort   int    `json:"agentServerPort"`
	CACrt             string `json:"caCrt"`
	CertUUID          string `json:"certuuid"`
	ClientCrt         string `json:"clientCrt"`
	ClientKey         string `json:"clientKey"`
	HeartbeatInterval int    `json:"heartbeatInterval"` // milliseconds
	OSPlugin          string `json:"osPlugin"`
	TemplateID        string `json:"templateId"`
	SystemKey         string `json:"systemKey,omitempty"` // 24 hex digits, once the server knows this computer
}

// newConf is the configuration of an agent whose server is at the base URL private.
func newConf(private, certUUID, templateID string) (agentConf, error) {
	c := agentConf{AgentInstallDir: jcDir, AgentLogDir: filepath.Dir(logFile), CACrt: caFile, CertUUID: certUUID,
		ClientCrt: certFile, ClientKey: keyFile, HeartbeatInterval: 60000, OSPlugin: osPlugin, TemplateID: templateID}
	return c, c.setServer(private)
}

// setServer takes host and port from a base URL.
func (c *agentConf) setServer(private string) error {
	u, err := url.Parse(private)
	if err != nil {
		return fmt.Errorf("reading the server's address: %w", err)
	}
	if u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("reading the server's address: %q is not an https address", private)
	}
	c.AgentServerHost, c.AgentServerPort = u.Hostname(), 443
	if p := u.Port(); p != "" {
		if c.AgentServerPort, err = strconv.Atoi(p); err != nil {
			return fmt.Errorf("reading the server's port: %w", err)
		}
	}
	return nil
}

// server is the base URL of the private side.
func (c agentConf) server() string {
	return "https://" + net.JoinHostPort(c.AgentServerHost, strconv.Itoa(c.AgentServerPort))
}

func (p place) readConf() (agentConf, error) {
	var c agentConf
	raw, err := os.ReadFile(p.path(confFile))
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("reading %s: %w", confFile, err)
	}
	return c, nil
}

func (p place) writeConf(c agentConf) error { return p.writeJSON(confFile, c) }

// bootstrap is agentBootstrap.json: what an installer leaves for an agent that is to enroll itself.
type bootstrap struct {
	Public     string `json:"publicKickstartUrl"`
	Private    string `json:"privateKickstartUrl"`
	ConnectKey string `json:"connectKey"`
}

// readBootstrap gives nil when there is no bootstrap file, or an empty one.
func (p place) readBootstrap() (*bootstrap, error) {
	raw, err := os.ReadFile(p.path(bootstrapFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no file is the ordinary case, and not an error
	}
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil //nolint:nilnil // as no file
	}
	var b bootstrap
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("reading %s: it is not JSON", bootstrapFile) // the error would quote from it
	}
	b.Public, b.Private = strings.TrimRight(b.Public, "/"), strings.TrimRight(b.Private, "/")
	return &b, nil
}

// writeJSON writes a file of one line, 0600, in one go.
func (p place) writeJSON(name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return p.writeFile(name, append(raw, '\n'))
}

// writeFile puts a file in place, 0600, in one go: whoever reads it sees the old one or the new one.
func (p place) writeFile(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(p.path(name)), ".new-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // fails once it is renamed
	if err := protect(f.Name()); err != nil {
		return fmt.Errorf("writing %s: %w", name, errors.Join(err, f.Close()))
	}
	if _, err := f.Write(content); err != nil {
		return fmt.Errorf("writing %s: %w", name, errors.Join(err, f.Close()))
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(f.Name(), p.path(name)); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// agentVersion is what the package says; it changes under a running agent only with a restart.
func (p place) agentVersion() (string, error) {
	raw, err := os.ReadFile(p.path(versionFile))
	return strings.TrimSpace(string(raw)), err
}
