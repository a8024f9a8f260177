package stub

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
)

// consolePath is the page where testers move the clock, make things go wrong and see what happened.
const consolePath = "/_qa/console"

// consoleRoutes adds the console for testers. Its forms carry the token of the page; programs have /_qa/ itself.
func (s *Server) consoleRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /_qa/{$}", s.show(func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, consolePath, http.StatusSeeOther)
		return nil
	}))
	mux.HandleFunc("GET "+consolePath, s.show(s.consolePage))
	mux.HandleFunc("POST "+consolePath, s.post(portalUser, s.hereOnly(s.consoleTyped)))
	for path, do := range map[string]webFunc{
		"clock": s.consoleClock, "fault": s.consoleFault, "fault/remove": s.consoleFaultRemove,
		"namespace": s.consoleNamespace, "namespace/end": s.consoleNamespaceEnd, "reset": s.consoleReset,
		"save": s.consoleKeep(s.Save, "state_saved"), "restore": s.consoleKeep(s.Restore, "state_restored"),
	} {
		mux.HandleFunc("POST "+consolePath+"/"+path, s.post(portalUser, s.hereOnly(do)))
	}
}

// hereOnly keeps what needs no password to people at this computer: the TLS port, which others may reach, does not have
// it. A page of another site is refused once more than by its missing token.
func (s *Server) hereOnly(f webFunc) webFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.TLS != nil {
			return ErrNotFound
		}
		if !ownSite(r) {
			return webError{http.StatusForbidden, "web.error.form", consolePath}
		}
		return f(w, r)
	}
}

// consoleData is what console.html shows.
type consoleData struct {
	XSRF       string
	Now        time.Time
	Frozen     bool
	Ahead      string // of this computer's clock, or behind it; empty when they agree
	Presets    []Preset
	Faults     []consoleFault
	Past       []Entry // what became of faults, newest first
	Rules      []consoleRule
	Broken     []Violation // the last ones, newest first
	Own, Seed  typed
	Saved      []string
	Namespaces []consoleSpace
	Journal    []consoleEntry
	Query      consoleQuery
	Kinds      []letterChoice
	Counts     []letterChoice
}

// consoleFault is a fault that is armed.
type consoleFault struct{ ID, Name, Where, Does, Used string }

// consoleRule is an invariant and how often it did not hold.
type consoleRule struct {
	Text  string
	Times int
}

// consoleSpace is a namespace and where its pages are.
type consoleSpace struct{ Name, Start, Console, Address string }

// consoleEntry is a line of the journal, in one sentence of what and one of the rest.
type consoleEntry struct {
	Entry
	What, More string
	Bad        bool
}

// consoleQuery is how the journal is asked for.
type consoleQuery struct {
	Text  string
	Kind  string
	Count int
}

// entryKinds are the kinds of entries to choose from.
var entryKinds = []EntryKind{EntryRequest, EntryEvent, EntryMail, EntryKey, EntrySettings, EntryClock, EntryFault, EntryReport, EntryViolation}

// consoleCounts are how many lines of the journal may be shown.
var consoleCounts = []int{25, 100, 500}

// consolePastShown is how much of what is over the console lists.
const consolePastShown = 5

func (s *Server) consolePage(w http.ResponseWriter, r *http.Request) error {
	if r.TLS != nil {
		return ErrNotFound
	}
	return s.drawConsole(w, r, http.StatusOK, typed{Text: firstFault}, typed{Text: firstSeed})
}

// drawConsole shows the console, with what was typed into its two fields.
func (s *Server) drawConsole(w http.ResponseWriter, r *http.Request, status int, fault, seed typed) error {
	saved, err := s.Saved()
	if err != nil {
		return err
	}
	now, own := s.now(), s.true()
	s.clock.mu.Lock()
	frozen := !s.clock.frozen.IsZero()
	s.clock.mu.Unlock()
	d := consoleData{XSRF: s.xsrf(w, r, portalUser), Now: now.UTC(), Frozen: frozen, Ahead: aheadText(now.Sub(own)), Presets: Presets(),
		Own: fault, Seed: seed, Saved: saved}
	for _, f := range s.Faults() {
		d.Faults = append(d.Faults, consoleFault{f.ID, f.Name, f.where(), f.does(), f.usedText()})
	}
	d.Past = newest(s.ReadJournal(JournalQuery{Kind: EntryFault, Limit: consolePastShown}))
	broken := s.Violations()
	for _, rule := range Invariants() {
		n := 0
		for _, v := range broken {
			if v.Invariant == rule {
				n++
			}
		}
		d.Rules = append(d.Rules, consoleRule{string(rule), n})
	}
	d.Broken = newest(broken[max(0, len(broken)-consolePastShown):])
	for _, n := range s.Namespaces() {
		d.Namespaces = append(d.Namespaces, consoleSpace{n.Name, n.Addresses.People + "/", n.Addresses.People + consolePath, n.Addresses.People})
	}
	s.consoleJournal(&d, r.URL.Query())
	return s.render(w, r, page{Name: "console", Status: status, Title: assets.Text("web.console.title"), Stream: "/live?of=journal", Menu: consoleMenu(), Data: d})
}

