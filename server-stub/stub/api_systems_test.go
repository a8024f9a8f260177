package stub

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fleet is a server with five devices that never called, made a minute apart in this order.
func fleet(t *testing.T) (*Server, []string) {
	t.Helper()
	s := running(t, func(s *Server) { s.Now = clock() })
	nora, ids := s.person(t, "nora").ID, []string{}
	for _, f := range []agentFacts{
		{Hostname: "lab-3", OS: "Ubuntu", OSFamily: "linux", Version: "24.04", AgentVersion: "2.1.0", SerialNumber: "S|3"},
		{Hostname: "lab-1", OS: "Ubuntu", OSFamily: "linux", Version: "22.04", AgentVersion: "2.2.0", SerialNumber: "S1"},
		{Hostname: "desk-2", OS: "Mac OS X", OSFamily: "darwin", Version: "14.6.1", AgentVersion: "2.2.0", SerialNumber: "S2"},
		{Hostname: "Lab-4", OS: "Windows", OSFamily: "windows", Version: "10 Home", AgentVersion: "2.3.0", SerialNumber: "S4"},
		{Hostname: "o'hara", OS: "Debian", OSFamily: "linux", Version: "12", AgentVersion: "2.2.0", SerialNumber: "100%"},
	} {
		ids = append(ids, s.stored(t, f, OwnerUser, nora))
		s.MoveClock(time.Duration(len(ids)) * time.Minute)
	}
	return s, ids
}

