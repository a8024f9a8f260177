package stub

import (
	"errors"
	"net/http"
	"slices"
	"testing"
)

// Binding reaches an agent that waits, and unbinding too.
func TestLongPoll(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	ada, nora, ben := s.boss(t, RoleAdministrator), s.person(t, "nora"), s.person(t, "ben")
	none := d.poll(t, "")
	if none.Uninstall || len(none.ManagedUsers) != 0 || none.HeartbeatSeconds != 60 {
		t.Fatalf("orders: %+v", none)
	}
	have := none
	for _, step := range []struct {
		act  func() error
		want []string
	}{
		{func() error { return s.Bind(t.Context(), ada, d.system, nora.ID) }, []string{"nora"}},
		{func() error { return s.Bind(t.Context(), ada, d.system, ben.ID) }, []string{"ben", "nora"}},
		{func() error { return s.Unbind(t.Context(), ada, d.system, nora.ID) }, []string{"ben"}},
	} {
		answered := make(chan agentOrders)
		go func() { defer close(answered); answered <- d.poll(t, have.Hash) }()
		if err := step.act(); err != nil {
			t.Fatal(err)
		}
		if have = <-answered; !slices.Equal(have.ManagedUsers, step.want) {
			t.Errorf("managed users %v, want %v", have.ManagedUsers, step.want)
		}
	}
}

// With nothing new a poll is held, and then answers the same.
func TestQuietPoll(t *testing.T) {
	s := running(t, func(s *Server) {
		set := DefaultSettings()
		set.PollWait = 1
		s.Initial = &set
	})
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	if first := d.poll(t, ""); d.poll(t, first.Hash).Hash != first.Hash {
		t.Error("a quiet poll changed the orders")
	}
}

// A deleted device leaves the list, is told to uninstall once, and then is unknown. Its users are no longer bound.
func TestDelete(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	ada := s.boss(t, RoleAdministrator)
	if err := s.Bind(t.Context(), ada, d.system, s.person(t, "nora").ID); err != nil {
		t.Fatal(err)
	}
	have := d.poll(t, "")
	answered := make(chan agentOrders)
	go func() { defer close(answered); answered <- d.poll(t, have.Hash) }()
	if err := s.DeleteSystem(t.Context(), ada, d.system); err != nil {
		t.Fatal(err)
	}
	if o := <-answered; !o.Uninstall || len(o.ManagedUsers) != 0 {
		t.Errorf("orders: %+v", o)
	}
	// The revocation is written after the answer; a reader of the table waits for it.
	if err := s.Await(soon(t), func(Snapshot) bool {
		_, err := findCertificate(t.Context(), s.db, d.uuid)
		return errors.Is(err, errCertificateRefused)
	}); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ method, path string }{{"GET", "/poll/" + d.system}, {"POST", "/poll/"}, {"GET", "/CheckAccess"}} {
		if status, _ := d.private(t, r.method, r.path, nil); status != http.StatusForbidden {
			t.Errorf("%s %s: %d", r.method, r.path, status)
		}
	}
	if shot := s.shot(t); len(shot.Systems) != 0 || count(shot.Events, eventSystemDelete, d.system) != 1 {
		t.Errorf("%d systems", len(shot.Systems))
	}
	if _, err := s.System(t.Context(), d.system); !errors.Is(err, ErrNotFound) {
		t.Errorf("System: %v", err)
	}
}

// Until an agent that was away polls, its certificate is good for nothing but being told.
func TestDeletedWhileAway(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	if err := s.DeleteSystem(t.Context(), s.boss(t, RoleAdministrator), d.system); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ method, path string }{{"GET", "/CheckAccess"}, {"POST", "/GetAgentInstall"}, {"POST", "/poll/"}} {
		if status, _ := d.private(t, r.method, r.path, d.facts); status != http.StatusForbidden {
			t.Errorf("%s: %d", r.path, status)
		}
	}
	if _, err := s.enroll(t.Context(), d.uuid, "", d.facts); !errors.Is(err, errCertificateRefused) {
		t.Errorf("enrolling meanwhile: %v", err)
	}
	if !d.poll(t, "").Uninstall {
		t.Error("not told")
	}
}
