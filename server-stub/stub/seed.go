package stub

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.yaml.in/yaml/v3"
)

// Seed is what a tester wants to find in a server, in YAML or JSON. Keys that are not listed here are an error, so
// that a misspelt one is not lost. assets/seed.schema.json describes it for editors.
type Seed struct {
	Organization struct {
		Name              string `json:"name,omitempty"`
		EnrollmentAllowed *bool  `json:"enrollmentAllowed,omitempty"`
	} `json:"organization,omitzero"`
	Admins   []SeedAdmin      `json:"admins,omitempty"`
	Users    []SeedUser       `json:"users,omitempty"`
	Devices  []SeedDevice     `json:"devices,omitempty"`
	Settings *json.RawMessage `json:"settings,omitempty"` // as POST /_qa/settings takes them
	Faults   []faultJSON      `json:"faults,omitempty"`   // as POST /_qa/faults takes them, presets too
	Clock    *time.Time       `json:"clock,omitempty"`    // where the server's clock goes on from
}

// SeedAdmin is an admin. Role is administrator where it is empty; a connect key or API key that is empty is made.
type SeedAdmin struct {
	Email      string `json:"email"`
	Name       string `json:"name,omitempty"`
	Role       Role   `json:"role,omitempty"`
	Password   string `json:"password"`
	ConnectKey string `json:"connectKey,omitempty"`
	APIKey     string `json:"apiKey,omitempty"`
}

// SeedUser is a user. TOTPSecret is base32; empty is no second factor.
type SeedUser struct {
	Username   string `json:"username"`
	Email      string `json:"email"`
	FirstName  string `json:"firstName,omitempty"`
	LastName   string `json:"lastName,omitempty"`
	Password   string `json:"password"`
	TOTPSecret string `json:"totpSecret,omitempty"`
}

// SeedDevice is a device without an agent, or Count of them with a number after the hostname. Nobody is told of it by
// mail: it was there before.
type SeedDevice struct {
	Hostname     string   `json:"hostname"`
	Count        int      `json:"count,omitempty"`
	OS           string   `json:"os,omitempty"` // Ubuntu 24.04 x86_64 where they are empty
	OSFamily     string   `json:"osFamily,omitempty"`
	Version      string   `json:"version,omitempty"`
	Arch         string   `json:"arch,omitempty"`
	AgentVersion string   `json:"agentVersion,omitempty"`
	SerialNumber string   `json:"serialNumber,omitempty"`
	InstalledBy  string   `json:"installedBy"`       // username of a user, or email of an admin
	BoundTo      []string `json:"boundTo,omitempty"` // usernames
	SeenAgo      string   `json:"seenAgo,omitempty"` // since the last contact, such as 90s or 48h; never where it is empty
	// Report is what else its agent told, in the names of the public API and fdeKey: {"hasServiceAccount":true}.
	Report *json.RawMessage `json:"report,omitempty"`
}

// maxSeedDevices bounds how many devices one seed makes.
const maxSeedDevices = 1_000_000

// ParseSeed reads a seed in YAML, of which JSON is a part.
func ParseSeed(raw []byte) (Seed, error) {
	var seed Seed
	if err := readYAML(raw, &seed); err != nil {
		return Seed{}, fmt.Errorf("reading the seed: %w", err)
	}
	return seed, nil
}

// readYAML reads YAML into what has names for JSON, so that one set of names and types holds for both. A name that is not
// known is an error.
func readYAML(raw []byte, into any) error {
	var tree any
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		return err
	}
	plain, err := json.Marshal(tree)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// Plant adds what a seed says. People who are there already stay as they are; a device of a hostname that is there is
// made once more. What went well before an error stays.
func (s *Server) Plant(ctx context.Context, seed Seed) error {
	if err := s.open(); err != nil {
		return err
	}
	if err := s.plantSettings(seed); err != nil {
		return err
	}
	if err := s.plantPeople(ctx, seed); err != nil {
		return err
	}
	for _, d := range seed.Devices {
		if err := s.plantDevice(ctx, d); err != nil {
			return fmt.Errorf("seeding device %q: %w", d.Hostname, err)
		}
	}
	return s.plantFaults(seed)
}

func (s *Server) plantSettings(seed Seed) error {
	if seed.Clock != nil {
		s.MoveClock(seed.Clock.Sub(s.true()))
	}
	if seed.Settings == nil {
		return nil
	}
	wire := s.Settings().wire()
	d := json.NewDecoder(bytes.NewReader(*seed.Settings))
	d.DisallowUnknownFields()
	if err := d.Decode(&wire); err != nil {
		return fmt.Errorf("seeding the settings: %w", err)
	}
	return s.ChangeSettings(func(c *Settings) { *c = wire.settings() })
}

