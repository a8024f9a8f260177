package stub

import (
	"context"
	"net/http"
	"strings"
	"testing"

	v1 "github.com/TheJumpCloud/jcapi-go/v1"
	v2 "github.com/TheJumpCloud/jcapi-go/v2"
)

const jsonKind = "application/json"

// vendorClients are the vendor's own Go clients (https://github.com/TheJumpCloud/jcapi-go), generated in 2019 from the
// documents of then. Of them only address, authority and key are set, as anyone would.
func vendorClients(t *testing.T, s *Server, role Role) (context.Context, *v1.APIClient, *v2.APIClient) {
	t.Helper()
	one, two := v1.NewConfiguration(), v2.NewConfiguration()
	one.BasePath = strings.Replace(one.BasePath, "https://console.jumpcloud.com", s.Addresses().Console, 1)
	two.BasePath = strings.Replace(two.BasePath, "https://console.jumpcloud.com", s.Addresses().Console, 1)
	one.HTTPClient, two.HTTPClient = s.trusting(t), s.trusting(t)
	key := s.boss(t, role).APIKey
	ctx := context.WithValue(t.Context(), v1.ContextAPIKey, v1.APIKey{Key: key})
	return context.WithValue(ctx, v2.ContextAPIKey, v2.APIKey{Key: key}), v1.NewAPIClient(one), v2.NewAPIClient(two)
}

// answered stops the test where a client is not content.
func answered(t *testing.T, what string, resp *http.Response, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if resp != nil && resp.Body != nil {
		closing(t, resp.Body)
	}
}

// TestVendorClientV1 lists, changes and deletes devices and people.
func TestVendorClientV1(t *testing.T) {
	s := running(t)
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	s.stored(t, agentFacts{Hostname: "lab-1", OS: "Debian", OSFamily: "linux"}, OwnerUser, s.person(t, "nora").ID)
	ctx, c, _ := vendorClients(t, s, RoleAdministrator)
	org := s.shot(t).Organization.ID

	list, resp, err := c.SystemsApi.SystemsList(ctx, jsonKind, jsonKind, map[string]any{"limit": int32(1), "sort": "-hostname", "filter": "osFamily:$eq:linux", "xOrgId": org})
	if answered(t, "SystemsList", resp, err); list.TotalCount != 2 || len(list.Results) != 1 || list.Results[0].Id != d.system || !list.Results[0].Active || list.Results[0].AgentVersion != "2.166.2" {
		t.Errorf("SystemsList: %+v", list)
	}
	one, resp, err := c.SystemsApi.SystemsGet(ctx, d.system, jsonKind, jsonKind, nil)
	if answered(t, "SystemsGet", resp, err); one.Hostname != "nora-laptop" || one.Os != "Ubuntu" || one.LastContact == "" {
		t.Errorf("SystemsGet: %+v", one)
	}
	one, resp, err = c.SystemsApi.SystemsPut(ctx, d.system, jsonKind, jsonKind, map[string]any{"body": v1.Systemput{DisplayName: "Nora's", AllowSshRootLogin: true}})
	if answered(t, "SystemsPut", resp, err); one.DisplayName != "Nora's" || !one.AllowSshRootLogin {
		t.Errorf("SystemsPut: %+v", one)
	}
	var term any = map[string]any{"searchTerm": "LAB", "fields": []string{"hostname"}}
	found, resp, err := c.SearchApi.SearchSystemsPost(ctx, jsonKind, jsonKind, map[string]any{"body": v1.Search{Fields: "hostname", SearchFilter: &term}})
	if answered(t, "SearchSystemsPost", resp, err); len(found.Results) != 1 || found.Results[0].Hostname != "lab-1" || found.Results[0].Os != "" {
		t.Errorf("SearchSystemsPost: %+v", found)
	}

	people, resp, err := c.SystemusersApi.SystemusersList(ctx, jsonKind, jsonKind, map[string]any{"sort": "username"})
	if answered(t, "SystemusersList", resp, err); people.TotalCount != 2 || people.Results[1].Username != "nora" || !people.Results[1].TotpEnabled {
		t.Errorf("SystemusersList: %+v", people)
	}
	zoe, resp, err := c.SystemusersApi.SystemusersPost(ctx, jsonKind, jsonKind, map[string]any{"body": v1.Systemuserputpost{Username: "zoe", Email: "zoe@acme.example", Firstname: "Zoe"}})
	if answered(t, "SystemusersPost", resp, err); zoe.Username != "zoe" || zoe.Id == "" {
		t.Errorf("SystemusersPost: %+v", zoe)
	}
	zoe, resp, err = c.SystemusersApi.SystemusersPut(ctx, zoe.Id, jsonKind, jsonKind, map[string]any{"body": v1.Systemuserput{Lastname: "Okafor"}})
	if answered(t, "SystemusersPut", resp, err); zoe.Firstname != "Zoe" || zoe.Lastname != "Okafor" {
		t.Errorf("SystemusersPut: %+v", zoe)
	}
	zoe, resp, err = c.SystemusersApi.SystemusersDelete(ctx, zoe.Id, jsonKind, jsonKind, nil)
	if answered(t, "SystemusersDelete", resp, err); zoe.Username != "zoe" {
		t.Errorf("SystemusersDelete: %+v", zoe)
	}
	orgs, resp, err := c.OrganizationsApi.OrganizationList(ctx, jsonKind, jsonKind, nil)
	if answered(t, "OrganizationList", resp, err); len(orgs.Results) != 1 || orgs.Results[0].Id != org {
		t.Errorf("OrganizationList: %+v", orgs)
	}
	one, resp, err = c.SystemsApi.SystemsDelete(ctx, d.system, jsonKind, jsonKind, nil)
	if answered(t, "SystemsDelete", resp, err); one.Id != d.system || !d.poll(t, "").Uninstall {
		t.Errorf("SystemsDelete: %+v", one)
	}
	if _, _, err := c.SystemsApi.SystemsGet(ctx, d.system, jsonKind, jsonKind, nil); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a device that is gone: %v", err)
	}
}

