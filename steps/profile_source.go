package steps

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"example.com/enrollment-assistant/platform"
)

// maxProfile bounds a profile; its largest part is the logo.
const maxProfile = 1 << 20

// ProfileKey is one key of a profile and whether it counts.
type ProfileKey struct {
	Pointer  string // JSON pointer
	Honoured bool
	Reason   string // why not, for people
}

// SystemProfile is where the system-wide profile of this computer lies.
func SystemProfile() string {
	switch runtime.GOOS {
	case "darwin":
		return "/Library/Application Support/enrollment-assistant/profile.json"
	case "windows":
		return filepath.Join(os.Getenv("ProgramData"), "enrollment-assistant", "profile.json")
	}
	return "/etc/enrollment-assistant/profile.json"
}

// FindProfile gives the profile of this computer: the first of the system-wide file, the explicit one (of --profile;
// empty for none) and profile.json beside the program. None at all is the zero Profile and no error. A file that is
// there but cannot be used is an error, a *Problem: going on without it would be another enrollment than the admin's.
func FindProfile(explicit string) (Profile, error) {
	return findProfile(SystemProfile(), explicit, besideProgram())
}

func findProfile(system, explicit, beside string) (Profile, error) {
	if exists(system) {
		return LoadProfile(system)
	}
	if explicit != "" {
		return LoadProfile(explicit)
	}
	if beside != "" && exists(beside) {
		return LoadProfile(beside)
	}
	return Profile{}, nil
}

// exists is true for everything but a name that is not there: what cannot be looked at is not to be passed over.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil || !errors.Is(err, fs.ErrNotExist)
}

// besideProgram is empty on macOS: a quarantined app runs from a random place and does not see its neighbours.
func besideProgram() string {
	if runtime.GOOS == "darwin" {
		return ""
	}
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	if resolved, err := filepath.EvalSymlinks(program); err == nil {
		program = resolved
	}
	return filepath.Join(filepath.Dir(program), "profile.json")
}

// LoadProfile reads the profile at path and applies the rule of protected sources. Its error is a *Problem.
func LoadProfile(path string) (Profile, error) {
	_, p, err := ExplainProfile(path)
	return p, err
}

// LoadTrust gives what the profile at path lets the elevated side accept: nothing, unless it is protected. A file that
// somebody else than root can write is not even opened, since a process without rights chose the path: it may be a
// device, a pipe, or what only root may read. Its error is a *Problem.
func LoadTrust(path string) (platform.Trust, error) {
	absolute, err := filepath.Abs(path)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute) // looks, opens nothing
	}
	if err != nil {
		return platform.Trust{}, profileProblem(err, "problem.profile.unreadable", "Path", path)
	}
	if !platform.Sandbox && unprotectedUnopened(absolute) != "" {
		return platform.Trust{}, nil
	}
	p, err := LoadProfile(absolute)
	if err != nil {
		return platform.Trust{}, err
	}
	return p.Trust(), nil
}

// ExplainProfile reads the profile at path and tells of each key whether it counts. Its error is a *Problem.
func ExplainProfile(path string) ([]ProfileKey, Profile, error) {
	content, reason, err := readProfile(path)
	if err != nil {
		return nil, Profile{}, profileProblem(err, "problem.profile.unreadable", "Path", path)
	}
	if platform.Sandbox {
		reason = ""
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute // the elevated side, which has another working folder, is told where it is
	}
	return decodeProfile(content, path, reason)
}

// readProfile gives the content, and why the source is not protected, empty when it is. What was judged is what is
// read: the file is opened first.
func readProfile(path string) (content []byte, reason string, err error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, "", fmt.Errorf("finding the profile: %w", err)
	}
	resolved, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return nil, "", fmt.Errorf("finding the profile: %w", err)
	}
	f, err := openRegular(resolved)
	if err != nil {
		return nil, "", fmt.Errorf("opening the profile: %w", err)
	}
	defer func() { _ = f.Close() }()
	reason = unprotected(f, resolved)
	content, err = io.ReadAll(io.LimitReader(f, maxProfile+1))
	if err != nil {
		return nil, "", fmt.Errorf("reading the profile: %w", err)
	}
	if len(content) > maxProfile {
		return nil, "", fmt.Errorf("reading the profile: it is larger than %d bytes", maxProfile)
	}
	return content, reason, nil
}

// openRegular opens a file that is a plain one, without waiting for the writer of a pipe.
func openRegular(path string) (*os.File, error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, errors.New("it is not a plain file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	after, err := f.Stat()
	if err != nil || !os.SameFile(before, after) {
		_ = f.Close()
		return nil, errors.Join(errors.New("it was changed while it was opened"), err)
	}
	return f, nil
}

// decodeProfile validates, takes out what the source may not say, and decodes the rest. reason is why the source is
// not protected.
func decodeProfile(content []byte, path, reason string) ([]ProfileKey, Profile, error) {
	tree, err := validProfile(content, path)
	if err != nil {
		return nil, Profile{}, err
	}
	keys := judgeKeys(tree, reason)
	rest, err := json.Marshal(tree)
	if err != nil {
		return nil, Profile{}, profileProblem(err, "problem.profile.unreadable", "Path", path)
	}
	p := Profile{Source: path, Protected: reason == ""}
	if err := json.Unmarshal(rest, &p); err != nil {
		return nil, Profile{}, profileProblem(err, "problem.profile.unreadable", "Path", path)
	}
	for _, k := range keys {
		if !k.Honoured {
			p.Ignored = append(p.Ignored, k.Pointer)
		}
	}
	if err := p.refine(path); err != nil {
		return nil, Profile{}, err
	}
	return keys, p, nil
}

// refine checks what a schema cannot, and gives base URLs the form in which they are compared.
func (p *Profile) refine(path string) error {
	bad := func(pointer string, err error) error {
		return profileProblem(err, "problem.profile.value", "Path", path, "Key", pointer)
	}
	if p.Endpoints != nil {
		for _, base := range []*string{&p.Endpoints.Console, &p.Endpoints.Kickstart, &p.Endpoints.PrivateKickstart, &p.Endpoints.Agent, &p.Endpoints.Packages} {
			normal, err := baseURL(*base)
			if err != nil {
				return bad("/endpoints", err)
			}
			*base = normal
		}
	}
	if p.CA != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(p.CA)) {
		return bad("/ca", errors.New("no certificate in it"))
	}
	if !p.ConnectKey.Empty() {
		k, err := parseKey(p.ConnectKey.Reveal())
		if err != nil {
			return bad("/connectKey", err)
		}
		if foreign := k.CheckHosts(p.Endpoints); foreign != nil {
			return bad("/connectKey", foreign.Err)
		}
	}
	return nil
}

// profileProblem is a profile that cannot be used.
func profileProblem(err error, key string, args ...any) *Problem {
	return (&Problem{Code: CodeProfile, Step: Welcome, Err: err}).say(key, "problem.profile.hint", args...)
}

// parseTree reads JSON of which nothing follows the first value.
func parseTree(content []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var tree map[string]any
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading JSON: something follows the object")
	}
	return tree, nil
}
