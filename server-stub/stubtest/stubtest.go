// Package stubtest serves the stub's demo organization to the tests of other packages, over real TLS.
package stubtest

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/server-stub/stub"
)

// Organization is the demo organization while it is served.
type Organization struct {
	*stub.Server
	Endpoints platform.Endpoints
	CA        []byte // PEM of the authority that its hosts are certified by
}

// Demo serves the demo organization until the test ends.
func Demo(t testing.TB) *Organization {
	t.Helper()
	s := &stub.Server{Data: t.TempDir()}
	at, err := s.Start(stub.Ports{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, s.Demo(t.Context()))
	ca, err := os.ReadFile(at.CAFile)
	must(t, err)
	return &Organization{Server: s, CA: ca, Endpoints: platform.Endpoints{
		Console: at.Console, Kickstart: at.Console, PrivateKickstart: at.Private, Agent: at.Private, Packages: at.Console,
	}}
}

// Person is the user with a user name; the demo has "nora".
func (o *Organization) Person(t testing.TB, name string) stub.User {
	t.Helper()
	users, err := o.Users(t.Context())
	must(t, err)
	i := slices.IndexFunc(users, func(u stub.User) bool { return u.Username == name })
	if i < 0 {
		t.Fatalf("the organization has no %s", name)
	}
	return users[i]
}

// Key issues a connect key to a person.
func (o *Organization) Key(t testing.TB, name string) string {
	t.Helper()
	k, err := o.IssueKey(t.Context(), o.Person(t, name))
	must(t, err)
	return k.Value
}

// APIKey is an admin's key for the public API.
func (o *Organization) APIKey(t testing.TB) string {
	t.Helper()
	admins, err := o.Admins(t.Context())
	must(t, err)
	return admins[slices.IndexFunc(admins, func(a stub.Admin) bool { return a.APIKey != "" })].APIKey
}

// Program builds the stub's program, whose agent runs as one of its own, and gives its path.
func Program(t testing.TB) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "server-stub")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "example.com/enrollment-assistant/server-stub")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// MacShelf is the stub with a package for Macs, of which it has none on its shelf.
type MacShelf struct {
	Stub    http.RoundTripper
	Package []byte // its content
}

// RoundTrip implements http.RoundTripper.
func (m MacShelf) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/jumpcloud-agent.pkg") {
		return m.Stub.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, ContentLength: int64(len(m.Package)),
		Header: http.Header{"Content-Type": {"application/octet-stream"}, "Content-Length": {strconv.Itoa(len(m.Package))}},
		Body:   io.NopCloser(bytes.NewReader(m.Package)),
	}, nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
