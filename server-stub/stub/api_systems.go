package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// systemList is what can be asked of the systems.
func (s *Server) systemList() collection {
	return collection{
		columns: map[string]column{"_id": {sql: "id"}, "id": {sql: "id"}, "hostname": {sql: "hostname"}, "displayName": {sql: "display_name"},
			"os": {sql: "os"}, "osFamily": {sql: "os_family"}, "version": {sql: "version"}, "agentVersion": {sql: "agent_version"},
			"serialNumber": {sql: "serial_number"}, "created": {"created", timeColumn}, "lastContact": {"last_contact", timeColumn},
			"active": {"last_contact", sinceColumn}},
		searched: []string{"hostname", "displayName", "serialNumber", "os", "version"},
		order:    "id",
		since:    when(s.now().Add(-s.Settings().InactiveAfter)),
	}
}

func (s *Server) apiListSystems(c apiCall) (int, any, error) {
	q, err := urlQuery(c.URL.Query())
	if err != nil {
		return 0, nil, err
	}
	return s.answerSystems(c.Context(), q)
}

func (s *Server) apiSearchSystems(c apiCall) (int, any, error) {
	q, err := c.searchQuery()
	if err != nil {
		return 0, nil, err
	}
	return s.answerSystems(c.Context(), q)
}

func (s *Server) answerSystems(ctx context.Context, q listQuery) (int, any, error) {
	list := s.systemList()
	where, err := list.where(q)
	if err != nil {
		return 0, nil, err
	}
	order, err := list.orderBy(q)
	if err != nil {
		return 0, nil, err
	}
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // count and page of one moment
	if err != nil {
		return 0, nil, fmt.Errorf("beginning to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	var total int64
	//nolint:gosec // the clause is made of the names of columns; values are arguments
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM systems WHERE deleted = '' AND `+where.sql, where.args...).Scan(&total); err != nil {
		return 0, nil, fmt.Errorf("counting systems: %w", err)
	}
	rows, err := s.systemRows(ctx, tx, `AND `+where.sql+` ORDER BY `+order+` LIMIT ? OFFSET ?`, append(where.args, q.limit, q.skip)...)
	if err != nil {
		return 0, nil, err
	}
	about, err := systemsContext(ctx, tx, rows)
	if err != nil {
		return 0, nil, err
	}
	return pageOf(total, rows, q.fields, about.wire)
}

// systemContext is what else the wire form of systems needs.
type systemContext struct {
	organization string
	options      map[string]systemOptions
}

// systemOptions is what an admin may change of a system besides its name.
type systemOptions struct{ sshRoot, sshPassword, publicKey, multiFactor bool }

var defaultOptions = systemOptions{sshPassword: true, publicKey: true}

func systemsContext(ctx context.Context, q querier, rows []System) (systemContext, error) {
	about := systemContext{options: map[string]systemOptions{}}
	org, err := organization(ctx, q)
	if err != nil {
		return about, err
	}
	about.organization = org.ID
	ids := []string{}
	for _, y := range rows {
		ids = append(ids, y.ID)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return about, fmt.Errorf("listing ids: %w", err)
	}
	_, err = query(ctx, q, func(r *sql.Rows) (string, error) {
		var id string
		var o systemOptions
		err := r.Scan(&id, &o.sshRoot, &o.sshPassword, &o.publicKey, &o.multiFactor)
		about.options[id] = o
		return id, err
	}, `SELECT system_id, ssh_root, ssh_password, public_key, multi_factor FROM system_options
		WHERE system_id IN (SELECT value FROM json_each(?))`, string(list))
	return about, err
}

// oneSystem reads a system in its wire form.
func (s *Server) oneSystem(ctx context.Context, q querier, id string) (wireSystem, error) {
	y, err := first(s.systems(ctx, q, `AND id = ?`, id))
	if err != nil {
		return wireSystem{}, err
	}
	about, err := systemsContext(ctx, q, []System{y})
	return about.wire(y), err
}

func (s *Server) apiGetSystem(c apiCall) (int, any, error) {
	q, err := urlQuery(c.URL.Query())
	if err != nil {
		return 0, nil, err
	}
	y, err := s.oneSystem(c.Context(), s.db, c.PathValue("id"))
	if err != nil {
		return 0, nil, err
	}
	v, err := only(y, q.fields)
	return http.StatusOK, v, err
}

func (s *Server) apiDeleteSystem(c apiCall) (int, any, error) {
	y, err := s.oneSystem(c.Context(), s.db, c.PathValue("id"))
	if err != nil {
		return 0, nil, err
	}
	if err := s.DeleteSystem(c.Context(), c.by, y.ID); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, y, nil
}

// apiBool is a boolean that may come as text, as in the vendor's own example of PUT /api/systems/{id}.
type apiBool bool

// UnmarshalJSON implements json.Unmarshaler.
func (b *apiBool) UnmarshalJSON(raw []byte) error {
	switch string(raw) {
	case `true`, `"true"`:
		*b = true
	case `false`, `"false"`:
		*b = false
	default:
		return errors.New("not a boolean")
	}
	return nil
}

// systemChange is what PUT takes; what is not named stays.
type systemChange struct {
	DisplayName *string  `json:"displayName"`
	SSHRoot     *apiBool `json:"allowSshRootLogin"`
	SSHPassword *apiBool `json:"allowSshPasswordAuthentication"`
	PublicKey   *apiBool `json:"allowPublicKeyAuthentication"`
	MultiFactor *apiBool `json:"allowMultiFactorAuthentication"`
}

func (s *Server) apiPutSystem(c apiCall) (int, any, error) {
	if !can(c.by.Role, actSettings) {
		return 0, nil, ErrForbidden
	}
	var in systemChange
	if err := c.body(&in); err != nil {
		return 0, nil, err
	}
	var y wireSystem
	err := s.write(c.Context(), func(tx *sql.Tx) error {
		ctx, id := c.Context(), c.PathValue("id")
		var err error
		if y, err = s.oneSystem(ctx, tx, id); err != nil {
			return err
		}
		if err := y.change(in); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE systems SET display_name = ? WHERE id = ?`, y.DisplayName, id); err != nil {
			return fmt.Errorf("naming a system: %w", err)
		}
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO system_options (system_id, ssh_root, ssh_password, public_key, multi_factor) VALUES (?, ?, ?, ?, ?)`,
			id, y.AllowSSHRootLogin, y.AllowSSHPassword, y.AllowPublicKey, y.AllowMultiFactor)
		if err != nil {
			return fmt.Errorf("storing the options of a system: %w", err)
		}
		return s.addEvent(ctx, tx, Event{Type: eventSystemUpdate, ActorID: c.by.ID, SystemID: id, Success: true})
	})
	return http.StatusOK, y, err
}

// change applies what a PUT names.
func (y *wireSystem) change(in systemChange) error {
	if in.DisplayName != nil {
		if y.DisplayName = oneLine(*in.DisplayName, 253); y.DisplayName == "" {
			return badRequest("Invalid displayName: it is empty")
		}
	}
	for _, o := range []struct {
		to   *bool
		from *apiBool
	}{{&y.AllowSSHRootLogin, in.SSHRoot}, {&y.AllowSSHPassword, in.SSHPassword}, {&y.AllowPublicKey, in.PublicKey}, {&y.AllowMultiFactor, in.MultiFactor}} {
		if o.from != nil {
			*o.to = bool(*o.from)
		}
	}
	return nil
}
