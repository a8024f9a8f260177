package stub

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// Passwords are stored as hashes with a salt each.
func TestPasswordsAreHashed(t *testing.T) {
	s := running(t)
	all, err := query(t.Context(), s.db, func(r *sql.Rows) (string, error) {
		var text string
		err := r.Scan(&text)
		return text, err
	}, `SELECT password FROM users UNION ALL SELECT password FROM admins`)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, h := range all {
		if len(h) != 32+1+64 || strings.Contains(h, "demo") || seen[h] {
			t.Errorf("stored %q", h)
		}
		seen[h] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d different hashes", len(seen))
	}
}

func TestLockout(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	ctx := t.Context()
	for name, login := range map[string]func(password string) error{
		"user":  func(p string) error { _, err := s.UserLogin(ctx, "Ben@acme.example", p); return err },
		"admin": func(p string) error { _, err := s.AdminLogin(ctx, "ada@acme.example", p); return err },
	} {
		s.MoveClock(0)
		right := map[string]string{"user": DemoUserPassword, "admin": DemoAdminPassword}[name]
		for range 4 {
			if err := login("wrong"); !errors.Is(err, ErrBadCredentials) {
				t.Fatal(err)
			}
		}
		if err := login(right); err != nil { // forgets the four
			t.Fatal(err)
		}
		for range 5 {
			if err := login("wrong"); !errors.Is(err, ErrBadCredentials) {
				t.Fatal(err)
			}
		}
		if err := login(right); !errors.Is(err, ErrLocked) {
			t.Errorf("%s, after five: %v", name, err)
		}
		s.MoveClock(15 * time.Minute)
		if err := login(right); err != nil {
			t.Errorf("%s, a quarter of an hour later: %v", name, err)
		}
	}
	for _, email := range []string{"", "nobody@acme.example", "' OR 1=1 --"} {
		if _, err := s.UserLogin(ctx, email, DemoUserPassword); !errors.Is(err, ErrBadCredentials) {
			t.Errorf("%q: %v", email, err)
		}
	}
}

// A right password does not reset the count: else a second factor could be guessed for ever.
func TestGuessingCodes(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	nora := s.person(t, "nora")
	for i := range 5 {
		if _, err := s.UserLogin(t.Context(), nora.Email, DemoUserPassword); err != nil {
			t.Fatalf("try %d: %v", i, err)
		}
		if err := s.CheckTOTP(t.Context(), nora.ID, "000000"); !errors.Is(err, ErrBadCredentials) {
			t.Fatal(err)
		}
	}
	code, _, err := s.TOTPNow(t.Context(), nora.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckTOTP(t.Context(), nora.ID, code); !errors.Is(err, ErrLocked) {
		t.Errorf("after five guesses: %v", err)
	}
	if _, err := s.UserLogin(t.Context(), nora.Email, DemoUserPassword); !errors.Is(err, ErrLocked) {
		t.Errorf("after five guesses: %v", err)
	}
}

func TestTOTP(t *testing.T) {
	now := clock()
	s := running(t, func(s *Server) {
		set := DefaultSettings()
		set.LockoutAfter = 100
		s.Now, s.Initial = now, &set
	})
	nora := s.person(t, "nora")
	code := func(steps int) string {
		c, err := totp.GenerateCode(DemoTOTPSecret, now().Add(time.Duration(steps)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, step := range []struct {
		code string
		want error
	}{
		{code(-2), ErrBadCredentials}, {code(2), ErrBadCredentials}, {"", ErrBadCredentials},
		{code(-1), nil}, {code(-1), ErrBadCredentials}, {code(0), nil}, {code(0), ErrBadCredentials}, {code(-1), ErrBadCredentials}, {code(1), nil}, {code(0), ErrBadCredentials},
	} {
		if err := s.CheckTOTP(t.Context(), nora.ID, step.code); !errors.Is(err, step.want) || (err == nil) != (step.want == nil) {
			t.Errorf("%s: %v, want %v", step.code, err, step.want)
		}
	}
	if _, _, err := s.TOTPNow(t.Context(), s.person(t, "ben").ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("a phone of somebody without one: %v", err)
	}
	if err := s.CheckTOTP(t.Context(), s.person(t, "ben").ID, "000000"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a code of somebody without one: %v", err)
	}
}

// The page that plays the phone shows what is accepted, also right after a code was used.
func TestPhone(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	nora := s.person(t, "nora")
	for range 2 {
		code, left, err := s.TOTPNow(t.Context(), nora.ID)
		if err != nil || left <= 0 {
			t.Fatal(left, err)
		}
		if err := s.CheckTOTP(t.Context(), nora.ID, code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
}
