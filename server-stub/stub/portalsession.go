package stub

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// portalRoutes are the User Portal's session as programs use it. Paths and shapes are those that public programs use
// with the real portal (for example https://github.com/TheJumpCloud/support and saml2aws); connectkey is ours, since
// the vendor's is not public.
func (s *Server) portalRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /userconsole/xsrf", func(w http.ResponseWriter, r *http.Request) {
		asJSON(w, http.StatusOK, map[string]string{"xsrf": s.xsrf(w, r, portalUser)})
	})
	mux.HandleFunc("POST /userconsole/auth", s.withXSRF(s.serveAuth))
	mux.HandleFunc("POST /userconsole/auth/totp", s.withXSRF(s.serveAuthTOTP))
	s.pushRoutes(mux)
	mux.HandleFunc("GET /userconsole/api/self", s.serveSelf)
	mux.HandleFunc("POST /userconsole/api/connectkey", s.withXSRF(s.serveConnectKey))
}

// withXSRF lets through what carries the token of its session in X-Xsrftoken. A form of another site cannot set it.
func (s *Server) withXSRF(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Xsrftoken") == "" || !s.xsrfOK(r, portalUser) {
			message(w, http.StatusForbidden, "Invalid XSRF token.")
			return
		}
		next(w, r)
	}
}

func (s *Server) serveAuth(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email, Password, OTP, Context, RedirectTo string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		message(w, http.StatusBadRequest, "Malformed JSON.")
		return
	}
	_, err := s.signInUser(w, r, in.Email, in.Password, in.OTP)
	s.answerSignIn(w, r, err, in.RedirectTo)
}

func (s *Server) serveAuthTOTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ OTP string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		message(w, http.StatusBadRequest, "Malformed JSON.")
		return
	}
	_, err := s.signInTOTP(w, r, in.OTP)
	s.answerSignIn(w, r, err, "")
}

func (s *Server) answerSignIn(w http.ResponseWriter, r *http.Request, err error, to string) {
	type factor struct {
		Type   string `json:"type"`
		Status string `json:"status"`
	}
	switch {
	case err == nil:
		if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
			to = "/userconsole" // a link to another site is not followed
		}
		asJSON(w, http.StatusOK, map[string]string{"redirectTo": to})
	case errors.Is(err, ErrTOTPNeeded):
		factors := []factor{{"totp", "available"}}
		if s.Settings().PushFactor {
			factors = append(factors, factor{"push", "available"})
		}
		asJSON(w, http.StatusUnauthorized, map[string]any{"message": "MFA required.", "factors": factors})
	case errors.Is(err, ErrBadCredentials):
		message(w, http.StatusUnauthorized, "Authentication failed.")
	case errors.Is(err, ErrLocked):
		// The vendor's answer for a locked account is not public.
		message(w, http.StatusTooManyRequests, "Account locked after too many failed attempts.")
	default:
		s.broken(w, r, err)
	}
}

func (s *Server) serveSelf(w http.ResponseWriter, r *http.Request) {
	u, ok := s.userSession(r)
	if !ok {
		message(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	asJSON(w, http.StatusOK, map[string]any{"_id": u.ID, "id": u.ID, "username": u.Username, "email": u.Email,
		"firstname": u.FirstName, "lastname": u.LastName, "totp_enabled": u.TOTP})
}

func (s *Server) serveConnectKey(w http.ResponseWriter, r *http.Request) {
	u, ok := s.userSession(r)
	if !ok {
		message(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	k, err := s.IssueKey(r.Context(), u)
	if errors.Is(err, ErrEnrollmentOff) {
		message(w, http.StatusForbidden, "Device enrollment is not enabled for your organization.")
		return
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	asJSON(w, http.StatusOK, issuedKey(k))
}

// issuedKey is a connect key on the wire.
func issuedKey(k Key) map[string]string {
	return map[string]string{"connectKey": k.Value, "expiresAt": when(k.Expires)}
}
