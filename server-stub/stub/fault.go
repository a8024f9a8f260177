package stub

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault changes answers of the server, as scripted, until it is used up. It begins with the call after Skip calls that
// matched, and shapes Times calls. Every fault counts all the calls that match it; of those that no longer skip, the one
// added first shapes the call.
type Fault struct {
	ID   string `json:"id"`   // given by the server
	Name string `json:"name"` // what the journal calls it; the Point or the path where it is empty

	// Which calls: a named point of an enrollment, or a method and a path. A path that ends in * is the beginning of one;
	// an empty method is any, an empty port is any.
	Point  Point  `json:"point,omitempty"`
	Port   string `json:"port,omitempty"` // public, private or people
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Skip   int    `json:"skip,omitempty"`
	Times  int    `json:"times,omitempty"` // 0 is 1; Always until it is removed

	// What happens, in this order. Of Reset, Redirect, Stale, Poison and Status with Body, the first that is set decides.
	Delay          time.Duration     `json:"-"` // before anything; delayMs on the wire
	Reset          bool              `json:"reset,omitempty"`
	Redirect       string            `json:"redirect,omitempty"`  // 302 to this address
	Stale          bool              `json:"stale,omitempty"`     // the last skipped call's answer again, as an old cache gives it: Skip is at least 1
	Poison         Poison            `json:"poison,omitempty"`    // what lies on the poisoned shelf instead
	Status         int               `json:"status,omitempty"`    // instead of the true one; with it the body is Body
	Header         map[string]string `json:"header,omitempty"`    // set besides, or instead
	Body           string            `json:"body,omitempty"`      // instead of the true one
	CutAfter       int64             `json:"cutAfter,omitempty"`  // bytes of the body, then the connection ends
	LengthOff      int64             `json:"lengthOff,omitempty"` // Content-Length says so many bytes more than there are, or fewer
	BytesPerSecond int64             `json:"bytesPerSecond,omitempty"`
	Certificate    BadCertificate    `json:"certificate,omitempty"` // at the TLS handshake: counts connections, and of the rest only Port applies

	Calls int `json:"calls"` // that matched so far
	Used  int `json:"used"`  // that were shaped so far
}

// Always is Times of a fault that is not used up.
const Always = -1

// Point is a named point of an enrollment.
type Point string

// The points, in the order of an enrollment.
const (
	PointSignIn       Point = "sign-in"
	PointTOTP         Point = "totp"
	PointKickstart    Point = "kickstart"
	PointDetect       Point = "detect"
	PointTime         Point = "time"
	PointSignCSR      Point = "sign-csr"
	PointCheckAccess  Point = "check-access"
	PointAgentInstall Point = "agent-install"
	PointPackage      Point = "package"
	PointSignature    Point = "signature" // the file beside a package
	PointRegister     Point = "register"
	PointPoll         Point = "poll"
)

// points says which calls a point is. The vendor's agent registers by a protocol that is not public; ours posts to
// /poll/.
var points = map[Point]Fault{
	PointSignIn:       {Method: http.MethodPost, Path: "/userconsole/auth"},
	PointTOTP:         {Method: http.MethodPost, Path: "/userconsole/auth/totp"},
	PointKickstart:    {Method: http.MethodGet, Path: "/Kickstart"},
	PointDetect:       {Method: http.MethodPost, Path: "/Detect"},
	PointTime:         {Method: http.MethodPost, Path: "/Time"},
	PointSignCSR:      {Method: http.MethodPost, Path: "/SignCsr"},
	PointCheckAccess:  {Method: http.MethodGet, Path: "/CheckAccess"},
	PointAgentInstall: {Method: http.MethodPost, Path: "/GetAgentInstall"},
	PointPackage:      {Method: http.MethodGet, Path: "/production/*"}, // but its signature, see matches
	PointSignature:    {Method: http.MethodGet, Path: "/production/*"},
	PointRegister:     {Method: http.MethodPost, Path: "/poll/"},
	PointPoll:         {Method: http.MethodGet, Path: "/poll/*"},
}

// check says what of a fault cannot work, for a tester.
func (f Fault) check() error {
	_, known := points[f.Point]
	outside := func(n, least, most int) bool { return n != 0 && (n < least || n > most) }
	for _, rule := range []struct {
		broken bool
		words  string
	}{
		{f.Point != "" && !known, fmt.Sprintf("there is no point %q", f.Point)},
		{f.Point == "" && f.Path == "" && f.Certificate == "", "a fault needs a point, a path or a certificate"},
		{f.Point != "" && (f.Path != "" || f.Method != ""), "a fault has a point, or a method and a path"},
		{f.Port != "" && !slices.Contains([]string{portPublic, portPrivate, portPeople}, f.Port), "port is public, private or people"},
		{strings.HasPrefix(f.Path, "/_qa/"), "/_qa/ has no faults, or none could be removed"},
		{f.Skip < 0 || f.Times < Always, "skip is at least 0, times at least 1, or -1 for always"},
		{f.Stale && f.Skip < 1, "a stale answer is that of a call before: skip at least 1"},
		{outside(f.Status, 200, 599), "status is from 200 to 599"},
		{f.Delay < 0 || f.Delay > maxFaultDelay, "a delay is at most ten minutes"},
		{min(f.CutAfter, f.BytesPerSecond) < 0, "cutAfter and bytesPerSecond are not negative"},
		{!f.poisonFits(), "there is no such poison for that point: unsigned, other and older for package and signature, script for kickstart and agent-install, truncated for all"},
		{f.Certificate != "" && !slices.Contains(badCertificates, f.Certificate), fmt.Sprintf("certificate is one of %v", badCertificates)},
		{f.nothing(), "a fault must do something"},
	} {
		if rule.broken {
			return errors.New(rule.words)
		}
	}
	return nil
}

