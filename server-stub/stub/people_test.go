package stub

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Who may do what: a read-only admin changes nothing, help desk binds and announces.
func TestRoles(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	nora, ada, ctx := s.person(t, "nora"), s.boss(t, RoleAdministrator), t.Context()
	ignoring := func(err, what error) {
		t.Helper()
		if err != nil && !errors.Is(err, what) {
			t.Fatal(err)
		}
	}
	both := []Role{RoleAdministrator, RoleHelpDesk}
	for _, act := range []struct {
		name    string
		prepare func()
		do      func(Admin) error
		may     []Role
	}{
		{"switch", func() {}, func(a Admin) error { return s.SetEnrollment(ctx, a, true) }, both[:1]},
		{"bind", func() { ignoring(s.Unbind(ctx, ada, d.system, nora.ID), ErrNotFound) }, func(a Admin) error { return s.Bind(ctx, a, d.system, nora.ID) }, both},
		{"unbind", func() { ignoring(s.Bind(ctx, ada, d.system, nora.ID), ErrAlready) }, func(a Admin) error { return s.Unbind(ctx, a, d.system, nora.ID) }, both},
		{"announce", func() {}, func(a Admin) error { _, err := s.Announce(ctx, a, "News", "Text"); return err }, both},
		{"delete", func() {}, func(a Admin) error { return s.DeleteSystem(ctx, a, d.system) }, both[:1]},
	} {
		for _, role := range []Role{"", RoleReadOnly, RoleHelpDesk, RoleAdministrator} {
			act.prepare()
			before := s.shot(t)
			err := act.do(Admin{ID: ada.ID, Role: role})
			if slices.Contains(act.may, role) {
				if err != nil {
					t.Errorf("%q may not %s: %v", role, act.name, err)
				}
				continue
			}
			after := s.shot(t)
			if !errors.Is(err, ErrForbidden) || !reflect.DeepEqual(before, after) {
				t.Errorf("%q may %s: %v", role, act.name, err)
			}
		}
	}
}

func TestBind(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	hal, nora, none := s.boss(t, RoleHelpDesk), s.person(t, "nora"), "000000000000000000000000"
	for _, step := range []struct {
		name string
		err  error
		want error
		n    int
	}{
		{"no system", s.Bind(t.Context(), hal, none, nora.ID), ErrNotFound, 0},
		{"no user", s.Bind(t.Context(), hal, d.system, none), ErrNotFound, 0},
		{"nothing to unbind", s.Unbind(t.Context(), hal, d.system, nora.ID), ErrNotFound, 0},
		{"bind", s.Bind(t.Context(), hal, d.system, nora.ID), nil, 0},
		{"again", s.Bind(t.Context(), hal, d.system, nora.ID), ErrAlready, 0},
	} {
		if !errors.Is(step.err, step.want) || (step.want == nil) != (step.err == nil) {
			t.Errorf("%s: %v, want %v", step.name, step.err, step.want)
		}
	}
	y, err := s.System(t.Context(), d.system)
	if err != nil || len(y.BoundUserIDs) != 1 || y.BoundUserIDs[0] != nora.ID {
		t.Errorf("bound: %v, %v", y.BoundUserIDs, err)
	}
	var got []Event
	for _, e := range s.shot(t).Events {
		if e.Type == eventAssociation {
			got = append(got, e)
		}
	}
	if len(got) != 1 || got[0].ActorID != hal.ID || got[0].SystemID != d.system || got[0].UserID != nora.ID || got[0].Detail != "add" || !got[0].Success {
		t.Errorf("events: %+v", got)
	}
}

func TestSwitch(t *testing.T) {
	s := running(t)
	ada := s.boss(t, RoleAdministrator)
	if err := s.SetEnrollment(t.Context(), ada, false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.IssueKey(t.Context(), s.person(t, "nora")); !errors.Is(err, ErrEnrollmentOff) {
		t.Errorf("a key while switched off: %v", err)
	}
	shot := s.shot(t)
	last := shot.Events[len(shot.Events)-1]
	if shot.Organization.EnrollmentAllowed || last.Type != eventOrganization || last.ActorID != ada.ID || last.Detail != "settings.enableUserPortalAgentInstall=false" {
		t.Errorf("%+v, %+v", shot.Organization, last)
	}
}

func TestAnnounce(t *testing.T) {
	s := running(t)
	hal := s.boss(t, RoleHelpDesk)
	for _, empty := range [][2]string{{"", "text"}, {"subject", " \n"}} {
		if _, err := s.Announce(t.Context(), hal, empty[0], empty[1]); err == nil {
			t.Errorf("%q was announced", empty)
		}
	}
	if _, err := s.Announce(t.Context(), hal, "News\r\nBcc: x", "Hello everyone,\nthis week"); err != nil {
		t.Fatal(err)
	}
	shot := s.shot(t)
	if len(shot.Outbox) != 2 || shot.Outbox[0].To != "ben@acme.example" || strings.ContainsAny(shot.Outbox[0].Subject, "\r\n") || !strings.Contains(shot.Outbox[0].Text, "\nthis week") {
		t.Errorf("outbox: %+v", shot.Outbox)
	}
	if shot.Organization.Announced.IsZero() {
		t.Error("not noted")
	}
}

func TestAccountsAreTaken(t *testing.T) {
	s := running(t)
	if _, err := s.AddAdmin(t.Context(), Admin{Email: "ADA@acme.example", Role: RoleReadOnly}, "x"); !errors.Is(err, ErrAlready) {
		t.Errorf("an admin's email twice: %v", err)
	}
	if _, err := s.AddUser(t.Context(), User{Username: "nora", Email: "other@acme.example"}, "x", ""); !errors.Is(err, ErrAlready) {
		t.Errorf("a username twice: %v", err)
	}
	for _, a := range []Admin{{Role: RoleAdministrator}, {Email: "x@acme.example"}, {Email: "x@acme.example", Role: "root"}} {
		if _, err := s.AddAdmin(t.Context(), a, "x"); err == nil {
			t.Errorf("%+v was added", a)
		}
	}
}