func TestAPIListSystems(t *testing.T) {
	s, _ := fleet(t)
	a := newAPI(t, s, RoleReadOnly)
	for _, c := range []struct {
		query, hosts string
		total        int
	}{
		{"", "lab-3 lab-1 desk-2 Lab-4 o'hara", 5},
		{"?limit=2", "lab-3 lab-1", 5},
		{"?limit=2&skip=2", "desk-2 Lab-4", 5},
		{"?skip=5", "", 5},
		{"?limit=1000", "lab-3 lab-1 desk-2 Lab-4 o'hara", 5},
		{"?sort=hostname", "Lab-4 desk-2 lab-1 lab-3 o'hara", 5},
		{"?sort=-hostname", "o'hara lab-3 lab-1 desk-2 Lab-4", 5},
		{"?sort=os%20-version", "o'hara desk-2 lab-3 lab-1 Lab-4", 5},
		{"?sort=-created", "o'hara Lab-4 desk-2 lab-1 lab-3", 5},
		{"?sort=-agentVersion&limit=2&skip=1", "o'hara desk-2", 5},
		{"?filter=hostname:$eq:lab-1", "lab-1", 1},
		{"?filter=hostname:$eq:LAB-1", "", 0},
		{"?filter=hostname:$eq:o'hara", "o'hara", 1},
		{"?filter=osFamily:$ne:linux", "desk-2 Lab-4", 2},
		{"?filter=os:$in:Debian|Windows", "Lab-4 o'hara", 2},
		{"?filter=os:$nin:Debian|Windows|Ubuntu", "desk-2", 1},
		{`?filter=serialNumber:$in:S\|3|S1`, "lab-3 lab-1", 2},
		{"?filter=agentVersion:$gt:2.2.0", "Lab-4", 1},
		{"?filter=agentVersion:$gte:2.2.0&filter=agentVersion:$lt:2.3.0", "lab-1 desk-2 o'hara", 3},
		{"?filter=agentVersion:$lte:2.1.0", "lab-3", 1},
		{"?filter[0]=os:$eq:Ubuntu&filter[1]=version:$eq:22.04", "lab-1", 1},
		{"?filter[or][0]=os:$eq:Debian&filter[or][1]=version:$eq:22.04", "lab-1 o'hara", 2},
		{"?filter=created:$gte:2026-11-23T10:02:00Z", "desk-2 Lab-4 o'hara", 3},
		{"?filter=lastContact:$lt:2030-01-01", "", 0},
		{"?filter=active:$eq:true", "", 0},
		{"?filter=active:$ne:true", "lab-3 lab-1 desk-2 Lab-4 o'hara", 5},
		{"?search=LAB", "lab-3 lab-1 Lab-4", 3},
		{"?search=100%25", "o'hara", 1},
		{"?search=lab&filter=os:$eq:Ubuntu&sort=hostname&limit=1", "lab-1", 2},
		{"?search[searchTerm]=lab&search[fields][]=serialNumber", "", 0},
		{`?search={"searchTerm":["desk","hara"],"fields":["hostname"]}`, "desk-2 o'hara", 2},
	} {
		path := "/api/systems" + strings.NewReplacer("[", "%5B", "]", "%5D", "|", "%7C", `\`, "%5C", `"`, "%22", "{", "%7B", "}", "%7D").Replace(c.query)
		var got apiList
		if a.get(path, &got); got.values("hostname") != c.hosts || got.TotalCount != c.total {
			t.Errorf("%s: %d, %s; want %d, %s", c.query, got.TotalCount, got.values("hostname"), c.total, c.hosts)
		}
	}
}

func TestAPIListRefuses(t *testing.T) {
	s, _ := fleet(t)
	a := newAPI(t, s, RoleReadOnly)
	for query, words := range map[string]string{
		"sort=remoteIP": `Invalid sort field: \"remoteIP\"; offered, each once, are _id, agentVersion`, "sort=active": "Invalid sort field",
		"sort=id%20_id": "Invalid sort field", "filter=arch:$eq:x": `Invalid filter field: \"arch\"; offered are _id, active`,
		"filter=hostname:eq:x": "Invalid filter operator", "filter=hostname": "not field:$operator:value", "filter=active:$eq:maybe": "true or false",
		"filter=active:$in:true": "true or false", "filter%5Bx%5D=id:$eq:1": "Invalid parameter", "search%5Bx%5D=1": "Invalid parameter",
		"search=%7B%22searchTerm%22:1%7D": "Invalid search", "search=%7B": "Invalid search", "limit=0": "Invalid limit", "limit=-1": "Invalid limit",
		"limit=ten": "Invalid limit", "skip=-1": "Invalid skip", "skip=99999999999999999999": "Invalid skip",
		"filter=id:$in:" + strings.Repeat("x%7C", maxTerms): "at most", strings.Repeat("&filter=id:$eq:x", maxCompare+1): "at most",
		strings.Repeat("&search=x", maxSearching+1): "at most",
	} {
		if status, answer, _ := a.do("GET", "/api/systems?"+query, nil); status != http.StatusBadRequest || !strings.Contains(answer, words) {
			t.Errorf("%.80s: %d %s", query, status, answer)
		}
	}
}

func TestAPISearchSystems(t *testing.T) {
	s, _ := fleet(t)
	a := newAPI(t, s, RoleReadOnly)
	for body, hosts := range map[string]string{
		``: "lab-3 lab-1 desk-2 Lab-4 o'hara", `{"unheardOf":1,"limit":2}`: "lab-3 lab-1", `{"limit":1,"skip":1}`: "lab-1",
		`{"filter":{"and":[{"os":"Ubuntu"},{"version":"24.04"}]}}`:                              "lab-3",
		`{"filter":{"or":[{"hostname":"lab-1"},{"hostname":"desk-2"}]},"sort":"hostname"}`:      "desk-2 lab-1",
		`{"filter":{"os":"Ubuntu","version":"22.04"}}`:                                          "lab-1",
		`{"filter":{"os":{"$in":["Debian","Windows"]}}}`:                                        "Lab-4 o'hara",
		`{"filter":"serialNumber:$in:S\\|3|S1"}`:                                                "lab-3 lab-1",
		`{"filter":{"and":[]}}`:                                                                 "lab-3 lab-1 desk-2 Lab-4 o'hara",
		`{"filter":{"active":false},"limit":"1"}`:                                               "lab-3",
		`{"searchFilter":{"searchTerm":"lab","fields":["displayName"]},"fields":"os hostname"}`: "lab-3 lab-1 Lab-4",
		`{"searchFilter":{"searchTerm":["lab-1","desk"],"fields":["hostname"]}}`:                "lab-1 desk-2",
		`{"searchFilter":{"searchTerm":"lab"},"filter":{"or":[{"os":"Windows"},{"os":"x"}]}}`:   "Lab-4",
	} {
		status, answer, _ := a.do("POST", "/api/search/systems", body)
		var got apiList
		if a.read(body, status, answer, &got); got.values("hostname") != hosts {
			t.Errorf("%s: %s, want %s", body, got.values("hostname"), hosts)
		}
	}
	for _, body := range []string{`{`, `[]`, `"x"`, `{"filter":1}`, `{"filter":{"and":1}}`, `{"filter":{"and":[1]}}`, `{"filter":{"and":[],"os":"x"}}`, `{"limit":-1}`,
		`{"filter":{"or":[{"os":"x","version":"y"}]}}`, `{"filter":{"os":null}}`, `{"filter":{"os":["x"]}}`, `{"filter":{"os":{"$where":"1"}}}`, `{"skip":1.5}`,
		`{"searchFilter":{"searchTerm":{"a":1}}}`, `{"searchFilter":{"searchTerm":"x","fields":["id; DROP"]}}`, `{"filter":{"active":{"$in":[]}}}`} {
		if status, answer, _ := a.do("POST", "/api/search/systems", body); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	if status, _, _ := a.do("POST", "/api/search/systems", `{"filter":"`+strings.Repeat("x", maxBody)+`"}`); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a long body: %d", status)
	}
}

// systemFields are all that a system has in the vendor's answers; serviceAccountState is a Mac's.
const systemFields = `_id id active agentHasFullDiskAccess agentVersion allowMultiFactorAuthentication allowPublicKeyAuthentication
	allowSshPasswordAuthentication allowSshRootLogin amazonInstanceID arch archFamily attributes azureAdJoined builtInCommands connectionHistory created
	description desktopCapable displayManager displayName domainInfo fde fileSystem hasServiceAccount hostname hwVendor isPolicyBound lastContact mdm
	modifySSHDConfig networkInterfaces organization os osFamily osVersionDetail policyStats primarySystemUser provisionMetadata remoteAssistAgentVersion
	remoteIP secureLogin serialNumber sshRootEnabled sshdParams systemInsights systemTimezone tags templateName userMetrics version`

func TestAPIGetSystem(t *testing.T) {
	s := running(t)
	nora := s.person(t, "nora")
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	mac := s.stored(t, agentFacts{Hostname: "mac", OS: "Mac OS X", OSFamily: "darwin", Version: "14.6.1"}, OwnerAdministrator, s.boss(t, RoleAdministrator).ID)
	a := newAPI(t, s, RoleReadOnly)
	var y map[string]any
	a.get("/api/systems/"+d.system, &y)
	var names []string
	for name := range y {
		names = append(names, name)
	}
	want := strings.Fields(systemFields)
	slices.Sort(want)
	if slices.Sort(names); !slices.Equal(names, want) {
		t.Errorf("fields %v, want %v", names, want)
	}
	org, known := s.shot(t).Organization.ID, System{}
	for _, one := range s.shot(t).Systems {
		if one.ID == d.system {
			known = one
		}
	}
	for name, want := range map[string]any{"_id": d.system, "id": d.system, "hostname": "nora-laptop", "displayName": "nora-laptop", "os": "Ubuntu", "osFamily": "linux",
		"version": "24.04", "arch": "x86_64", "archFamily": "x86_64", "agentVersion": "2.166.2", "serialNumber": "SN-1", "remoteIP": "127.0.0.1", "active": true,
		"templateName": "ubuntu-24.04-x86_64", "organization": org, "created": when(known.Created), "lastContact": when(known.LastContact),
		"allowSshRootLogin": false, "allowSshPasswordAuthentication": true, "hasServiceAccount": false} {
		if y[name] != want {
			t.Errorf("%s is %v, want %v", name, y[name], want)
		}
	}
	raw, err := json.Marshal([]any{y["provisionMetadata"], y["osVersionDetail"]})
	if got := string(raw); err != nil || !strings.Contains(got, `{"provisioner":{"provisionerId":"`+nora.ID+`","type":"user"}}`) ||
		!strings.Contains(got, `"major":"24"`) || !strings.Contains(got, `"minorNumber":4`) {
		t.Errorf("%s, %v", got, err)
	}
	var m map[string]any
	a.get("/api/systems/"+mac, &m)
	if m["serviceAccountState"] == nil || m["lastContact"] != nil || m["active"] != false {
		t.Errorf("the Mac: %v", m)
	}
	var few map[string]any
	if a.get("/api/systems/"+d.system+"?fields=hostname%20nothing", &few); len(few) != 3 || few["hostname"] != "nora-laptop" {
		t.Errorf("fields: %v", few)
	}
	var online apiList
	if a.get("/api/systems?filter=active:$eq:true&fields=hostname", &online); online.values("_id") != d.system || len(online.Results[0]) != 3 {
		t.Errorf("active: %v", online)
	}
}

func TestAPIPutSystem(t *testing.T) {
	s, ids := fleet(t)
	ada := newAPI(t, s, RoleAdministrator)
	path := "/api/systems/" + ids[0]
	for _, role := range []Role{RoleReadOnly, RoleHelpDesk} {
		if status, answer, _ := newAPI(t, s, role).do("PUT", path, `{"displayName":"x"}`); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", role, status, answer)
		}
	}
	for _, wrong := range []string{`{`, `[]`, `{"displayName":1}`, `{"displayName":" \n"}`, `{"allowSshRootLogin":"perhaps"}`} {
		if status, answer, _ := ada.do("PUT", path, wrong); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", wrong, status, answer)
		}
	}
	status, answer, _ := ada.do("PUT", path, `{"displayName":"Lab\nthree","allowSshRootLogin":"true","allowPublicKeyAuthentication":false,"hostname":"evil","x":1}`)
	var put, got wireSystem
	ada.read("PUT", status, answer, &put)
	ada.do("PUT", path, `{"allowMultiFactorAuthentication":true}`)
	ada.get(path, &got)
	if put.DisplayName != "Lab three" || got.DisplayName != "Lab three" || got.Hostname != "lab-3" || !got.AllowSSHRootLogin || !got.AllowSSHPassword || got.AllowPublicKey || !got.AllowMultiFactor {
		t.Errorf("put %+v, got %+v", put, got)
	}
	n := 0
	for _, e := range s.shot(t).Events {
		if e.Type == eventSystemUpdate && e.SystemID == ids[0] && e.ActorID == s.boss(t, RoleAdministrator).ID {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d events", n)
	}
}

func TestAPIDeleteSystem(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	path := "/api/systems/" + d.system
	for _, role := range []Role{RoleReadOnly, RoleHelpDesk} {
		if status, answer, _ := newAPI(t, s, role).do("DELETE", path, nil); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", role, status, answer)
		}
	}
	ada := newAPI(t, s, RoleAdministrator)
	status, answer, _ := ada.do("DELETE", path, nil)
	var gone wireSystem
	if ada.read("DELETE", status, answer, &gone); gone.ID != d.system || gone.Hostname != "nora-laptop" {
		t.Errorf("deleted %+v", gone)
	}
	if o := d.poll(t, ""); !o.Uninstall {
		t.Errorf("the agent is told %+v", o)
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if status, _, _ := ada.do(method, path, nil); status != http.StatusNotFound {
			t.Errorf("%s after deletion: %d", method, status)
		}
	}
	var left apiList
	if ada.get("/api/systems", &left); left.TotalCount != 0 || len(left.Results) != 0 {
		t.Errorf("left: %v", strconv.Itoa(left.TotalCount))
	}
}
