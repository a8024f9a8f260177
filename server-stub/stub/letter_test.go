package stub

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"strings"
	"testing"
)

func TestWebAnnounce_ChosenUsers(t *testing.T) {
	o := newOffice(t)
	v := o.visitor(t, o.at.People).admin(o.hal)
	form := []string{"who", "some", "user", o.ben.ID, "subject", "News", "text", "Hello {name},\r\n<b>read</b> this"}
	status, page, _ := v.send("/admin/announce", "/admin/announce", append(form, "do", "preview")...)
	if status != http.StatusOK || !strings.Contains(page, "This is how 1 user gets it") || !strings.Contains(page, "Hello Ben,\n&lt;b&gt;read&lt;/b&gt; this</p>") || !strings.Contains(page, "ben@acme.example</dd>") {
		t.Errorf("preview: %d %s", status, page)
	}
	if n := len(o.shot(t).Outbox); n != 0 {
		t.Errorf("a preview sent %d mails", n)
	}
	if status, _, h := v.send("/admin/announce", "/admin/announce", append(form, "do", "send")...); status != http.StatusSeeOther || h.Get("Location") != "/admin/settings" {
		t.Errorf("send: %d", status)
	}
	shot := o.shot(t)
	if len(shot.Outbox) != 1 || shot.Outbox[0].To != o.ben.Email || !strings.HasPrefix(shot.Outbox[0].Text, "Hello Ben,\n") || shot.Organization.Announced.IsZero() {
		t.Errorf("%+v", shot.Outbox)
	}
	for name, wrong := range map[string][]string{
		"nobody":  {"who", "some", "subject", "a", "text", "b", "do", "send"},
		"no text": {"who", "all", "subject", "a", "text", " ", "do", "send"},
	} {
		if status, page, _ := v.send("/admin/announce", "/admin/announce", wrong...); status != http.StatusBadRequest || !strings.Contains(page, `id="wrong"`) {
			t.Errorf("%s: %d", name, status)
		}
	}
	if _, err := o.Announce(t.Context(), o.ada, "a", "b", o.ben.ID, "no-such"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a user who is not there: %v", err)
	}
	if n := len(o.shot(t).Outbox); n != 1 {
		t.Errorf("refused letters were sent: %d", n)
	}
}

// The announcement makes every point of the vendor's template and of what the vendor advises to tell, with nothing left to
// fill in: https://jumpcloud.com/support/enable-users-to-install-the-agent.
func TestWebAnnounce_EveryPoint(t *testing.T) {
	o := newOffice(t)
	_, page, _ := o.visitor(t, o.at.People).admin(o.ada).get("/admin/announce")
	text := between(page, `<textarea id="text"`, "</textarea>")
	for point, words := range map[string]string{
		"when":                               "from this week on",
		"where":                              "the Security page of your User Portal has a new section called JumpCloud Agent",
		"what it is for":                     "install the agent on a work computer themselves",
		"it talks with JumpCloud":            "your work computer and JumpCloud, the service our IT team uses, talk with each other",
		"admins know the computer's health":  "tells us whether the computer is in good order",
		"admins update the computer":         "send it updates that keep it safe and fast",
		"nothing to do":                      "There is nothing for you to do now",
		"not unless asked":                   "Install the agent only when we ask you to",
		"more comes for the kind of system":  "When we ask, we send the steps for your kind of computer along",
		"not on personal or other computers": "Never install it on a computer of your own, or on any other that Acme Corporation did not give you",
		"reach out":                          "If anything about this is unclear, ask us",
		"from whom":                          "Your IT team at Acme Corporation",
	} {
		if !strings.Contains(text, words) {
			t.Errorf("%s: the announcement does not say %q:\n%s", point, words, text)
		}
	}
	if strings.ContainsAny(text, "{}[]") {
		t.Errorf("a blank is left:\n%s", text)
	}
}

