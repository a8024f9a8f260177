package stub

import (
	"bytes"
	"encoding/json"
	"slices"
)

// addFilterJSON reads the filter of a search: {"and":[…]} or {"or":[…]} with expressions, an expression alone, or a
// text like that of a URL.
func (q *listQuery) addFilterJSON(raw json.RawMessage) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return badRequest("Malformed filter")
	}
	o, ok := v.(map[string]any)
	if !ok {
		return addExpression(&q.all, v)
	}
	for name, to := range map[string]*[]comparison{"and": &q.all, "or": &q.some} {
		list, given := o[name]
		if !given {
			continue
		}
		expressions, ok := list.([]any)
		if !ok || len(o) != 1 {
			return badRequest("Invalid filter: a single property and or or, with a list")
		}
		for _, e := range expressions {
			if m, ok := e.(map[string]any); ok && name == "or" && len(m) != 1 {
				return badRequest("Invalid filter: an expression of or has one field")
			}
			if err := addExpression(to, e); err != nil {
				return err
			}
		}
		return nil
	}
	return addExpression(&q.all, o)
}

// addExpression reads {"field":value}, {"field":{"$operator":value}} or "field:$operator:value".
func addExpression(to *[]comparison, e any) error {
	switch e := e.(type) {
	case string:
		var err error
		*to, err = appendFilters(*to, []string{e})
		return err
	case map[string]any:
		for field, value := range e {
			if err := addField(to, field, value); err != nil {
				return err
			}
		}
		return nil
	}
	return badRequest("Invalid filter: an expression is an object or a text")
}

func addField(to *[]comparison, field string, value any) error {
	operators, ok := value.(map[string]any)
	if !ok {
		operators = map[string]any{"$eq": value}
	}
	for op, v := range operators {
		list, many := v.([]any)
		if !many {
			list = []any{v}
		}
		if many && op != "$in" && op != "$nin" {
			return badRequest("Invalid filter: only $in and $nin take a list")
		}
		c := comparison{field: field, op: op}
		for _, one := range list {
			text, err := scalar(one)
			if err != nil {
				return err
			}
			if !many && (op == "$in" || op == "$nin") {
				c.values = append(c.values, splitTerms(text)...)
			} else {
				c.values = append(c.values, text)
			}
		}
		*to = append(*to, c)
	}
	return nil
}

// column is a field that a list sorts and filters by; each has an index.
type column struct {
	sql  string
	kind columnKind
}

type columnKind int

const (
	textColumn  columnKind = iota
	timeColumn             // empty is never, and neither before nor after anything
	sinceColumn            // a boolean: the time is not before collection.since; for filters only
)

// names are the offered fields, for errors.
func (l collection) names(sorting bool) []string {
	var names []string
	for name, c := range l.columns {
		if !sorting || c.kind != sinceColumn {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
