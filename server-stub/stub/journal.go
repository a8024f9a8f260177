package stub

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// EntryKind says what an Entry of the journal is about.
type EntryKind string

// The kinds of entries.
const (
	EntryRequest   EntryKind = "request"   // a request was answered
	EntryEvent     EntryKind = "event"     // a change that Directory Insights tells of, once it is stored
	EntryMail      EntryKind = "mail"      // a mail lies in the outbox
	EntryKey       EntryKind = "key"       // a connect key was issued, or a certificate was signed with it
	EntrySettings  EntryKind = "settings"  // the settings were changed
	EntryClock     EntryKind = "clock"     // the clock was moved
	EntryFault     EntryKind = "fault"     // a fault was added, removed, or used up
	EntryReport    EntryKind = "report"    // a computer told of a failed enrollment: its step and code, none of its texts
	EntryViolation EntryKind = "violation" // an invariant did not hold
)

// Entry is one line of the journal. It holds no secret: connect keys, API keys and the values of telling names are
// masked, and neither bodies nor cookies are written.
type Entry struct {
	Seq  int64     `json:"seq"`  // from 1 on, without gaps
	Time time.Time `json:"time"` // of the server's clock
	Kind EntryKind `json:"kind"`
	Text string    `json:"text,omitempty"` // the event's type and detail, the mail's subject, the fault's name, what was violated

	// Of a request.
	Port    string            `json:"port,omitempty"` // public, private or people
	Method  string            `json:"method,omitempty"`
	Path    string            `json:"path,omitempty"`
	Query   string            `json:"query,omitempty"`
	Headers map[string]string `json:"headers,omitempty"` // those that say who asks and for what
	From    string            `json:"from,omitempty"`
	Status  int               `json:"status,omitempty"` // 0 where the connection was cut before an answer
	Bytes   int64             `json:"bytes,omitempty"`
	Micros  int64             `json:"micros,omitempty"` // how long the answer took
	Fault   string            `json:"fault,omitempty"`  // the name of the fault that shaped the answer

	// Of a change.
	ActorID  string `json:"actorID,omitempty"`
	SystemID string `json:"systemID,omitempty"`
	UserID   string `json:"userID,omitempty"`
	To       string `json:"to,omitempty"` // of a mail

	expires time.Time // of the key that was used, for the invariants
}

// journalKept is how many entries are kept in memory; Server.Journal gets all.
const journalKept = 20_000

// journal is what happened, newest last.
type journal struct {
	mu      sync.Mutex
	last    int64
	entries []Entry
	more    signal
}

// add gives the entries their numbers, keeps them and writes them out.
func (j *journal) add(out io.Writer, entries ...Entry) {
	j.mu.Lock()
	for i := range entries {
		j.last++
		entries[i].Seq = j.last
		j.entries = append(j.entries, entries[i])
		if out != nil {
			if line, err := json.Marshal(entries[i]); err == nil {
				_, _ = out.Write(append(line, '\n')) // a full disk must not stop what is being tested
			}
		}
	}
	if n := len(j.entries) - journalKept; n > journalKept/10 { // now and then, or every entry would move all
		j.entries = slices.Delete(j.entries, 0, n)
	}
	j.mu.Unlock()
	j.more.fire()
}

// JournalQuery chooses entries; an empty field chooses all.
type JournalQuery struct {
	After  int64     // entries with a higher Seq
	Kind   EntryKind //
	Method string
	Path   string // the beginning of the path
	Status int
	Text   string // found anywhere in the entry's JSON, without regard to case
	Limit  int    // the newest so many; 0 is all that are kept
}

// ReadJournal gives the entries that q chooses, oldest first. The newest 20,000 are kept.
func (s *Server) ReadJournal(q JournalQuery) []Entry {
	s.journal.mu.Lock()
	all := slices.Clone(s.journal.entries)
	s.journal.mu.Unlock()
	chosen := []Entry{}
	for _, e := range all {
		if q.chooses(e) {
			chosen = append(chosen, e)
		}
	}
	if n := len(chosen) - q.Limit; q.Limit > 0 && n > 0 {
		chosen = chosen[n:]
	}
	return chosen
}

func (q JournalQuery) chooses(e Entry) bool {
	if e.Seq <= q.After || q.Kind != "" && e.Kind != q.Kind || q.Method != "" && e.Method != q.Method ||
		q.Status != 0 && e.Status != q.Status || !strings.HasPrefix(e.Path, q.Path) {
		return false
	}
	if q.Text == "" {
		return true
	}
	line, err := json.Marshal(e)
	return err == nil && strings.Contains(strings.ToLower(string(line)), strings.ToLower(q.Text))
}

const masked = "[secret]"

var (
	// keyShaped is a connect key or an API key, wherever it stands.
	keyShaped = regexp.MustCompile(`jcc_[0-9A-Za-z+/=%]{4,}|\b[0-9A-Fa-f]{40}\b`)
	// secretLike is what else no text may hold that a stranger sends: private keys, and a word for a secret with a value.
	secretLike = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY|(?i)\b(password|passwd|pwd|secret|token|x-connect-key|x-api-key|authorization)["']?\s*` +
		`(=\s*["']?[^\s"'\[]{4,}|:\s*["'][^"'\[]{4,}["']|:\s*[^\s\[]*\d[^\s]{3,})`)
)

// secretNames are in the names of what the value of is never written.
var secretNames = []string{"key", "token", "password", "secret", "xsrf", "otp", "code", "authorization", "cookie"}

// secretName tells by its name what the value of is never written.
func secretName(name string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(lower, part) })
}

// mask takes out of a text what has the form of a key.
func mask(text string) string {
	if !mayHoldKey(text) {
		return text
	}
	return keyShaped.ReplaceAllString(text, masked)
}

// mayHoldKey tells texts that hold nothing like keyShaped at once: most of them, and each request has several.
func mayHoldKey(text string) bool {
	if strings.Contains(text, "jcc_") {
		return true
	}
	run := 0
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
			if run++; run == 40 {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}

// maskQuery is a request's query as the journal has it.
func maskQuery(values map[string][]string) string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	var parts []string
	for _, name := range names {
		for _, v := range values[name] {
			if secretName(name) {
				v = masked
			}
			parts = append(parts, oneLine(mask(name)+"="+mask(v), 500))
		}
	}
	return strings.Join(parts, "&")
}
