package stub

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.com/enrollment-assistant/assets"
)

// devicesShown is how many devices one page lists.
const devicesShown = 25

// deviceOrders are what the list is sorted by, in the order of its columns. All are indexes.
var deviceOrders = []struct{ name, column string }{
	{"device", "display_name"}, {"state", "last_contact"}, {"agent", "agent_version"}, {"created", "created"},
}

// deviceSorts are the orders to choose from, and what each is called: the end of a key.
var deviceSorts = [][2]string{{"-created", "newest"}, {"created", "oldest"}, {"device", "name"}, {"-device", "name_back"}, {"-state", "seen"}, {"state", "unseen"},
	{"agent", "agent"}, {"-agent", "agent_back"}}

// deviceList is what devices.html shows, and how it was asked for.
type deviceList struct {
	Rows            []deviceRow
	Search, State   string // State: active, inactive, unbound, or empty
	Sort            string // name of an order; a minus before it turns it round
	Page            int    // from 1 on
	Total, From, To int
	Before, After   string // addresses; empty where there is none
	Columns         []listColumn
	States, Sorts   []letterChoice
	Filtered        bool
}

// listColumn is the head of a column; Link sorts by it.
type listColumn struct{ Label, Link, Aria string }

// readDeviceList reads how the list is asked for. What is not known counts as not asked.
func readDeviceList(q url.Values) deviceList {
	d := deviceList{Search: oneLine(q.Get("q"), 100), State: q.Get("state"), Sort: q.Get("sort"), Page: 1}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 0 && n < 1_000_000 {
		d.Page = n
	}
	if !slices.ContainsFunc(deviceOrders, func(o struct{ name, column string }) bool { return o.name == strings.TrimPrefix(d.Sort, "-") }) {
		d.Sort = "-created"
	}
	for _, state := range []string{"", "active", "inactive", "unbound"} {
		word := state
		if word == "" {
			word = "all"
		}
		d.States = append(d.States, letterChoice{state, assets.Text("web.devices.show." + word), state == d.State})
	}
	if !slices.ContainsFunc(d.States, func(c letterChoice) bool { return c.Chosen }) {
		d.State, d.States[0].Chosen = "", true
	}
	for _, sort := range deviceSorts {
		d.Sorts = append(d.Sorts, letterChoice{sort[0], assets.Text("web.devices.order." + sort[1]), sort[0] == d.Sort})
	}
	d.Filtered = d.Search != "" || d.State != ""
	return d
}

// address is that of the list with another order and page.
func (d deviceList) address(sort string, page int) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": d.Search, "state": d.State} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if sort != "-created" {
		v.Set("sort", sort)
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	if len(v) == 0 {
		return "/admin/devices"
	}
	return "/admin/devices?" + v.Encode()
}

// condition is what the list is narrowed by, for SQL.
func (d deviceList) condition(s *Server) (and string, args []any) {
	if d.Search != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(d.Search) + "%"
		and = ` AND (display_name LIKE ? ESCAPE '\' OR hostname LIKE ? ESCAPE '\' OR serial_number LIKE ? ESCAPE '\' OR os LIKE ? ESCAPE '\')`
		args = []any{like, like, like, like}
	}
	oldest := when(s.now().Add(-s.Settings().InactiveAfter))
	switch d.State {
	case "active":
		and, args = and+` AND last_contact >= ?`, append(args, oldest)
	case "inactive":
		and, args = and+` AND last_contact < ?`, append(args, oldest)
	case "unbound":
		and += ` AND NOT EXISTS (SELECT 1 FROM associations WHERE system_id = systems.id)`
	}
	return and, args
}

// order is what the list is sorted by, for SQL.
func (d deviceList) order() string {
	way := "ASC"
	name, turned := strings.CutPrefix(d.Sort, "-")
	if turned {
		way = "DESC"
	}
	for _, o := range deviceOrders {
		if o.name == name {
			return fmt.Sprintf(` ORDER BY %s %s, id %s`, o.column, way, way)
		}
	}
	return ` ORDER BY created DESC, id DESC`
}

// devices fills in the page of the list that is asked for.
func (s *Server) devices(ctx context.Context, d *deviceList) ([]System, error) {
	and, args := d.condition(s)
	total, err := first(query(ctx, s.db, func(r *sql.Rows) (n int, err error) { return n, r.Scan(&n) },
		`SELECT count(*) FROM systems WHERE deleted = ''`+and, args...)) //nolint:gosec // and is put together from constants
	if err != nil {
		return nil, err
	}
	d.Total = total
	d.Page = min(d.Page, max(1, (total+devicesShown-1)/devicesShown))
	skip := (d.Page - 1) * devicesShown
	list, err := s.systemRows(ctx, s.db, and+d.order()+` LIMIT ? OFFSET ?`, append(args, devicesShown, skip)...)
	if err != nil {
		return nil, err
	}
	d.From, d.To = min(skip+1, total), skip+len(list)
	if d.Page > 1 {
		d.Before = d.address(d.Sort, d.Page-1)
	}
	if d.To < total {
		d.After = d.address(d.Sort, d.Page+1)
	}
	for _, o := range deviceOrders[:3] {
		c := listColumn{Label: assets.Text("web.devices." + o.name), Link: d.address(o.name, 1)}
		switch d.Sort {
		case o.name:
			c.Aria, c.Link = "ascending", d.address("-"+o.name, 1)
		case "-" + o.name:
			c.Aria = "descending"
		}
		d.Columns = append(d.Columns, c)
	}
	return list, nil
}

func (s *Server) devicesPage(w http.ResponseWriter, r *http.Request, a Admin) error {
	d := readDeviceList(r.URL.Query())
	systems, err := s.devices(r.Context(), &d)
	if err != nil {
		return err
	}
	if d.Rows, err = s.deviceRows(w, r, a, "list", systems); err != nil {
		return err
	}
	return s.render(w, r, adminPage(a, "devices", "devices", assets.Text("web.devices.title"), d))
}
