package stub

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// published holds the vendor's own documents of its API, where a copy lies beside the project. They are no part of
// it, so the checks against them come on top of the tests' own.
var published = struct {
	once    sync.Once
	missing bool
	err     error
	checks  map[string]*jsonschema.Schema
}{}

// publishedOf says which definition the body of an answer has, by method and path.
var publishedOf = []struct {
	form *regexp.Regexp
	def  string
	list bool
}{
	{regexp.MustCompile(`^(GET /api/systems|POST /api/search/systems)$`), "v1.json#/definitions/systemslist", false},
	{regexp.MustCompile(`^[A-Z]+ /api/systems/\w+$`), "v1.json#/definitions/JcSystem", false},
	{regexp.MustCompile(`^(GET /api/systemusers|POST /api/search/systemusers)$`), "v1.json#/definitions/systemuserslist", false},
	{regexp.MustCompile(`^[A-Z]+ /api/systemusers/\w+$`), "v1.json#/definitions/systemuserreturn", false},
	{regexp.MustCompile(`^GET /api/organizations$`), "v1.json#/definitions/organizationslist", false},
	{regexp.MustCompile(`^[A-Z]+ /api/organizations/\w+$`), "v1.json#/definitions/organization", false},
	{regexp.MustCompile(`^GET /api/v2/(systems|users)/\w+/associations$`), "v2.json#/definitions/GraphConnection", true},
	{regexp.MustCompile(`^GET /api/v2/(systems/\w+/users|users/\w+/systems)$`), "v2.json#/definitions/GraphObjectWithPaths", true},
	{regexp.MustCompile(`^POST /insights/directory/v1/events/count$`), "insights.json#/definitions/EventCount", false},
}

const publishedError = "v1.json#/definitions/Error"

func loadPublished() {
	p := &published
	p.checks = map[string]*jsonschema.Schema{}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft4)
	compiler.AssertFormat()
	for _, name := range []string{"v1.json", "v2.json", "insights.json"} {
		f, err := os.Open(filepath.Join("..", "..", "..", "shared", "specs", name))
		if errors.Is(err, fs.ErrNotExist) {
			p.missing = true
			return
		}
		var doc any
		if err == nil {
			doc, err = jsonschema.UnmarshalJSON(f)
			err = errors.Join(err, f.Close())
		}
		if err == nil {
			m, _ := doc.(map[string]any)
			defs, _ := m["definitions"].(map[string]any)
			if attributes, ok := defs["GraphAttributes"].(map[string]any); ok {
				attributes["x-nullable"] = true // null in the vendor's recorded answers
			}
			nullable(defs)
			err = compiler.AddResource(name, map[string]any{"definitions": defs})
		}
		if err != nil {
			p.err = err
			return
		}
	}
	refs := []string{publishedError}
	for _, o := range publishedOf {
		refs = append(refs, o.def)
	}
	for _, ref := range refs {
		if p.checks[ref], p.err = compiler.Compile(ref); p.err != nil {
			return
		}
	}
}

// nullable turns x-nullable, which JSON schema does not know, into a second type.
func nullable(v any) {
	switch v := v.(type) {
	case map[string]any:
		if kind, ok := v["type"].(string); ok && v["x-nullable"] == true {
			v["type"] = []any{kind, "null"}
		}
		for _, one := range v {
			nullable(one)
		}
	case []any:
		for _, one := range v {
			nullable(one)
		}
	}
}

// checkPublished holds an answer against the vendor's documents.
func checkPublished(method, path string, status int, answer string) error {
	published.once.Do(loadPublished)
	if published.missing || published.err != nil || status == http.StatusNoContent {
		return published.err
	}
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(answer))
	if err != nil {
		return err
	}
	if status >= 400 {
		return published.checks[publishedError].Validate(body)
	}
	for _, o := range publishedOf {
		if !o.form.MatchString(method + " " + path) {
			continue
		}
		if !o.list {
			return published.checks[o.def].Validate(body)
		}
		list, ok := body.([]any)
		if !ok {
			return errors.New("not a list")
		}
		for _, one := range list {
			if err := published.checks[o.def].Validate(one); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestPublishedDocuments shows that the check can fail, and says whether it was there at all.
func TestPublishedDocuments(t *testing.T) {
	published.once.Do(loadPublished)
	if published.err != nil {
		t.Fatal(published.err)
	}
	for _, wrong := range []struct{ method, path, body string }{
		{"GET", "/api/systems", `{"totalCount":"1","results":[]}`},
		{"GET", "/api/systems", `{"totalCount":1,"results":[{"lastContact":"yesterday"}]}`},
		{"GET", "/api/systems/0", `{"active":"yes"}`},
		{"GET", "/api/systemusers/0", `{"state":"GONE"}`},
		{"GET", "/api/organizations/0", `{"settings":{"enableUserPortalAgentInstall":1}}`},
		{"GET", "/api/v2/systems/0/associations", `[{}]`},
		{"GET", "/api/v2/systems/0/users", `[{"id":"0","type":"user"}]`},
	} {
		err := checkPublished(wrong.method, wrong.path, 200, wrong.body)
		if published.missing != (err == nil) {
			t.Errorf("%s %s: %s: %v", wrong.method, wrong.path, wrong.body, err)
		}
	}
	t.Logf("the vendor's documents lie beside the project: %t", !published.missing)
}
