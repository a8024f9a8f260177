package stub

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Systems gives the enrolled devices, newest first.
func (s *Server) Systems(ctx context.Context) ([]System, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	return s.systems(ctx, s.db, "")
}

// System gives one enrolled device, or ErrNotFound.
func (s *Server) System(ctx context.Context, id string) (System, error) {
	if err := s.open(); err != nil {
		return System{}, err
	}
	return first(s.systems(ctx, s.db, `AND id = ?`, id))
}

func (s *Server) systems(ctx context.Context, q querier, and string, args ...any) ([]System, error) {
	return s.systemRows(ctx, q, and+` ORDER BY created DESC, id DESC`, args...)
}

// systemRows is systems with an order of its own: rest goes on after the WHERE.
func (s *Server) systemRows(ctx context.Context, q querier, rest string, args ...any) ([]System, error) {
	oldest := s.now().Add(-s.Settings().InactiveAfter)
	return query(ctx, q, func(r *sql.Rows) (System, error) {
		var y System
		var bound string
		err := r.Scan(&y.ID, &y.Hostname, &y.DisplayName, &y.OS, &y.OSFamily, &y.Version, &y.Arch, &y.AgentVersion, &y.SerialNumber, &y.RemoteIP,
			&y.TemplateName, &y.CertUUID, stamp{&y.Created}, stamp{&y.LastContact}, &y.ProvisionerType, &y.ProvisionerID, &y.ProvisionerName, &bound)
		y.BoundUserIDs = strings.Fields(bound)
		y.Active = !y.LastContact.IsZero() && !y.LastContact.Before(oldest)
		return y, err
	}, `SELECT id, hostname, display_name, os, os_family, version, arch, agent_version, serial_number, remote_ip,
		template_name, cert_uuid, created, last_contact, provisioner_type, provisioner_id,
		coalesce((SELECT coalesce(nullif(trim(first_name || ' ' || last_name), ''), username) FROM users WHERE id = provisioner_id),
		         (SELECT coalesce(nullif(name, ''), email) FROM admins WHERE id = provisioner_id), ''),
		coalesce((SELECT group_concat(user_id, ' ' ORDER BY user_id) FROM associations WHERE system_id = systems.id), '')
		FROM systems WHERE deleted = '' `+rest, args...)
}

// Bind associates a user with a device, so that the agent manages the user's account there. Read-only admins may not
// (ErrForbidden); ErrNotFound when there is no such device or user, ErrAlready when they are bound.
func (s *Server) Bind(ctx context.Context, by Admin, systemID, userID string) error {
	return s.associate(ctx, by, systemID, userID, "add", ErrAlready,
		`INSERT INTO associations (system_id, user_id, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, systemID, userID, when(s.now()))
}

// Unbind takes the association away; ErrNotFound when there is none.
func (s *Server) Unbind(ctx context.Context, by Admin, systemID, userID string) error {
	return s.associate(ctx, by, systemID, userID, "remove", ErrNotFound,
		`DELETE FROM associations WHERE system_id = ? AND user_id = ?`, systemID, userID)
}

func (s *Server) associate(ctx context.Context, by Admin, systemID, userID, op string, none error, statement string, args ...any) error {
	if !can(by.Role, actBind) {
		return ErrForbidden
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := first(s.systems(ctx, tx, `AND id = ?`, systemID)); err != nil {
			return fmt.Errorf("finding system %q: %w", systemID, err)
		}
		if _, err := first(users(ctx, tx, `WHERE id = ?`, userID)); err != nil {
			return fmt.Errorf("finding user %q: %w", userID, err)
		}
		r, err := tx.ExecContext(ctx, statement, args...)
		if err := changedOne(r, err, none); err != nil {
			return fmt.Errorf("changing the association (%s): %w", op, err)
		}
		return s.addEvent(ctx, tx, Event{Type: eventAssociation, ActorID: by.ID, SystemID: systemID, UserID: userID, Detail: op, Success: true})
	})
	if err == nil {
		s.orders.fire()
	}
	return err
}

// DeleteSystem takes a device off the list. Its agent is told to uninstall itself at its next poll; after that its
// certificate is refused. Only administrators may (ErrForbidden).
func (s *Server) DeleteSystem(ctx context.Context, by Admin, id string) error {
	if !can(by.Role, actDelete) {
		return ErrForbidden
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE systems SET deleted = ? WHERE id = ? AND deleted = ''`, when(s.now()), id)
		if err := changedOne(r, err, ErrNotFound); err != nil {
			return fmt.Errorf("deleting system %q: %w", id, err)
		}
		for _, of := range []string{"associations", "system_group_members", "system_reports", "system_labels"} {
			//nolint:gosec // the table is one of the constants above
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+of+` WHERE system_id = ?`, id); err != nil {
				return fmt.Errorf("removing what belongs to system %q: %w", id, err)
			}
		}
		return s.addEvent(ctx, tx, Event{Type: eventSystemDelete, ActorID: by.ID, SystemID: id, Success: true})
	})
	if err == nil {
		s.orders.fire()
	}
	return err
}
