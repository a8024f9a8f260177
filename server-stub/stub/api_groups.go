package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// groupList is what can be asked of the system groups.
func groupList() collection {
	return collection{from: "system_groups WHERE 1", columns: map[string]column{"id": {sql: "id"}, "name": {sql: "name"}}, order: "id"}
}

// wireGroup is a system group as the API gives it: https://docs.jumpcloud.com/api/2.0/index.html#tag/System-Groups.
// Members are those that somebody added: membershipMethod is always STATIC, and queries are not run.
type wireGroup struct {
	ID               string          `json:"id"`
	Name             string          `json:"name"`
	Type             string          `json:"type"`
	Description      string          `json:"description"`
	Email            string          `json:"email"`
	Attributes       json.RawMessage `json:"attributes"`
	MembershipMethod string          `json:"membershipMethod"`
}

func wireGroups(ctx context.Context, q querier, rest string, args ...any) ([]wireGroup, error) {
	return query(ctx, q, func(r *sql.Rows) (wireGroup, error) {
		g := wireGroup{Type: "system_group", MembershipMethod: "STATIC"}
		var attributes string
		err := r.Scan(&g.ID, &g.Name, &g.Description, &g.Email, &attributes)
		g.Attributes = json.RawMessage(attributes)
		return g, err
	}, `SELECT id, name, description, email, attributes FROM system_groups WHERE 1`+rest, args...)
}

// listQueryV2 reads what a list of V2 is asked: its fields are separated by commas, its operators have no $.
func (c apiCall) listQueryV2() (listQuery, error) {
	asked := url.Values{}
	for name, values := range c.URL.Query() {
		switch name {
		case "limit", "skip":
			asked[name] = values
		case "sort", "fields":
			asked.Set(name, strings.ReplaceAll(strings.Join(values, " "), ",", " "))
		case "filter":
			for _, v := range values {
				field, rest, ok := strings.Cut(v, ":")
				op, value, also := strings.Cut(rest, ":")
				if v != "" && (!ok || !also || operatorsV2[op] == "") {
					return listQuery{}, badRequest("Invalid filter: %q is not field:operator:value with eq, ne, gt, ge, lt, le or in", oneLine(v, maxEchoed))
				}
				if v != "" {
					asked.Add("filter", field+":"+operatorsV2[op]+":"+value)
				}
			}
		default:
			if strings.HasPrefix(name, "filter") || strings.HasPrefix(name, "sort") {
				return listQuery{}, badRequest("Invalid parameter: %q", oneLine(name, maxEchoed))
			}
		}
	}
	return urlQuery(asked)
}

// operatorsV2 are those of V2 in the words of V1. Of the published ones between and search are missing.
var operatorsV2 = map[string]string{"eq": "$eq", "ne": "$ne", "gt": "$gt", "ge": "$gte", "lt": "$lt", "le": "$lte", "in": "$in"}

func (s *Server) apiListGroups(c apiCall) (int, any, error) {
	q, err := c.listQueryV2()
	if err != nil {
		return 0, nil, err
	}
	_, rows, err := find(c.Context(), s, groupList(), q, wireGroups)
	if err != nil {
		return 0, nil, err
	}
	list, err := onlyOf(rows, q.fields)
	return http.StatusOK, list, err
}

func (s *Server) apiGetGroup(c apiCall) (int, any, error) {
	g, err := first(wireGroups(c.Context(), s.db, ` AND id = ?`, c.PathValue("id")))
	return http.StatusOK, g, err
}

// groupBody reads what POST and PUT carry.
func (c apiCall) groupBody() (g wireGroup, err error) {
	if !can(c.by.Role, actSettings) {
		return g, ErrForbidden
	}
	if err := c.body(&g); err != nil {
		return g, err
	}
	g.Name, g.Description, g.Email = oneLine(g.Name, longestFact), oneLine(g.Description, 1024), oneLine(g.Email, longestFact)
	if g.Name == "" {
		return g, badRequest("Invalid name: it is needed")
	}
	if len(g.Attributes) == 0 {
		g.Attributes = json.RawMessage("null")
	}
	if first := g.Attributes[0]; first != '{' && first != 'n' {
		return g, badRequest("Invalid attributes: they are an object")
	}
	return g, nil
}

