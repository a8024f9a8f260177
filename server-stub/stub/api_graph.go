package stub

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// graphSide is one end of an association: between a system and a user, or a system and a group.
type graphSide struct {
	kind, other string
	targets     []string // what the vendor associates this with; the stub has only other
	exists      string   // SQL
	list        string   // SQL
	compiled    object   // attributes of the whole way
}

// noSudo are the attributes of every way to a user: those that are sent are not kept.
var noSudo = object{"sudo": object{"enabled": false, "withoutPassword": false}}

const (
	systemExists = `SELECT id FROM systems WHERE id = ? AND deleted = ''`
	groupExists  = `SELECT id FROM system_groups WHERE id = ?`
)

var (
	systemSide = graphSide{"system", "user", []string{"command", "policy", "policy_group", "user", "user_group"},
		systemExists,
		`SELECT user_id FROM associations WHERE system_id = ? ORDER BY user_id LIMIT ? OFFSET ?`, noSudo}
	userSide = graphSide{"user", "system", []string{"active_directory", "application", "g_suite", "idp_routing_policy", "ldap_server",
		"office_365", "password_manager_item", "policy", "policy_group", "radius_server", "system", "system_group"},
		`SELECT id FROM users WHERE id = ?`,
		`SELECT system_id FROM associations WHERE user_id = ? ORDER BY system_id LIMIT ? OFFSET ?`, noSudo}
	groupSide = graphSide{"system_group", "system", nil, groupExists,
		`SELECT system_id FROM system_group_members WHERE group_id = ? ORDER BY system_id LIMIT ? OFFSET ?`, object{}}
	memberSide = graphSide{"system", "system_group", nil, systemExists,
		`SELECT group_id FROM system_group_members WHERE system_id = ? ORDER BY group_id LIMIT ? OFFSET ?`, object{}}
)

// graphNode is an object of the graph: https://docs.jumpcloud.com/api/2.0/index.html#tag/Graph.
type graphNode struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Attributes object `json:"attributes"`
}

// graphEdge is an association; attributes of none are null, as in the vendor's answers.
type graphEdge struct {
	To         graphNode  `json:"to"`
	From       *graphNode `json:"from,omitempty"`
	Attributes object     `json:"attributes"`
}

// graphReach is an object with the way to it.
type graphReach struct {
	ID         string        `json:"id"`
	Type       string        `json:"type"`
	Attributes object        `json:"compiledAttributes"`
	Paths      [][]graphEdge `json:"paths"`
}

// neighbours gives the ids at the other end, for a page of them.
func (s *Server) neighbours(ctx context.Context, from graphSide, id string, q url.Values) ([]string, error) {
	for name := range q {
		if strings.HasPrefix(name, "filter") || strings.HasPrefix(name, "sort") {
			return nil, badRequest("Invalid parameter: sort and filter are not offered here")
		}
	}
	page, err := urlQuery(url.Values{"limit": q["limit"], "skip": q["skip"]})
	if err != nil {
		return nil, err
	}
	one := func(r *sql.Rows) (string, error) {
		var id string
		err := r.Scan(&id)
		return id, err
	}
	if _, err := first(query(ctx, s.db, one, from.exists, id)); err != nil {
		return nil, err
	}
	return query(ctx, s.db, one, from.list, id, page.limit, page.skip)
}

// apiAssociations lists what is associated; what the stub does not have is an empty list.
func (s *Server) apiAssociations(from graphSide) apiFunc {
	return func(c apiCall) (int, any, error) {
		q := c.URL.Query()
		var targets []string
		for _, t := range q["targets"] {
			targets = append(targets, strings.Split(t, ",")...)
		}
		if len(targets) == 0 {
			return 0, nil, badRequest("Invalid targets: it is needed, one or more of %s", strings.Join(from.targets, ", "))
		}
		for _, t := range targets {
			if !slices.Contains(from.targets, t) {
				return 0, nil, badRequest("Invalid targets: %q is none of %s", oneLine(t, maxEchoed), strings.Join(from.targets, ", "))
			}
		}
		ids, err := s.neighbours(c.Context(), from, c.PathValue("id"), q)
		if err != nil {
			return 0, nil, err
		}
		if !slices.Contains(targets, from.other) {
			ids = nil
		}
		return http.StatusOK, from.edges(ids), nil
	}
}

// edges are the associations with those at the other end.
func (from graphSide) edges(ids []string) []graphEdge {
	list := []graphEdge{}
	for _, id := range ids {
		list = append(list, graphEdge{To: graphNode{ID: id, Type: from.other}})
	}
	return list
}

// apiTraverse lists what is reached. Groups are associated with nothing but their members, so every way is one step.
func (s *Server) apiTraverse(from graphSide) apiFunc {
	return func(c apiCall) (int, any, error) {
		ids, err := s.neighbours(c.Context(), from, c.PathValue("id"), c.URL.Query())
		if err != nil {
			return 0, nil, err
		}
		answer := []graphReach{}
		for _, id := range ids {
			way := graphEdge{To: graphNode{ID: id, Type: from.other}, From: &graphNode{ID: c.PathValue("id"), Type: from.kind}}
			answer = append(answer, graphReach{id, from.other, from.compiled, [][]graphEdge{{way}}})
		}
		return http.StatusOK, answer, nil
	}
}

// graphOperation is the body of a change.
type graphOperation struct {
	Op   string `json:"op"`
	Type string `json:"type"`
	ID   string `json:"id"`
}

func badOp(op string) error {
	return badRequest("Invalid op: %q; it is add, remove or update", oneLine(op, maxEchoed))
}

// apiAssociate adds or removes an association. Attributes (sudo) are taken and not kept, so update changes nothing.
func (s *Server) apiAssociate(from graphSide) apiFunc {
	return func(c apiCall) (int, any, error) {
		if !can(c.by.Role, actBind) {
			return 0, nil, ErrForbidden
		}
		var in graphOperation
		if err := c.body(&in); err != nil {
			return 0, nil, err
		}
		if in.Type != from.other {
			return 0, nil, badRequest("Invalid type: %q; this server associates a %s with type %s only", oneLine(in.Type, maxEchoed), from.kind, from.other)
		}
		system, user := c.PathValue("id"), in.ID
		if from.kind == "user" {
			system, user = user, system
		}
		var err error
		switch in.Op {
		case "add":
			err = s.Bind(c.Context(), c.by, system, user)
		case "remove":
			err = s.Unbind(c.Context(), c.by, system, user)
		case "update":
			err = s.associated(c.Context(), system, user)
		default:
			err = badOp(in.Op)
		}
		return http.StatusNoContent, nil, err
	}
}

// associated is ErrNotFound where there is no such association.
func (s *Server) associated(ctx context.Context, system, user string) error {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT 1 FROM associations WHERE system_id = ? AND user_id = ?`, system, user).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
