package stub

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"example.com/enrollment-assistant/assets"
)

//go:embed openapi.yaml
var apiYAML []byte

// apiJSON is the document as it is served, and as the page shows it.
var apiJSON = sync.OnceValues(func() (json.RawMessage, error) {
	var tree any
	if err := yaml.Unmarshal(apiYAML, &tree); err != nil {
		return nil, fmt.Errorf("reading the API's document: %w", err)
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("writing the API's document: %w", err)
	}
	return raw, nil
})

// openapiRoutes give the document of what this server serves. It is the same everywhere and tells of nobody, so it needs
// no header: generators and other tools read it as it is.
func (s *Server) openapiRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /_qa/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		raw, err := apiJSON()
		if err != nil {
			s.broken(w, r, err)
			return
		}
		asJSON(w, http.StatusOK, raw)
	})
	mux.HandleFunc("GET /_qa/openapi", s.show(s.openapiPage))
}

// apiDoc is the part of an OpenAPI document that the page shows: https://spec.openapis.org/oas/v3.0.3.
type apiDoc struct {
	Info  struct{ Description string }
	Tags  []apiTag
	Paths map[string]map[string]json.RawMessage

	Components struct {
		Parameters map[string]apiParameter
		Responses  map[string]apiResponse
		Schemas    map[string]apiSchema
	}
}

type apiTag struct{ Name, Description string }

type apiOperation struct {
	Tags                 []string
	Summary, Description string
	Parameters           []apiParameter
	RequestBody          struct{ Content map[string]apiContent }
	Responses            map[string]apiResponse
}

type apiParameter struct {
	Ref         string `json:"$ref"`
	Name, In    string
	Description string
	Schema      apiSchema
}

type apiResponse struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]apiContent
}

type apiContent struct{ Schema apiSchema }

type apiSchema struct {
	Ref         string `json:"$ref"`
	Type        string
	Format      string
	Description string
	Enum        []any
	Items       *apiSchema
	Properties  map[string]apiSchema
}

// shape is a schema in a few words: what it is called, or what it is made of.
func (c apiSchema) shape() string {
	switch {
	case c.Ref != "":
		return refName(c.Ref)
	case c.Type == "array" && c.Items != nil:
		return assets.Text("web.openapi.list_of", "Of", c.Items.shape())
	case len(c.Properties) > 0:
		return "{" + strings.Join(sortedKeys(c.Properties), ", ") + "}"
	case len(c.Enum) > 0:
		words := make([]string, 0, len(c.Enum))
		for _, v := range c.Enum {
			words = append(words, strings.TrimSpace(fmt.Sprint(v)))
		}
		return strings.Join(words, ", ")
	case c.Format != "":
		return c.Type + " " + c.Format
	}
	return c.Type
}

// sortedKeys gives the keys of a map in order.
func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
