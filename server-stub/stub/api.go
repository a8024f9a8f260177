package stub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
)

// apiCall is one authenticated request to the public API.
type apiCall struct {
	*http.Request
	by     Admin
	header http.Header // of the answer
}

// apiFunc answers a request; a nil value is an empty body.
type apiFunc func(c apiCall) (status int, v any, err error)

// apiError is what a client got wrong.
type apiError struct {
	status int
	words  string
}

func (e *apiError) Error() string { return e.words }

func badRequest(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// apiRoutes are the vendor's public API, as far as enrollment touches it: https://docs.jumpcloud.com/api/1.0/index.html,
// https://docs.jumpcloud.com/api/2.0/index.html and https://docs.jumpcloud.com/api/insights/directory/1.0/index.html.
// There the three have hosts of their own; here they share the TLS port.
func (s *Server) apiRoutes(mux *http.ServeMux) {
	for pattern, f := range map[string]apiFunc{
		"GET /api/systems":            answerList(s, apiCall.urlQuery, s.systemList, s.wireSystems),
		"POST /api/search/systems":    answerList(s, apiCall.searchQuery, s.systemList, s.wireSystems),
		"GET /api/systems/{id}":       s.apiGetSystem,
		"PUT /api/systems/{id}":       s.apiPutSystem,
		"DELETE /api/systems/{id}":    s.apiDeleteSystem,
		"GET /api/organizations":      s.apiListOrganizations,
		"GET /api/organizations/{id}": s.apiGetOrganization,
		"PUT /api/organizations/{id}": s.apiPutOrganization,

		"GET /api/systemusers":                      answerList(s, apiCall.urlQuery, userList, s.wireUsers),
		"POST /api/search/systemusers":              answerList(s, apiCall.searchQuery, userList, s.wireUsers),
		"POST /api/systemusers":                     s.apiAddUser,
		"GET /api/systemusers/{id}":                 s.apiGetUser,
		"PUT /api/systemusers/{id}":                 s.apiPutUser,
		"DELETE /api/systemusers/{id}":              s.apiDeleteUser,
		"POST /api/systemusers/{id}/unlock":         s.apiUserAct(userChange{Locked: new(bool)}),
		"POST /api/systemusers/{id}/resetmfa":       s.apiUserAct(userChange{resetFactor: true}),
		"POST /api/systemusers/{id}/state/activate": s.apiUserAct(userChange{State: stateActivated}),
		"POST /api/systemusers/{id}/state/suspend":  s.apiUserAct(userChange{State: stateSuspended}),

		"GET /api/v2/systems/{id}/associations":  s.apiAssociations(systemSide),
		"POST /api/v2/systems/{id}/associations": s.apiAssociate(systemSide),
		"GET /api/v2/systems/{id}/users":         s.apiTraverse(systemSide),
		"GET /api/v2/users/{id}/associations":    s.apiAssociations(userSide),
		"POST /api/v2/users/{id}/associations":   s.apiAssociate(userSide),
		"GET /api/v2/users/{id}/systems":         s.apiTraverse(userSide),

		"GET /api/v2/systems/{id}/memberof":        s.apiTraverse(memberSide),
		"GET /api/v2/systems/{id}/fdekey":          s.apiDiskKey,
		"GET /api/v2/systemgroups":                 s.apiListGroups,
		"POST /api/v2/systemgroups":                s.apiAddGroup,
		"GET /api/v2/systemgroups/{id}":            s.apiGetGroup,
		"PUT /api/v2/systemgroups/{id}":            s.apiPutGroup,
		"DELETE /api/v2/systemgroups/{id}":         s.apiDeleteGroup,
		"GET /api/v2/systemgroups/{id}/members":    s.apiMembers,
		"POST /api/v2/systemgroups/{id}/members":   s.apiChangeMembers,
		"GET /api/v2/systemgroups/{id}/membership": s.apiTraverse(groupSide),

		"POST /insights/directory/v1/events":       s.apiEvents,
		"POST /insights/directory/v1/events/count": s.apiCountEvents,

		"/api/":      apiUnknown,
		"/insights/": apiUnknown,
	} {
		mux.HandleFunc(pattern, s.api(f))
	}
}

func apiUnknown(apiCall) (int, any, error) { return 0, nil, ErrNotFound }

// api is around every operation: who asks, for which organization, and the vendor's form of errors.
func (s *Server) api(f apiFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e := s.epochNow(r.Context())
		by, err := s.apiAdmin(r, e)
		asked, known := question(r, by)
		if a, ok := e.get(asked); ok && err == nil && known {
			a.send(w)
			return
		}
		if err == nil {
			err = s.apiOrganization(r)
		}
		if err != nil {
			s.apiFailed(w, r, err)
			return
		}
		a := &answer{header: http.Header{}}
		var v any
		a.status, v, err = f(apiCall{Request: r, by: by, header: a.header})
		if err == nil && v != nil {
			a.body, err = json.Marshal(v)
		}
		if err != nil {
			s.apiFailed(w, r, err)
			return
		}
		if known {
			e.keep(asked, a)
		}
		a.send(w)
	}
}

