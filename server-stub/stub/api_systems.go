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
		from: "systems WHERE deleted = ''",
		columns: map[string]column{"_id": {sql: "id"}, "id": {sql: "id"}, "hostname": {sql: "hostname"}, "displayName": {sql: "display_name"},
			"os": {sql: "os"}, "osFamily": {sql: "os_family"}, "version": {sql: "version"}, "agentVersion": {sql: "agent_version"},
			"serialNumber": {sql: "serial_number"}, "created": {"created", timeColumn}, "lastContact": {"last_contact", timeColumn},
			"active": {"last_contact", sinceColumn}},
		searched: []string{"hostname", "displayName", "serialNumber", "os", "version"},
		text:     "systems_text",
		order:    "id",
		since:    when(s.now().Add(-s.Settings().InactiveAfter)),
	}
}

// wireSystems reads systems in their wire form; rest goes on after the WHERE.
func (s *Server) wireSystems(ctx context.Context, q querier, rest string, args ...any) ([]wireSystem, error) {
	rows, err := s.systemRows(ctx, q, rest, args...)
	if err != nil {
		return nil, err
	}
	about, err := systemsContext(ctx, q, rows)
	if err != nil {
		return nil, err
	}
	list := make([]wireSystem, 0, len(rows))
	for _, y := range rows {
		w, err := about.wire(y)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

// oneSystem reads a system in its wire form.
func (s *Server) oneSystem(ctx context.Context, q querier, id string) (wireSystem, error) {
	return first(s.wireSystems(ctx, q, `AND id = ?`, id))
}

func (s *Server) apiGetSystem(c apiCall) (int, any, error) {
	q, err := c.urlQuery()
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

	Attributes *[]systemAttribute `json:"attributes"`
	Tags       *[]string          `json:"tags"`
}

// systemAttribute is a note of the API's users on a system.
type systemAttribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
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
		if err := storeLabels(ctx, tx, y); err != nil {
			return err
		}
		return s.addEvent(ctx, tx, Event{Type: eventSystemUpdate, ActorID: c.by.ID, SystemID: id, Success: true})
	})
	return http.StatusOK, y, err
}

// storeLabels keeps what a PUT noted on a system.
func storeLabels(ctx context.Context, tx *sql.Tx, y wireSystem) error {
	attributes, err := json.Marshal(y.Attributes)
	if err != nil {
		return fmt.Errorf("writing the attributes of a system: %w", err)
	}
	tags, err := json.Marshal(y.Tags)
	if err != nil {
		return fmt.Errorf("writing the tags of a system: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO system_labels (system_id, attributes, tags) VALUES (?, ?, ?)`, y.ID, string(attributes), string(tags)); err != nil {
		return fmt.Errorf("storing the labels of a system: %w", err)
	}
	return nil
}

// maxLabels is how many attributes or tags a system may have.
const maxLabels = 100

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
	if in.Attributes != nil {
		y.Attributes = append([]systemAttribute{}, *in.Attributes...)
	}
	if in.Tags != nil {
		y.Tags = append([]string{}, *in.Tags...)
	}
	if len(y.Attributes) > maxLabels || len(y.Tags) > maxLabels {
		return badRequest("Invalid attributes or tags: at most %d", maxLabels)
	}
	return nil
}
