package stub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// qaRoutes are what a real server does not have. Every one of qaAnswers wants the header X-QA: 1, which a page of
// another site cannot send, and refuses a foreign Origin.
func (s *Server) qaRoutes(mux *http.ServeMux) {
	for pattern, f := range s.qaAnswers() {
		mux.HandleFunc(pattern, qaGuard(f))
	}
	s.reportRoutes(mux)
}

// qaAnswers are the requests of testers, by their pattern.
func (s *Server) qaAnswers() map[string]http.HandlerFunc {
	all := map[string]http.HandlerFunc{
		"GET /_qa/await":          s.serveAwait,
		"GET /_qa/await/stream":   s.serveAwaitStream,
		"GET /_qa/journal":        s.serveJournal,
		"GET /_qa/journal/stream": s.serveJournalStream,
	}
	for pattern, f := range map[string]func(*http.Request) (any, error){
		"GET /_qa/snapshot":             func(r *http.Request) (any, error) { return s.Snapshot(r.Context()) },
		"GET /_qa/settings":             func(*http.Request) (any, error) { return s.Settings(), nil },
		"POST /_qa/settings":            s.qaSettings,
		"GET /_qa/clock":                s.qaClock,
		"POST /_qa/clock":               s.qaMoveClock,
		"GET /_qa/snapshots":            func(*http.Request) (any, error) { return s.Saved() },
		"POST /_qa/save":                s.qaKeep(s.Save),
		"POST /_qa/restore":             s.qaKeep(s.Restore),
		"POST /_qa/reset":               s.qaReset,
		"POST /_qa/seed":                s.qaSeed,
		"GET /_qa/namespaces":           s.qaNamespaces,
		"POST /_qa/namespaces":          s.qaNewNamespace,
		"DELETE /_qa/namespaces/{name}": s.qaEndNamespace,
		"POST /_qa/enrollment":          s.qaEnrollment,
		"POST /_qa/key":                 s.qaKey,
		"GET /_qa/totp":                 s.qaTOTP,
		"POST /_qa/push":                s.qaPush,
		"POST /_qa/bind":                s.qaBind(s.Bind),
		"POST /_qa/unbind":              s.qaBind(s.Unbind),
		"POST /_qa/delete":              s.qaDelete,
		"GET /_qa/invariants":           s.qaInvariants,
		"GET /_qa/presets":              func(*http.Request) (any, error) { return Presets(), nil },
		"GET /_qa/faults":               s.qaFaults,
		"POST /_qa/faults":              s.qaAddFault,
		"DELETE /_qa/faults":            s.qaClearFaults,
		"GET /_qa/reports":              s.qaReports,
		"DELETE /_qa/reports":           s.qaDeleteReports,
		"GET /_qa/reports/token":        s.qaReportToken,
	} {
		all[pattern] = func(w http.ResponseWriter, r *http.Request) {
			v, err := f(r)
			s.answerQA(w, r, v, err)
		}
	}
	return all
}

func qaGuard(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		if r.Header.Get("X-QA") != "1" || !sameOrigin(r) || site != "" && site != "same-origin" && site != "none" {
			message(w, http.StatusForbidden, "This needs the header X-QA: 1 and no foreign Origin.")
			return
		}
		next(w, r)
	}
}

// errBadRequest is a request that a tester got wrong.
var errBadRequest = errors.New("bad request")

func (s *Server) answerQA(w http.ResponseWriter, r *http.Request, v any, err error) {
	switch {
	case err == nil:
		asJSON(w, http.StatusOK, v)
	case errors.Is(err, errBadRequest):
		message(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, ErrNotFound):
		message(w, http.StatusNotFound, err.Error())
	case errors.Is(err, ErrAlready):
		message(w, http.StatusConflict, err.Error())
	default:
		s.broken(w, r, err)
	}
}

// decode reads a JSON body with known keys only.
func decode(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errBadRequest, err)
	}
	return nil
}