// poisonFits tells whether there is such a poison for the point.
func (f Fault) poisonFits() bool {
	if f.Poison == "" {
		return true
	}
	switch f.Point {
	case PointPackage, PointSignature:
		return f.Poison != PoisonScript && slices.Contains(Poisons(), f.Poison)
	case PointKickstart, PointAgentInstall:
		return f.Poison == PoisonScript || f.Poison == PoisonTruncated
	}
	return false
}

// maxFaultDelay bounds how long an answer is held back.
const maxFaultDelay = 10 * time.Minute

func (f Fault) nothing() bool {
	return f.Delay == 0 && !f.Reset && f.Redirect == "" && !f.Stale && f.Poison == "" && f.Status == 0 && len(f.Header) == 0 && f.Body == "" &&
		f.CutAfter == 0 && f.LengthOff == 0 && f.BytesPerSecond == 0 && f.Certificate == ""
}

// matches tells whether a request is one of the fault's calls.
func (f Fault) matches(port string, r *http.Request) bool {
	if p, ok := points[f.Point]; ok {
		f.Method, f.Path = p.Method, p.Path
	}
	if f.Certificate != "" || f.Port != "" && f.Port != port || f.Method != "" && f.Method != r.Method {
		return false
	}
	if signature := strings.HasSuffix(r.URL.Path, signatureEnd); f.Point == PointPackage && signature || f.Point == PointSignature && !signature {
		return false
	}
	if start, open := strings.CutSuffix(f.Path, "*"); open {
		return strings.HasPrefix(r.URL.Path, start)
	}
	return r.URL.Path == f.Path
}

// named is what a fault without a name is called.
func (f Fault) named() string {
	return strings.TrimSpace(string(f.Point) + f.Path + string(f.Certificate))
}

// faultBox holds the faults that are not used up.
type faultBox struct {
	mu    sync.Mutex
	all   []*loaded
	count int
}

// loaded is a fault with what it has kept.
type loaded struct {
	Fault
	kept *capture      // of a Stale fault: the answer of the last skipped call
	gone chan struct{} // closed when it is removed, which lets go what it holds back
}

// AddFault adds a fault and gives its ID, or says what of it cannot work.
func (s *Server) AddFault(f Fault) (id string, err error) {
	if err := s.open(); err != nil {
		return "", err
	}
	if err := f.check(); err != nil {
		return "", err
	}
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Name == "" {
		f.Name = f.named()
	}
	f.Calls, f.Used = 0, 0
	s.faults.mu.Lock()
	s.faults.count++
	f.ID = fmt.Sprintf("f%d", s.faults.count)
	s.faults.all = append(s.faults.all, &loaded{Fault: f, gone: make(chan struct{})})
	s.faults.mu.Unlock()
	s.note(Entry{Kind: EntryFault, Text: "added " + f.Name, Fault: f.ID})
	return f.ID, nil
}

// Faults gives the faults that are not used up, in the order they were added.
func (s *Server) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := []Fault{}
	for _, f := range s.faults.all {
		list = append(list, f.Fault)
	}
	return list
}

// ClearFaults removes the fault of that ID, or all when it is empty, and lets go the answers that it holds back;
// ErrNotFound when there is none of it.
func (s *Server) ClearFaults(id string) error {
	s.faults.mu.Lock()
	before := len(s.faults.all)
	s.faults.all = slices.DeleteFunc(s.faults.all, func(f *loaded) bool {
		if id != "" && f.ID != id {
			return false
		}
		close(f.gone)
		return true
	})
	gone := before - len(s.faults.all)
	s.faults.mu.Unlock()
	if gone == 0 && id != "" {
		return fmt.Errorf("finding fault %q: %w", id, ErrNotFound)
	}
	if gone > 0 {
		s.note(Entry{Kind: EntryFault, Text: "removed", Fault: id})
	}
	return nil
}

// take counts a call. It gives the fault that shapes it, if one does, and those that want to keep its answer.
func (b *faultBox) take(wants func(Fault) bool) (shaping *loaded, keeping []*loaded, spent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.all {
		if !wants(f.Fault) {
			continue
		}
		f.Calls++
		switch {
		case f.Calls <= f.Skip:
			if f.Stale && f.Calls == f.Skip {
				keeping = append(keeping, f)
			}
		case shaping == nil:
			shaping = f
			f.Used++
			spent = f.Times != Always && f.Used >= f.Times
		}
	}
	if spent {
		b.all = slices.DeleteFunc(b.all, func(f *loaded) bool { return f == shaping })
	}
	return shaping, keeping, spent
}
