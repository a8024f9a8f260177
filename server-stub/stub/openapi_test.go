package stub

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Every route that the sources name is in the document, and every operation of the document is a route of a port.
func TestDocumentHasEveryRoute(t *testing.T) {
	doc, err := ownDocument()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	route := regexp.MustCompile(`"((?:GET|POST|PUT|PATCH|DELETE) /[^"\s]*)"`)
	named := 0
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range route.FindAllSubmatch(raw, -1) {
			if strings.HasSuffix(name, "_test.go") || forPeople(string(m[1])) {
				continue
			}
			named++
			if _, _, err := documented(string(m[1])); err != nil {
				t.Errorf("%s: %s: %v: describe it there", name, m[1], err)
			}
		}
	}
	s := running(t)
	ports := []http.Handler{s.PublicHandler(), s.PrivateHandler()}
	operations := 0
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			operations++
			if !slices.ContainsFunc(ports, func(h http.Handler) bool { return patternOf(h, method, path) == method+" "+path }) {
				t.Errorf("%s %s is no route", method, path)
			}
		}
	}
	if named < operations || operations < 80 {
		t.Errorf("the sources name %d routes, the document %d", named, operations)
	}
}

// patternOf asks a port's handler which pattern a request would be answered by, as the document writes it.
func patternOf(h http.Handler, method, path string) string {
	r := httptest.NewRequest(method, regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "x"), strings.NewReader(""))
	r.RemoteAddr = "127.0.0.1:1"
	h.ServeHTTP(httptest.NewRecorder(), r)
	return strings.NewReplacer("{$}", "", "...}", "}").Replace(r.Pattern)
}

// Answers that are not as documented are found out: a field too many, one of another type, a status, a kind, a route.
func TestDocumentRefuses(t *testing.T) {
	id := strings.Repeat("0", 24)
	asJSON := http.Header{"Content-Type": {"application/json"}}
	for _, c := range []struct {
		pattern string
		status  int
		header  http.Header
		body    string
		good    bool
	}{
		{"GET /api/systems", 200, asJSON, `{"totalCount":1,"results":[{"_id":"` + id + `","id":"` + id + `","lastContact":null}]}`, true},
		{"GET /api/systems", 200, asJSON, `{"totalCount":"1","results":[]}`, false},
		{"GET /api/systems", 200, asJSON, `{"totalCount":1,"results":[{"_id":"` + id + `","id":"` + id + `","lastContact":"yesterday"}]}`, false},
		{"GET /api/systems", 200, asJSON, `{"totalCount":1,"results":[{"_id":"` + id + `","id":"` + id + `","systemToken":"x"}]}`, false},
		{"GET /api/systems", 200, asJSON, `{"results":[]}`, false},
		{"GET /api/systems", 200, http.Header{"Content-Type": {"text/html"}}, `{"totalCount":0,"results":[]}`, false},
		{"GET /api/systems/{id}", 200, asJSON, `{"_id":"0","id":"0"}`, false},
		{"GET /api/systems/{id}", 404, asJSON, `{"error":"gone"}`, false},
		{"GET /api/systemusers/{id}", 200, asJSON, `{"_id":"` + id + `","id":"` + id + `","state":"GONE"}`, false},
		{"GET /api/v2/systems/{id}/associations", 200, asJSON, `[{}]`, false},
		{"POST /api/v2/systems/{id}/associations", 204, http.Header{}, ``, true},
		{"POST /api/v2/systems/{id}/associations", 204, http.Header{}, `{}`, false},
		{"GET /api/v2/systems/{id}/users", 200, asJSON, `[{"id":"` + id + `","type":"user"}]`, false},
		{"POST /insights/directory/v1/events", 200, asJSON, `[]`, false}, // no headers
		{"GET /userconsole/xsrf", 201, asJSON, `{"xsrf":"` + strings.Repeat("x", 40) + `"}`, false},
		{"GET /Kickstart", 200, http.Header{"Content-Type": {"text/x-shellscript; charset=utf-8"}}, `<html>`, false},
		{"GET /_qa/journal", 200, http.Header{"Content-Type": {"application/x-ndjson"}}, `{"seq":1,"time":"2026-01-01T00:00:00Z","kind":"event"}` + "\n" + `{"seq":2}` + "\n", false},
		{"GET /_qa/settings", 200, asJSON, `{"keyLife":1}`, false},
		{"GET /_qa/nothing", 200, asJSON, `{}`, false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Pattern = c.pattern
		r.Method, _, _ = strings.Cut(c.pattern, " ")
		if err := checkAnswer(r, c.status, c.header, []byte(c.body)); (err == nil) != c.good {
			t.Errorf("%s %d %s: %v", c.pattern, c.status, c.body, err)
		}
	}
}

// A test cannot forget to hold an answer against the document, whatever client it uses.
func TestAnswersAreWatched(t *testing.T) {
	s := running(t)
	before := wrongAnswers.count()
	for _, base := range []string{s.Addresses().Console, s.Addresses().People} {
		ask(t, s.trusting(t), "GET", base+"/_qa/clock", nil, "X-QA", "1")
	}
	d := enrolled(t, s, "lab-1", s.userKey(t, "nora"))
	d.private(t, "GET", "/CheckAccess", nil)
	if n := wrongAnswers.count() - before; n < 6 {
		t.Errorf("%d of 6 answers were looked at", n)
	}
	n, err := s.NewNamespace(t.Context(), "beside")
	if err != nil {
		t.Fatal(err)
	}
	odd := &http.ServeMux{}
	odd.HandleFunc("GET /_qa/odd", func(w http.ResponseWriter, _ *http.Request) { asJSON(w, http.StatusOK, object{}) })
	watch(n.Server, portPublic, odd).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/_qa/odd", nil))
	if got := wrongAnswers.take(s); len(got) != 1 || !strings.Contains(got[0], "openapi.yaml does not have it") {
		t.Errorf("found: %v", got)
	}
}

func (a *answersOf) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.held
}

