package stub

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// How much one query may ask for. The vendor limits a page to 100 rows; the others keep a query within what the
// database takes.
const (
	defaultPage  = 10
	maxPage      = 100
	maxCompare   = 50
	maxTerms     = 200
	maxSkip      = 1 << 40
	maxEchoed    = 60 // runes of a wrong value that an error repeats
	maxSearching = 20
)

// comparison is one filter: field, operator, values (several for $in and $nin only).
type comparison struct {
	field, op string
	values    []string
}

// listQuery is what a list of V1 may be asked, by URL or by the body of a search.
type listQuery struct {
	limit, skip  int64
	sort, fields []string
	all, some    []comparison // every one of all holds, and one of some where there are any
	terms, in    []string     // text to look for, and the fields to look in
}

var (
	filterAnd = regexp.MustCompile(`^filter(\[\d*\]|\[and\]\[\d*\])?$`)
	filterOr  = regexp.MustCompile(`^filter\[or\]\[\d*\]$`)
	searchFor = regexp.MustCompile(`^search(\[searchTerm\](\[\d*\])?)?$`)
	searchIn  = regexp.MustCompile(`^search\[fields\](\[\d*\])?$`)
)

// urlQuery reads what the URL of a call asks.
func (c apiCall) urlQuery() (listQuery, error) { return urlQuery(c.URL.Query()) }

// urlQuery reads the query of a URL.
func urlQuery(v url.Values) (q listQuery, err error) {
	q.sort, q.fields = strings.Fields(v.Get("sort")), strings.Fields(v.Get("fields"))
	if q.limit, err = wholeNumber("limit", v.Get("limit"), defaultPage, 1); err != nil {
		return q, err
	}
	if q.skip, err = wholeNumber("skip", v.Get("skip"), 0, 0); err != nil {
		return q, err
	}
	q.limit = min(q.limit, maxPage)
	for name, values := range v {
		switch {
		case filterAnd.MatchString(name):
			q.all, err = appendFilters(q.all, values)
		case filterOr.MatchString(name):
			q.some, err = appendFilters(q.some, values)
		case searchFor.MatchString(name):
			err = q.addSearch(values)
		case searchIn.MatchString(name):
			q.in = append(q.in, values...)
		case strings.HasPrefix(name, "filter") || strings.HasPrefix(name, "search"):
			err = badRequest("Invalid parameter: %q", oneLine(name, maxEchoed))
		}
		if err != nil {
			return q, err
		}
	}
	return q, q.check()
}

// check bounds what was read.
func (q listQuery) check() error {
	n := 0
	for _, c := range slices.Concat(q.all, q.some) {
		n += len(c.values)
	}
	if len(q.all)+len(q.some) > maxCompare || n > maxTerms {
		return badRequest("Invalid filter: at most %d expressions with %d values", maxCompare, maxTerms)
	}
	if len(q.terms) > maxSearching || len(q.in) > maxSearching {
		return badRequest("Invalid search: at most %d terms and %d fields", maxSearching, maxSearching)
	}
	return nil
}

// wholeNumber reads limit or skip.
func wholeNumber(name, value string, none, least int64) (int64, error) {
	if value == "" {
		return none, nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < least || n > maxSkip {
		return 0, badRequest("Invalid %s: %q is not a whole number from %d", name, oneLine(value, maxEchoed), least)
	}
	return n, nil
}

func appendFilters(to []comparison, texts []string) ([]comparison, error) {
	for _, text := range texts {
		if text == "" {
			continue
		}
		c, err := parseFilter(text)
		if err != nil {
			return to, err
		}
		to = append(to, c)
	}
	return to, nil
}

// parseFilter reads field:$operator:value.
func parseFilter(text string) (comparison, error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 || parts[0] == "" {
		return comparison{}, badRequest("Invalid filter: %q is not field:$operator:value", oneLine(text, maxEchoed))
	}
	c := comparison{parts[0], parts[1], []string{parts[2]}}
	if c.op == "$in" || c.op == "$nin" {
		c.values = splitTerms(parts[2])
	}
	return c, nil
}

// splitTerms splits at each | that has no backslash before it.
func splitTerms(text string) []string {
	const escaped = "\x00" // no value of a field holds one
	terms := strings.Split(strings.ReplaceAll(text, `\|`, escaped), "|")
	for i := range terms {
		terms[i] = strings.ReplaceAll(terms[i], escaped, "|")
	}
	return terms
}

// addSearch takes search=TERM, or the documented nested object written as JSON.
func (q *listQuery) addSearch(values []string) error {
	for _, v := range values {
		if !strings.HasPrefix(strings.TrimSpace(v), "{") {
			if v != "" {
				q.terms = append(q.terms, v)
			}
			continue
		}
		var o searchObject
		if err := json.Unmarshal([]byte(v), &o); err != nil {
			return badRequest("Invalid search: neither text nor an object of searchTerm and fields")
		}
		if err := q.addObject(o); err != nil {
			return err
		}
	}
	return nil
}

// searchObject is a search in JSON; searchTerm is a text or a list of texts.
type searchObject struct {
	SearchTerm any      `json:"searchTerm"`
	Fields     []string `json:"fields"`
}

func (q *listQuery) addObject(o searchObject) error {
	terms, ok := o.SearchTerm.([]any)
	if !ok && o.SearchTerm != nil {
		terms = []any{o.SearchTerm}
	}
	for _, t := range terms {
		text, ok := t.(string)
		if !ok {
			return badRequest("Invalid search: searchTerm is a text or a list of texts")
		}
		if text != "" {
			q.terms = append(q.terms, text)
		}
	}
	q.in = append(q.in, o.Fields...)
	return nil
}

// searchBody is what POST /api/search/… carries.
type searchBody struct {
	Filter       json.RawMessage `json:"filter"`
	SearchFilter *searchObject   `json:"searchFilter"`
	Fields       string          `json:"fields"`
	Sort         string          `json:"sort"`
	Limit        json.Number     `json:"limit"`
	Skip         json.Number     `json:"skip"`
}

// searchQuery reads the body of a search.
func (c apiCall) searchQuery() (q listQuery, err error) {
	var in searchBody
	if err := c.body(&in); err != nil {
		return q, err
	}
	if q, err = urlQuery(url.Values{"limit": {in.Limit.String()}, "skip": {in.Skip.String()}, "sort": {in.Sort}, "fields": {in.Fields}}); err != nil {
		return q, err
	}
	if in.SearchFilter != nil {
		if err := q.addObject(*in.SearchFilter); err != nil {
			return q, err
		}
	}
	if len(in.Filter) > 0 && string(in.Filter) != "null" {
		if err := q.addFilterJSON(in.Filter); err != nil {
			return q, err
		}
	}
	return q, q.check()
}

// scalar is a value of a filter in JSON as text.
func scalar(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number, bool:
		return fmt.Sprint(v), nil
	}
	return "", badRequest("Invalid filter: a value is a text, a number or a boolean")
}
