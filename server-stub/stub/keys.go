package stub

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// errKeyRefused is a connect key that is malformed, unknown, expired or used up. Whoever sent it is not told which.
var errKeyRefused = errors.New("connect key refused")

var (
	bareKey = regexp.MustCompile(`^[0-9a-f]{40}$`)
	// tenantKey is the vendor's own pattern
	// (https://github.com/TheJumpCloud/support, scripts/macos/install_agent_and_serviceaccount.sh).
	tenantKey = regexp.MustCompile(`^jcc_([0-9a-zA-Z+/]{4,}={0,3})$`)
)

// tenantPayload is what a tenant key carries, and what the agent finds in agentBootstrap.json.
type tenantPayload struct {
	PublicKickstartURL  string `json:"publicKickstartUrl"`
	PrivateKickstartURL string `json:"privateKickstartUrl"`
	ConnectKey          string `json:"connectKey"`
}

// IssueKey makes a connect key for a user, good for Settings.KeyLife; ErrEnrollmentOff when users may not enroll
// devices. With Settings.TenantKeys it has the form that names its hosts.
func (s *Server) IssueKey(ctx context.Context, u User) (Key, error) {
	set, now := s.Settings(), s.now()
	k := Key{Value: randomHex(20), OwnerType: OwnerUser, OwnerID: u.ID, Created: now, Expires: now.Add(set.KeyLife)}
	err := s.write(ctx, func(tx *sql.Tx) error {
		org, err := organization(ctx, tx)
		if err != nil {
			return err
		}
		if !org.EnrollmentAllowed {
			return ErrEnrollmentOff
		}
		s.did = append(s.did, Entry{Kind: EntryKey, Text: "a key was issued", ActorID: u.ID, UserID: u.ID})
		return storeKey(ctx, tx, k)
	})
	if err != nil {
		return Key{}, err
	}
	if set.TenantKeys {
		if k.Value, err = s.tenantForm(k.Value); err != nil {
			return Key{}, err
		}
	}
	s.rules.learn(k.Value)
	return k, nil
}

// tenantForm wraps a bare key. Blanks at the end of the JSON make its length a multiple of three, so that the base64
// has no padding; the vendor's keys look like that.
func (s *Server) tenantForm(bare string) (string, error) {
	a := s.Addresses()
	raw, err := json.Marshal(tenantPayload{a.Console, a.Private, bare})
	if err != nil {
		return "", fmt.Errorf("making a tenant key: %w", err)
	}
	raw = append(raw, strings.Repeat(" ", (3-len(raw)%3)%3)...)
	return "jcc_" + base64.StdEncoding.EncodeToString(raw), nil
}

func storeKey(ctx context.Context, q querier, k Key) error {
	_, err := q.ExecContext(ctx, `INSERT INTO connect_keys (value, owner_type, owner_id, created, expires) VALUES (?, ?, ?, ?, ?)`,
		k.Value, k.OwnerType, k.OwnerID, when(k.Created), when(k.Expires))
	if err != nil {
		return fmt.Errorf("storing a connect key: %w", err)
	}
	return nil
}

// bareOf gives the 40 digits of a key in either form.
func bareOf(value string) (string, bool) {
	if m := tenantKey.FindStringSubmatch(value); m != nil {
		raw, err := base64.StdEncoding.DecodeString(m[1])
		var p tenantPayload
		if err != nil || json.Unmarshal(raw, &p) != nil {
			return "", false
		}
		value = p.ConnectKey
	}
	return value, bareKey.MatchString(value)
}

// checkKey finds a key that may be used now, or gives errKeyRefused. The Key has the bare value.
func (s *Server) checkKey(ctx context.Context, q querier, value string) (Key, error) {
	bare, ok := bareOf(value)
	if !ok {
		return Key{}, errKeyRefused
	}
	var used time.Time
	k, err := first(query(ctx, q, func(r *sql.Rows) (Key, error) {
		var k Key
		err := r.Scan(&k.Value, &k.OwnerType, &k.OwnerID, stamp{&k.Created}, stamp{&k.Expires}, stamp{&used})
		return k, err
	}, `SELECT value, owner_type, owner_id, created, expires, used FROM connect_keys WHERE value = ?`, bare))
	if errors.Is(err, ErrNotFound) {
		return Key{}, errKeyRefused
	}
	if err != nil || k.OwnerType != OwnerUser { // an admin's key never expires
		return k, err
	}
	set := s.Settings()
	if !k.Expires.IsZero() && !s.now().Before(k.Expires) || set.KeysOnce && !used.IsZero() {
		return Key{}, errKeyRefused
	}
	if !set.KeysWorkWhenOff {
		org, err := organization(ctx, q)
		if err != nil {
			return Key{}, err
		}
		if !org.EnrollmentAllowed {
			return Key{}, errKeyRefused
		}
	}
	return k, nil
}