// A request to install goes to chosen users with the steps for what they have, and their rows say how far they came.
func TestWebAsk(t *testing.T) {
	o := newOffice(t)
	o.allow(t, true)
	v := o.visitor(t, o.at.People).admin(o.ada)
	row := func(who string) string {
		_, page, _ := v.get("/admin/users")
		_, after, _ := strings.Cut(page, who)
		row, _, _ := strings.Cut(after, "</tr>")
		return row
	}
	if got := row("Ben Alvarez"); !strings.Contains(got, "Not asked") {
		t.Errorf("at first: %s", got)
	}
	_, page, _ := v.get("/admin/ask?system=windows&user=" + o.ben.ID)
	for _, want := range []string{"On your Windows computer:", helpArticle, `value="` + o.ben.ID + `" checked`, "Acme Corporation", `value="windows" checked`} {
		if !strings.Contains(page, want) {
			t.Errorf("the form does not have %q", want)
		}
	}
	status, page, _ := v.send("/admin/ask", "/admin/ask", "do", "write", "system", "linux", "with", "assistant", "download", "https://files.acme.example/assistant.deb", "subject", "x", "text", "y", "user", o.ben.ID)
	if status != http.StatusOK || !strings.Contains(page, "https://files.acme.example/assistant.deb\n") || strings.Contains(page, helpArticle) {
		t.Errorf("with the assistant: %d %s", status, page)
	}
	for name, wrong := range map[string][]string{
		"no address": {"do", "write", "with", "assistant", "download", "javascript:alert(1)", "user", o.ben.ID},
		"nobody":     {"do", "send", "with", "article", "subject", "a", "text", "b"},
	} {
		if status, page, _ := v.send("/admin/ask", "/admin/ask", wrong...); status != http.StatusBadRequest || !strings.Contains(page, `id="wrong"`) {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _, h := v.send("/admin/ask", "/admin/ask", "do", "send", "system", "linux", "with", "article", "subject", "Install", "text", "Hello {name}", "user", o.ben.ID); status != http.StatusSeeOther || h.Get("Location") != "/admin/users" {
		t.Errorf("send: %d", status)
	}
	if shot := o.shot(t); len(shot.Outbox) != 1 || shot.Outbox[0].Text != "Hello Ben" || !shot.Organization.Announced.IsZero() {
		t.Errorf("%+v", shot)
	}
	if got := row("Ben Alvarez"); !strings.Contains(got, "Asked ") {
		t.Errorf("asked: %s", got)
	}
	y := o.device(t, "ben-laptop", o.ben)
	if got := row("Ben Alvarez"); !strings.Contains(got, "Enrolled") {
		t.Errorf("enrolled: %s", got)
	}
	if err := o.Bind(t.Context(), o.ada, y.ID, o.ben.ID); err != nil {
		t.Fatal(err)
	}
	if got := row("Ben Alvarez"); !strings.Contains(got, "Bound") {
		t.Errorf("bound: %s", got)
	}
	if _, err := o.AskToInstall(t.Context(), o.rita, "linux", "a", "b", o.ben.ID); !errors.Is(err, ErrForbidden) {
		t.Errorf("a read-only admin asked: %v", err)
	}
}

// parts reads a message as a mail program does.
func parts(t *testing.T, raw []byte) (head mail.Header, bodies map[string]string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s %v", kind, err)
	}
	bodies = map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m.Header, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";")
		bodies[kind] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

func TestMessage(t *testing.T) {
	o := newOffice(t)
	text := "Grüße an alle,\nzweite Zeile <script>alert(1)</script>\n\nMore: https://stub.example/a?b=1&c=2.\n.\n"
	if _, err := o.Announce(t.Context(), o.ada, "Neuigkeiten für alle\r\nBcc: evil@example.test", text, o.nora.ID); err != nil {
		t.Fatal(err)
	}
	m := o.shot(t).Outbox[0]
	raw := m.Message()
	head, bodies := parts(t, raw)
	subject, err := new(mime.WordDecoder).DecodeHeader(head.Get("Subject"))
	if err != nil || subject != "Neuigkeiten für alle  Bcc: evil@example.test" || head.Get("Bcc") != "" {
		t.Errorf("subject %q, %v, %v", subject, err, head)
	}
	if to, err := head.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != o.nora.Email {
		t.Errorf("to %v %v", to, err)
	}
	if sent, err := head.Date(); err != nil || sent.Unix() != m.Sent.Unix() {
		t.Errorf("date %v %v", sent, err)
	}
	if want := strings.TrimSpace(text); strings.TrimSpace(bodies["text/plain"]) != want {
		t.Errorf("text %q", bodies["text/plain"])
	}
	page := bodies["text/html"]
	for _, want := range []string{"Grüße an alle,<br>\nzweite Zeile &lt;script&gt;", `<a href="https://stub.example/a?b=1&amp;c=2">https://stub.example/a?b=1&amp;c=2</a>.`} {
		if !strings.Contains(page, want) {
			t.Errorf("the HTML part does not have %q: %s", want, page)
		}
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 || strings.Contains(line, "\n") { // RFC 5322, section 2.1.1
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	v := o.visitor(t, o.at.People).admin(o.rita)
	if status, file, h := v.get("/admin/outbox/1/mail.eml"); status != http.StatusOK || file != string(raw) || h.Get("Content-Type") != "message/rfc822" {
		t.Errorf("the file: %d %v", status, h)
	}
	if status, _, _ := v.get("/admin/outbox/99/mail.eml"); status != http.StatusNotFound {
		t.Errorf("a mail that is not there: %d", status)
	}
}
