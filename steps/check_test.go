package steps

import "testing"

// check finds one by its id.
func check(t *testing.T, all []Check, id string) Check {
	t.Helper()
	for _, c := range all {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no check %q in %v", id, all)
	return Check{}
}
