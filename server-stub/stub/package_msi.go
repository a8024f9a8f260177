package stub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"

	"example.com/enrollment-assistant/assets"
)

// msiFile is the vendor's name of the agent's package for Windows.
const msiFile = "jcagent-msi-signed.msi"

// msiSpec says what goes into the agent's package for Windows.
type msiSpec struct {
	version string // of the agent: 2.166.2
	program string // path of the agent's program for Windows
	ca      []byte // PEM
	at      Addresses
	signer  *codeSigner // nil leaves it unsigned
	canary  bool        // it writes the canary instead of the agent
}

// The family of packages, which replace one another, and what the codes of one of them are made from. None is the
// vendor's: this package never replaces the vendor's, nor that one this.
const msiFamily = "{5B1B3A0E-6E8D-4E6B-9C6D-0C1B5F2A7D10}"

// msiProduct is product.json of the agent: where a key goes that names no server, and what the package is called.
type msiProduct struct {
	Public  string `json:"publicKickstartUrl"`
	Private string `json:"privateKickstartUrl"`
	Code    string `json:"productCode"`
}

// buildMSI makes the package below dir, as versions/VERSION/NAME and as NAME. What was made from the same parts is used
// again. It needs wixl and osslsigncode.
func buildMSI(ctx context.Context, dir string, m msiSpec) (Package, error) {
	mark, err := m.fingerprint()
	if err != nil {
		return Package{}, fmt.Errorf("reading the agent's program for Windows: %w", err)
	}
	folder := filepath.Join(dir, "versions", m.version, "windows")
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // packages are public
		return Package{}, fmt.Errorf("making the folder of the package for Windows: %w", err)
	}
	list, err := recall(folder, mark)
	if err != nil {
		one, err := m.build(ctx, folder, mark)
		if err != nil {
			return Package{}, err
		}
		list = []Package{one}
		if err := remember(folder, mark, list); err != nil {
			return Package{}, fmt.Errorf("noting what was built: %w", err)
		}
	}
	for _, name := range []string{filepath.Join(dir, "versions", m.version, msiFile), filepath.Join(dir, msiFile)} {
		if err := linkWhole(filepath.Join(folder, msiFile), name); err != nil {
			return Package{}, fmt.Errorf("publishing %s: %w", msiFile, err)
		}
	}
	return list[0], nil
}

// fingerprint tells two specs apart.
func (m msiSpec) fingerprint() (string, error) {
	h := sha256.New()
	sum := ""
	if !m.canary {
		var err error
		if sum, err = sumFile(m.program); err != nil {
			return "", err
		}
	}
	source, err := assets.Stub.ReadFile("agent/agent.wxs")
	if err != nil {
		return "", err
	}
	parts := []string{m.version, sum, string(m.ca), m.at.Console, m.at.Private, string(source), strconv.FormatBool(m.canary)}
	if m.signer != nil {
		parts = append(parts, string(m.signer.root))
	}
	for _, part := range parts {
		h.Write(strconv.AppendQuote(nil, part)) // quoted, so that no two lists look the same
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// build makes the package in folder.
func (m msiSpec) build(ctx context.Context, folder, mark string) (Package, error) {
	parts, err := os.MkdirTemp("", "jcagent-msi-")
	if err != nil {
		return Package{}, fmt.Errorf("making a folder for the package for Windows: %w", err)
	}
	defer func() { _ = os.RemoveAll(parts) }() // the system empties its folder of temporary files too
	if err := m.write(parts, mark); err != nil {
		return Package{}, fmt.Errorf("writing the parts of the package for Windows: %w", err)
	}
	made := filepath.Join(parts, "package.msi")
	if err := tool(ctx, parts, "wixl", "--arch", "x64", "--output", "package.msi", "agent.wxs"); err != nil {
		return Package{}, fmt.Errorf("building the package for Windows: %w", err)
	}
	if m.signer != nil {
		signed := filepath.Join(parts, "signed.msi")
		if err := m.signer.sign(ctx, made, signed); err != nil {
			return Package{}, fmt.Errorf("signing the package for Windows: %w", err)
		}
		made = signed
	}
	raw, err := os.ReadFile(made)
	if err == nil {
		err = writeWhole(filepath.Join(folder, msiFile), bytes.NewReader(raw))
	}
	if err != nil {
		return Package{}, fmt.Errorf("writing %s: %w", msiFile, err)
	}
	sum := sha256.Sum256(raw)
	return Package{OS: "windows", Arch: "x86_64", Version: m.version, Format: "msi", File: msiFile, Size: int64(len(raw)), SHA256: hex.EncodeToString(sum[:])}, nil
}

// write puts the parts of the package into a folder.
func (m msiSpec) write(parts, mark string) error {
	source, err := assets.Stub.ReadFile("agent/agent.wxs")
	if err != nil {
		return err
	}
	t, err := template.New("agent.wxs").Parse(string(source))
	if err != nil {
		return err
	}
	next, err := nextVersion(m.version)
	if err != nil {
		return err
	}
	code := msiCode(mark, "product")
	var wxs bytes.Buffer
	err = t.Execute(&wxs, map[string]any{"Code": code, "Family": msiFamily, "Version": m.version, "Next": next, "Canary": m.canary,
		"Components": map[string]string{"Agent": msiCode(mark, "agent"), "Contrib": msiCode(mark, "contrib"), "Canary": msiCode(mark, "canary")}})
	if err != nil {
		return err
	}
	product, err := json.Marshal(msiProduct{m.at.Console, m.at.Private, code})
	if err != nil {
		return err
	}
	files := map[string][]byte{"agent.wxs": wxs.Bytes(), "version.txt": []byte(m.version), "ca.crt": m.ca, "product.json": product, "canary": []byte("installed\n")}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(parts, name), content, 0o600); err != nil {
			return err
		}
	}
	if m.canary {
		return nil
	}
	return copyFile(m.program, filepath.Join(parts, "jumpcloud-agent.exe"))
}

