package stub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"example.com/enrollment-assistant/assets"
)

// openapiData is what openapi.html shows.
type openapiData struct {
	Lead    string
	Groups  []openapiGroup
	Schemas []openapiSchema
}

// openapiGroup is the operations of one tag.
type openapiGroup struct {
	Name, Text string
	Operations []openapiOperation
}

type openapiOperation struct {
	Method, Path, Summary, Text string
	Parameters                  []openapiLine
	Body                        string
	Answers                     []openapiLine
}

type openapiSchema struct {
	Name, Text string
	Lines      []openapiLine
}

// openapiLine is a parameter, an answer or a field.
type openapiLine struct{ Name, Kind, Text string }

// openapiShown is the document as the page has it.
var openapiShown = sync.OnceValues(func() (openapiData, error) {
	raw, err := apiJSON()
	if err != nil {
		return openapiData{}, err
	}
	var doc apiDoc
	if err := json.Unmarshal(raw, &doc); err != nil {
		return openapiData{}, fmt.Errorf("reading the API's document: %w", err)
	}
	return doc.shown()
})

func (s *Server) openapiPage(w http.ResponseWriter, r *http.Request) error {
	data, err := openapiShown()
	if err != nil {
		return err
	}
	return s.render(w, r, page{Name: "openapi", Wide: true, Title: assets.Text("web.openapi.title"), Data: data})
}

// shown sorts the document by its tags and paths.
func (doc apiDoc) shown() (openapiData, error) {
	d := openapiData{Lead: doc.Info.Description}
	for _, tag := range doc.Tags {
		g := openapiGroup{Name: tag.Name, Text: tag.Description}
		for _, path := range sortedKeys(doc.Paths) {
			var common []apiParameter
			if raw, ok := doc.Paths[path]["parameters"]; ok {
				if err := json.Unmarshal(raw, &common); err != nil {
					return d, fmt.Errorf("reading the parameters of %s: %w", path, err)
				}
			}
			for _, method := range []string{"get", "post", "put", "delete"} {
				raw, ok := doc.Paths[path][method]
				if !ok {
					continue
				}
				var o apiOperation
				if err := json.Unmarshal(raw, &o); err != nil {
					return d, fmt.Errorf("reading %s %s: %w", method, path, err)
				}
				if slices.Contains(o.Tags, tag.Name) {
					o.Parameters = append(slices.Clone(common), o.Parameters...)
					g.Operations = append(g.Operations, doc.operation(method, path, o))
				}
			}
		}
		d.Groups = append(d.Groups, g)
	}
	for _, name := range sortedKeys(doc.Components.Schemas) {
		c := doc.Components.Schemas[name]
		lines := []openapiLine{}
		for _, field := range sortedKeys(c.Properties) {
			lines = append(lines, openapiLine{field, c.Properties[field].shape(), c.Properties[field].Description})
		}
		if len(lines) > 0 {
			d.Schemas = append(d.Schemas, openapiSchema{name, c.Description, lines})
		}
	}
	return d, nil
}

// operation follows the references of an operation.
func (doc apiDoc) operation(method, path string, o apiOperation) openapiOperation {
	shown := openapiOperation{Method: strings.ToUpper(method), Path: path, Summary: o.Summary, Text: o.Description, Body: shapes(o.RequestBody.Content)}
	for _, p := range o.Parameters {
		if known, ok := doc.Components.Parameters[refName(p.Ref)]; ok {
			p = known
		}
		shown.Parameters = append(shown.Parameters, openapiLine{p.Name, p.In + ", " + p.Schema.shape(), p.Description})
	}
	for _, status := range sortedKeys(o.Responses) {
		a := o.Responses[status]
		if known, ok := doc.Components.Responses[refName(a.Ref)]; ok {
			a = known
		}
		if status == "default" {
			status = assets.Text("web.openapi.otherwise")
		}
		shown.Answers = append(shown.Answers, openapiLine{status, shapes(a.Content), a.Description})
	}
	return shown
}

func refName(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// shapes says what a body may be.
func shapes(content map[string]apiContent) string {
	var all []string
	for _, kind := range sortedKeys(content) {
		all = append(all, strings.TrimSpace(kind+" "+content[kind].Schema.shape()))
	}
	return strings.Join(all, "; ")
}
