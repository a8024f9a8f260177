package stub

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

// Event types, in the words of Directory Insights.
const (
	eventSystemCreate = "system_create"
	eventSystemUpdate = "system_update"
	eventSystemDelete = "system_delete"
	eventAssociation  = "association_change"
	eventOrganization = "organization_update"
	eventUserCreate   = "user_create"
	eventUserUpdate   = "user_update"
	eventUserDelete   = "user_delete"
	eventUserLogin    = "user_login_attempt"
	eventAdminLogin   = "admin_login_attempt"
)

// detailEnrollSetting is the field that Directory Insights names for the switch.
const detailEnrollSetting = "settings.enableUserPortalAgentInstall"

// maxListed is how many rows of the outbox and of the events a list gives: the newest.
const maxListed = 10_000

// addEvent stores an event at the server's time, within a write.
func (s *Server) addEvent(ctx context.Context, q querier, e Event) error {
	now := s.now()
	_, err := q.ExecContext(ctx, `INSERT INTO events (id, type, time, actor_id, system_id, user_id, detail, success) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		newID(now), e.Type, when(now), e.ActorID, e.SystemID, e.UserID, e.Detail, e.Success)
	if err != nil {
		return fmt.Errorf("storing an event: %w", err)
	}
	said := strings.TrimSpace(e.Type + " " + e.Detail)
	if e.Type == eventSystemCreate { // its detail is a name that a stranger chose
		said = e.Type
	}
	s.did = append(s.did, Entry{Kind: EntryEvent, Text: said, ActorID: e.ActorID, SystemID: e.SystemID, UserID: e.UserID})
	return nil
}

// Events gives the events, oldest first.
func (s *Server) Events(ctx context.Context) ([]Event, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	return events(ctx, s.db)
}

func events(ctx context.Context, q querier) ([]Event, error) {
	return query(ctx, q, func(r *sql.Rows) (Event, error) {
		var e Event
		err := r.Scan(&e.ID, &e.Type, stamp{&e.Time}, &e.ActorID, &e.SystemID, &e.UserID, &e.Detail, &e.Success)
		return e, err
	}, `SELECT id, type, time, actor_id, system_id, user_id, detail, success FROM (SELECT * FROM events ORDER BY seq DESC LIMIT ?) ORDER BY seq`, maxListed)
}

// signal wakes everyone who waits for it. Take the channel before looking at what it is about, or a change in between
// is missed. The zero value works.
type signal struct {
	mu    sync.Mutex
	ch    chan struct{}
	fired atomic.Uint64 // how often
}

// count gives how often it was fired.
func (g *signal) count() uint64 { return g.fired.Load() }

// wait gives a channel that the next fire closes.
func (g *signal) wait() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ch == nil {
		g.ch = make(chan struct{})
	}
	return g.ch
}

func (g *signal) fire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fired.Add(1)
	if g.ch != nil {
		close(g.ch)
		g.ch = nil
	}
}
