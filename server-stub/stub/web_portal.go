package stub

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
)

// securityPath is the vendor's address of the Security page; the fragment never reaches a server.
const securityPath = "/userconsole#/security"

// signInData is what signin.html and code.html show.
type signInData struct{ Action, Next, Email, Wrong string }

// portalPage shows the Security page, or the step of signing in that is next.
func (s *Server) portalPage(w http.ResponseWriter, r *http.Request) error {
	if u, ok := s.userSession(r); ok {
		return s.securityPage(w, r, u)
	}
	if _, ok := s.pendingUser(r); ok {
		return s.codePage(w, r, http.StatusOK, "")
	}
	return s.userSignInPage(w, r, http.StatusOK, signInData{})
}

func (s *Server) userSignInPage(w http.ResponseWriter, r *http.Request, status int, d signInData) error {
	d.Action = "/userconsole/signin"
	return s.render(w, r, page{Name: "signin", Portal: portalUser, Status: status, Title: assets.Text("web.signin.user_title"), Data: d})
}

func (s *Server) codePage(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	return s.render(w, r, page{Name: "code", Portal: portalUser, Status: status, Title: assets.Text("web.code.title"), Data: signInData{Wrong: wrong}})
}

// signInProblem gives the status and the sentence for a sign-in that failed; others gives errors back.
func signInProblem(err error, wrong string) (status int, sentence string, other error) {
	switch {
	case errors.Is(err, ErrLocked):
		return http.StatusTooManyRequests, assets.Text("web.signin.locked"), nil
	case errors.Is(err, ErrBadCredentials):
		return http.StatusUnauthorized, assets.Text(wrong), nil
	}
	return 0, "", err
}

func (s *Server) portalSignIn(w http.ResponseWriter, r *http.Request) error {
	email := strings.TrimSpace(r.PostFormValue("email"))
	_, err := s.signInUser(w, r, email, r.PostFormValue("password"), "")
	if err == nil || errors.Is(err, ErrTOTPNeeded) {
		http.Redirect(w, r, securityPath, http.StatusSeeOther)
		return nil
	}
	status, wrong, err := signInProblem(err, "web.signin.wrong")
	if err != nil {
		return err
	}
	return s.userSignInPage(w, r, status, signInData{Email: email, Wrong: wrong})
}

func (s *Server) portalCode(w http.ResponseWriter, r *http.Request) error {
	if _, ok := s.pendingUser(r); !ok {
		return s.userSignInPage(w, r, http.StatusUnauthorized, signInData{Wrong: assets.Text("web.signin.again")})
	}
	_, err := s.signInTOTP(w, r, strings.ReplaceAll(r.PostFormValue("otp"), " ", ""))
	if err == nil {
		http.Redirect(w, r, securityPath, http.StatusSeeOther)
		return nil
	}
	status, wrong, err := signInProblem(err, "web.code.wrong")
	if err != nil {
		return err
	}
	if status == http.StatusTooManyRequests {
		return s.userSignInPage(w, r, status, signInData{Wrong: wrong})
	}
	return s.codePage(w, r, status, wrong)
}

func (s *Server) portalSignOut(w http.ResponseWriter, r *http.Request) error {
	s.signOut(w, r, portalUser)
	http.Redirect(w, r, "/userconsole", http.StatusSeeOther)
	return nil
}

func (s *Server) portalKey(w http.ResponseWriter, r *http.Request) error {
	u, ok := s.userSession(r)
	if !ok {
		http.Redirect(w, r, "/userconsole", http.StatusSeeOther)
		return nil
	}
	_, err := s.IssueKey(r.Context(), u)
	if errors.Is(err, ErrEnrollmentOff) {
		return webError{http.StatusForbidden, "web.key.off", "/userconsole"}
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, securityPath, http.StatusSeeOther)
	return nil
}

// securityData is what security.html shows.
type securityData struct {
	User    User
	Name    string
	Allowed bool
	Life    string
	Key     *Key // the newest that still works
	Systems []osSection
}

