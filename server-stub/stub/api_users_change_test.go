package stub

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// put makes a change and gives the answer.
func (a apiClient) put(method, path string, body any) map[string]any {
	a.t.Helper()
	status, answer, _ := a.do(method, path, body)
	var got map[string]any
	a.read(method+" "+path, status, answer, &got)
	return got
}

func TestAPIAddUser(t *testing.T) {
	s := running(t)
	ada := newAPI(t, s, RoleAdministrator)
	u := ada.put("POST", "/api/systemusers", object{"username": "zoe", "email": "zoe@acme.example", "firstname": "Zoe\n", "lastname": "Okafor", "password": "a-Password-1",
		"jobTitle": "Surveyor", "attributes": []object{{"name": "badge", "value": "7"}}, "sudo": true, "unheardOf": object{}})
	id, _ := u["_id"].(string)
	for name, want := range map[string]any{"username": "zoe", "firstname": "Zoe", "displayname": "Zoe Okafor", "state": "ACTIVATED", "activated": true, "jobTitle": "Surveyor", "sudo": true} {
		if u[name] != want {
			t.Errorf("%s is %v, want %v", name, u[name], want)
		}
	}
	if got := ada.text("/api/systemusers/" + id); !strings.Contains(got, `"attributes":[{"name":"badge","value":"7"}]`) || strings.Contains(got, "a-Password-1") {
		t.Errorf("read again: %s", got)
	}
	if _, err := s.UserLogin(t.Context(), "zoe@acme.example", "a-Password-1"); err != nil {
		t.Errorf("signing in: %v", err)
	}
	staged := ada.put("POST", "/api/systemusers", object{"username": "kim", "email": "kim@acme.example"})
	if staged["state"] != "STAGED" || staged["activated"] != false {
		t.Errorf("without a password: %v", staged)
	}
	for _, wrong := range []any{"{", "[]", object{}, object{"username": "a b", "email": "x@acme.example"}, object{"username": "x", "email": "x"}, object{"username": "x", "email": "X <x@acme.example>"},
		object{"username": "x", "email": "x@acme.example", "password": ""}, object{"username": "x", "email": "x@acme.example", "sudo": "perhaps"}, object{"username": "x", "email": "x@acme.example", "unix_uid": -1},
		object{"username": "x", "email": "x@acme.example", "systemUsername": "../x"}, object{"username": "x", "email": "x@acme.example", "password": "y", "state": "GONE"}} {
		if status, answer, _ := ada.do("POST", "/api/systemusers", wrong); status != http.StatusBadRequest {
			t.Errorf("%v: %d %s", wrong, status, answer)
		}
	}
	ada.post("/api/systemusers", object{"username": "zoe", "email": "other@acme.example"}, http.StatusConflict, "Already Exists")
	if n := len(s.shot(t).Users); n != 4 {
		t.Errorf("%d users", n)
	}
}

func TestAPIPutUser(t *testing.T) {
	s := running(t)
	ada, ben := newAPI(t, s, RoleAdministrator), s.person(t, "ben")
	path := "/api/systemusers/" + ben.ID
	d := enrolled(t, s, "ben-laptop", s.userKey(t, "ben"))
	if err := s.Bind(t.Context(), s.boss(t, RoleAdministrator), d.system, ben.ID); err != nil {
		t.Fatal(err)
	}
	ada.put("PUT", path, object{"lastname": "Adler", "department": "Survey", "password": "another-Password-1", "systemUsername": "badler"})
	if o := d.poll(t, ""); len(o.ManagedUsers) != 1 || o.ManagedUsers[0] != "badler" {
		t.Errorf("the agent manages %v", o.ManagedUsers)
	}
	if _, err := s.UserLogin(t.Context(), ben.Email, "another-Password-1"); err != nil {
		t.Errorf("signing in with the new password: %v", err)
	}
	if u := ada.put("PUT", path, object{"firstname": "Benjamin"}); u["displayname"] != "Benjamin Adler" || u["department"] != "Survey" || u["systemUsername"] != "badler" {
		t.Errorf("what was not named did not stay: %v", u)
	}
	if u := ada.put("PUT", path, object{"displayname": "Ben", "email": "benjamin@acme.example"}); u["displayname"] != "Ben" || u["email"] != "benjamin@acme.example" {
		t.Errorf("displayname and email: %v", u)
	}
	for body, want := range map[string]int{`{"username":"nora"}`: 409, `{"email":"NORA@acme.example"}`: 409, `{"state":"x"}`: 400, `{"username":""}`: 400, `{`: 400} {
		if status, answer, _ := ada.do("PUT", path, body); status != want {
			t.Errorf("%s: %d %s, want %d", body, status, answer, want)
		}
	}
	if u := ada.put("DELETE", path, nil); u["username"] != "ben" {
		t.Errorf("deleted: %v", u)
	}
	if o := d.poll(t, ""); len(o.ManagedUsers) != 0 {
		t.Errorf("the agent still manages %v", o.ManagedUsers)
	}
	for _, r := range [][2]string{{"GET", ""}, {"PUT", ""}, {"DELETE", ""}, {"POST", "/unlock"}} {
		if status, _, _ := ada.do(r[0], path+r[1], object{}); status != http.StatusNotFound {
			t.Errorf("%v after deletion: %d", r, status)
		}
	}
	var kinds []string
	for _, e := range s.shot(t).Events {
		if e.UserID == ben.ID && strings.HasPrefix(e.Type, "user_") && e.Type != eventUserLogin {
			kinds = append(kinds, e.Type)
		}
	}
	if got := strings.Join(kinds, " "); got != "user_update user_update user_update user_delete" {
		t.Errorf("events: %s", got)
	}
	found, _, _ := ada.insights(object{"service": []string{"all"}, "start_time": "2020-01-01T00:00:00Z", "search_term": object{"and": object{"event_type": "user_delete"}}})
	if len(found) != 1 || dig(found[0], "resource.username") != "ben" || dig(found[0], "resource.id") != ben.ID {
		t.Errorf("insights: %v", found)
	}
}

