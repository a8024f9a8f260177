package stub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// The passwords of the demo organization, and the secret of its user with a second factor.
const (
	DemoAdminPassword = "demo-Admin-1"     //nolint:gosec // a test account's, printed for everybody to use
	DemoUserPassword  = "demo-User-1"      //nolint:gosec // a test account's, printed for everybody to use
	DemoTOTPSecret    = "JBSWY3DPEHPK3PXP" //nolint:gosec // a test account's
)

// Demo fills the demo organization: Acme Corporation, whose users may enroll devices, with three admins of different
// roles and two users. What is there already stays as it is.
func (s *Server) Demo(ctx context.Context) error {
	for _, a := range []Admin{
		{Email: "ada@acme.example", Name: "Ada Lindqvist", Role: RoleAdministrator},
		{Email: "hal@acme.example", Name: "Hal Osei", Role: RoleHelpDesk},
		{Email: "rita@acme.example", Name: "Rita Moreau", Role: RoleReadOnly},
	} {
		if _, err := s.AddAdmin(ctx, a, DemoAdminPassword); err != nil && !errors.Is(err, ErrAlready) {
			return fmt.Errorf("filling the demo organization: %w", err)
		}
	}
	for _, u := range []struct {
		User
		secret string
	}{
		{User{Username: "nora", Email: "nora@acme.example", FirstName: "Nora", LastName: "Haddad"}, DemoTOTPSecret},
		{User{Username: "ben", Email: "ben@acme.example", FirstName: "Ben", LastName: "Alvarez"}, ""},
	} {
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