// osSection is what the page says about one operating system.
type osSection struct {
	ID, Name, Steps, Command string
	Packages                 []offeredPackage
}

// offeredPackage is a package and whom it is for: "Debian and Ubuntu".
type offeredPackage struct {
	Package
	Family, Link string
}

func (s *Server) securityPage(w http.ResponseWriter, r *http.Request, u User) error {
	org, err := s.Organization(r.Context())
	if err != nil {
		return err
	}
	d := securityData{User: u, Name: u.displayName(), Allowed: org.EnrollmentAllowed, Life: lifeText(s.Settings().KeyLife)}
	if d.Allowed {
		if d.Key, err = s.liveKey(r.Context(), u); err != nil {
			return err
		}
		if d.Systems, err = s.osSections(r, d.Key); err != nil {
			return err
		}
	}
	return s.render(w, r, page{Name: "security", Portal: portalUser, Title: assets.Text("web.security.title"), Organization: org,
		Person: u.displayName(), Data: d,
		Menu: []menuItem{{Path: securityPath, Icon: "security", Label: assets.Text("web.security.title"), Current: true}}})
}

func lifeText(life time.Duration) string {
	if life == time.Hour {
		return assets.Text("web.key.life_hour")
	}
	return assets.Text("web.key.life", "Count", int(life.Round(time.Minute).Minutes()))
}

// liveKey gives the user's newest key that still works, in the form it was shown in, or nil.
func (s *Server) liveKey(ctx context.Context, u User) (*Key, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	set := s.Settings()
	k, err := first(query(ctx, s.db, func(r *sql.Rows) (Key, error) {
		var k Key
		err := r.Scan(&k.Value, &k.OwnerType, &k.OwnerID, stamp{&k.Created}, stamp{&k.Expires})
		return k, err
	}, `SELECT value, owner_type, owner_id, created, expires FROM connect_keys
		WHERE owner_type = ? AND owner_id = ? AND expires > ? AND (used = '' OR NOT ?) ORDER BY created DESC, rowid DESC LIMIT 1`,
		OwnerUser, u.ID, when(s.now()), set.KeysOnce))
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // no key is an answer
	}
	if err == nil && set.TenantKeys {
		k.Value, err = s.tenantForm(k.Value)
	}
	return &k, err
}

// osSections lists the operating systems, with the packages there are for each.
func (s *Server) osSections(r *http.Request, k *Key) ([]osSection, error) {
	packages, err := s.Packages(r.Context())
	if err != nil {
		return nil, err
	}
	base := s.Addresses()
	if r.TLS != nil {
		base = s.basesFor(r)
	}
	list := []osSection{{ID: "linux"}, {ID: "macos"}, {ID: "windows"}}
	for i := range list {
		o := &list[i]
		o.Name, o.Steps = assets.Text("web.os."+o.ID), assets.Text("web.agent.steps")
		for _, p := range packages {
			if p.OS == o.ID || p.OS == "darwin" && o.ID == "macos" {
				family := o.Name
				if p.Format == "deb" || p.Format == "rpm" {
					family = assets.Text("web.family." + p.Format)
				}
				o.Packages = append(o.Packages, offeredPackage{p, family, "/production/" + p.File})
			}
		}
		if o.ID == "linux" && k != nil {
			o.Command = kickstartCommand(base, k.Value)
		}
	}
	return list, nil
}

// kickstartCommand is the vendor's line for the terminal. The stub's authority is not one that computers know, so its
// certificate is named; the path works for root too.
func kickstartCommand(a Addresses, key string) string {
	ca := ""
	if a.CAFile != "" {
		ca = " --cacert " + shellQuote(a.CAFile)
	}
	return "curl --tlsv1.2 --silent --show-error" + ca + " --header 'x-connect-key: " + key + "' " + a.Console + "/Kickstart | sudo bash"
}

// shellQuote makes one word of a text for sh; plain words stay as they are.
func shellQuote(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:@", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
