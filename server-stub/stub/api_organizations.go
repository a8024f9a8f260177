package stub

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// wireOrganization is the organization as the API gives it: https://docs.jumpcloud.com/api/1.0/index.html#tag/Organizations.
type wireOrganization struct {
	UnderscoreID string `json:"_id"`
	ID           string `json:"id"`
	DisplayName  string `json:"displayName"`
	Created      string `json:"created"`
	LogoURL      string `json:"logoUrl"`
	Settings     object `json:"settings"`
}

func (s *Server) wireOrganization(ctx context.Context, q querier) (wireOrganization, error) {
	o, err := organization(ctx, q)
	set := s.Settings()
	return wireOrganization{o.ID, o.ID, o.Name, born(o.ID), "", object{
		"name": o.Name, "agentVersion": set.AgentVersion, "enableUserPortalAgentInstall": o.EnrollmentAllowed,
		"userPortal": object{"idleSessionDurationMinutes": int(set.SessionIdle.Minutes())},
	}}, err
}

// apiListOrganizations gives the one organization in the short form of the list. Sort and filter would find nothing
// else, so they are not offered.
func (s *Server) apiListOrganizations(c apiCall) (int, any, error) {
	asked := c.URL.Query()
	for name := range asked {
		if strings.HasPrefix(name, "sort") || strings.HasPrefix(name, "filter") || strings.HasPrefix(name, "search") {
			return 0, nil, badRequest("Invalid parameter: there is one organization, sort, filter and search are not offered")
		}
	}
	q, err := urlQuery(url.Values{"limit": asked["limit"], "skip": asked["skip"], "fields": asked["fields"]})
	if err != nil {
		return 0, nil, err
	}
	o, err := s.wireOrganization(c.Context(), s.db)
	if err != nil {
		return 0, nil, err
	}
	rows := []object{{"_id": o.ID, "id": o.ID, "displayName": o.DisplayName, "logoUrl": o.LogoURL}}
	if q.skip > 0 {
		rows = nil
	}
	return pageOf(1, rows, q.fields)
}

func (s *Server) apiGetOrganization(c apiCall) (int, any, error) {
	q, err := c.urlQuery()
	if err != nil {
		return 0, nil, err
	}
	o, err := s.wireOrganization(c.Context(), s.db)
	if err == nil {
		err = o.named(c)
	}
	if err != nil {
		return 0, nil, err
	}
	v, err := only(o, q.fields)
	return http.StatusOK, v, err
}

// named checks the id of the path, as the vendor does: a malformed one is not just unknown.
func (o wireOrganization) named(c apiCall) error {
	id := c.PathValue("id")
	if !idForm.MatchString(id) {
		return badRequest("Malformed organization id")
	}
	if id != o.ID {
		return ErrNotFound
	}
	return nil
}

// apiPutOrganization takes settings.name. The published document of this operation has no
// enableUserPortalAgentInstall, so the switch stays as it is, like every other key that is not known.
func (s *Server) apiPutOrganization(c apiCall) (int, any, error) {
	if !can(c.by.Role, actSettings) {
		return 0, nil, ErrForbidden
	}
	var in struct {
		Settings struct {
			Name *string `json:"name"`
		} `json:"settings"`
	}
	if err := c.body(&in); err != nil {
		return 0, nil, err
	}
	var o wireOrganization
	err := s.write(c.Context(), func(tx *sql.Tx) error {
		var err error
		if o, err = s.wireOrganization(c.Context(), tx); err != nil {
			return err
		}
		if err := o.named(c); err != nil || in.Settings.Name == nil {
			return err
		}
		name := oneLine(*in.Settings.Name, 253)
		if name == "" {
			return badRequest("Invalid settings.name: it is empty")
		}
		if _, err := tx.ExecContext(c.Context(), `UPDATE organization SET name = ?`, name); err != nil {
			return fmt.Errorf("naming the organization: %w", err)
		}
		o.DisplayName, o.Settings["name"] = name, name
		return s.addEvent(c.Context(), tx, Event{Type: eventOrganization, ActorID: c.by.ID, Success: true, Detail: "settings.name=" + name})
	})
	return http.StatusOK, o, err
}
