package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// attackScript does from the page of another site what such a page can do, and gives what it could read. Arguments: the
// base URLs to attack, what to post where, and what to read.
const attackScript = `(async (bases, posts, gets) => {
  const read = [], one = (what, start) => new Promise(done => { setTimeout(done, 2000); start(done, () => { read.push(what); done(); }); }), hide = e => { e.hidden = true; document.body.append(e); return e; };
  const posted = async (url, fields, type) => one("the answer in a frame " + url, (done, got) => {
    const form = document.createElement("form"), frame = document.createElement("iframe");
    frame.name = "target" + Math.random();
    Object.assign(form, {method: "POST", action: url, target: frame.name, enctype: type});
    for (const [name, value] of Object.entries(fields)) {
      const field = document.createElement("input");
      Object.assign(field, {type: "hidden", name, value});
      form.append(field);
    }
    hide(frame);
    hide(form);
    frame.onload = () => { try { frame.contentDocument.body.innerText && got(); } catch {} frame.remove(); done(); };
    HTMLFormElement.prototype.submit.call(form);
  });
  for (const base of bases) for (const [path, fields, json] of posts) {
    const url = base + path, body = new URLSearchParams(fields);
    for (const [how, init] of Object.entries({
      form: {body, mode: "no-cors"}, text: {body: JSON.stringify(json), mode: "no-cors", headers: {"Content-Type": "text/plain"}},
      json: {body: JSON.stringify(json), headers: {"Content-Type": "application/json", "X-QA": "1"}}, remove: {method: "DELETE", headers: {"X-QA": "1"}},
    })) {
      try { const a = await fetch(url, {method: "POST", credentials: "include", ...init}); if (a.type !== "opaque" || (await a.text()) !== "") read.push(how + " " + url); } catch {}
    }
    await posted(url, fields, "application/x-www-form-urlencoded");
    await posted(url, {[JSON.stringify(json).slice(0, -1) + ',"x":"']: '"}'}, "text/plain");
  }
  for (const base of bases) for (const path of gets) {
    const url = base + path;
    for (const init of [{}, {mode: "no-cors"}, {headers: {"X-QA": "1"}}]) {
      try { const a = await fetch(url, {credentials: "include", signal: AbortSignal.timeout(2000), ...init}); if (a.type !== "opaque" || (await a.text()) !== "") read.push("fetch " + url); } catch {}
    }
    await one("image " + url, (done, got) => { const i = new Image(); i.onload = got; i.onerror = done; i.src = url; });
    await one("script " + url, (done, got) => { const s = document.createElement("script"); s.onload = got; s.onerror = done; s.src = url; document.head.append(s); });
    await one("frame " + url, (done, got) => { const f = hide(document.createElement("iframe")); f.onload = () => { try { f.contentDocument.body.innerText && got(); } catch {} done(); }; f.src = url; });
    await one("events " + url, (done, got) => { const e = new EventSource(url, {withCredentials: true}); e.onopen = e.onmessage = () => { e.close(); got(); }; e.onerror = () => { e.close(); done(); }; });
    if (path.includes("stream") || path === "/live") await one("socket " + url, (done, got) => { const w = new WebSocket(url.replace(/^http/, "ws")); w.onopen = got; w.onerror = done; });
  }
  return read;
})`

// attackedPosts is everything that changes something, with a form and a body that would.
func attackedPosts(o *office, y System) [][3]any {
	form := func(pairs ...string) map[string]string {
		f := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			f[pairs[i]] = pairs[i+1]
		}
		return f
	}
	none := form()
	device := "/admin/devices/" + y.ID
	return [][3]any{
		{device + "/bind", form("user", o.nora.ID), none}, {device + "/unbind", form("user", o.ben.ID), none}, {device + "/delete", none, none},
		{"/admin/settings", form("allow", "no"), none}, {"/admin/settings/reports", form("reports", "yes"), none}, {"/admin/failures/delete", none, none},
		{"/admin/announce", form("subject", "a", "text", "b", "do", "send"), none}, {"/admin/ask", form("subject", "a", "text", "b", "do", "send", "user", o.ben.ID), none},
		{"/admin/signout", none, none}, {"/admin/signin", form("email", o.hal.Email, "password", DemoAdminPassword), none},
		{"/userconsole/key", none, none}, {"/userconsole/signout", none, none}, {"/userconsole/signin", form("email", o.nora.Email, "password", DemoUserPassword), none},
		{"/_qa/phone", form("user", o.nora.ID, "answer", "approve"), none}, {"/_qa/console/clock", form("do", "3600"), none}, {"/_qa/console/fault", form("preset", "maintenance"), none},
		{"/_qa/console/fault/remove", none, none}, {"/_qa/console/namespace", form("name", "evil"), none}, {"/_qa/console/namespace/end", form("name", "mine"), none},
		{consolePath, form("do", "fault", "text", firstFault), none}, {consolePath, form("do", "seed", "text", firstSeed), none}, {"/_qa/console/save", form("name", "evil"), none},
		{"/_qa/console/restore", form("name", "mine"), none}, {"/_qa/console/reset", none, none},
		{"/_qa/settings", none, map[string]any{"keysOnce": true}}, {"/_qa/clock", none, map[string]any{"offsetSeconds": 3600}}, {"/_qa/reset", none, map[string]any{"demo": true}},
		{"/_qa/seed", none, map[string]any{"users": []any{map[string]string{"username": "evil", "email": "evil@acme.example"}}}}, {"/_qa/save", none, form("name", "evil")},
		{"/_qa/restore", none, form("name", "mine")}, {"/_qa/faults", none, form("preset", "maintenance")}, {"/_qa/namespaces", none, form("name", "evil")}, {"/_qa/namespaces/mine", none, none},
		{"/_qa/key", none, form("user", "ben")}, {"/_qa/enrollment", none, map[string]any{"allowed": false}}, {"/_qa/bind", none, form("system", y.Hostname, "user", "nora")}, {"/_qa/unbind", none, form("system", y.Hostname, "user", "ben")},
		{"/_qa/delete", none, form("system", y.Hostname)}, {"/_qa/push", none, map[string]any{"user": "nora", "approve": true}}, {"/_qa/reports", none, none},
		{"/userconsole/auth", none, form("email", o.nora.Email, "password", DemoUserPassword)},
	}
}

