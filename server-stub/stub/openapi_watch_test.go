package stub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// TestMain holds every answer of every server in every test of this package against openapi.yaml, and against the
// vendor's documents where they lie beside the project. A test that closes its server by closing fails itself; what is
// left fails here.
func TestMain(m *testing.M) {
	watched = watch
	code := m.Run()
	fmt.Printf("answers as documented=%d, by the vendor's documents too=%d\n", wrongAnswers.count(), publishedChecks.Load())
	for s := range wrongAnswers.of {
		for _, text := range wrongAnswers.take(s) {
			fmt.Fprintln(os.Stderr, "not as documented:", text)
			code = 1
		}
	}
	os.Exit(code)
}

// publishedChecks counts the answers that were held against the vendor's documents.
var publishedChecks atomic.Int64

// wrongAnswers are those that are not as documented, by server.
var wrongAnswers = answersOf{of: map[*Server][]string{}}

type answersOf struct {
	mu   sync.Mutex
	of   map[*Server][]string
	held int // answers that were as documented
}

func (a *answersOf) note(s *Server, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for s.parent != nil {
		s = s.parent
	}
	if err == nil {
		a.held++
		return
	}
	a.of[s] = append(a.of[s], err.Error())
}

func (a *answersOf) take(s *Server) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	texts := a.of[s]
	delete(a.of, s)
	return texts
}

// watch is put around a surface of a server.
func watch(s *Server, port string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &witness{ResponseWriter: w}
		next.ServeHTTP(seen, r)
		if forPeople(r.Pattern) || r.Method == http.MethodHead {
			return
		}
		if seen.status == 0 {
			seen.status = http.StatusOK
		}
		err := checkAnswer(r, seen.status, w.Header(), seen.body.Bytes())
		if err != nil {
			err = fmt.Errorf("%s port: %s: %d %.300s: %w", port, r.Pattern, seen.status, seen.body.String(), err)
		}
		wrongAnswers.note(s, err)
	})
}

// witness keeps what was answered, up to a size that no document's answer has.
type witness struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	more   bool
}

const witnessed = 8 << 20

func (w *witness) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *witness) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if w.body.Len()+len(b) <= witnessed {
		_, _ = w.body.Write(b) // never fails
	} else {
		w.more = true
	}
	return w.ResponseWriter.Write(b)
}

func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// forPeople says whether a pattern is a page, or what no pattern matches; the document is about the rest.
func forPeople(pattern string) bool {
	_, path, _ := strings.Cut(pattern, " ")
	switch path {
	case "", "/{$}", "/live", "/userconsole", "/userconsole/{$}", "/userconsole/signin", "/userconsole/code", "/userconsole/key", "/userconsole/signout",
		"/_qa/{$}", "/_qa/phone", "/_qa/openapi":
		return true
	}
	return path == "/admin" || strings.HasPrefix(path, "/admin/") || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/_qa/console")
}

// ownDocument is openapi.yaml as it is served.
var ownDocument = sync.OnceValues(func() (*openapi3.T, error) {
	raw, err := apiJSON()
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

// documented gives the operation of a pattern of the mux.
func documented(pattern string) (*openapi3.T, *openapi3.Operation, error) {
	doc, err := ownDocument()
	if err != nil {
		return nil, nil, err
	}
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.NewReplacer("{$}", "", "...}", "}").Replace(path)
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		return nil, nil, errors.New("openapi.yaml does not have it")
	}
	return doc, item.GetOperation(method), nil
}

// checkAnswer holds an answer against our document, and against the vendor's.
func checkAnswer(r *http.Request, status int, header http.Header, body []byte) error {
	unknown := r.Pattern == "/api/" || r.Pattern == "/insights/" // answers to what there is not
	if !unknown {
		doc, op, err := documented(r.Pattern)
		if err != nil {
			return err
		}
		route := &routers.Route{Spec: doc, Path: r.URL.Path, Method: r.Method, Operation: op}
		if err := checkOperation(r, route, status, header, body); err != nil {
			return fmt.Errorf("openapi.yaml: %w", err)
		}
	}
	if err := checkPublished(r, status, body); err != nil {
		return fmt.Errorf("published: %w", err)
	}
	return nil
}

// checkOperation holds status, headers and body of an answer against an operation.
func checkOperation(r *http.Request, route *routers.Route, status int, header http.Header, body []byte) error {
	input := &openapi3filter.ResponseValidationInput{RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route}, Status: status, Header: header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: true, MultiError: true}}
	if err := openapi3filter.ValidateResponse(r.Context(), input); err != nil {
		return err
	}
	response := route.Operation.Responses.Status(status)
	if response == nil {
		response = route.Operation.Responses.Default()
	}
	if response == nil { // a status that is not checked above
		return nil
	}
	if len(response.Value.Content) == 0 {
		if len(body) > 0 && status != http.StatusPartialContent && status < 400 {
			return errors.New("there is a body")
		}
		return nil
	}
	content := response.Value.Content.Get(header.Get("Content-Type"))
	if content == nil {
		return fmt.Errorf("Content-Type %q", header.Get("Content-Type"))
	}
	return checkBody(content, header.Get("Content-Type"), body)
}

// visiting are the ways of checking a value; the schema itself in a message would hide what is wrong.
var visiting = []openapi3.SchemaValidationOption{openapi3.VisitAsResponse(), openapi3.MultiErrors(), openapi3.EnableFormatValidation(), openapi3.DisableSchemaErrorDetails()}

// checkBody holds a body against the schema of its kind.
func checkBody(content *openapi3.MediaType, kind string, body []byte) error {
	if content.Schema == nil {
		return nil
	}
	kind, _, err := mime.ParseMediaType(kind)
	if err != nil {
		return err
	}
	parts := [][]byte{body}
	if kind == "application/x-ndjson" {
		parts = bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	}
	for _, part := range parts {
		var v any = string(part)
		if strings.HasSuffix(kind, "json") {
			if len(part) == 0 && len(parts) == 1 && kind == "application/x-ndjson" {
				continue // no lines
			}
			if err := json.Unmarshal(part, &v); err != nil {
				return err
			}
		}
		if err := content.Schema.Value.VisitJSON(v, visiting...); err != nil {
			return err
		}
	}
	return nil
}