// TestVendorClientV2 binds a person, and puts a device into a group.
func TestVendorClientV2(t *testing.T) {
	s := running(t)
	d := newDevice(t, s, "nora-laptop")
	d.facts.FDEKey = "AAAA-BBBB"
	d.sign(t, s.userKey(t, "nora"))
	d.register(t)
	nora := s.person(t, "nora").ID
	ctx, _, c := vendorClients(t, s, RoleAdministrator)

	resp, err := c.SystemsApi.GraphSystemAssociationsPost(ctx, d.system, jsonKind, jsonKind, map[string]any{"body": v2.SystemGraphManagementReq{Op: "add", Type_: "user", Id: nora}})
	answered(t, "GraphSystemAssociationsPost", resp, err)
	if o := d.poll(t, ""); len(o.ManagedUsers) != 1 {
		t.Errorf("the agent manages %v", o.ManagedUsers)
	}
	edges, resp, err := c.SystemsApi.GraphSystemAssociationsList(ctx, d.system, jsonKind, jsonKind, []string{"user"}, map[string]any{"limit": int32(50)})
	if answered(t, "GraphSystemAssociationsList", resp, err); len(edges) != 1 || edges[0].To.Id != nora {
		t.Errorf("GraphSystemAssociationsList: %+v", edges)
	}
	edges, resp, err = c.UsersApi.GraphUserAssociationsList(ctx, nora, jsonKind, jsonKind, []string{"system", "system_group"}, nil)
	if answered(t, "GraphUserAssociationsList", resp, err); len(edges) != 1 || edges[0].To.Id != d.system {
		t.Errorf("GraphUserAssociationsList: %+v", edges)
	}
	reached, resp, err := c.SystemsApi.GraphSystemTraverseUser(ctx, d.system, jsonKind, jsonKind, nil)
	if answered(t, "GraphSystemTraverseUser", resp, err); len(reached) != 1 || reached[0].Id != nora || len(reached[0].Paths) != 1 {
		t.Errorf("GraphSystemTraverseUser: %+v", reached)
	}

	group, resp, err := c.SystemGroupsApi.GroupsSystemPost(ctx, jsonKind, jsonKind, map[string]any{"body": v2.SystemGroupData{Name: "Lab"}})
	if answered(t, "GroupsSystemPost", resp, err); group.Name != "Lab" || group.Type_ != "system_group" {
		t.Fatalf("GroupsSystemPost: %+v", group)
	}
	resp, err = c.SystemGroupsApi.GraphSystemGroupMembersPost(ctx, group.Id, jsonKind, jsonKind, map[string]any{"body": v2.SystemGroupMembersReq{Op: "add", Type_: "system", Id: d.system}})
	answered(t, "GraphSystemGroupMembersPost", resp, err)
	edges, resp, err = c.SystemGroupsApi.GraphSystemGroupMembersList(ctx, group.Id, jsonKind, jsonKind, nil)
	if answered(t, "GraphSystemGroupMembersList", resp, err); len(edges) != 1 || edges[0].To.Id != d.system {
		t.Errorf("GraphSystemGroupMembersList: %+v", edges)
	}
	members, resp, err := c.SystemGroupsApi.GraphSystemGroupMembership(ctx, group.Id, jsonKind, jsonKind, nil)
	if answered(t, "GraphSystemGroupMembership", resp, err); len(members) != 1 || members[0].Id != d.system {
		t.Errorf("GraphSystemGroupMembership: %+v", members)
	}
	in, resp, err := c.SystemsApi.GraphSystemMemberOf(ctx, d.system, jsonKind, jsonKind, nil)
	if answered(t, "GraphSystemMemberOf", resp, err); len(in) != 1 || in[0].Id != group.Id {
		t.Errorf("GraphSystemMemberOf: %+v", in)
	}
	groups, resp, err := c.SystemGroupsApi.GroupsSystemList(ctx, jsonKind, jsonKind, map[string]any{"filter": []string{"name:eq:Lab"}, "sort": []string{"-name", "id"}, "fields": []string{"name"}})
	if answered(t, "GroupsSystemList", resp, err); len(groups) != 1 || groups[0].Id != group.Id {
		t.Errorf("GroupsSystemList: %+v", groups)
	}
	key, resp, err := c.SystemsApi.SystemsGetFDEKey(ctx, d.system, nil)
	if answered(t, "SystemsGetFDEKey", resp, err); key.Key != "AAAA-BBBB" {
		t.Errorf("SystemsGetFDEKey: %+v", key)
	}
	resp, err = c.SystemGroupsApi.GroupsSystemDelete(ctx, group.Id, jsonKind, jsonKind, nil)
	answered(t, "GroupsSystemDelete", resp, err)
}
