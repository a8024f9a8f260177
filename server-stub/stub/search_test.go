package stub

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

// foundBy gives the hostnames that a search finds, as the API does and by reading every row.
func foundBy(t *testing.T, s *Server, term string) (narrowed, read []string) {
	t.Helper()
	list := s.systemList()
	for _, table := range []string{list.text, ""} {
		list.text = table
		c, err := list.search(listQuery{terms: []string{term}})
		if err != nil {
			t.Fatal(err)
		}
		if narrow := strings.Contains(c.sql, "MATCH"); narrow != (table != "" && len([]rune(term)) >= 3) {
			t.Errorf("%q: %s", term, c.sql)
		}
		got, err := query(t.Context(), s.db, func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) },
			`SELECT hostname FROM systems WHERE deleted = '' AND `+c.sql+` ORDER BY hostname`, c.args...)
		if err != nil {
			t.Fatalf("%q: %v", term, err)
		}
		narrowed, read = read, got
	}
	return narrowed, read
}

// A search by the table of the text finds what reading every row finds, whatever is looked for and whatever happened to
// the devices.
func TestSearch_Narrowed(t *testing.T) {
	s := running(t)
	for i, name := range []string{"nora-laptop", "NORA-DESK", `quo"te`, "per%cent", "star*s", "ab", "Ünïcode-é", "K\u212aelvin", "a OR b", "hostname:x", "pc-10", "pc-100"} {
		seed, err := ParseSeed(fmt.Appendf(nil, `{"devices": [{"hostname": %q, "serialNumber": "SN%d", "installedBy": "nora"}]}`, name, i))
		if err == nil {
			err = s.Plant(t.Context(), seed)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	all := func(when string) {
		t.Helper()
		found := 0
		for _, term := range []string{"nora", "NORA", "ora-", "desk", "renamed", `o"t`, `"te`, "r%c", "%", "a%b", "ar*", "*", "ab", "é", "-é", "ünï", "ÜNÏ", "kel", "\u212ael",
			"a OR b", " OR ", "hostname:x", "SN1", "sn11", "pc-10", "pc-100", "Ubuntu", "24.04", "nothing at all", "NEAR(", "'", `"""`} {
			narrowed, read := foundBy(t, s, term)
			if fmt.Sprint(narrowed) != fmt.Sprint(read) {
				t.Errorf("%s, %q: %v, by reading %v", when, term, narrowed, read)
			}
			found += len(read)
		}
		if found < 30 {
			t.Errorf("%s: only %d were found", when, found)
		}
	}
	all("new")
	if err := s.Save(t.Context(), "before"); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`UPDATE systems SET display_name = 'renamed' WHERE hostname = 'nora-laptop'`, `DELETE FROM systems WHERE hostname = 'pc-10'`,
		`UPDATE systems SET last_contact = '2026-11-23T10:00:00.000Z'`} {
		if _, err := s.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	all("changed")
	if err := s.Restore(t.Context(), "before"); err != nil {
		t.Fatal(err)
	}
	all("restored")
	if _, err := s.db.ExecContext(t.Context(), `INSERT INTO systems_text (systems_text) VALUES ('integrity-check')`); err != nil {
		t.Error(err)
	}
}

// A database of before the table of the text gets it.
func TestSearch_OldDatabase(t *testing.T) {
	s := running(t)
	enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	if _, err := s.db.ExecContext(t.Context(), `DROP TRIGGER systems_text_new; DROP TRIGGER systems_text_gone; DROP TRIGGER systems_text_other; DROP TABLE systems_text`); err != nil {
		t.Fatal(err)
	}
	db, err := openDB(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, db)
	if narrowed, read := foundBy(t, s, "laptop"); len(narrowed) != 1 || len(read) != 1 {
		t.Errorf("%v, by reading %v", narrowed, read)
	}
}
