package stub

import (
	"database/sql"
	"strings"
	"testing"
	"time"
)

// violate runs a transaction that breaks a rule, as a defect would.
func (s *Server) violate(t *testing.T, f func(tx *sql.Tx) error) {
	t.Helper()
	if err := s.write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func TestInvariants_Hold(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	d.register(t) // an upgrade
	enrolled(t, s, "lab-pc", s.boss(t, RoleAdministrator).ConnectKey)
	if err := s.Bind(t.Context(), s.boss(t, RoleHelpDesk), d.system, s.person(t, "nora").ID); err != nil {
		t.Fatal(err)
	}
	if status, answer := s.qa(t, "POST", "bind", `{"system":"lab-pc","user":"ben"}`); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	if v := s.Violations(); len(v) != 0 {
		t.Errorf("%+v", v)
	}
	if status, answer := s.qa(t, "GET", "invariants", nil); status != 200 || !strings.HasPrefix(answer, `{"ok":true`) {
		t.Errorf("%d %s", status, answer)
	}
}

func TestInvariants_AreSeenToBreak(t *testing.T) {
	for want, breaks := range map[Invariant]func(*testing.T, *Server){
		OneMailPerAdmin: func(t *testing.T, s *Server) {
			s.violate(t, func(tx *sql.Tx) error {
				return s.addEvent(t.Context(), tx, Event{Type: eventSystemCreate, SystemID: "x", Success: true})
			})
		},
		QuietUpgrade: func(t *testing.T, s *Server) {
			d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
			s.violate(t, func(tx *sql.Tx) error {
				return s.send(t.Context(), tx, Mail{To: "ada@acme.example", Subject: "New", SystemID: d.system})
			})
		},
		QuietFailure: func(t *testing.T, s *Server) {
			s.violate(t, func(tx *sql.Tx) error {
				return s.send(t.Context(), tx, Mail{To: "ada@acme.example", Subject: "New", SystemID: "x"})
			})
		},
		NobodyBoundAlone: func(t *testing.T, s *Server) {
			s.violate(t, func(tx *sql.Tx) error {
				return s.addEvent(t.Context(), tx, Event{Type: eventAssociation, ActorID: s.boss(t, RoleReadOnly).ID, Detail: "add"})
			})
		},
		NoExpiredKey: func(t *testing.T, s *Server) {
			s.violate(t, func(*sql.Tx) error {
				s.did = append(s.did, Entry{Kind: EntryKey, expires: s.now().Add(-time.Second)})
				return nil
			})
		},
		NoSecretWritten: func(_ *testing.T, s *Server) {
			s.rules.learn("correct horse")
			s.note(Entry{Kind: EntryRequest, Path: "/correct horse/battery"})
		},
	} {
		t.Run(string(want), func(t *testing.T) {
			s := running(t)
			breaks(t, s)
			seen := s.Violations()
			if len(seen) == 0 || seen[0].Invariant != want || seen[0].Text == "" {
				t.Fatalf("%+v", seen)
			}
			if told := s.ReadJournal(JournalQuery{Kind: EntryViolation}); len(told) != len(seen) || strings.Contains(told[0].Text, "correct horse") {
				t.Errorf("%+v", told)
			}
			for _, e := range s.ReadJournal(JournalQuery{}) {
				if strings.Contains(e.Path+e.Text, "correct horse") {
					t.Errorf("the secret was written: %+v", e)
				}
			}
			if status, answer := s.qa(t, "GET", "invariants", nil); status != 200 || !strings.HasPrefix(answer, `{"ok":false`) {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
}