// A suspended user is signed out, cannot sign in, and their connect keys are worth nothing.
func TestAPISuspend(t *testing.T) {
	s := running(t)
	ada, ben := newAPI(t, s, RoleAdministrator), s.person(t, "ben")
	path, key := "/api/systemusers/"+ben.ID, s.userKey(t, "ben")
	b := newBrowser(t, s)
	if status, answer := b.post("/auth", map[string]string{"email": ben.Email, "password": DemoUserPassword}); status != http.StatusOK {
		t.Fatalf("signing in: %d %s", status, answer)
	}
	ada.post(path+"/state/suspend", nil, http.StatusOK, `"OK"`)
	if status, _, _ := ask(t, b.c, "GET", b.base+"/api/self", nil); status != http.StatusUnauthorized {
		t.Errorf("the session goes on: %d", status)
	}
	if _, err := s.UserLogin(t.Context(), ben.Email, DemoUserPassword); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("signing in while suspended: %v", err)
	}
	if status, _, _ := ask(t, s.trusting(t), "GET", s.Addresses().Console+"/Kickstart", nil, "x-connect-key", key); status != http.StatusForbidden {
		t.Errorf("the key of a suspended user: %d", status)
	}
	if u := ada.put("PUT", path, object{"suspended": false}); u["state"] != "ACTIVATED" {
		t.Errorf("not suspended any more: %v", u["state"])
	}
	if u := ada.put("PUT", path, object{"suspended": true}); u["state"] != "SUSPENDED" || u["suspended"] != true {
		t.Errorf("suspended: %v", u["state"])
	}
	ada.post(path+"/state/activate", object{"email": "x"}, http.StatusOK, `"OK"`)
	if _, err := s.UserLogin(t.Context(), ben.Email, DemoUserPassword); err != nil {
		t.Errorf("activated again: %v", err)
	}
}

func TestAPIUnlock(t *testing.T) {
	s := running(t, func(s *Server) { s.Now = clock() })
	ada, nora := newAPI(t, s, RoleAdministrator), s.person(t, "nora")
	path := "/api/systemusers/" + nora.ID
	if u := ada.put("PUT", path, object{"account_locked": true}); u["account_locked"] != true || u["account_locked_date"] != when(s.now()) {
		t.Errorf("locked: %v", u)
	}
	if _, err := s.UserLogin(t.Context(), nora.Email, DemoUserPassword); !errors.Is(err, ErrLocked) {
		t.Errorf("signing in while locked: %v", err)
	}
	ada.post(path+"/unlock", nil, http.StatusOK, `"OK"`)
	ada.post(path+"/resetmfa", object{"exclusion": true}, http.StatusOK, `"OK"`)
	if u, err := s.UserLogin(t.Context(), nora.Email, DemoUserPassword); err != nil || u.TOTP {
		t.Errorf("unlocked and without a second factor: %+v, %v", u, err)
	}
	for _, role := range []Role{RoleReadOnly, RoleHelpDesk} {
		for _, r := range [][2]string{{"POST", "/api/systemusers"}, {"PUT", path}, {"DELETE", path}, {"POST", path + "/unlock"}, {"POST", path + "/resetmfa"},
			{"POST", path + "/state/suspend"}, {"POST", path + "/state/activate"}} {
			if status, answer, _ := newAPI(t, s, role).do(r[0], r[1], object{"username": "x", "email": "x@acme.example"}); status != http.StatusForbidden {
				t.Errorf("%s %v: %d %s", role, r, status, answer)
			}
		}
	}
}
