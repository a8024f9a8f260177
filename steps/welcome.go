package steps

import (
	"context"
	"errors"
	"slices"

	"example.com/enrollment-assistant/platform"
)

// welcome says what an earlier run made of this computer, who manages this computer, and what no key can mend before anyone signs in.
func (e *enrollment) welcome(ctx context.Context) error {
	e.enter(Welcome)
	// What must be said here is known within a moment; a page that comes later than that is worse than one that is
	// followed by bad news.
	wait, cancel := context.WithTimeout(ctx, factsWithin)
	_ = e.survey.await(wait, subjectFacts)
	cancel()
	if err := e.lastSeen(ctx); err != nil {
		return err
	}
	for {
		var q *WelcomeQuestion
		choice, err := e.confirm(ctx, func() Confirmation {
			q = &WelcomeQuestion{
				Organization: e.c.Profile.Organization.Name, Text: e.c.Profile.Texts.Welcome,
				Regions: e.regions(), Blocked: e.fatal(),
			}
			return Confirmation{Step: Welcome, Welcome: q}
		})
		if q.Blocked != nil && (err == nil && !choice.Again || errors.Is(err, ErrQuit)) {
			return &quit{q.Blocked}
		}
		if err != nil {
			return err
		}
		if choice.Again {
			e.survey.look(ctx, "")
		} else {
			e.choose(ctx, q.Regions, choice.Region)
		}
		if err := e.survey.await(ctx, subjectFacts); err != nil {
			return err
		}
		if !choice.Again && e.fatal() == nil {
			return nil
		}
	}
}

// regions lists the clouds to choose from, the one that is chosen unless another is first; none where profile or key
// decide.
func (e *enrollment) regions() []platform.Region {
	if _, decided := e.c.Profile.EndpointsFor(""); decided || e.keySource == keyOfProfile && e.key.KickstartURL != "" {
		return nil
	}
	all := slices.Clone(platform.Regions)
	e.mu.Lock()
	last := e.run.Region
	e.mu.Unlock()
	if i := slices.Index(all, last); i > 0 { // what was chosen before a crash need not be found again
		all = slices.Insert(slices.Delete(all, i, i+1), 0, last)
	}
	return all
}

// choose takes the region and begins to ask its hosts.
func (e *enrollment) choose(ctx context.Context, offered []platform.Region, chosen platform.Region) {
	if len(offered) > 0 {
		e.region = offered[0]
		if slices.Contains(offered, chosen) {
			e.region = chosen
		}
	}
	e.mu.Lock()
	e.run.Region = e.region
	e.save() // before a crash can lose it
	e.mu.Unlock()
	e.survey.aim(ctx, targetsOf(e.endpoints()))
}

// fatal is what no key can mend, as a problem; nil when there is nothing, or nothing is known yet.
func (e *enrollment) fatal() *Problem {
	for _, c := range e.survey.checks() {
		if c.Fatal && c.Level == LevelBlock {
			return checkProblem(c, Welcome)
		}
	}
	return nil
}

// checkProblem is a check that blocks, as a problem.
func checkProblem(c Check, s Step) *Problem {
	p := &Problem{Code: c.Code, Step: s, Summary: c.Title, Hint: c.Text, Retry: true, check: c.ID, Err: errors.New("check " + c.ID + ": " + c.Detail)}
	if c.Fatal {
		p.Link = LinkRequirements
	}
	return p
}
