package stub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
)

// publishedDocument is one of the vendor's own documents of its API, where a copy lies beside the project. They are no
// part of it, so what is checked against them comes on top of our own.
type publishedDocument struct {
	base       string // of its paths, here
	operations map[string]*openapi3.Operation
	errors     *openapi3.Schema // nil: it describes none
}

// published are the documents; none where they are missing.
var published = sync.OnceValues(func() ([]publishedDocument, error) {
	var all []publishedDocument
	for _, d := range []struct{ file, base string }{{"v2.json", "/api/v2"}, {"v1.json", "/api"}, {"insights.json", "/insights/directory/v1"}, {"v1-newest.yaml", "/api"}} {
		raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "specs", d.file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		doc, err := readPublished(d.file, raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.file, err)
		}
		p := publishedDocument{base: d.base, operations: map[string]*openapi3.Operation{}}
		if e := doc.Components.Schemas["Error"]; e != nil {
			p.errors = e.Value
		}
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				op.Parameters = append(op.Parameters, item.Parameters...)
				p.operations[method+" "+anyNames(d.base+path)] = op
			}
		}
		all = append(all, p)
	}
	return all, nil
})

// readPublished reads OpenAPI 3, or Swagger 2, in which null is an extension.
func readPublished(name string, raw []byte) (*openapi3.T, error) {
	if !strings.HasSuffix(name, ".json") {
		return openapi3.NewLoader().LoadFromData(raw)
	}
	var doc openapi2.T
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	if attributes := doc.Definitions["GraphAttributes"]; attributes != nil {
		attributes.Value.Extensions = map[string]any{"x-nullable": true} // null in the vendor's recorded answers
	}
	return openapi2conv.ToV3(&doc)
}

// anyNames takes the names of parameters out of a path, which the documents choose differently.
func anyNames(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}

// publishedAs is an operation of the mux in one of the vendor's documents.
type publishedAs struct {
	*openapi3.Operation
	errors *openapi3.Schema
}

// publishedOperations finds an operation of the mux in the vendor's documents; none where it is not there.
func publishedOperations(pattern string) (found []publishedAs, err error) {
	all, err := published()
	for _, d := range all {
		if op := d.operations[anyNames(pattern)]; op != nil {
			found = append(found, publishedAs{op, d.errors})
		}
	}
	return found, err
}

// checkPublished holds an answer against every one of the vendor's documents that has its operation.
func checkPublished(r *http.Request, status int, body []byte) error {
	all, err := publishedOperations(r.Pattern)
	if err != nil || len(all) == 0 {
		return err
	}
	publishedChecks.Add(1)
	var v any
	if len(body) > 0 {
		if err := json.Unmarshal(body, &v); err != nil {
			return err
		}
	}
	for _, op := range all {
		err = errors.Join(err, op.check(status, v, len(body) > 0))
	}
	return err
}

func (op publishedAs) check(status int, v any, given bool) error {
	if status >= http.StatusBadRequest {
		if op.errors == nil {
			return nil
		}
		return op.errors.VisitJSON(v, visiting...)
	}
	response := op.Responses.Status(status)
	if response == nil {
		return fmt.Errorf("the status %d is not there", status)
	}
	content := response.Value.Content.Get("application/json")
	if content == nil || content.Schema == nil || !given {
		return nil
	}
	return content.Schema.Value.VisitJSON(v, visiting...)
}
