package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
)

const (
	longestFact = 253 // what a host name may be long
	mostFacts   = 100 // of a list
)

// tidy makes what a stranger's computer says fit for mails, pages and the API: one line each, short lists, no value
// that the API does not have.
func (f *agentFacts) tidy() {
	texts := []*string{&f.Hostname, &f.OS, &f.OSFamily, &f.Version, &f.Arch, &f.AgentVersion, &f.SerialNumber, &f.TemplateName, &f.FDEKey,
		&f.AmazonInstanceID, &f.DisplayManager, &f.DomainInfo.DomainName, &f.HWVendor}
	if f.FileSystem != nil {
		texts = append(texts, f.FileSystem)
	}
	f.NetworkInterfaces = slices.DeleteFunc(atMost(f.NetworkInterfaces), func(n networkInterface) bool { return n.Family != "IPv4" && n.Family != "IPv6" })
	for i := range f.NetworkInterfaces {
		texts = append(texts, &f.NetworkInterfaces[i].Name, &f.NetworkInterfaces[i].Address)
	}
	f.SSHDParams = atMost(f.SSHDParams)
	for i := range f.SSHDParams {
		texts = append(texts, &f.SSHDParams[i].Name, &f.SSHDParams[i].Value)
	}
	f.UserMetrics = atMost(f.UserMetrics)
	for i := range f.UserMetrics {
		texts = append(texts, &f.UserMetrics[i].UserName)
	}
	for _, text := range texts {
		*text = oneLine(*text, longestFact)
	}
	if f.OSFamily != "darwin" {
		f.ServiceAccountState = nil
	}
}

// atMost bounds a list; it is never nil, since the API has no null there.
func atMost[T any](list []T) []T {
	return append([]T{}, list[:min(len(list), mostFacts)]...)
}

// storeReport keeps what an agent told besides the columns of systems.
func (s *Server) storeReport(ctx context.Context, tx *sql.Tx, id string, f agentFacts) error {
	f.tidy()
	s.rules.learn(f.FDEKey)
	_, err := tx.ExecContext(ctx, `INSERT INTO system_reports (system_id, body, fde_key) VALUES (?, '', ?)
		ON CONFLICT DO UPDATE SET fde_key = CASE excluded.fde_key WHEN '' THEN fde_key ELSE excluded.fde_key END`, id, f.FDEKey)
	if err != nil {
		return fmt.Errorf("storing what an agent told: %w", err)
	}
	if err := tx.QueryRowContext(ctx, `SELECT fde_key <> '' FROM system_reports WHERE system_id = ?`, id).Scan(&f.FDE.KeyPresent); err != nil {
		return fmt.Errorf("reading what an agent told: %w", err)
	}
	body, err := json.Marshal(f.reportedOfSystem)
	if err != nil {
		return fmt.Errorf("writing what an agent told: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE system_reports SET body = ? WHERE system_id = ?`, string(body), id); err != nil {
		return fmt.Errorf("storing what an agent told: %w", err)
	}
	return nil
}

// diskKey gives the recovery key of a system's disk, or ErrNotFound: no such system, or none was told.
func (s *Server) diskKey(ctx context.Context, id string) (string, error) {
	return first(query(ctx, s.db, func(r *sql.Rows) (key string, err error) { return key, r.Scan(&key) },
		`SELECT fde_key FROM system_reports JOIN systems ON systems.id = system_id WHERE system_id = ? AND deleted = '' AND fde_key <> ''`, id))
}
