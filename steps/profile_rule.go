package steps

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"example.com/enrollment-assistant/assets"
)

// profileSchema is compiled once, from the file that admins can give to their editor.
var profileSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	const name = "profile.schema.json"
	f, err := assets.Files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	document, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, document); err != nil {
		return nil, err
	}
	return c.Compile(name)
})

// validProfile parses and validates. Its error names the key but never its value: that may be a secret.
func validProfile(content []byte, path string) (map[string]any, error) {
	tree, err := parseTree(content)
	if err != nil {
		return nil, profileProblem(err, "problem.profile.json", "Path", path)
	}
	schema, err := profileSchema()
	if err != nil {
		return nil, &Problem{Code: CodeInternal, Step: Welcome, Summary: assets.Text("problem.internal"), Err: err}
	}
	err = schema.Validate(tree)
	if err == nil {
		return tree, nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil, profileProblem(errors.New("validating the profile failed"), "problem.profile.json", "Path", path)
	}
	unknown, wrong := schemaFaults(invalid)
	if len(unknown) > 0 {
		list := strings.Join(unknown, ", ")
		return nil, profileProblem(errors.New("unknown keys: "+list), "problem.profile.unknown", "Path", path, "Keys", list)
	}
	list := strings.Join(wrong, ", ")
	return nil, profileProblem(errors.New("values that are not allowed: "+list), "problem.profile.value", "Path", path, "Key", list)
}

// schemaFaults lists the pointers of unknown keys and of keys with a wrong value.
func schemaFaults(e *jsonschema.ValidationError) (unknown, wrong []string) {
	if extra, ok := e.ErrorKind.(*kind.AdditionalProperties); ok {
		for _, name := range extra.Properties {
			unknown = append(unknown, pointer(append(slices.Clone(e.InstanceLocation), name)))
		}
	} else if len(e.Causes) == 0 {
		at := pointer(e.InstanceLocation)
		if missing, ok := e.ErrorKind.(*kind.Required); ok {
			for _, name := range missing.Missing {
				wrong = append(wrong, at+"/"+name)
			}
		} else {
			wrong = append(wrong, at)
		}
	}
	for _, c := range e.Causes {
		u, w := schemaFaults(c)
		unknown, wrong = append(unknown, u...), append(wrong, w...)
	}
	return unknown, wrong
}

// pointer is the JSON pointer of a path (RFC 6901).
func pointer(path []string) string {
	var b strings.Builder
	for _, name := range path {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return b.String()
}

// Whether a key of an unprotected source counts.
var (
	always = func(any) bool { return true }
	// openKeys lists what anybody may say: how the assistant looks and speaks, which of the vendor's clouds, and
	// requirements that are stricter than the built-in ones. Everything else decides who controls the computer.
	openKeys = map[string]func(value any) bool{
		"/$schema":                   always,
		"/organization/name":         always,
		"/organization/logo":         always,
		"/organization/accent":       always,
		"/help/email":                always,
		"/help/phone":                always,
		"/help/url":                  always,
		"/texts/welcome":             always,
		"/languages":                 always,
		"/region":                    always,
		"/requirements/diskMB":       func(v any) bool { return number(v) >= defaultDiskMB },
		"/requirements/memoryMB":     func(v any) bool { return number(v) >= defaultMemoryMB },
		"/requirements/clockSeconds": func(v any) bool { return number(v) <= defaultClockSeconds },
	}
)

// systemsPointer is the object whose members are rows of the table of supported systems.
const systemsPointer = "/requirements/systems"

// judgeKeys tells of every key of a valid profile whether it counts, and takes out of tree what does not. reason is
// why the source is not protected; from a protected one everything counts.
func judgeKeys(tree map[string]any, reason string) []ProfileKey {
	var keys []ProfileKey
	var walk func(at string, object map[string]any)
	walk = func(at string, object map[string]any) {
		for _, name := range slices.Sorted(maps.Keys(object)) {
			here := at + pointer([]string{name})
			if inner, ok := object[name].(map[string]any); ok && len(inner) > 0 {
				walk(here, inner)
				if len(inner) == 0 {
					delete(object, name)
				}
				continue
			}
			k := ProfileKey{Pointer: here, Honoured: true}
			if reason != "" {
				k.Honoured, k.Reason = openKey(at, name, object[name], reason)
			}
			if !k.Honoured {
				delete(object, name)
			}
			keys = append(keys, k)
		}
	}
	walk("", tree)
	return keys
}

// openKey judges one key of an unprotected source.
func openKey(at, name string, value any, reason string) (honoured bool, why string) {
	if at == systemsPointer {
		if stricterRow(name, value) {
			return true, ""
		}
		return false, assets.Text("note.profile.looser", "Reason", reason)
	}
	allowed, known := openKeys[at+pointer([]string{name})]
	switch {
	case !known:
		return false, reason
	case !allowed(value):
		return false, assets.Text("note.profile.looser", "Reason", reason)
	}
	return true, ""
}

// stricterRow tells whether a row of the table only removes versions that are supported.
func stricterRow(id string, value any) bool {
	list, ok := value.([]any)
	if !ok {
		return false
	}
	for _, v := range list {
		if s, ok := v.(string); !ok || !slices.Contains(supportedSystems[id], s) {
			return false
		}
	}
	_, known := supportedSystems[id]
	return known
}

// number reads an integer that the schema has checked; what does not fit compares as neither larger nor smaller.
func number(v any) float64 {
	n, ok := v.(json.Number)
	if !ok {
		return math.NaN()
	}
	f, err := n.Float64()
	if err != nil {
		return math.NaN()
	}
	return f
}
