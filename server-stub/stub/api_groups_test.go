package stub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// group makes a system group.
func (a apiClient) group(name string) string {
	a.t.Helper()
	status, answer, _ := a.do("POST", "/api/v2/systemgroups", object{"name": name, "unheardOf": 1})
	var g wireGroup
	if err := json.Unmarshal([]byte(answer), &g); status != http.StatusCreated || err != nil || g.Name != name || g.Type != "system_group" {
		a.t.Fatalf("POST systemgroups: %d %s %v", status, answer, err)
	}
	return g.ID
}

func TestAPIGroups(t *testing.T) {
	s := running(t)
	ada := newAPI(t, s, RoleAdministrator)
	if got := ada.text("/api/v2/systemgroups"); got != "[]" {
		t.Errorf("before: %s", got)
	}
	lab, desk := ada.group("Lab"), ada.group("Desks")
	for query, want := range map[string]string{
		"?sort=name": "Desks Lab", "?sort=-name": "Lab Desks", "?sort=name&limit=1&skip=1": "Lab", "?filter=name:eq:Lab": "Lab", "?filter=name:ne:Lab": "Desks",
		"?filter=name:in:Lab%7CDesks&sort=-name,id": "Lab Desks", "?filter=name:ge:E": "Lab", "?filter=id:eq:" + desk: "Desks", "?skip=2": "", "?sort=name&filter=": "Desks Lab",
	} {
		var got []map[string]any
		if ada.get("/api/v2/systemgroups"+query, &got); (apiList{Results: got}).values("name") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
	if got, want := ada.text("/api/v2/systemgroups?fields=name,x&filter=name:eq:Lab"), `[{"id":"`+lab+`","name":"Lab"}]`; got != want {
		t.Errorf("fields: %s, want %s", got, want)
	}
	for _, wrong := range []string{"sort=email", "sort=name,-name", "filter=email:eq:x", "filter=name:$eq:x", "filter=name:between:x", "filter=name", "filter=name:eq", "filter%5B0%5D=name:eq:x", "limit=0"} {
		if status, answer, _ := ada.do("GET", "/api/v2/systemgroups?"+wrong, nil); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", wrong, status, answer)
		}
	}
	path := "/api/v2/systemgroups/" + lab
	for _, wrong := range []any{"{", object{}, object{"name": " \n"}, object{"name": "x", "attributes": 1}, object{"name": 1}} {
		for _, to := range [][2]string{{"POST", "/api/v2/systemgroups"}, {"PUT", path}} {
			if status, answer, _ := ada.do(to[0], to[1], wrong); status != http.StatusBadRequest {
				t.Errorf("%s %v: %d %s", to[0], wrong, status, answer)
			}
		}
	}
	ada.post("/api/v2/systemgroups", object{"name": "Lab"}, http.StatusConflict, "Already Exists")
	if status, answer, _ := ada.do("PUT", path, object{"name": "Desks"}); status != http.StatusConflict {
		t.Errorf("a name that is taken: %d %s", status, answer)
	}
	body := object{"name": "Lab\ntwo", "description": "in the cellar", "email": "lab@acme.example", "attributes": object{"x": 1}}
	want := `{"id":"` + lab + `","name":"Lab two","type":"system_group","description":"in the cellar","email":"lab@acme.example","attributes":{"x":1},"membershipMethod":"STATIC"}`
	if status, answer, _ := ada.do("PUT", path, body); status != http.StatusOK || answer != want || ada.text(path) != want {
		t.Errorf("PUT: %d %s, want %s", status, answer, want)
	}
	if status, answer, _ := ada.do("DELETE", path, nil); status != http.StatusOK || answer != want {
		t.Errorf("DELETE: %d %s", status, answer)
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if status, answer, _ := ada.do(method, path, object{"name": "x"}); status != http.StatusNotFound {
			t.Errorf("%s after it: %d %s", method, status, answer)
		}
	}
}