// attackedReads is what is worth reading.
func attackedReads(y System) []string {
	return []string{"/", "/admin/devices", "/admin/devices/" + y.ID, "/admin/users", "/admin/outbox", "/admin/outbox/1/mail.eml", "/admin/failures", "/admin/settings", "/userconsole", "/live", "/live?of=journal",
		"/_qa/", consolePath, "/_qa/phone", "/_qa/snapshot", "/_qa/totp", "/_qa/clock", "/_qa/settings", "/_qa/faults", "/_qa/invariants", "/_qa/journal", "/_qa/journal/stream", "/_qa/namespaces",
		"/_qa/reports", "/_qa/reports/token", "/_qa/await?devices=1", "/_qa/await/stream?devices=1", "/userconsole/xsrf", "/userconsole/api/self", "/readyz"}
}

// standing is all that an attack might change.
func (o *office) standing(t *testing.T) string {
	t.Helper()
	clock, err := o.qaClock(nil)
	if err != nil {
		t.Fatal(err)
	}
	shot := o.shot(t)
	shot.Events = slices.DeleteFunc(shot.Events, func(e Event) bool { return e.Type == eventAdminLogin || e.Type == eventUserLogin }) // asked for below
	keys, err := query(t.Context(), o.db, func(r *sql.Rows) (v string, err error) { return v, r.Scan(&v) }, `SELECT value FROM connect_keys ORDER BY value`)
	if err != nil {
		t.Fatal(err)
	}
	saved, err := o.Saved()
	if err != nil {
		t.Fatal(err)
	}
	all, err := json.Marshal([]any{shot, o.Settings(), clock.(clockJSON).OffsetSeconds, o.Faults(), len(o.Namespaces()), keys, saved})
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// attacked is an office with an admin and a user signed in at the same browser, and something to lose.
func attacked(t *testing.T, c chromium, change ...func(*Server)) (*office, System, *person) {
	t.Helper()
	o := newOffice(t, change...)
	o.allow(t, true)
	y := o.device(t, "lab-pc-7", o.nora)
	if err := o.Bind(t.Context(), o.ada, y.ID, o.ben.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.NewNamespace(t.Context(), "mine"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.ApplyPreset("key-refused"); err != nil {
		t.Fatal(err)
	}
	if err := o.Save(t.Context(), "mine"); err != nil {
		t.Fatal(err)
	}
	p := c.sitDown(t, o.at.People)
	for _, base := range []string{o.at.People, o.at.Console} {
		p.base = base
		p.signInAdmin("/admin", o.ada)
		p.goTo("/userconsole")
		p.fill("Email", o.ben.Email)
		p.fill("Password", DemoUserPassword)
		p.press("Sign in")
		p.sees("Your account")
	}
	p.base = o.at.People
	return o, y, p
}

// browseAttack opens pages of other sites in the browser of somebody who is signed in: one on another port of the same
// host, which gets the cookies along, one under another name.
func browseAttack(t *testing.T, c chromium) {
	reached := &tally{Handler: slog.DiscardHandler}
	o, y, p := attacked(t, c, func(s *Server) { s.Log = slog.New(reached) })
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>Win a prize</title><body>")
	}))
	t.Cleanup(evil.Close)
	before := o.standing(t)
	reached.forms.Store(0)
	both := []string{o.at.People, o.at.Console}
	for base, targets := range map[string][]string{evil.URL: both, strings.Replace(evil.URL, "127.0.0.1", "localhost", 1): both[:1], strings.Replace(evil.URL, "127.0.0.1", "prizes.example", 1): both[:1]} {
		p.do("opening "+base, chromedp.Navigate(base))
		var read []string
		for _, at := range targets {
			for some := range slices.Chunk(attackedPosts(o, y), 6) {
				read = append(read, p.attack(at, some, nil)...)
			}
			for some := range slices.Chunk(attackedReads(y), 6) {
				read = append(read, p.attack(at, nil, some)...)
			}
		}
		if len(read) > 0 {
			t.Errorf("%s read %q", base, read)
		}
		for _, f := range p.frames() {
			at, err := url.Parse(f.URL)
			if err != nil || f.UnreachableURL == "" && (strings.HasPrefix(at.Path, "/admin/") || slices.Contains([]string{"/", "/userconsole", "/_qa/phone", consolePath}, at.Path)) {
				t.Errorf("%s shows %s in a frame", base, f.URL)
			}
		}
		if after := o.standing(t); after != before {
			t.Fatalf("%s changed something: before\n%s\nafter\n%s", base, before, after)
		}
	}
	// Each is sent as a form, as text, by two frames, and twice after a preflight that is refused.
	if got, want := int(reached.forms.Load()), 4*6*len(attackedPosts(o, y)); got < want {
		t.Errorf("%d requests that change something reached the server, want %d at least", got, want)
	}
	p.goTo("/admin/devices")
	p.sees("lab-pc-7") // still signed in
	p.goTo("/userconsole")
	p.sees("ben@acme.example")
}

