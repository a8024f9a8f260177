package steps

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// goodKey is a well-formed key that is also a canary: it must appear in nothing that is told or written.
const goodKey = "0123456789abcdef0123456789abcdefCANARY42"

// scripted is a UI that answers as told; what is not told is answered as an unattended front end does.
type scripted struct {
	confirm func(Confirmation) (Choice, error)
	login   func(LoginQuestion) (LoginAnswer, error)
	key     func(KeyQuestion) (platform.Secret, error)
	token   func(TokenQuestion) (TokenAnswer, error)
	problem func(Problem) error
	onEvent func(Event)

	mu     sync.Mutex
	events []Event
	asked  []Step
}

func (s *scripted) ask(step Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, step)
}

func (s *scripted) Event(e Event) {
	s.mu.Lock()
	s.events = append(s.events, e)
	s.mu.Unlock()
	if s.onEvent != nil {
		s.onEvent(e)
	}
}

func (s *scripted) Confirm(_ context.Context, q Confirmation) (Choice, error) {
	s.ask(q.Step)
	if s.confirm != nil {
		return s.confirm(q)
	}
	return Choice{}, nil
}

func (s *scripted) Login(_ context.Context, q LoginQuestion) (LoginAnswer, error) {
	s.ask(Login)
	if s.login != nil {
		return s.login(q)
	}
	return LoginAnswer{HaveKey: true}, nil
}

func (s *scripted) ConnectKey(_ context.Context, q KeyQuestion) (platform.Secret, error) {
	s.ask(ConnectKey)
	if s.key != nil {
		return s.key(q)
	}
	if q.Retry != nil {
		return platform.Secret{}, ErrQuit
	}
	return platform.NewSecret(goodKey), nil
}

func (s *scripted) SecureToken(_ context.Context, q TokenQuestion) (TokenAnswer, error) {
	s.ask(SecureToken)
	if s.token != nil {
		return s.token(q)
	}
	return TokenAnswer{Skip: true}, nil
}

func (s *scripted) Problem(_ context.Context, p Problem) error {
	if s.problem != nil {
		return s.problem(p)
	}
	return ErrQuit
}

// told gives the events but those of the checks, whose order is up to the computer, as short words.
func (s *scripted) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, e := range s.events {
		switch e.Kind {
		case KindCheck:
		case KindStep:
			list = append(list, "step "+string(e.Step))
		case KindPhase:
			list = append(list, "phase "+string(e.Phase.Phase)+" "+string(e.Phase.State))
		case KindVerdict:
			yes := " no"
			if e.Verdict.Yes {
				yes = " yes"
			}
			list = append(list, "verdict "+string(e.Verdict.Name)+yes)
		case KindProblem:
			list = append(list, "problem "+string(e.Problem.Code))
		case KindFinished:
			if e.Problem != nil {
				list = append(list, "finished "+string(e.Problem.Code))
				continue
			}
			list = append(list, "finished")
		default:
			list = append(list, string(e.Kind)+" "+e.Text)
		}
	}
	return list
}

// everything is all that was told, as a reader of JSON lines would have it.
func (s *scripted) everything(t *testing.T) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, e := range s.events {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("marshalling %v: %v", e.Kind, err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// config is a run on a fake computer with a region decided, so that welcome asks nothing but yes.
func config(t *testing.T, c *fake.Computer) Config {
	t.Helper()
	return Config{Host: c.Host(), StateDir: t.TempDir(), Profile: Profile{Region: platform.RegionUS}}
}

// unchanged is an elevated side that finds a newer agent, does nothing and watches.
func unchanged(c *fake.Computer) func(context.Context, platform.Job, func(platform.Report)) error {
	return func(ctx context.Context, _ platform.Job, report func(platform.Report)) error {
		report(platform.Report{Phase: platform.PhaseReceive, Unchanged: true})
		var state platform.AgentState
		c.Change(func(c *fake.Computer) { state = c.Agent })
		state.Deep = true
		report(platform.Report{Phase: platform.PhaseWatch, State: &state})
		<-ctx.Done()
		return ctx.Err()
	}
}
