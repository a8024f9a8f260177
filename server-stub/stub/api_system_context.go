package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// systemContext is what else the wire form of systems needs, by their ids.
type systemContext struct {
	organization string
	options      map[string]systemOptions
	reports      map[string]systemReport
	labels       map[string]systemLabels
}

// systemOptions is what an admin may change of a system besides its name.
type systemOptions struct{ sshRoot, sshPassword, publicKey, multiFactor bool }

var defaultOptions = systemOptions{sshPassword: true, publicKey: true}

// systemReport is what the agent told, as it is stored.
type systemReport struct {
	body    string   // JSON in the names of the API
	managed []string // names of the accounts of the users who are bound
}

// systemLabels is JSON.
type systemLabels struct{ attributes, tags string }

func systemsContext(ctx context.Context, q querier, rows []System) (systemContext, error) {
	about := systemContext{options: map[string]systemOptions{}, reports: map[string]systemReport{}, labels: map[string]systemLabels{}}
	org, err := organization(ctx, q)
	if err != nil {
		return about, err
	}
	about.organization = org.ID
	ids := []string{}
	for _, y := range rows {
		ids = append(ids, y.ID)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return about, fmt.Errorf("listing ids: %w", err)
	}
	for _, of := range []struct {
		text string
		scan func(*sql.Rows) (string, error)
	}{
		{`SELECT system_id, ssh_root, ssh_password, public_key, multi_factor FROM system_options`, func(r *sql.Rows) (id string, err error) {
			var o systemOptions
			err = r.Scan(&id, &o.sshRoot, &o.sshPassword, &o.publicKey, &o.multiFactor)
			about.options[id] = o
			return id, err
		}},
		{`SELECT system_id, body, coalesce((SELECT group_concat(` + accountName + `, char(10)) FROM associations
			JOIN users ON users.id = user_id WHERE associations.system_id = system_reports.system_id), '') FROM system_reports`, func(r *sql.Rows) (id string, err error) {
			var o systemReport
			var names string
			err = r.Scan(&id, &o.body, &names)
			o.managed = strings.Split(names, "\n")
			about.reports[id] = o
			return id, err
		}},
		{`SELECT system_id, attributes, tags FROM system_labels`, func(r *sql.Rows) (id string, err error) {
			var o systemLabels
			err = r.Scan(&id, &o.attributes, &o.tags)
			about.labels[id] = o
			return id, err
		}},
	} {
		if _, err := query(ctx, q, of.scan, of.text+` WHERE system_id IN (SELECT value FROM json_each(?))`, string(list)); err != nil {
			return about, err
		}
	}
	return about, nil
}

// fill sets what the agent told, and what the API's users noted, over the values of a computer that has none of it.
func (about systemContext) fill(w *wireSystem) error {
	if told, ok := about.reports[w.ID]; ok {
		if err := json.Unmarshal([]byte(told.body), &w.reportedOfSystem); err != nil {
			return fmt.Errorf("reading what an agent told: %w", err)
		}
		for i, m := range w.UserMetrics {
			w.UserMetrics[i].Managed = slices.Contains(told.managed, m.UserName)
		}
	}
	noted, ok := about.labels[w.ID]
	if !ok {
		return nil
	}
	if err := json.Unmarshal([]byte(noted.attributes), &w.Attributes); err != nil {
		return fmt.Errorf("reading the attributes of a system: %w", err)
	}
	if err := json.Unmarshal([]byte(noted.tags), &w.Tags); err != nil {
		return fmt.Errorf("reading the tags of a system: %w", err)
	}
	return nil
}