// notPublished is what the document has and the vendor's do not, and why.
var notPublished = map[string]string{
	"id":             "recorded answers carry it beside _id",
	"systemUsername": "the vendor's own tools use it",
	"tags":           "a list that newer documents left out and older clients read",
}

// The document agrees with the vendor's where they lie beside the project: paths, parameters, statuses, fields and their
// types. That the check can fail it shows on a field that is not there.
func TestDocumentAgainstPublished(t *testing.T) {
	doc, err := ownDocument()
	if err != nil {
		t.Fatal(err)
	}
	all, err := published()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of the vendor's documents lie beside the project", len(all))
	compared := 0
	for path, item := range doc.Paths.Map() {
		if !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/insights/") {
			continue
		}
		for method, op := range item.Operations() {
			theirs, err := publishedOperations(method + " " + path)
			if err != nil {
				t.Fatal(err)
			}
			if len(theirs) == 0 && len(all) > 0 {
				t.Errorf("%s %s is not published", method, path)
			}
			for _, one := range theirs {
				for _, wrong := range differences(op, one.Operation) {
					t.Errorf("%s %s: %s", method, path, wrong)
				}
				compared++
			}
		}
	}
	if len(all) > 0 && compared < 50 {
		t.Errorf("only %d operations were compared", compared)
	}
	ours := openapi3.NewObjectSchema().WithProperty("active", openapi3.NewStringSchema()).WithProperty("invented", openapi3.NewStringSchema())
	theirs := openapi3.NewObjectSchema().WithProperty("active", openapi3.NewBoolSchema())
	if got := fieldsBeside("", ours, theirs); len(got) != 2 {
		t.Errorf("the check lets through what it should not: %v", got)
	}
}

