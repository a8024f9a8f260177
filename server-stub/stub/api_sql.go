package stub

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// clause is a condition in SQL with its arguments.
type clause struct {
	sql  string
	args []any
}

// join makes one clause of several; none is always true.
func join(all []clause, with string) clause {
	if len(all) == 0 {
		return clause{sql: "1"}
	}
	var texts []string
	var args []any
	for _, c := range all {
		texts, args = append(texts, c.sql), append(args, c.args...)
	}
	return clause{"(" + strings.Join(texts, with) + ")", args}
}

// where is the condition of a query.
func (l collection) where(q listQuery) (clause, error) {
	parts := []clause{}
	for _, e := range q.all {
		c, err := l.compare(e)
		if err != nil {
			return c, err
		}
		parts = append(parts, c)
	}
	some := []clause{}
	for _, e := range q.some {
		c, err := l.compare(e)
		if err != nil {
			return c, err
		}
		some = append(some, c)
	}
	if len(some) > 0 {
		parts = append(parts, join(some, " OR "))
	}
	found, err := l.search(q)
	if err != nil {
		return found, err
	}
	return join(append(parts, found), " AND "), nil
}

// search is true of a row that holds one of the terms in one of the fields, whatever the case of ASCII letters.
func (l collection) search(q listQuery) (clause, error) {
	in := q.in
	if len(in) == 0 {
		in = l.searched
	}
	var hits []clause
	for _, field := range in {
		if !slices.Contains(l.searched, field) {
			return clause{}, badRequest("Invalid search field: %q; offered are %s", oneLine(field, maxEchoed), strings.Join(l.searched, ", "))
		}
		for _, term := range q.terms {
			hits = append(hits, clause{"instr(lower(" + l.columns[field].sql + "), lower(?)) > 0", []any{term}})
		}
	}
	if narrow, ok := l.narrow(q.terms); ok {
		return join([]clause{narrow, join(hits, " OR ")}, " AND "), nil
	}
	return join(hits, " OR "), nil
}

// narrow finds the rows that can hold one of the terms without reading all; there is no such way for terms of less than
// three characters. It is true of more rows than hold them: the text is found whatever its field.
func (l collection) narrow(terms []string) (clause, bool) {
	phrases := []string{}
	for _, term := range terms {
		if utf8.RuneCountInString(term) < 3 || strings.ContainsRune(term, 0) {
			return clause{}, false
		}
		phrases = append(phrases, `"`+strings.ReplaceAll(term, `"`, `""`)+`"`)
	}
	if l.text == "" || len(phrases) == 0 {
		return clause{}, false
	}
	return clause{"rowid IN (SELECT rowid FROM " + l.text + " WHERE " + l.text + " MATCH ?)", []any{strings.Join(phrases, " OR ")}}, true
}

// operators are the vendor's, with those of SQL.
var operators = map[string]string{"$eq": "=", "$ne": "<>", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<=", "$in": "IN", "$nin": "NOT IN"}

// compare makes SQL of one filter.
func (l collection) compare(e comparison) (clause, error) {
	c, ok := l.columns[e.field]
	if !ok {
		return clause{}, badRequest("Invalid filter field: %q; offered are %s", oneLine(e.field, maxEchoed), strings.Join(l.names(false), ", "))
	}
	op, ok := operators[e.op]
	if !ok {
		return clause{}, badRequest("Invalid filter operator: %q; offered are $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin", oneLine(e.op, maxEchoed))
	}
	if c.kind == sinceColumn {
		return l.compareSince(c, e)
	}
	var args []any
	for _, v := range e.values {
		if c.kind == timeColumn {
			v = sameForm(v)
		}
		args = append(args, v)
	}
	text := c.sql + " " + op + " ?"
	if strings.HasSuffix(op, "IN") {
		text = c.sql + " " + op + " (" + strings.TrimSuffix(strings.Repeat("?,", len(args)), ",") + ")"
	} else if c.kind == timeColumn && strings.HasPrefix(op, "<") && op != "<>" {
		text = "(" + text + " AND " + c.sql + " <> '')"
	}
	return clause{text, args}, nil
}

// compareSince makes SQL of a filter by a boolean that is a time not long ago.
func (l collection) compareSince(c column, e comparison) (clause, error) {
	if e.op != "$eq" && e.op != "$ne" || e.values[0] != "true" && e.values[0] != "false" {
		return clause{}, badRequest("Invalid filter: %s takes $eq or $ne, and true or false", e.field)
	}
	if (e.op == "$eq") == (e.values[0] == "true") {
		return clause{c.sql + " >= ?", []any{l.since}}, nil
	}
	return clause{c.sql + " < ?", []any{l.since}}, nil
}

// sameForm writes a time as the database does, so that texts compare as times; part of a time stays.
func sameForm(v string) string {
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return when(t)
	}
	return v
}

// orderBy is the order of a query; the id makes it total, so that pages do not overlap.
func (l collection) orderBy(q listQuery) (string, error) {
	if len(q.sort) == 0 {
		return l.order, nil
	}
	var keys, used []string
	direction := ""
	for _, name := range q.sort {
		name, down := strings.CutPrefix(name, "-")
		c, ok := l.columns[name]
		if !ok || c.kind == sinceColumn || slices.Contains(used, c.sql) {
			return "", badRequest("Invalid sort field: %q; offered, each once, are %s", oneLine(name, maxEchoed), strings.Join(l.names(true), ", "))
		}
		if direction = ""; down {
			direction = " DESC"
		}
		used, keys = append(used, c.sql), append(keys, c.sql+direction)
	}
	if !slices.Contains(used, "id") {
		keys = append(keys, "id"+direction) // as the last key goes, so that an index of both serves
	}
	return strings.Join(keys, ", "), nil
}
