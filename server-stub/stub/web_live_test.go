package stub

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"
)

// told opens a stream and gives what it says, line by line without the empty ones; the end closes it.
func (o *office) told(t *testing.T, path string, head ...string) (status int, lines <-chan string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.at.People+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	a, err := o.trusting(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Body.Close() })
	said := make(chan string, 100)
	go func() {
		defer close(said)
		for s := bufio.NewScanner(a.Body); s.Scan(); {
			if s.Text() != "" && s.Text() != ": still here" { // which comes where a computer is slow
				said <- s.Text()
			}
		}
	}()
	return a.StatusCode, said
}

func TestWebLive(t *testing.T) {
	o := newOffice(t)
	for _, head := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "cross-site"}} {
		if status, lines := o.told(t, "/live", head...); status != http.StatusForbidden || strings.Contains(<-lines, "retry") {
			t.Errorf("%q: %d", head, status)
		}
	}
	_, changes := o.told(t, "/live")
	_, entries := o.told(t, "/live?of=journal", "Sec-Fetch-Site", "same-origin")
	for _, lines := range []<-chan string{changes, entries} {
		if first := <-lines; first != "retry: 2000" {
			t.Errorf("first it says %q", first)
		}
	}
	o.visitor(t, o.at.People).get("/readyz") // in the journal, and changes nothing
	if line := <-entries; line != "event: changed" {
		t.Errorf("of the journal it says %q", line)
	}
	o.MoveClock(time.Hour)
	if line := <-changes; line != "event: changed" {
		t.Errorf("of a change it says %q", line)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
	for range changes { // ends with the server
	}
}

// A page that follows by itself does not keep its session alive.
func TestWebLiveSession(t *testing.T) {
	o := newOffice(t)
	for _, c := range []struct {
		head []string
		want int
	}{{nil, http.StatusOK}, {[]string{"X-Live", "1"}, http.StatusSeeOther}} {
		v := o.visitor(t, o.at.People).admin(o.ada)
		for range 2 {
			o.AdvanceClock(o.Settings().SessionIdle * 2 / 3)
			ask(t, v.Client, "GET", v.base+"/admin/devices", nil, c.head...)
		}
		if status, _, _ := v.get("/admin/devices"); status != c.want {
			t.Errorf("%q: %d, want %d", c.head, status, c.want)
		}
	}
}
