package stub

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"sync"
	"time"
)

// portal is whose browser session it is; each has a cookie of its own.
type portal string

const (
	portalUser  portal = "user"
	portalAdmin portal = "admin"
)

// cookie is the name of the portal's cookie: for users the vendor's, plus the port, since cookies of one host are
// shared by all its ports and several servers may run beside each other.
func (p portal) cookie(r *http.Request) string {
	name := "_jumpcloud_user_console_"
	if p == portalAdmin {
		name = "_jumpcloud_admin_console_"
	}
	return name + localPort(r)
}

// session is one browser's. It is in memory only: a restart signs everybody out.
type session struct {
	portal  portal
	xsrf    string
	account string // whose it is; empty before sign-in
	pending string // user whose password was right and whose code is awaited
	seen    time.Time
}

// maxSessions bounds the memory that visitors can take; the longest unseen goes first.
const maxSessions = 10_000

// sessions are all sessions, by the random value of their cookie. The zero value works.
type sessions struct {
	mu  sync.Mutex
	all map[string]session
}

// clear ends all sessions.
func (c *sessions) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.all)
}

// get gives a session and marks it as seen; one that was idle for too long is gone.
func (c *sessions) get(id string, p portal, now time.Time, idle time.Duration) (session, bool) {
	v, ok := c.look(id, p, now, idle)
	if !ok {
		return session{}, false
	}
	v.seen = now
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, still := c.all[id]; still {
		c.all[id] = v
	}
	return v, true
}

// look is get for who only looks: a page that follows by itself does not keep its session alive.
func (c *sessions) look(id string, p portal, now time.Time, idle time.Duration) (session, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.all[id]
	if !ok || v.portal != p {
		return session{}, false
	}
	if now.Sub(v.seen) > idle {
		delete(c.all, id)
		return session{}, false
	}
	return v, true
}

// replace stores a session under a new id and forgets the old one, so that an id known before sign-in is worth
// nothing after it.
func (c *sessions) replace(old string, v session) (id string) {
	id = randomHex(32)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]session{}
	}
	delete(c.all, old)
	if len(c.all) >= maxSessions {
		oldest := ""
		for k, o := range c.all {
			if oldest == "" || o.seen.Before(c.all[oldest].seen) {
				oldest = k
			}
		}
		delete(c.all, oldest)
	}
	c.all[id] = v
	return id
}

func (c *sessions) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.all, id)
}

// session gives the session of a request.
func (s *Server) session(r *http.Request, p portal) (id string, v session, ok bool) {
	cookie, err := r.Cookie(p.cookie(r))
	if err != nil {
		return "", session{}, false
	}
	find := s.portals.get
	if follows(r) {
		find = s.portals.look
	}
	v, ok = find(cookie.Value, p, s.now(), s.Settings().SessionIdle)
	return cookie.Value, v, ok
}