// qaSettings changes the settings that are named, and gives all.
func (s *Server) qaSettings(r *http.Request) (any, error) {
	wire := s.Settings().wire() // so that what is not named stays
	if err := decode(r, &wire); err != nil {
		return nil, err
	}
	if err := s.ChangeSettings(func(set *Settings) { *set = wire.settings() }); err != nil {
		return nil, fmt.Errorf("%w: %w", errBadRequest, err)
	}
	return s.Settings(), nil
}

func (s *Server) qaEnrollment(r *http.Request) (any, error) {
	var in struct {
		Allowed *bool `json:"allowed"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Allowed == nil {
		return nil, fmt.Errorf("%w: allowed is missing", errBadRequest)
	}
	if err := s.setEnrollment(r.Context(), "", *in.Allowed); err != nil {
		return nil, err
	}
	return s.Organization(r.Context())
}

// qaKey makes a connect key as a user does in the User Portal, without signing in: a user by id or username.
func (s *Server) qaKey(r *http.Request) (any, error) {
	var in struct {
		User string `json:"user"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	u, err := s.qaUser(r.Context(), in.User)
	if err != nil {
		return nil, err
	}
	k, err := s.IssueKey(r.Context(), u)
	if errors.Is(err, ErrEnrollmentOff) {
		return nil, fmt.Errorf("%w: %w", errBadRequest, err)
	}
	if err != nil {
		return nil, err
	}
	return issuedKey(k), nil
}

// qaTOTP gives the codes of everybody who has a second factor.
func (s *Server) qaTOTP(r *http.Request) (any, error) {
	type code struct {
		UserID      string `json:"userID"`
		Username    string `json:"username"`
		Email       string `json:"email"`
		Code        string `json:"code"`
		SecondsLeft int    `json:"secondsLeft"`
	}
	all, err := s.Users(r.Context())
	if err != nil {
		return nil, err
	}
	codes := []code{}
	for _, u := range all {
		if !u.TOTP {
			continue
		}
		now, left, err := s.TOTPNow(r.Context(), u.ID)
		if err != nil {
			return nil, err
		}
		codes = append(codes, code{u.ID, u.Username, u.Email, now, int(left.Seconds())})
	}
	return codes, nil
}

// qaBind binds or unbinds as an administrator: a system by id or hostname, a user by id or username.
func (s *Server) qaBind(act func(ctx context.Context, by Admin, systemID, userID string) error) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		var in struct {
			System string `json:"system"`
			User   string `json:"user"`
		}
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		y, err := s.qaSystem(r.Context(), in.System)
		if err != nil {
			return nil, err
		}
		u, err := s.qaUser(r.Context(), in.User)
		if err != nil {
			return nil, err
		}
		if err := act(r.Context(), Admin{ID: qaActor, Role: RoleAdministrator}, y.ID, u.ID); err != nil {
			return nil, err
		}
		return s.System(r.Context(), y.ID)
	}
}

// qaDelete deletes a system, by id or hostname, as an administrator.
func (s *Server) qaDelete(r *http.Request) (any, error) {
	var in struct {
		System string `json:"system"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	y, err := s.qaSystem(r.Context(), in.System)
	if err != nil {
		return nil, err
	}
	return y, s.DeleteSystem(r.Context(), Admin{ID: qaActor, Role: RoleAdministrator}, y.ID)
}

func (s *Server) qaUser(ctx context.Context, which string) (User, error) {
	u, err := first(users(ctx, s.db, `WHERE id = ? OR username = ?`, which, which))
	if err != nil {
		return u, fmt.Errorf("finding user %q: %w", which, err)
	}
	return u, nil
}

func (s *Server) qaSystem(ctx context.Context, which string) (System, error) {
	y, err := first(s.systems(ctx, s.db, `AND (id = ? OR hostname = ?)`, which, which))
	if err != nil {
		return y, fmt.Errorf("finding system %q: %w", which, err)
	}
	return y, nil
}
