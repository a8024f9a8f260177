package stub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Invariant is a rule that holds at every moment, whatever is tested.
type Invariant string

// The invariants. They are checked after every transaction and for every line of the journal, by code that shares
// nothing with what it checks but the entries of the journal and the lists of admins and keys.
const (
	OneMailPerAdmin  Invariant = "one mail per admin per new device"
	QuietUpgrade     Invariant = "an upgrade sends no mail"
	QuietFailure     Invariant = "a failed install sends no mail"
	NoExpiredKey     Invariant = "an expired key is never accepted"
	NobodyBoundAlone Invariant = "nobody is bound without an admin"
	NoSecretWritten  Invariant = "no secret in the journal"
)

// Invariants lists them all.
func Invariants() []Invariant {
	return []Invariant{OneMailPerAdmin, QuietUpgrade, QuietFailure, NoExpiredKey, NobodyBoundAlone, NoSecretWritten}
}

// Violation is an invariant that did not hold.
type Violation struct {
	Time      time.Time `json:"time"`
	Invariant Invariant `json:"invariant"`
	Text      string    `json:"text"` // what happened
}

// maxViolations is how many are kept: the first ones tell the cause.
const maxViolations = 1000

// knownSecrets is how many of the newest secrets are looked for in the journal.
const knownSecrets = 256

// rules is what the invariants need to know. The zero value works.
type rules struct {
	mu         sync.Mutex
	secrets    []string // a ring of those that came by last; what is in it once stays as it is, a change makes a new one
	next       int
	violations []Violation
}

// Violations gives the invariants that did not hold since the start, here and in the namespaces, the first thousand of
// each. A namespace stands in front of its texts.
func (s *Server) Violations() []Violation {
	s.rules.mu.Lock()
	all := slices.Clone(s.rules.violations)
	s.rules.mu.Unlock()
	for _, n := range s.Namespaces() {
		all = append(all, n.violations()...)
	}
	return all
}

// learn notes secrets that came by: none may ever be written down.
func (u *rules) learn(secrets ...string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, secret := range secrets {
		if len(secret) < 8 || slices.Contains(u.secrets, secret) { // a shorter one stands in other words by chance
			continue
		}
		if len(u.secrets) < knownSecrets {
			u.secrets = append(u.secrets, secret)
			continue
		}
		u.secrets = slices.Clone(u.secrets) // somebody may be looking through it
		u.secrets[u.next] = secret
		u.next = (u.next + 1) % knownSecrets
	}
}

// knows tells whether a text holds a secret that came by.
func (u *rules) knows(text string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.ContainsFunc(u.secrets, func(secret string) bool { return strings.Contains(text, secret) })
}

// violated keeps a violation and gives its entry for the journal.
func (u *rules) violated(now time.Time, i Invariant, text string) Entry {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.violations) < maxViolations {
		u.violations = append(u.violations, Violation{now, i, text})
	}
	return Entry{Time: now, Kind: EntryViolation, Text: string(i) + ": " + text}
}

// leaks looks for secrets in entries that are about to be written, takes them out and gives an entry for each. It
// changes entries.
func (u *rules) leaks(now time.Time, entries []Entry) (told []Entry) {
	u.mu.Lock()
	secrets := u.secrets
	u.mu.Unlock()
	for i, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			continue
		}
		if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(string(line), secret) }) {
			entries[i] = Entry{Time: e.Time, Kind: e.Kind, Port: e.Port, Method: e.Method, Status: e.Status, Text: masked}
			told = append(told, u.violated(now, NoSecretWritten, "an entry of the kind "+string(e.Kind)+" held one"))
		}
	}
	return told
}

// judge looks at what one transaction did, after it was stored.
func (s *Server) judge(ctx context.Context, did []Entry) []Entry {
	var told []Entry
	now := s.now().UTC()
	wrong := func(i Invariant, format string, args ...any) {
		told = append(told, s.rules.violated(now, i, fmt.Sprintf(format, args...)))
	}
	created := map[string]bool{}
	for _, e := range did {
		switch {
		case e.Kind == EntryEvent && e.Text == eventSystemCreate:
			created[e.SystemID] = true
			for _, text := range s.mailsMissing(ctx, e.SystemID, did) {
				wrong(OneMailPerAdmin, "%s", text)
			}
		case e.Kind == EntryEvent && strings.HasPrefix(e.Text, eventAssociation+" add") && !s.mayBind(ctx, e.ActorID):
			wrong(NobodyBoundAlone, "user %s was bound to system %s by %q", e.UserID, e.SystemID, e.ActorID)
		case e.Kind == EntryKey && !e.expires.IsZero() && !now.Before(e.expires):
			wrong(NoExpiredKey, "a key that expired at %s was used at %s", when(e.expires), when(now))
		}
	}
	for _, e := range did {
		if e.Kind == EntryMail && e.SystemID != "" && !created[e.SystemID] {
			wrong(s.quietRule(ctx, e.SystemID), "%s was told of system %s, which is not new", e.To, e.SystemID)
		}
	}
	return told
}

// mailsMissing compares the mails about a new system with the list of admins.
func (s *Server) mailsMissing(ctx context.Context, system string, did []Entry) (wrong []string) {
	all, err := admins(ctx, s.db, "")
	if err != nil {
		return []string{"the admins could not be read: " + err.Error()}
	}
	got := map[string]int{}
	for _, e := range did {
		if e.Kind == EntryMail && e.SystemID == system {
			got[e.To]++
		}
	}
	for _, a := range all {
		if n := got[a.Email]; n != 1 {
			wrong = append(wrong, fmt.Sprintf("%s got %d mails about system %s", a.Email, n, system))
		}
		delete(got, a.Email)
	}
	for to := range got {
		wrong = append(wrong, fmt.Sprintf("%s is no admin and got a mail about system %s", to, system))
	}
	return wrong
}

// quietRule is the rule that a mail about a system broke which did not come just now: it was there, or never came.
func (s *Server) quietRule(ctx context.Context, id string) Invariant {
	var n int
	if s.db.QueryRowContext(ctx, `SELECT 1 FROM systems WHERE id = ?`, id).Scan(&n) == nil {
		return QuietUpgrade
	}
	return QuietFailure
}

// qaActor is who acts through /_qa/.
const qaActor = "qa"

// mayBind tells whether an actor is an admin who may bind, or a tester.
func (s *Server) mayBind(ctx context.Context, actor string) bool {
	if actor == qaActor {
		return true
	}
	a, err := first(admins(ctx, s.db, `WHERE id = ?`, actor))
	return err == nil && a.Role != RoleReadOnly
}

// invariantsReport is what /_qa/invariants answers.
type invariantsReport struct {
	OK         bool        `json:"ok"`
	Invariants []Invariant `json:"invariants"`
	Violations []Violation `json:"violations"`
}

func (s *Server) qaInvariants(*http.Request) (any, error) {
	v := s.Violations()
	return invariantsReport{len(v) == 0, Invariants(), append([]Violation{}, v...)}, nil
}
