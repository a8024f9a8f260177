package stub

import (
	"net/http"
	"strings"
	"testing"
)

// post makes a request and expects its status and answer.
func (a apiClient) post(path string, body any, status int, answer string) {
	a.t.Helper()
	if got, text, _ := a.do("POST", path, body); got != status || !strings.Contains(text, answer) || answer == "" && text != "" {
		a.t.Errorf("POST %s %v: %d %s, want %d %s", path, body, got, text, status, answer)
	}
}

// body of a GET, as text.
func (a apiClient) text(path string) string {
	a.t.Helper()
	status, answer, _ := a.do("GET", path, nil)
	if status != http.StatusOK {
		a.t.Errorf("GET %s: %d %s", path, status, answer)
	}
	return answer
}

func TestAPIAssociations(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	nora, none := s.person(t, "nora").ID, strings.Repeat("0", 24)
	for _, side := range []struct{ path, list, other, id string }{
		{"/api/v2/systems/" + d.system, "/users", "user", nora},
		{"/api/v2/users/" + nora, "/systems", "system", d.system},
	} {
		path := side.path + "/associations"
		body := func(op, id string) object { return object{"op": op, "type": side.other, "id": id} }
		newAPI(t, s, RoleReadOnly).post(path, body("add", side.id), http.StatusForbidden, `{"message":"Forbidden"}`)
		hal := newAPI(t, s, RoleHelpDesk)
		if got := hal.text(path+"?targets="+side.other) + hal.text(side.path+side.list); got != "[][]" {
			t.Errorf("%s before: %s", path, got)
		}
		hal.post(path, body("remove", side.id), http.StatusNotFound, `{"message":"Not Found"}`)
		hal.post(path, body("update", side.id), http.StatusNotFound, `{"message":"Not Found"}`)
		hal.post(path, body("add", none), http.StatusNotFound, `{"message":"Not Found"}`)
		hal.post(path, body("join", side.id), http.StatusBadRequest, "Invalid op")
		hal.post(path, object{"op": "add", "type": "policy", "id": side.id}, http.StatusBadRequest, "Invalid type")
		hal.post(path, "{", http.StatusBadRequest, "Malformed")
		if o := d.poll(t, ""); len(o.ManagedUsers) != 0 {
			t.Errorf("%s: bound too early: %v", path, o)
		}
		hal.post(path, object{"op": "add", "type": side.other, "id": side.id, "attributes": object{"sudo": object{"enabled": true}}, "x": 1}, http.StatusNoContent, "")
		hal.post(path, body("add", side.id), http.StatusConflict, `{"message":"Already Exists"}`)
		hal.post(path, body("update", side.id), http.StatusNoContent, "")
		if o := d.poll(t, ""); len(o.ManagedUsers) != 1 || o.ManagedUsers[0] != "nora" {
			t.Errorf("%s: the agent manages %v", path, o)
		}
		want := `[{"to":{"id":"` + side.id + `","type":"` + side.other + `","attributes":null},"attributes":null}]`
		if got := hal.text(path + "?targets=" + side.other); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if got := hal.text(side.path + side.list); !strings.HasPrefix(got, `[{"id":"`+side.id+`","type":"`+side.other+`","compiledAttributes":{"sudo":{`) ||
			!strings.Contains(got, `"paths":[[{"to":{"id":"`+side.id) || !strings.Contains(got, `"from":{"id":"`+strings.TrimPrefix(side.path, "/api/v2/"+map[string]string{"user": "systems", "system": "users"}[side.other]+"/")) {
			t.Errorf("%s%s: %s", side.path, side.list, got)
		}
		for _, empty := range []string{path + "?targets=policy_group", path + "?skip=1&targets=" + side.other, side.path + side.list + "?skip=1"} {
			if got := hal.text(empty); got != "[]" {
				t.Errorf("%s: %s", empty, got)
			}
		}
		for _, wrong := range []string{path, path + "?targets=", path + "?targets=planet", path + "?limit=x&targets=" + side.other, side.path + side.list + "?filter=id:eq:1"} {
			if status, answer, _ := hal.do("GET", wrong, nil); status != http.StatusBadRequest {
				t.Errorf("%s: %d %s", wrong, status, answer)
			}
		}
		hal.post(path, body("remove", side.id), http.StatusNoContent, "")
		if o := d.poll(t, ""); len(o.ManagedUsers) != 0 {
			t.Errorf("%s: still bound: %v", path, o)
		}
	}
	n := 0
	for _, e := range s.shot(t).Events {
		if e.Type == eventAssociation && e.ActorID == s.boss(t, RoleHelpDesk).ID && e.SystemID == d.system && e.UserID == nora {
			n++
		}
	}
	if n != 4 {
		t.Errorf("%d events of 2 associations and their ends", n)
	}
}

