package stub

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// What an agent tells stands in the API, a Mac's service account too, so that an admin sees which Macs need help; what
// a stranger's computer makes up is cut to what fits.
func TestAgentReport(t *testing.T) {
	s := running(t)
	a, ada := newAPI(t, s, RoleReadOnly), s.boss(t, RoleAdministrator)
	mac := newDevice(t, s, "mac-1")
	mac.facts.OS, mac.facts.OSFamily, mac.facts.FDEKey = "Mac OS X", "darwin", "AAAA-BBBB-CCCC-DDDD"
	disk := "apfs"
	mac.facts.reportedOfSystem = reportedOfSystem{
		AgentHasFullDiskAccess: true, HasServiceAccount: true, DesktopCapable: true, HWVendor: "Apple\nInc.", SystemTimezone: -8, FileSystem: &disk,
		ServiceAccountState: &serviceAccountState{HasSecureToken: true, PasswordODValid: true}, FDE: diskEncryption{Active: true},
		NetworkInterfaces: []networkInterface{{"en0", "192.0.2.10", "IPv4", false}, {"odd", "x", "IPX", false}},
		UserMetrics:       []userMetric{{UserName: "nora", Admin: true, Managed: true, SecureTokenEnabled: true}},
	}
	mac.sign(t, s.userKey(t, "nora"))
	mac.register(t)
	read := func(fields string) string {
		t.Helper()
		return a.text("/api/systems/" + mac.system + "?fields=" + strings.ReplaceAll(fields, " ", "%20"))
	}
	got := read("agentHasFullDiskAccess hasServiceAccount serviceAccountState desktopCapable hwVendor systemTimezone fileSystem fde networkInterfaces userMetrics")
	for _, want := range []string{`"agentHasFullDiskAccess":true`, `"hasServiceAccount":true`, `"serviceAccountState":{"hasSecureToken":true,"passwordODValid":true,"passwordAPFSValid":false}`,
		`"desktopCapable":true`, `"hwVendor":"Apple Inc."`, `"systemTimezone":-8`, `"fileSystem":"apfs"`, `"fde":{"active":true,"keyPresent":true}`,
		`"networkInterfaces":[{"name":"en0","address":"192.0.2.10","family":"IPv4","internal":false}]`,
		`"userMetrics":[{"userName":"nora","admin":true,"managed":false,"suspended":false,"secureTokenEnabled":true}]`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(a.text("/api/systems"), mac.facts.FDEKey) {
		t.Error("the recovery key stands in the list")
	}
	if err := s.Bind(t.Context(), ada, mac.system, s.person(t, "nora").ID); err != nil {
		t.Fatal(err)
	}
	if got := read("userMetrics"); !strings.Contains(got, `"managed":true`) {
		t.Errorf("bound: %s", got)
	}
	mac.facts.FDEKey, mac.facts.HasServiceAccount = "", false // an upgrade that does not tell the key again
	mac.register(t)
	if got := read("hasServiceAccount fde"); !strings.Contains(got, `"hasServiceAccount":false`) || !strings.Contains(got, `"keyPresent":true`) {
		t.Errorf("after an upgrade: %s", got)
	}
	path := "/api/v2/systems/" + mac.system + "/fdekey"
	if status, answer, _ := a.do("GET", path, nil); status != http.StatusForbidden {
		t.Errorf("read only: %d %s", status, answer)
	}
	hal := newAPI(t, s, RoleHelpDesk)
	if got := hal.text(path); got != `{"key":"AAAA-BBBB-CCCC-DDDD"}` {
		t.Errorf("help desk: %s", got)
	}
	if err := s.DeleteSystem(t.Context(), ada, mac.system); err != nil {
		t.Fatal(err)
	}
	plain := enrolled(t, s, "lab-1", s.userKey(t, "nora"))
	for _, system := range []string{mac.system, plain.system, strings.Repeat("0", 24)} {
		if status, answer, _ := hal.do("GET", "/api/v2/systems/"+system+"/fdekey", nil); status != http.StatusNotFound {
			t.Errorf("no key: %d %s", status, answer)
		}
	}
}

func TestAgentReportIsBounded(t *testing.T) {
	s := running(t)
	d := newDevice(t, s, "lab-1")
	d.facts.ServiceAccountState = &serviceAccountState{}
	for range 5000 {
		d.facts.UserMetrics = append(d.facts.UserMetrics, userMetric{UserName: "x\r\n\u202ey" + strings.Repeat("z", 10)})
	}
	d.sign(t, s.userKey(t, "nora"))
	d.register(t)
	var y wireSystem
	newAPI(t, s, RoleReadOnly).get("/api/systems/"+d.system, &y)
	if len(y.UserMetrics) != mostFacts || strings.ContainsAny(y.UserMetrics[0].UserName, "\r\n\u202e") || y.ServiceAccountState != nil {
		t.Errorf("%d users, first %q, service account %v", len(y.UserMetrics), y.UserMetrics[0].UserName, y.ServiceAccountState)
	}
	for _, wrong := range []any{object{"hostname": "x", "networkInterfaces": "none"}, object{"hostname": "x", "systemTimezone": "Berlin"}} {
		if status, answer := d.private(t, "POST", "/poll/", wrong); status != http.StatusBadRequest {
			t.Errorf("%v: %d %s", wrong, status, answer)
		}
	}
}

// What an admin notes on a system stays until it is replaced.
func TestAPISystemLabels(t *testing.T) {
	s, ids := fleet(t)
	ada := newAPI(t, s, RoleAdministrator)
	path := "/api/systems/" + ids[0]
	ada.put("PUT", path, object{"attributes": []object{{"name": "room", "value": "7"}}, "tags": []string{"lab"}})
	ada.put("PUT", path, object{"displayName": "Lab three"})
	want := `{"_id":"` + ids[0] + `","attributes":[{"name":"room","value":"7"}],"id":"` + ids[0] + `","tags":["lab"]}`
	if got := ada.text(path + "?fields=tags%20attributes"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	raw, err := json.Marshal(make([]string, maxLabels+1))
	if err != nil {
		t.Fatal(err)
	}
	if status, answer, _ := ada.do("PUT", path, `{"tags":`+string(raw)+`}`); status != http.StatusBadRequest {
		t.Errorf("too many: %d %s", status, answer)
	}
	ada.put("PUT", path, `{"tags":[],"attributes":[]}`)
	if got := ada.text(path + "?fields=tags"); !strings.Contains(got, `"tags":[]`) {
		t.Errorf("emptied: %s", got)
	}
}

// A seed has Macs that need help, without a Mac.
func TestSeed_Report(t *testing.T) {
	s := running(t)
	seed, err := ParseSeed([]byte(`devices:
- {hostname: mac-1, os: Mac OS X, osFamily: darwin, version: "15.1", installedBy: nora,
   report: {hasServiceAccount: true, serviceAccountState: {hasSecureToken: true}, fdeKey: AAAA-BBBB, fde: {active: true}}}
- {hostname: mac-2, os: Mac OS X, osFamily: darwin, version: "15.1", installedBy: nora, report: {}}
`))
	if err == nil {
		err = s.Plant(t.Context(), seed)
	}
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, s, RoleAdministrator)
	var got struct{ Results []wireSystem }
	a.get("/api/systems?sort=hostname", &got)
	if y := got.Results; len(y) != 2 || !y[0].HasServiceAccount || !y[0].ServiceAccountState.HasSecureToken || !y[0].FDE.KeyPresent || y[1].HasServiceAccount || y[1].ServiceAccountState == nil {
		t.Fatalf("%+v", got.Results)
	}
	if key := a.text("/api/v2/systems/" + got.Results[0].ID + "/fdekey"); key != `{"key":"AAAA-BBBB"}` {
		t.Errorf("key: %s", key)
	}
	for _, wrong := range []string{`{hasServiceAcount: true}`, `{hasServiceAccount: perhaps}`} {
		seed, err := ParseSeed([]byte("devices: [{hostname: a, installedBy: nora, report: " + wrong + "}]"))
		if err == nil {
			err = s.Plant(t.Context(), seed)
		}
		if err == nil {
			t.Errorf("%s was planted", wrong)
		}
	}
}