// apiAdmin gives whose key a request carries.
func (s *Server) apiAdmin(r *http.Request, e *epoch) (Admin, error) {
	keys := r.Header.Values("X-Api-Key")
	if len(keys) != 1 || keys[0] == "" {
		return Admin{}, &apiError{http.StatusUnauthorized, "Unauthorized"}
	}
	if v, ok := e.admins.Load(keys[0]); ok {
		if by, ok := v.(Admin); ok {
			return by, nil
		}
	}
	s.rules.learn(keys[0])
	by, err := first(admins(r.Context(), s.db, `WHERE id = (SELECT admin_id FROM api_keys WHERE value = ?)`, keys[0]))
	if errors.Is(err, ErrNotFound) {
		return by, &apiError{http.StatusUnauthorized, "Unauthorized"}
	}
	if err == nil && e.keeps() {
		e.admins.Store(keys[0], by)
	}
	return by, err
}

var idForm = regexp.MustCompile(`^[0-9a-f]{24}$`)

// apiOrganization checks x-org-id, which only an admin of several organizations needs to send.
func (s *Server) apiOrganization(r *http.Request) error {
	id := r.Header.Get("X-Org-Id")
	if id == "" {
		return nil
	}
	if !idForm.MatchString(id) {
		return badRequest("x-org-id is not an organization's id")
	}
	org, err := organization(r.Context(), s.db)
	if err == nil && org.ID != id {
		err = ErrNotFound
	}
	return err
}

func (s *Server) apiFailed(w http.ResponseWriter, r *http.Request, err error) {
	var e *apiError
	switch {
	case errors.As(err, &e):
		message(w, e.status, e.words)
	case errors.Is(err, ErrNotFound):
		message(w, http.StatusNotFound, "Not Found")
	case errors.Is(err, ErrAlready):
		message(w, http.StatusConflict, "Already Exists")
	case errors.Is(err, ErrForbidden):
		message(w, http.StatusForbidden, "Forbidden")
	default:
		s.broken(w, r, err)
	}
}

// body reads a JSON object; unknown keys are tolerated, as the vendor does. No body at all is an empty object.
func (c apiCall) body(into any) error {
	d := json.NewDecoder(c.Body)
	d.UseNumber()
	err := d.Decode(into)
	var long *http.MaxBytesError
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &long):
		return &apiError{http.StatusRequestEntityTooLarge, "The body is too long"}
	}
	return badRequest("Malformed JSON body")
}

// only leaves the named fields of an object, and its ids. Names it has not are no error.
func only(v any, fields []string) (any, error) {
	if len(fields) == 0 {
		return v, nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("choosing fields: %w", err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("choosing fields: %w", err)
	}
	for name := range all {
		if name != "_id" && name != "id" && !slices.Contains(fields, name) {
			delete(all, name)
		}
	}
	return all, nil
}