func (s *Server) plantPeople(ctx context.Context, seed Seed) error {
	for _, a := range seed.Admins {
		if a.Role == "" {
			a.Role = RoleAdministrator
		}
		_, err := s.AddAdmin(ctx, Admin{Email: a.Email, Name: a.Name, Role: a.Role, ConnectKey: a.ConnectKey, APIKey: a.APIKey}, a.Password)
		if err != nil && !errors.Is(err, ErrAlready) {
			return fmt.Errorf("seeding admin %q: %w", a.Email, err)
		}
	}
	for _, u := range seed.Users {
		_, err := s.AddUser(ctx, User{Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName}, u.Password, u.TOTPSecret)
		if err != nil && !errors.Is(err, ErrAlready) {
			return fmt.Errorf("seeding user %q: %w", u.Username, err)
		}
	}
	if name := oneLine(seed.Organization.Name, 200); name != "" {
		err := s.write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE organization SET name = ?`, name)
			return err
		})
		if err != nil {
			return fmt.Errorf("naming the organization: %w", err)
		}
	}
	if allowed := seed.Organization.EnrollmentAllowed; allowed != nil {
		return s.setEnrollment(ctx, qaActor, *allowed)
	}
	return nil
}

func (s *Server) plantFaults(seed Seed) error {
	for _, f := range seed.Faults {
		if err := s.addWired(&f); err != nil {
			return fmt.Errorf("seeding fault %q: %w", f.Name, err)
		}
	}
	return nil
}

// plantDevice stores the devices of one line, all or none.
func (s *Server) plantDevice(ctx context.Context, d SeedDevice) error {
	seen := time.Time{}
	if d.SeenAgo != "" {
		ago, err := time.ParseDuration(d.SeenAgo)
		if err != nil || ago < 0 {
			return fmt.Errorf("seenAgo %q is not a duration such as 90s or 48h", d.SeenAgo)
		}
		seen = s.now().Add(-ago)
	}
	if d.Count < 0 || d.Count > maxSeedDevices {
		return fmt.Errorf("count is at most %d", maxSeedDevices)
	}
	for _, o := range []struct {
		to   *string
		none string
	}{{&d.OS, "Ubuntu"}, {&d.OSFamily, "linux"}, {&d.Version, "24.04"}, {&d.Arch, "x86_64"}, {&d.AgentVersion, s.Settings().AgentVersion}} {
		if *o.to == "" {
			*o.to = o.none
		}
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		kind, by, err := installer(ctx, tx, d.InstalledBy)
		if err != nil {
			return err
		}
		for i := range max(d.Count, 1) {
			hostname := oneLine(d.Hostname, 253)
			if d.Count > 0 {
				hostname = fmt.Sprintf("%s-%d", hostname, i+1)
			}
			if err := s.plantOne(ctx, tx, d, hostname, kind, by, when(seen)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Server) plantOne(ctx context.Context, tx *sql.Tx, d SeedDevice, hostname string, kind OwnerType, by, seen string) error {
	if hostname == "" {
		return errors.New("a device needs a hostname")
	}
	now := s.now()
	id := newID(now)
	_, err := tx.ExecContext(ctx, `INSERT INTO systems (id, hostname, display_name, os, os_family, version, arch, agent_version, serial_number, remote_ip,
		template_name, cert_uuid, created, last_contact, provisioner_type, provisioner_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, ?, ?, ?, ?)`,
		id, hostname, hostname, d.OS, d.OSFamily, d.Version, d.Arch, d.AgentVersion, d.SerialNumber, "seed-"+id, when(now), seen, kind, by)
	if err != nil {
		return fmt.Errorf("storing a system: %w", err)
	}
	if d.Report != nil {
		told := struct {
			FDEKey string `json:"fdeKey"`
			reportedOfSystem
		}{}
		r := json.NewDecoder(bytes.NewReader(*d.Report))
		r.DisallowUnknownFields()
		if err := r.Decode(&told); err != nil {
			return fmt.Errorf("reading the report: %w", err)
		}
		if err := s.storeReport(ctx, tx, id, agentFacts{OSFamily: d.OSFamily, FDEKey: told.FDEKey, reportedOfSystem: told.reportedOfSystem}); err != nil {
			return err
		}
	}
	for _, name := range d.BoundTo {
		r, err := tx.ExecContext(ctx, `INSERT INTO associations (system_id, user_id, created) SELECT ?, id, ? FROM users WHERE username = ?`, id, when(now), name)
		if err := changedOne(r, err, ErrNotFound); err != nil {
			return fmt.Errorf("binding user %q: %w", name, err)
		}
	}
	return nil
}

// installer finds a user by name or an admin by email.
func installer(ctx context.Context, q querier, who string) (OwnerType, string, error) {
	if u, err := first(users(ctx, q, `WHERE username = ?`, who)); err == nil {
		return OwnerUser, u.ID, nil
	}
	a, err := first(admins(ctx, q, `WHERE email = ?`, who))
	if err != nil {
		return "", "", fmt.Errorf("installedBy %q is no user and no admin: %w", who, err)
	}
	return OwnerAdministrator, a.ID, nil
}

// qaSeed plants the YAML or JSON of the body.
func (s *Server) qaSeed(r *http.Request) (any, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadRequest, err)
	}
	seed, err := ParseSeed(raw)
	if err == nil {
		err = s.Plant(r.Context(), seed)
	}
	if err != nil && r.Context().Err() == nil {
		return nil, fmt.Errorf("%w: %w", errBadRequest, err)
	}
	if err != nil {
		return nil, err
	}
	return s.Organization(r.Context())
}
