package steps

import (
	"context"
	"slices"
	"sync"
	"time"

	"example.com/enrollment-assistant/platform"
)

// lookWithin bounds one look at the computer or a host; hosts have a shorter deadline of their own.
const lookWithin = 20 * time.Second

// survey runs the checks in the background and keeps what they found. Every answer recomputes all checks, and those
// that changed are told.
type survey struct {
	host platform.Host
	now  func() time.Time
	tell func(Check) // gets one check at a time

	mu       sync.Mutex
	needs    Needs
	findings Findings
	told     map[string]Check
	rounds   map[string]int // by subject: an answer of an older round is dropped
	pending  map[string]bool
	looked   time.Time     // when the last look at everything began
	changed  chan struct{} // closed at the next change
}

// The subjects that are looked at, besides the hosts, whose subject is their Target.
const (
	subjectFacts = "facts"
	subjectAgent = "agent"
)

func (t Target) subject() string {
	if t.Private {
		return "private " + t.URL
	}
	return t.URL
}

func newSurvey(h platform.Host, needs Needs, now func() time.Time, tell func(Check)) *survey {
	return &survey{
		host: h, needs: needs, now: now, tell: tell, told: make(map[string]Check), rounds: make(map[string]int),
		pending: make(map[string]bool), changed: make(chan struct{}),
	}
}

// look starts looking at what a check needs, anew; an empty id means everything. It returns at once.
func (s *survey) look(ctx context.Context, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch id {
	case "":
		s.looked = s.now()
		s.findings.Facts, s.findings.FactsErr, s.findings.Agent, s.findings.AgentErr = nil, nil, nil, nil
		s.lookFacts(ctx)
		s.lookAgent(ctx)
		s.lookHosts(ctx, s.needs.Targets)
	case CheckAgent, CheckLeftovers:
		s.again(id)
		s.lookFacts(ctx)
		s.lookAgent(ctx)
	case CheckNames, CheckHosts, CheckInspection:
		s.lookHosts(ctx, s.needs.Targets)
	case CheckClock:
		s.lookFacts(ctx) // what keeps it right
		s.lookHosts(ctx, s.needs.Targets)
	default:
		s.again(id)
		s.lookFacts(ctx)
	}
	s.update()
}

// again marks a check as looked at once more; the others of the same subject stand meanwhile. The lock is held.
func (s *survey) again(id string) {
	again := map[string]bool{id: true}
	for other := range s.findings.Again {
		again[other] = true
	}
	s.findings.Again = again
}

// isUser notes the person's user name in the service.
func (s *survey) isUser(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings.PortalUser = name
	s.update()
}

// aim sets the hosts and looks at those that are new.
func (s *survey) aim(ctx context.Context, targets []Target) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var fresh []Target
	for _, t := range targets {
		if !slices.Contains(s.needs.Targets, t) {
			fresh = append(fresh, t)
		}
	}
	for _, t := range s.needs.Targets {
		if !slices.Contains(targets, t) {
			s.rounds[t.subject()]++
			delete(s.pending, t.subject())
		}
	}
	s.needs.Targets = targets
	s.lookHosts(ctx, fresh)
	s.update()
}

// The look functions are called with the lock held.

func (s *survey) lookFacts(ctx context.Context) {
	if s.host.Facts == nil {
		s.findings.FactsErr = errNotHere
		return
	}
	begin(ctx, s, subjectFacts, s.host.Facts, func(f platform.Facts, err error) {
		s.findings.Facts, s.findings.FactsErr = &f, err
		if err != nil {
			s.findings.Facts = nil
		}
	})
}

func (s *survey) lookAgent(ctx context.Context) {
	if s.host.AgentState == nil {
		return
	}
	begin(ctx, s, subjectAgent, s.host.AgentState, func(a platform.AgentState, err error) {
		s.findings.Agent, s.findings.AgentErr, s.findings.Now = &a, err, s.now()
		if err != nil {
			s.findings.Agent = nil
		}
	})
}

func (s *survey) lookHosts(ctx context.Context, targets []Target) {
	if s.host.Probe == nil {
		return
	}
	for _, t := range targets {
		same := func(a platform.HostAnswer) bool { return a.Host == t.label() && a.Private == t.Private }
		s.findings.Hosts = slices.DeleteFunc(s.findings.Hosts, same)
		ask := func(ctx context.Context) (platform.HostAnswer, error) {
			return s.host.Probe(ctx, t.URL, t.Private), nil
		}
		begin(ctx, s, t.subject(), ask, func(a platform.HostAnswer, err error) {
			if err != nil { // it was not answered in time
				a = platform.HostAnswer{Took: lookWithin, Failure: platform.FailTimeout, Detail: err.Error()}
			}
			a.Host, a.Private = t.label(), t.Private
			s.findings.Hosts = append(s.findings.Hosts, a)
			s.findings.Now = s.now()
		})
	}
}

// begin runs look on a goroutine of its own and then keep, with the lock held, unless a newer round began meanwhile.
func begin[T any](ctx context.Context, s *survey, subject string, look func(context.Context) (T, error), keep func(T, error)) {
	s.rounds[subject]++
	round := s.rounds[subject]
	s.pending[subject] = true
	go func() {
		found, err := within(ctx, lookWithin, look)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.rounds[subject] != round {
			return
		}
		delete(s.pending, subject)
		keep(found, err)
		if !s.pending[subjectFacts] && !s.pending[subjectAgent] {
			s.findings.Again = nil
		}
		s.update()
	}()
}

// within calls f and gives up on it after d, or when ctx ends, even when f does not.
func within[T any](ctx context.Context, d time.Duration, f func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	type result struct {
		value T
		err   error
	}
	answer := make(chan result, 1)
	go func() {
		v, err := f(ctx)
		answer <- result{v, err}
	}()
	select {
	case r := <-answer:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// update tells the checks that changed. It is called with the lock held, so they are told in order.
func (s *survey) update() {
	for _, c := range s.needs.Check(s.findings) {
		if s.told[c.ID] != c {
			s.told[c.ID] = c
			s.tell(c)
		}
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// retell tells the checks whose words have changed.
func (s *survey) retell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.update()
}

// checks gives all of them, in order.
func (s *survey) checks() []Check {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.needs.Check(s.findings)
}

// known gives the findings so far.
func (s *survey) known() Findings {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.findings
	f.Hosts = slices.Clone(f.Hosts)
	return f
}

// stale tells whether the last look at everything is older than d.
func (s *survey) stale(d time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now().Sub(s.looked) > d
}

// await waits until none of the subjects is being looked at; without subjects, until nothing is.
func (s *survey) await(ctx context.Context, subjects ...string) error {
	for {
		s.mu.Lock()
		busy := len(s.pending) > 0
		if len(subjects) > 0 {
			busy = slices.ContainsFunc(subjects, func(name string) bool { return s.pending[name] })
		}
		changed := s.changed
		s.mu.Unlock()
		if !busy {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