// attack does what attackScript says in the page that is open.
func (p *person) attack(base string, posts [][3]any, gets []string) []string {
	p.t.Helper()
	todo, err := json.Marshal([]any{append([][3]any{}, posts...), append([]string{}, gets...)})
	if err != nil {
		p.t.Fatal(err)
	}
	return get(p, "attacking "+base, chromedp.Evaluate[[]string](fmt.Sprintf(`%s([%q], ...%s)`, attackScript, base, todo), chromedp.EvalAwaitPromise))
}

// tally counts the requests other than GET that a server logs, also those that its guards refuse.
type tally struct {
	slog.Handler
	forms atomic.Int64
}

// Enabled implements slog.Handler.
func (c *tally) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (c *tally) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "method" && a.Value.String() != http.MethodGet {
			c.forms.Add(1)
		}
		return true
	})
	return nil
}

// frames are the frames in the page that is open.
func (p *person) frames() (all []*cdp.Frame) {
	p.t.Helper()
	var add func(tree *cdppage.FrameTree)
	add = func(tree *cdppage.FrameTree) {
		for _, child := range tree.ChildFrames {
			all = append(all, child.Frame)
			add(child)
		}
	}
	p.do("listing the frames", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		got, err := cdp.Call(ctx, t, cdppage.GetFrameTree, cdp.Empty{})
		if err == nil {
			add(got.FrameTree)
		}
		return err
	}))
	return all
}

// browseRebound comes by another name that leads to this computer, as after DNS rebinding: the page there is of the same
// origin, so it may send any header and read any answer.
func browseRebound(t *testing.T, c chromium) {
	o, y, p := attacked(t, c)
	before := o.standing(t)
	base := strings.Replace(o.at.People, "127.0.0.1", "rebound.example", 1)
	p.do("opening "+base, chromedp.Navigate(base+"/"))
	tries := []string{}
	for _, path := range attackedReads(y) {
		tries = append(tries, "GET "+path)
	}
	for _, post := range attackedPosts(o, y) {
		tries = append(tries, fmt.Sprint("POST ", post[0]), fmt.Sprint("DELETE ", post[0]))
	}
	list, err := json.Marshal(tries)
	if err != nil {
		t.Fatal(err)
	}
	answers := get(p, "asking", chromedp.Evaluate[[]string](fmt.Sprintf(`(async tries => {
		const answers = [];
		for (const one of tries) {
			const [method, path] = one.split(" "), a = await fetch(path, {method, headers: {"X-QA": "1"}, body: method === "POST" ? "{}" : undefined});
			answers.push(one + " " + a.status + " " + (await a.text()).trim());
		}
		return answers;
	})(%s)`, list), chromedp.EvalAwaitPromise))
	for i, a := range answers {
		if a != tries[i]+" 421 This server answers only to its own loopback address." {
			t.Errorf("%.200s", a)
		}
	}
	if len(answers) != len(tries) {
		t.Errorf("%d answers to %d tries", len(answers), len(tries))
	}
	if after := o.standing(t); after != before {
		t.Errorf("something changed: before\n%s\nafter\n%s", before, after)
	}
}