func consoleMenu() []menuItem {
	list := []menuItem{}
	for _, part := range []string{"clock", "faults", "invariants", "states", "namespaces", "journal"} {
		list = append(list, menuItem{Path: "#" + part, Icon: part, Label: assets.Text("web.console." + part)})
	}
	return append(list, menuItem{Path: "/_qa/phone", Icon: "phone", Label: assets.Text("web.phone.title")},
		menuItem{Path: "/_qa/openapi", Icon: "document", Label: assets.Text("web.openapi.title")},
		menuItem{Path: "/admin", Icon: "devices", Label: assets.Text("web.portal.admin")},
		menuItem{Path: "/userconsole", Icon: "security", Label: assets.Text("web.portal.user")})
}

// newest turns a list round.
func newest[T any](list []T) []T {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// consoleJournal fills in the lines of the journal that are asked for.
func (s *Server) consoleJournal(d *consoleData, q url.Values) {
	d.Query = consoleQuery{Text: oneLine(q.Get("q"), 100), Count: consoleCounts[0]}
	if n, err := strconv.Atoi(q.Get("count")); err == nil && slices.Contains(consoleCounts, n) {
		d.Query.Count = n
	}
	d.Kinds = []letterChoice{{"", assets.Text("web.console.kind.all"), true}}
	for _, k := range entryKinds {
		chosen := string(k) == q.Get("kind")
		if chosen {
			d.Query.Kind, d.Kinds[0].Chosen = string(k), false
		}
		d.Kinds = append(d.Kinds, letterChoice{string(k), assets.Text("web.console.kind." + string(k)), chosen})
	}
	for _, n := range consoleCounts {
		d.Counts = append(d.Counts, letterChoice{strconv.Itoa(n), assets.Text("web.console.newest", "Count", n), n == d.Query.Count})
	}
	list := slices.DeleteFunc(s.ReadJournal(JournalQuery{Kind: EntryKind(d.Query.Kind), Text: d.Query.Text}), func(e Entry) bool {
		return strings.HasPrefix(e.Path, "/static/") // what each page brings along would bury what happened
	})
	for _, e := range newest(list[max(0, len(list)-d.Query.Count):]) {
		d.Journal = append(d.Journal, lineOf(e))
	}
}

// lineOf says an entry in two parts.
func lineOf(e Entry) consoleEntry {
	c := consoleEntry{Entry: e, What: e.Text, Bad: e.Kind == EntryViolation || e.Status >= 400 || e.Kind == EntryRequest && e.Status == 0}
	if e.Kind == EntryRequest {
		c.What = e.Method + " " + e.Path
		if e.Query != "" {
			c.What += "?" + e.Query
		}
	}
	agent := e.Headers["user-agent"]
	if strings.HasPrefix(agent, "Mozilla/") {
		agent = "" // every browser says the same long line
	}
	var more []string
	for _, one := range [][2]string{{"port", e.Port}, {"from", e.From}, {"by", agent}, {"fault", e.Fault}, {"to", e.To},
		{"actor", e.ActorID}, {"system", e.SystemID}, {"user", e.UserID}} {
		if one[1] != "" {
			more = append(more, assets.Text("web.console.entry."+one[0], "Value", one[1]))
		}
	}
	c.More = strings.Join(more, " · ")
	return c
}

// aheadText says how far the clock is off this computer's.
func aheadText(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d > 0:
		return assets.Text("web.console.ahead", "Time", spanText(d))
	case d < 0:
		return assets.Text("web.console.behind", "Time", spanText(-d))
	}
	return ""
}

// spanText is a length of time in its two largest units: 3 days 4 hours.
func spanText(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"days", 24 * time.Hour}, {"hours", time.Hour}, {"minutes", time.Minute}, {"seconds", time.Second}} {
		if n := int(d / unit.is); n > 0 && len(parts) < 2 {
			parts = append(parts, assets.Text("web.console.span."+unit.name, "Count", n))
			d -= time.Duration(n) * unit.is
		} else if len(parts) > 0 {
			break
		}
	}
	return strings.Join(parts, " ")
}