func TestAPIUsers(t *testing.T) {
	s := running(t)
	a := newAPI(t, s, RoleReadOnly)
	for query, names := range map[string]string{"?sort=-username": "nora ben", "?sort=username": "ben nora", "?sort=-email&limit=1": "nora", "?sort=lastname": "ben nora",
		"?filter=firstname:$eq:Ben": "ben", "?search=HADDAD": "nora", "?filter=username:$in:nora%7Czoe": "nora", "?skip=1&sort=username": "nora"} {
		var got apiList
		if a.get("/api/systemusers"+query, &got); got.values("username") != names {
			t.Errorf("%q: %s, want %s", query, got.values("username"), names)
		}
	}
	status, answer, _ := a.do("POST", "/api/search/systemusers", `{"filter":{"or":[{"email":"ben@acme.example"}]},"fields":"username"}`)
	var found apiList
	if a.read("search", status, answer, &found); found.values("username") != "ben" || len(found.Results[0]) != 3 {
		t.Errorf("search: %s", answer)
	}
	nora := s.person(t, "nora")
	if _, err := s.UserLogin(t.Context(), nora.Email, "wrong"); err == nil {
		t.Error("signed in with a wrong password")
	}
	var u map[string]any
	a.get("/api/systemusers/"+nora.ID, &u)
	for name, want := range map[string]any{"_id": nora.ID, "id": nora.ID, "username": "nora", "email": "nora@acme.example", "firstname": "Nora", "lastname": "Haddad",
		"displayname": "Nora Haddad", "state": "ACTIVATED", "totp_enabled": true, "account_locked": false, "badLoginAttempts": 1.0} {
		if u[name] != want {
			t.Errorf("%s is %v, want %v", name, u[name], want)
		}
	}
	if made, _ := u["created"].(string); len(made) != len(timeForm) {
		t.Errorf("created %q", made)
	}
	for _, secret := range []string{DemoTOTPSecret, "password_hash", "$"} {
		if text := a.text("/api/systemusers"); strings.Contains(text, secret) {
			t.Errorf("%q in %s", secret, text)
		}
	}
}

func TestAPIOrganizations(t *testing.T) {
	s := running(t)
	org := s.shot(t).Organization
	rita, ada := newAPI(t, s, RoleReadOnly), newAPI(t, s, RoleAdministrator)
	if got, want := rita.text("/api/organizations"), `{"totalCount":1,"results":[{"_id":"`+org.ID+`","displayName":"Acme Corporation","id":"`+org.ID+`","logoUrl":""}]}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := rita.text("/api/organizations?skip=1"); got != `{"totalCount":1,"results":[]}` {
		t.Errorf("skip: %s", got)
	}
	if status, answer, _ := rita.do("GET", "/api/organizations?sort=x", nil); status != http.StatusBadRequest {
		t.Errorf("sort: %d %s", status, answer)
	}
	path := "/api/organizations/" + org.ID
	if got, want := rita.text(path+"?fields=displayName"), `{"_id":"`+org.ID+`","displayName":"Acme Corporation","id":"`+org.ID+`"}`; got != want {
		t.Errorf("fields: %s, want %s", got, want)
	}
	for _, allowed := range []string{"true", "false"} {
		if err := s.setEnrollment(t.Context(), "", allowed == "true"); err != nil {
			t.Fatal(err)
		}
		if got := rita.text(path); !strings.Contains(got, `"enableUserPortalAgentInstall":`+allowed) || !strings.Contains(got, `"agentVersion":"2.166.2"`) {
			t.Errorf("%s: %s", allowed, got)
		}
	}
	for _, role := range []Role{RoleReadOnly, RoleHelpDesk} {
		if status, _, _ := newAPI(t, s, role).do("PUT", path, `{"settings":{"name":"x"}}`); status != http.StatusForbidden {
			t.Errorf("%s: %d", role, status)
		}
	}
	status, answer, _ := ada.do("PUT", path, `{"settings":{"name":"Acme\nLtd","enableUserPortalAgentInstall":true,"x":{}},"y":[]}`)
	if now := s.shot(t).Organization; status != 200 || now.Name != "Acme Ltd" || now.EnrollmentAllowed || !strings.Contains(answer, `"displayName":"Acme Ltd"`) {
		t.Errorf("%d %s %+v", status, answer, now)
	}
	for _, wrong := range []string{`{`, `{"settings":{"name":""}}`, `{"settings":1}`} {
		if status, answer, _ := ada.do("PUT", path, wrong); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", wrong, status, answer)
		}
	}
}