func TestAPIGroupMembers(t *testing.T) {
	s, ids := fleet(t)
	ada, none := newAPI(t, s, RoleAdministrator), strings.Repeat("0", 24)
	lab := ada.group("Lab")
	path := "/api/v2/systemgroups/" + lab + "/members"
	member := func(op, id string) object { return object{"op": op, "type": "system", "id": id, "x": 1} }
	ada.post(path, member("remove", ids[0]), http.StatusNotFound, "Not Found")
	ada.post(path, member("update", ids[0]), http.StatusNotFound, "Not Found")
	ada.post(path, member("add", none), http.StatusNotFound, "Not Found")
	ada.post(path, member("join", ids[0]), http.StatusBadRequest, "Invalid op")
	ada.post(path, object{"op": "add", "type": "user", "id": ids[0]}, http.StatusBadRequest, "Invalid type")
	ada.post("/api/v2/systemgroups/"+none+"/members", member("add", ids[0]), http.StatusNotFound, "Not Found")
	for _, id := range ids[:2] {
		ada.post(path, member("add", id), http.StatusNoContent, "")
	}
	ada.post(path, member("add", ids[0]), http.StatusConflict, "Already Exists")
	ada.post(path, member("update", ids[0]), http.StatusNoContent, "")
	edge := func(id string) string {
		return `{"to":{"id":"` + id + `","type":"system","attributes":null},"attributes":null}`
	}
	way := func(id, kind, from, fromKind string) string {
		return fmt.Sprintf(`[{"id":"%s","type":"%s","compiledAttributes":{},"paths":[[{"to":{"id":"%[1]s","type":"%[2]s","attributes":null},"from":{"id":"%s","type":"%s","attributes":null},"attributes":null}]]}]`, id, kind, from, fromKind)
	}
	first, second := min(ids[0], ids[1]), max(ids[0], ids[1])
	for path, want := range map[string]string{
		path: "[" + edge(first) + "," + edge(second) + "]", path + "?limit=1&skip=1": "[" + edge(second) + "]",
		"/api/v2/systemgroups/" + lab + "/membership?limit=1": way(first, "system", lab, "system_group"),
		"/api/v2/systems/" + ids[0] + "/memberof":             way(lab, "system_group", ids[0], "system"),
		"/api/v2/systems/" + ids[2] + "/memberof":             "[]",
	} {
		if got := ada.text(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	for _, wrong := range []string{path + "?limit=x", "/api/v2/systemgroups/" + lab + "/membership?filter=id:eq:1"} {
		if status, _, _ := ada.do("GET", wrong, nil); status != http.StatusBadRequest {
			t.Errorf("%s: %d", wrong, status)
		}
	}
	ada.post(path, member("remove", ids[0]), http.StatusNoContent, "")
	ada.do("DELETE", "/api/systems/"+ids[1], nil)
	if got := ada.text(path); got != "[]" {
		t.Errorf("one removed, one deleted: %s", got)
	}
	ada.post(path, member("add", ids[2]), http.StatusNoContent, "")
	ada.do("DELETE", "/api/v2/systemgroups/"+lab, nil)
	if got := ada.text("/api/v2/systems/" + ids[2] + "/memberof"); got != "[]" {
		t.Errorf("the group is gone: %s", got)
	}
	if n := count(s.shot(t).Events, eventAssociation, ids[0]); n != 0 {
		t.Errorf("membership looks like %d bindings", n)
	}
}

func TestAPIGroupRoles(t *testing.T) {
	s, ids := fleet(t)
	lab := newAPI(t, s, RoleAdministrator).group("Lab")
	for _, role := range []Role{RoleReadOnly, RoleHelpDesk} {
		a := newAPI(t, s, role)
		for _, r := range [][2]string{{"POST", "/api/v2/systemgroups"}, {"PUT", "/api/v2/systemgroups/" + lab}, {"DELETE", "/api/v2/systemgroups/" + lab}, {"POST", "/api/v2/systemgroups/" + lab + "/members"}} {
			if status, answer, _ := a.do(r[0], r[1], object{"name": "x", "op": "add", "type": "system", "id": ids[0]}); status != http.StatusForbidden {
				t.Errorf("%s %v: %d %s", role, r, status, answer)
			}
		}
		if got := a.text("/api/v2/systemgroups/" + lab); !strings.Contains(got, `"name":"Lab"`) {
			t.Errorf("%s reads %s", role, got)
		}
	}
}