// differences says what of an operation is not as published.
func differences(ours, theirs *openapi3.Operation) (wrong []string) {
	for _, p := range ours.Parameters {
		in := p.Value.In
		if in == openapi3.ParameterInPath || p.Value.Name == "x-org-id" { // paths were compared; the header is described in words
			continue
		}
		if theirs.Parameters.GetByInAndName(in, p.Value.Name) == nil {
			wrong = append(wrong, "no "+in+" parameter "+p.Value.Name)
		}
	}
	for status, response := range ours.Responses.Map() {
		if status == "default" {
			continue
		}
		published := theirs.Responses.Value(status)
		if published == nil {
			wrong = append(wrong, "no status "+status)
			continue
		}
		a, b := response.Value.Content.Get("application/json"), published.Value.Content.Get("application/json")
		if a != nil && b != nil && a.Schema != nil && b.Schema != nil {
			wrong = append(wrong, fieldsBeside("", a.Schema.Value, b.Schema.Value)...)
		}
	}
	return wrong
}

// fieldsBeside compares the fields of two schemas, and those of their fields.
func fieldsBeside(at string, ours, theirs *openapi3.Schema) (wrong []string) {
	if a, b := typesOf(ours), typesOf(theirs); a != "" && b != "" && a != b {
		return []string{fmt.Sprintf("%s is %s, published %s", at, a, b)}
	}
	if ours.Items != nil && theirs.Items != nil {
		wrong = fieldsBeside(at+"[]", ours.Items.Value, theirs.Items.Value)
	}
	if len(theirs.Properties) == 0 && len(theirs.AllOf) == 0 {
		return wrong // anything goes
	}
	for _, name := range slices.Sorted(maps.Keys(ours.Properties)) {
		p := theirs.Properties[name]
		if p == nil {
			if notPublished[name] == "" {
				wrong = append(wrong, at+"."+name+" is not published")
			}
			continue
		}
		wrong = append(wrong, fieldsBeside(at+"."+name, ours.Properties[name].Value, p.Value)...)
	}
	return wrong
}

// typesOf are the types of a schema but for null, which OpenAPI 3.0 and 3.1 write differently.
func typesOf(s *openapi3.Schema) string {
	types := slices.DeleteFunc(slices.Clone(s.Type.Slice()), func(t string) bool { return t == "null" })
	return strings.Join(types, " ")
}

// The document says of every setting what it is without one's doing.
func TestDocumentedDefaults(t *testing.T) {
	doc, err := ownDocument()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(DefaultSettings())
	if err != nil {
		t.Fatal(err)
	}
	var defaults map[string]any
	if err := json.Unmarshal(raw, &defaults); err != nil {
		t.Fatal(err)
	}
	described := doc.Components.Schemas["Settings"].Value.Properties
	for name, want := range defaults {
		switch p := described[name]; {
		case p == nil:
			t.Errorf("%s is not described", name)
		case name != "supported" && p.Value.Default != want: // that is a table
			t.Errorf("%s: the document says %v, it is %v", name, p.Value.Default, want)
		}
	}
	if len(described) != len(defaults) {
		t.Errorf("%d settings are described, there are %d", len(described), len(defaults))
	}
}

func TestDocumentPage(t *testing.T) {
	s := running(t)
	for _, base := range []string{s.Addresses().Console, s.Addresses().People} {
		status, raw, header := ask(t, s.trusting(t), "GET", base+"/_qa/openapi.json", nil)
		if status != http.StatusOK || header.Get("Content-Type") != "application/json" || !strings.Contains(raw, `"openapi":"3.0.3"`) {
			t.Errorf("%s: %d %.100s", base, status, raw)
		}
		status, page, _ := ask(t, s.trusting(t), "GET", base+"/_qa/openapi", nil)
		for _, want := range []string{"What this server serves", "/api/v2/systemgroups/{id}/members", "x-org-id", "list of GraphConnection", "serviceAccountState", "keysWorkWhenOff", "otherwise"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %d, the page lacks %q", base, status, want)
			}
		}
	}
}
