package stub

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
)

// A page has 10 rows unless asked otherwise, and never more than 100.
func TestAPIPages(t *testing.T) {
	s := running(t)
	ada := newAPI(t, s, RoleAdministrator)
	seed := Seed{Devices: []SeedDevice{{Hostname: "lab", Count: 120, InstalledBy: "nora"}}}
	if err := s.Plant(t.Context(), seed); err != nil {
		t.Fatal(err)
	}
	lab := ada.group("Lab")
	err := s.write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO system_group_members SELECT ?, id FROM systems`, lab)
		_, also := tx.ExecContext(t.Context(), `INSERT INTO associations SELECT id, ?, created FROM systems`, s.person(t, "nora").ID)
		return errors.Join(err, also)
	})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{"": 10, "limit=7": 7, "limit=1000": 100, "limit=100&skip=100": 20, "skip=120": 0} {
		var page apiList
		if ada.get("/api/systems?"+query, &page); len(page.Results) != want || page.TotalCount != 120 {
			t.Errorf("systems?%s: %d of %d, want %d", query, len(page.Results), page.TotalCount, want)
		}
		for _, path := range []string{"/api/v2/systemgroups/" + lab + "/members?", "/api/v2/systemgroups/" + lab + "/membership?",
			"/api/v2/users/" + s.person(t, "nora").ID + "/systems?", "/api/v2/users/" + s.person(t, "nora").ID + "/associations?targets=system&"} {
			var list []any
			if ada.get(path+query, &list); len(list) != want {
				t.Errorf("%s%s: %d, want %d", path, query, len(list), want)
			}
		}
		body := object{}
		for name, value := range map[string]string{"limit": "limit=1000", "skip": "skip=120"} {
			if query == value {
				body[name] = strings.TrimPrefix(value, name+"=")
			}
		}
		if len(body) > 0 {
			status, answer, _ := ada.do("POST", "/api/search/systems", body)
			if ada.read("search", status, answer, &page); len(page.Results) != want {
				t.Errorf("search %v: %d, want %d", body, len(page.Results), want)
			}
		}
	}
}