func (s *Server) apiAddGroup(c apiCall) (int, any, error) {
	g, err := c.groupBody()
	if err != nil {
		return 0, nil, err
	}
	return s.changedGroup(c, http.StatusCreated, newID(s.now()), func(tx *sql.Tx, id string) (sql.Result, error) {
		return tx.ExecContext(c.Context(), `INSERT INTO system_groups (id, name, description, email, attributes) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			id, g.Name, g.Description, g.Email, string(g.Attributes))
	})
}

// apiPutGroup replaces what can be said of a group, its name too.
func (s *Server) apiPutGroup(c apiCall) (int, any, error) {
	g, err := c.groupBody()
	if err != nil {
		return 0, nil, err
	}
	if _, err := first(wireGroups(c.Context(), s.db, ` AND id = ?`, c.PathValue("id"))); err != nil {
		return 0, nil, err
	}
	return s.changedGroup(c, http.StatusOK, c.PathValue("id"), func(tx *sql.Tx, id string) (sql.Result, error) {
		return tx.ExecContext(c.Context(), `UPDATE OR IGNORE system_groups SET name = ?, description = ?, email = ?, attributes = ? WHERE id = ?`,
			g.Name, g.Description, g.Email, string(g.Attributes), id)
	})
}

// changedGroup answers with a group after a change; a change of no row is a name that is taken.
func (s *Server) changedGroup(c apiCall, status int, id string, change func(*sql.Tx, string) (sql.Result, error)) (int, any, error) {
	var g wireGroup
	err := s.write(c.Context(), func(tx *sql.Tx) error {
		r, err := change(tx, id)
		if err := changedOne(r, err, ErrAlready); err != nil {
			return fmt.Errorf("changing a group: %w", err)
		}
		g, err = first(wireGroups(c.Context(), tx, ` AND id = ?`, id))
		return err
	})
	return status, g, err
}

func (s *Server) apiDeleteGroup(c apiCall) (int, any, error) {
	if !can(c.by.Role, actSettings) {
		return 0, nil, ErrForbidden
	}
	var g wireGroup
	err := s.write(c.Context(), func(tx *sql.Tx) error {
		var err error
		if g, err = first(wireGroups(c.Context(), tx, ` AND id = ?`, c.PathValue("id"))); err != nil {
			return err
		}
		_, members := tx.ExecContext(c.Context(), `DELETE FROM system_group_members WHERE group_id = ?`, g.ID)
		_, err = tx.ExecContext(c.Context(), `DELETE FROM system_groups WHERE id = ?`, g.ID)
		return errors.Join(members, err)
	})
	return http.StatusOK, g, err
}

// apiMembers lists who was added to a group.
func (s *Server) apiMembers(c apiCall) (int, any, error) {
	ids, err := s.neighbours(c.Context(), groupSide, c.PathValue("id"), c.URL.Query())
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, groupSide.edges(ids), nil
}

// apiChangeMembers adds a system to a group or removes it. Attributes are taken and not kept, so update changes nothing.
func (s *Server) apiChangeMembers(c apiCall) (int, any, error) {
	if !can(c.by.Role, actSettings) {
		return 0, nil, ErrForbidden
	}
	var in graphOperation
	if err := c.body(&in); err != nil {
		return 0, nil, err
	}
	if in.Type != groupSide.other {
		return 0, nil, badRequest("Invalid type: %q; a member of a system group is a system", oneLine(in.Type, maxEchoed))
	}
	ctx, group := c.Context(), c.PathValue("id")
	return http.StatusNoContent, nil, s.write(ctx, func(tx *sql.Tx) error {
		if _, err := first(wireGroups(ctx, tx, ` AND id = ?`, group)); err != nil {
			return err
		}
		if _, err := first(s.systems(ctx, tx, `AND id = ?`, in.ID)); err != nil {
			return err
		}
		statement, none := `INSERT INTO system_group_members (group_id, system_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, ErrAlready
		switch in.Op {
		case "add":
		case "remove":
			statement, none = `DELETE FROM system_group_members WHERE group_id = ? AND system_id = ?`, ErrNotFound
		case "update":
			statement, none = `UPDATE system_group_members SET group_id = group_id WHERE group_id = ? AND system_id = ?`, ErrNotFound
		default:
			return badOp(in.Op)
		}
		r, err := tx.ExecContext(ctx, statement, group, in.ID)
		if err := changedOne(r, err, none); err != nil {
			return fmt.Errorf("changing a group's members: %w", err)
		}
		return nil
	})
}

// apiDiskKey gives the recovery key of a system's disk, to those who help with devices.
func (s *Server) apiDiskKey(c apiCall) (int, any, error) {
	if !can(c.by.Role, actDiskKey) {
		return 0, nil, ErrForbidden
	}
	key, err := s.diskKey(c.Context(), c.PathValue("id"))
	return http.StatusOK, map[string]string{"key": key}, err
}
