package stub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"example.com/enrollment-assistant/assets"
)

// The passwords of the demo organization, and the secret of its user with a second factor.
const (
	DemoAdminPassword = "demo-Admin-1"     //nolint:gosec // a test account's, printed for everybody to use
	DemoUserPassword  = "demo-User-1"      //nolint:gosec // a test account's, printed for everybody to use
	DemoTOTPSecret    = "JBSWY3DPEHPK3PXP" //nolint:gosec // a test account's
)

// The people of the demo organization.
var (
	demoAdmins = []Admin{
		{Email: "ada@acme.example", Name: "Ada Lindqvist", Role: RoleAdministrator},
		{Email: "hal@acme.example", Name: "Hal Osei", Role: RoleHelpDesk},
		{Email: "rita@acme.example", Name: "Rita Moreau", Role: RoleReadOnly},
	}
	demoUsers = []struct {
		User
		secret string
	}{
		{User{Username: "nora", Email: "nora@acme.example", FirstName: "Nora", LastName: "Haddad"}, DemoTOTPSecret},
		{User{Username: "ben", Email: "ben@acme.example", FirstName: "Ben", LastName: "Alvarez"}, ""},
	}
)

// demoAccount is how somebody of the demo organization signs in.
type demoAccount struct{ Who, Email, Password string }

// demoAccounts are those that are there.
func (s *Server) demoAccounts(ctx context.Context) ([]demoAccount, error) {
	people, err := s.Users(ctx)
	if err != nil {
		return nil, err
	}
	bosses, err := s.Admins(ctx)
	if err != nil {
		return nil, err
	}
	var list []demoAccount
	for _, u := range demoUsers {
		who := assets.Text("web.start.user")
		if u.secret != "" {
			who = assets.Text("web.start.user_factor")
		}
		if slices.ContainsFunc(people, func(one User) bool { return one.Email == u.Email }) {
			list = append(list, demoAccount{who, u.Email, DemoUserPassword})
		}
	}
	for _, a := range demoAdmins {
		if slices.ContainsFunc(bosses, func(one Admin) bool { return one.Email == a.Email }) {
			list = append(list, demoAccount{roleText("web.role.", a.Role), a.Email, DemoAdminPassword})
		}
	}
	return list, nil
}

// Demo fills the demo organization: Acme Corporation, whose users may enroll devices, with three admins of different
// roles and two users. What is there already stays as it is.
func (s *Server) Demo(ctx context.Context) error {
	for _, a := range demoAdmins {
		if _, err := s.AddAdmin(ctx, a, DemoAdminPassword); err != nil && !errors.Is(err, ErrAlready) {
			return fmt.Errorf("filling the demo organization: %w", err)
		}
	}
	for _, u := range demoUsers {
		if _, err := s.AddUser(ctx, u.User, DemoUserPassword, u.secret); err != nil && !errors.Is(err, ErrAlready) {
			return fmt.Errorf("filling the demo organization: %w", err)
		}
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE organization SET name = 'Acme Corporation', enrollment_allowed = 1 WHERE name = ?`, defaultOrganization)
		if err != nil {
			return fmt.Errorf("naming the demo organization: %w", err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err // it was there already
		}
		return s.addEvent(ctx, tx, Event{Type: eventOrganization, Detail: detailEnrollSetting + "=true", Success: true})
	})
}
