package stub

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The states of a push, in the vendor's words.
const (
	pushPending  = "pending"
	pushAccepted = "accepted"
	pushDenied   = "denied"
	pushExpired  = "expired"
)

// push is a question on a phone: is it you who signs in?
type push struct {
	ID, UserID       string
	Began, ExpiresAt time.Time
	Answer           string // pushAccepted or pushDenied; empty while nobody answered
	session          string // the cookie of the browser that asked: only that may go on
}

// status is where a push stands at a time. An answer stands, also after the time is over.
func (p push) status(now time.Time) string {
	switch {
	case p.Answer != "":
		return p.Answer
	case !now.Before(p.ExpiresAt):
		return pushExpired
	}
	return pushPending
}

// pushes are those that were sent. They are in memory only, as the sessions are.
type pushes struct {
	mu  sync.Mutex
	all map[string]push
}

// maxPushes bounds the memory that visitors can take.
const maxPushes = 1000

// pushRoutes are the second factor that is a question on the phone. The shapes are those that public programs use with
// the real portal.
func (s *Server) pushRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /userconsole/auth/push", s.withXSRF(s.servePush))
	mux.HandleFunc("GET /userconsole/auth/push/{id}", s.servePushState)
	mux.HandleFunc("POST /userconsole/auth/push/{id}/login", s.withXSRF(s.servePushLogin))
}

// pushJSON is a push on the wire.
func pushJSON(p push, now time.Time) map[string]string {
	return map[string]string{"id": p.ID, "userId": p.UserID, "status": p.status(now), "initiatedAt": when(p.Began), "expiresAt": when(p.ExpiresAt)}
}

// servePush asks on the phone of the user whose password was right.
func (s *Server) servePush(w http.ResponseWriter, r *http.Request) {
	u, ok := s.pendingUser(r)
	set := s.Settings()
	if !ok || !set.PushFactor {
		message(w, http.StatusUnauthorized, "Authentication failed.")
		return
	}
	id, _, _ := s.session(r, portalUser)
	now := s.now()
	p := push{ID: newID(now), UserID: u.ID, Began: now, ExpiresAt: now.Add(set.PushLife), session: id}
	s.pushes.add(p, now)
	s.changed.fire()
	asJSON(w, http.StatusOK, pushJSON(p, now))
}

// add keeps a push and forgets the oldest where there are too many.
func (b *pushes) add(p push, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all == nil {
		b.all = map[string]push{}
	}
	for id, o := range b.all {
		if o.UserID == p.UserID && o.status(now) == pushPending || len(b.all) >= maxPushes { // a phone shows the newest only
			delete(b.all, id)
		}
	}
	b.all[p.ID] = p
}

// own gives the push of a path, of the browser that asked for it.
func (s *Server) ownPush(r *http.Request) (push, bool) {
	s.pushes.mu.Lock()
	p, ok := s.pushes.all[r.PathValue("id")]
	s.pushes.mu.Unlock()
	id, _, signedIn := s.session(r, portalUser)
	return p, ok && signedIn && p.session == id
}

func (s *Server) servePushState(w http.ResponseWriter, r *http.Request) {
	p, ok := s.ownPush(r)
	if !ok {
		message(w, http.StatusNotFound, "Not found.")
		return
	}
	asJSON(w, http.StatusOK, pushJSON(p, s.now()))
}

// servePushLogin signs in whose push was accepted. A push is good once.
func (s *Server) servePushLogin(w http.ResponseWriter, r *http.Request) {
	p, ok := s.ownPush(r)
	u, waiting := s.pendingUser(r)
	if !ok || !waiting || p.UserID != u.ID || p.status(s.now()) != pushAccepted {
		s.answerSignIn(w, r, ErrBadCredentials, "")
		return
	}
	s.pushes.mu.Lock()
	_, still := s.pushes.all[p.ID]
	delete(s.pushes.all, p.ID)
	s.pushes.mu.Unlock()
	if !still {
		s.answerSignIn(w, r, ErrBadCredentials, "")
		return
	}
	err := s.signedIn(r.Context(), accountUser, u.ID)
	if err == nil {
		s.startSession(w, r, portalUser, func(v *session) { v.account, v.pending = u.ID, "" })
	}
	s.answerSignIn(w, r, err, "")
}

// waiting are the pushes that nobody answered yet, oldest first.
func (b *pushes) waiting(now time.Time) (list []push) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.all {
		if p.status(now) == pushPending {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(x, y push) int { return cmp.Or(x.Began.Compare(y.Began), cmp.Compare(x.ID, y.ID)) })
	return list
}

// AnswerPush presses a button on a user's phone: whether it is them who sign in. ErrNotFound when nothing is asked
// there, which may be because it was answered or is too old. A denial counts as a failed sign-in.
func (s *Server) AnswerPush(ctx context.Context, userID string, approve bool) error {
	if err := s.open(); err != nil {
		return err
	}
	now := s.now()
	s.pushes.mu.Lock()
	found := false
	for id, p := range s.pushes.all {
		if p.UserID != userID || p.status(now) != pushPending {
			continue
		}
		if p.Answer = pushDenied; approve {
			p.Answer = pushAccepted
		}
		s.pushes.all[id], found = p, true
	}
	s.pushes.mu.Unlock()
	if !found {
		return fmt.Errorf("finding a question on the phone of %q: %w", userID, ErrNotFound)
	}
	s.changed.fire()
	if approve {
		return nil
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		return s.addEvent(ctx, tx, Event{Type: eventUserLogin, ActorID: userID, UserID: userID, Detail: "push denied"})
	})
}

// qaPush answers on the phone of a user, by id or username.
func (s *Server) qaPush(r *http.Request) (any, error) {
	var in struct {
		User    string `json:"user"`
		Approve *bool  `json:"approve"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Approve == nil {
		return nil, fmt.Errorf("%w: approve is missing", errBadRequest)
	}
	u, err := s.qaUser(r.Context(), in.User)
	if err != nil {
		return nil, err
	}
	return u, s.AnswerPush(r.Context(), u.ID, *in.Approve)
}

// phoneAnswer is a button of the page that plays the phone.
func (s *Server) phoneAnswer(w http.ResponseWriter, r *http.Request) error {
	if r.TLS != nil {
		return ErrNotFound
	}
	approve := r.PostFormValue("answer") == "approve"
	err := s.AnswerPush(r.Context(), r.PostFormValue("user"), approve)
	said := "push_denied"
	switch {
	case errors.Is(err, ErrNotFound):
		said = "push_gone"
	case err != nil:
		return err
	case approve:
		said = "push_approved"
	}
	return done(w, r, "/_qa/phone", said)
}