// startSession gives the browser a new session with what change makes of the old one. The XSRF token stays, since
// programs fetch it once before they sign in.
func (s *Server) startSession(w http.ResponseWriter, r *http.Request, p portal, change func(*session)) session {
	old, v, ok := s.session(r, p)
	if !ok {
		v = session{portal: p, xsrf: randomHex(20)}
	}
	v.seen = s.now()
	change(&v)
	// Lax, so that the link in a mail finds the admin signed in. No Max-Age: it ends with the browser.
	//nolint:gosec // Secure wherever there is TLS; the plain port is for loopback
	http.SetCookie(w, &http.Cookie{Name: p.cookie(r), Value: s.portals.replace(old, v), Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
	return v
}

// signOut ends the session of that portal and takes its cookie back.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request, p portal) {
	if id, _, ok := s.session(r, p); ok {
		s.portals.drop(id)
	}
	//nolint:gosec // the cookie is deleted
	http.SetCookie(w, &http.Cookie{Name: p.cookie(r), Path: "/", MaxAge: -1, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
}

// xsrf gives the token for this browser's forms of that portal. Where there is no session it starts one that nobody
// signed in to, which sets a cookie: call it before writing the body.
func (s *Server) xsrf(w http.ResponseWriter, r *http.Request, p portal) string {
	if _, v, ok := s.session(r, p); ok {
		return v.xsrf
	}
	return s.startSession(w, r, p, func(*session) {}).xsrf
}

// xsrfOK says whether a request carries the token of its own session, in the header X-Xsrftoken or the form field
// xsrf.
func (s *Server) xsrfOK(r *http.Request, p portal) bool {
	_, v, ok := s.session(r, p)
	if !ok {
		return false
	}
	given := r.Header.Get("X-Xsrftoken")
	if given == "" {
		given = r.PostFormValue("xsrf")
	}
	return subtle.ConstantTimeCompare([]byte(given), []byte(v.xsrf)) == 1
}

// signInUser checks email and password, and the code when it is given, and starts a session. ErrTOTPNeeded: the
// session waits for signInTOTP. Else errors are those of UserLogin.
//
//nolint:unparam // a page may greet the user by name
func (s *Server) signInUser(w http.ResponseWriter, r *http.Request, email, password, otp string) (User, error) {
	u, err := s.UserLogin(r.Context(), email, password)
	if err != nil {
		return User{}, err
	}
	if u.TOTP && otp != "" {
		err = s.CheckTOTP(r.Context(), u.ID, otp)
	} else if u.TOTP {
		s.startSession(w, r, portalUser, func(v *session) { v.account, v.pending = "", u.ID })
		err = ErrTOTPNeeded
	}
	if err != nil {
		return User{}, err
	}
	s.startSession(w, r, portalUser, func(v *session) { v.account, v.pending = u.ID, "" })
	return u, nil
}

// signInTOTP completes the sign-in of the user whose code is awaited; errors are those of CheckTOTP.
//
//nolint:unparam // as above
func (s *Server) signInTOTP(w http.ResponseWriter, r *http.Request, otp string) (User, error) {
	u, ok := s.pendingUser(r)
	if !ok {
		return User{}, ErrBadCredentials
	}
	if err := s.CheckTOTP(r.Context(), u.ID, otp); err != nil {
		if errors.Is(err, ErrLocked) {
			s.startSession(w, r, portalUser, func(v *session) { v.pending = "" })
		}
		return User{}, err
	}
	s.startSession(w, r, portalUser, func(v *session) { v.account, v.pending = u.ID, "" })
	return u, nil
}

// signInAdmin checks email and password and starts a session; errors are those of AdminLogin.
func (s *Server) signInAdmin(w http.ResponseWriter, r *http.Request, email, password string) (Admin, error) {
	a, err := s.AdminLogin(r.Context(), email, password)
	if err == nil {
		s.startSession(w, r, portalAdmin, func(v *session) { v.account = a.ID })
	}
	return a, err
}

// userSession gives the user who is signed in.
func (s *Server) userSession(r *http.Request) (User, bool) {
	_, v, _ := s.session(r, portalUser)
	return accountOf(r.Context(), v.account, s.User)
}

// pendingUser gives the user whose password was right and whose code is awaited.
func (s *Server) pendingUser(r *http.Request) (User, bool) {
	_, v, _ := s.session(r, portalUser)
	return accountOf(r.Context(), v.pending, s.User)
}

// adminSession gives the admin who is signed in, with the role of now.
func (s *Server) adminSession(r *http.Request) (Admin, bool) {
	_, v, _ := s.session(r, portalAdmin)
	return accountOf(r.Context(), v.account, s.admin)
}

// accountOf looks the account of a session up.
func accountOf[T any](ctx context.Context, id string, find func(context.Context, string) (T, error)) (T, bool) {
	if id == "" {
		var none T
		return none, false
	}
	v, err := find(ctx, id)
	return v, err == nil
}