// msiCode is a code of the Windows Installer that is the same for the same parts: a package that is built again is the
// same product, and one for another server replaces it.
func msiCode(mark, part string) string {
	sum := sha256.Sum256([]byte(mark + " " + part))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8: https://www.rfc-editor.org/rfc/rfc9562#section-5.8
	return strings.ToUpper(fmt.Sprintf("{%x-%x-%x-%x-%x}", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

// nextVersion is the one right after a version of three numbers.
func nextVersion(version string) (string, error) {
	if !versionForm.MatchString(version) {
		return "", fmt.Errorf("%q is not a version of three numbers", version)
	}
	dot := strings.LastIndexByte(version, '.')
	last, err := strconv.Atoi(version[dot+1:])
	return version[:dot+1] + strconv.Itoa(last+1), err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("%w, %w", err, out.Close())
	}
	return out.Close()
}

// windowsPackages builds the package for Windows, if there is a program for it, for who holds the shelf. A server that
// does not listen makes one for the ports that a tester expects.
func (s *Server) windowsPackages(ctx context.Context, version string) ([]Package, error) {
	if s.WindowsAgent == "" {
		return nil, nil
	}
	signer, err := s.codeSigner()
	if err != nil {
		return nil, err
	}
	at := s.Addresses()
	if at.Console == "" {
		at.Console, at.Private = fmt.Sprint("https://127.0.0.1:", DefaultPublicPort), fmt.Sprint("https://127.0.0.1:", DefaultPrivatePort)
	}
	one, err := buildMSI(ctx, s.production(), msiSpec{version: version, program: s.WindowsAgent, ca: s.ca.pem, at: at, signer: signer})
	return []Package{one}, err
}

// windowsPoison builds the poisoned packages for Windows likewise.
func (s *Server) windowsPoison(ctx context.Context, version string) ([]Artifact, error) {
	if s.WindowsAgent == "" {
		return nil, nil
	}
	signer, err := s.codeSigner()
	if err != nil {
		return nil, err
	}
	return buildMSIPoison(ctx, s.poisonDir(), version, signer)
}

// codeSigner is who signs for Windows, for who holds the shelf.
func (s *Server) codeSigner() (*codeSigner, error) {
	if s.shelf.windows == nil {
		c, err := openCodeSigner(s.dir)
		if err != nil {
			return nil, err
		}
		s.shelf.windows = c
	}
	return s.shelf.windows, nil
}
