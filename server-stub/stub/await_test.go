package stub

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestQAAwait(t *testing.T) {
	s := running(t)
	if status, _ := s.qa(t, "GET", "await?devices=0&online=0&bound=0&mails=0", nil); status != 200 {
		t.Errorf("what is true already: %d", status)
	}
	if status, answer := s.qa(t, "GET", "await?devices=1&timeout=1ns", nil); status != http.StatusRequestTimeout || !strings.Contains(answer, `"Systems":[]`) {
		t.Errorf("what does not come: %d %s", status, answer)
	}
	answered := make(chan int, 1)
	go func() {
		defer close(answered)
		status, _ := s.qa(t, "GET", "await?devices=1&online=1&mails=3&bound=1&timeout=20s", nil)
		answered <- status
	}()
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	if err := s.Bind(t.Context(), s.boss(t, RoleHelpDesk), d.system, s.person(t, "nora").ID); err != nil {
		t.Fatal(err)
	}
	if status := <-answered; status != 200 {
		t.Errorf("what comes: %d", status)
	}
	if status, _ := s.qa(t, "GET", "await?devices=0&timeout=10ms", nil); status != http.StatusRequestTimeout {
		t.Errorf("no devices, while there is one: %d", status)
	}
	for _, wrong := range []string{"devices=x", "devices=-1", "timeout=1", "timeout=0s", "timeout=24h", "device=1"} {
		if status, _ := s.qa(t, "GET", "await?"+wrong, nil); status != 400 {
			t.Errorf("%s: %d", wrong, status)
		}
	}
}

// Whoever follows a wait sees what there is so far, and how it ends.
func TestQAAwaitStream(t *testing.T) {
	s := running(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Addresses().People+"/_qa/await/stream?user=nora&online=1&bound=1&timeout=20s", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-QA", "1")
	resp, err := s.trusting(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, resp.Body)
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("%d %s", resp.StatusCode, kind)
	}
	from := bufio.NewScanner(resp.Body)
	from.Buffer(nil, 1<<20)
	next := func(event, holds string) {
		t.Helper()
		for from.Scan() {
			if line := from.Text(); line != "event: "+event {
				t.Fatalf("%q comes instead of %s", line, event)
			}
			from.Scan()
			data := from.Text()
			from.Scan() // the empty line
			if strings.Contains(data, holds) {
				return
			}
		}
		t.Fatalf("the stream ended before %s with %s: %v", event, holds, from.Err())
	}
	next("so-far", `"online":0`)
	enrolled(t, s, "ben-laptop", s.userKey(t, "ben"))
	d := enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	next("so-far", `"devices":1,"mails":6,"online":1`)
	if err := s.Bind(t.Context(), s.boss(t, RoleHelpDesk), d.system, s.person(t, "nora").ID); err != nil {
		t.Fatal(err)
	}
	next("so-far", `"bound":1`)
	next("reached", `"Hostname":"nora-laptop"`)
	if from.Scan() {
		t.Errorf("%q comes after the end", from.Text())
	}
	if status, answer := s.qa(t, "GET", "await/stream?devices=9&timeout=50ms", nil); status != 200 || !strings.HasPrefix(answer, "event: so-far\ndata: {") || strings.Count(answer, "event: late\ndata: {") != 1 {
		t.Errorf("what does not come: %d %s", status, answer)
	}
	if status, _ := s.qa(t, "GET", "await/stream?device=1", nil); status != 400 {
		t.Errorf("a wrong question: %d", status)
	}
}

// Waiting is not cut off by the deadlines of short answers.
func TestAwaitOutlivesDeadlines(t *testing.T) {
	s := &Server{Data: t.TempDir()}
	defer closing(t, s)
	srv := httptest.NewUnstartedServer(s.PeopleHandler())
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	srv.Start()
	defer srv.Close()
	if status, answer, _ := ask(t, srv.Client(), "GET", srv.URL+"/_qa/await?devices=1&timeout=200ms", nil, "X-QA", "1"); status != http.StatusRequestTimeout || !strings.Contains(answer, `"Systems":[]`) {
		t.Errorf("%d %s", status, answer)
	}
}

func TestAwaitEnds(t *testing.T) {
	s := running(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Await(ctx, func(Snapshot) bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: %v", err)
	}
	ended := make(chan error, 1)
	looked := make(chan struct{}, 100)
	go func() {
		ended <- s.Await(t.Context(), func(Snapshot) bool { looked <- struct{}{}; return false })
	}()
	<-looked
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("a closed server came to the state")
	}
}

// What is waited for may be of one user, one computer, one recipient.
func TestAwaitOfWhom(t *testing.T) {
	s := running(t)
	enrolled(t, s, "nora-laptop", s.userKey(t, "nora"))
	for query, want := range map[string]int{
		"online=1&user=nora": 200, "online=1&user=NORA@acme.example": 200, "devices=1&user=ben": 408, "devices=0&user=ben": 200,
		"devices=1&hostname=nora-laptop": 200, "devices=1&hostname=other": 408, "mails=1&to=ada@acme.example": 200, "mails=1&to=ada@acme.example&subject=NORA-laptop": 200, "mails=1&subject=ben-laptop": 408, "mails=2&to=ada@acme.example": 408,
	} {
		if status, answer := s.qa(t, "GET", "await?timeout=50ms&"+query, nil); status != want {
			t.Errorf("%s: %d %s", query, status, answer)
		}
	}
	if status, answer := s.qa(t, "POST", "bind", `{"system":"nora-laptop","user":"ben"}`); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	if status, _ := s.qa(t, "GET", "await?timeout=50ms&bound=1&user=ben", nil); status != 200 {
		t.Errorf("a device that he is bound to does not count: %d", status)
	}
}
