package stub

import (
	"net/http"
	"net/url"
	"testing"
)

// office is a server with the demo organization, where users may not enroll devices yet.
type office struct {
	*Server
	at             Addresses
	ada, hal, rita Admin
	nora, ben      User
}

func newOffice(t *testing.T, change ...func(*Server)) *office {
	t.Helper()
	s := running(t, append(change, func(s *Server) { s.AgentProgram = "/bin/true" })...)
	o := &office{Server: s, at: s.Addresses(), ada: s.boss(t, RoleAdministrator), hal: s.boss(t, RoleHelpDesk), rita: s.boss(t, RoleReadOnly),
		nora: s.person(t, "nora"), ben: s.person(t, "ben")}
	o.allow(t, false)
	return o
}

// device enrolls a device with a user's key, as the agent's first contact does.
func (o *office) device(t *testing.T, hostname string, by User) System {
	t.Helper()
	if _, err := o.db.ExecContext(t.Context(), `INSERT INTO certificates (uuid, public_key, owner_type, owner_id, created) VALUES (?, '', ?, ?, ?)`,
		"cert-of-"+hostname, OwnerUser, by.ID, when(o.now())); err != nil {
		t.Fatal(err)
	}
	id, err := o.enroll(t.Context(), "cert-of-"+hostname, "192.0.2.7", agentFacts{Hostname: hostname, OS: "Ubuntu", OSFamily: "linux", Version: "24.04",
		Arch: "x86_64", AgentVersion: "2.166.2", SerialNumber: "PF3ZK9Q1", TemplateName: "ubuntu-24.04-x86_64"})
	if err == nil {
		err = o.contact(t.Context(), id, "192.0.2.7", "2.166.2")
	}
	if err != nil {
		t.Fatal(err)
	}
	y, err := o.System(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// allow switches enrollment through the User Portal.
func (o *office) allow(t *testing.T, on bool) {
	t.Helper()
	if err := o.setEnrollment(t.Context(), "", on); err != nil {
		t.Fatal(err)
	}
}

// bound are the users of a device.
func (o *office) bound(t *testing.T, y System) []string {
	t.Helper()
	now, err := o.System(t.Context(), y.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now.BoundUserIDs
}

func (o *office) codeOf(t *testing.T, u User) string {
	t.Helper()
	code, _, err := o.TOTPNow(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// visitor is a browser without a window.
type visitor struct {
	*http.Client
	t    *testing.T
	base string
}

// visitor makes one whose base is the port to visit.
func (o *office) visitor(t *testing.T, base string) visitor {
	return visitor{o.trusting(t), t, base}
}

func (v visitor) get(path string) (status int, page string, h http.Header) {
	v.t.Helper()
	return ask(v.t, v.Client, "GET", v.base+path, nil)
}

// send fills the form of a page and sends it; form are names and values in turn.
func (v visitor) send(page, path string, form ...string) (status int, answer string, h http.Header) {
	v.t.Helper()
	_, body, _ := v.get(page)
	values := url.Values{"xsrf": {between(body, `name="xsrf" value="`, `"`)}}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return ask(v.t, v.Client, "POST", v.base+path, values)
}

func (v visitor) admin(a Admin) visitor {
	v.t.Helper()
	if status, _, _ := v.send("/admin/signin", "/admin/signin", "email", a.Email, "password", DemoAdminPassword); status != http.StatusSeeOther {
		v.t.Fatalf("signing in as %s: %d", a.Email, status)
	}
	return v
}

func (v visitor) user(u User) visitor {
	v.t.Helper()
	if status, _, _ := v.send("/userconsole", "/userconsole/signin", "email", u.Email, "password", DemoUserPassword); status != http.StatusSeeOther {
		v.t.Fatalf("signing in as %s: %d", u.Email, status)
	}
	return v
}
