package steps

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

func TestRun_Bound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Hold = make(chan struct{})
		computer.Bind = []string{"nora"}
		c := config(t, computer)
		c.Until = Bound
		device, err := Run(t.Context(), c, &scripted{})
		if err != nil || !device.Bound.Yes || !strings.Contains(device.Bound.Proof, "nora") {
			t.Errorf("device: %+v, %v", device, err)
		}
	})
}

func TestRun_NotBoundInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Hold = make(chan struct{})
		c := config(t, computer)
		c.Until, c.BoundWithin = Bound, time.Minute
		start := time.Now()
		device, err := Run(t.Context(), c, &scripted{})
		wantCode(t, err, CodeNotBound, 53)
		if !device.Online.Yes || time.Since(start) < time.Minute {
			t.Errorf("device after %v: %+v", time.Since(start), device)
		}
	})
}

func TestRun_Canceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		host := computer.Host()
		finished := false
		ctx, cancel := context.WithCancel(t.Context())
		host.Elevate = func(ctx context.Context, _ platform.Job, report func(platform.Report)) error {
			report(platform.Report{Phase: platform.PhaseRunScript})
			cancel()
			<-ctx.Done()
			finishCommand := time.NewTimer(time.Minute) // the vendor's script runs on to its end
			<-finishCommand.C
			finished = true
			return ctx.Err()
		}
		c := config(t, computer)
		c.Host = host
		ui := &scripted{}
		_, err := Run(ctx, c, ui)
		wantCode(t, err, CodeCanceled, 130)
		if !finished {
			t.Error("Run did not wait for the vendor's script")
		}
		if told := ui.told(); told[len(told)-1] != "finished canceled" {
			t.Errorf("events: %v", told)
		}
	})
}

func TestRun_Silent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Host.Elevate = func(ctx context.Context, _ platform.Job, _ func(platform.Report)) error {
			<-ctx.Done()
			return ctx.Err()
		}
		_, err := Run(t.Context(), c, &scripted{})
		wantCode(t, err, CodeInstallFailed, 51)
	})
}

func TestRun_CrashLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Host.Elevate = func(ctx context.Context, _ platform.Job, report func(platform.Report)) error {
			computer.Change(func(c *fake.Computer) {
				c.Agent = platform.AgentState{Installed: true, Version: "2.166.2", Service: platform.Service{Exists: true}}
			})
			report(platform.Report{Phase: platform.PhaseRegister})
			<-ctx.Done()
			return ctx.Err()
		}
		_, err := Run(t.Context(), c, &scripted{})
		wantCode(t, err, CodeInstallFailed, 51)
	})
}

func TestRun_NotOnline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		jobs := 0
		c.Host.Elevate = func(ctx context.Context, _ platform.Job, report func(platform.Report)) error {
			jobs++
			state := platform.AgentState{
				Installed: true, Version: "2.166.2", Deep: true, Certificate: true, SystemKey: "64930a6d00466f31842811a1",
				Service: platform.Service{Running: true, Since: time.Now().Add(-time.Minute)},
			}
			report(platform.Report{Phase: platform.PhaseWatch, State: &state})
			late := time.NewTimer(5 * time.Minute)
			<-late.C
			state.LastContact = time.Now()
			report(platform.Report{Phase: platform.PhaseWatch, State: &state})
			<-ctx.Done()
			return ctx.Err()
		}
		var problems []Code
		ui := &scripted{problem: func(p Problem) error {
			problems = append(problems, p.Code)
			return nil
		}}
		device, err := Run(t.Context(), c, ui)
		if err != nil || !device.Online.Yes || jobs != 1 || !slices.Equal(problems, []Code{CodeNotOnline}) {
			t.Errorf("%+v, %v, %d jobs, %v", device, err, jobs, problems)
		}
	})
}

func TestRun_SteadyByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		c := config(t, computer)
		c.Host.AgentState = nil
		c.Host.Elevate = func(ctx context.Context, _ platform.Job, report func(platform.Report)) error {
			report(platform.Report{Phase: platform.PhaseWatch, State: &platform.AgentState{
				Installed: true, Version: "2.166.2", Deep: true, Certificate: true, SystemKey: computer.SystemKey,
				LastContact: time.Now(), Service: platform.Service{Running: true, Since: time.Now()},
			}})
			<-ctx.Done()
			return ctx.Err()
		}
		start := time.Now()
		device, err := Run(t.Context(), c, &scripted{})
		if took := time.Since(start); err != nil || !device.Installed.Yes || !device.Online.Yes || took < platform.ActiveFor || took > 2*platform.ActiveFor {
			t.Errorf("%+v, %v after %v", device, err, took)
		}
	})
}

func TestRun_DoneWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Hold = make(chan struct{})
		var watching []bool
		ui := &scripted{}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Step != Done {
				return Choice{}, nil
			}
			watching = append(watching, q.Watching)
			switch len(watching) {
			case 1:
				close(computer.Hold)
				synctest.Wait()
				computer.Change(func(c *fake.Computer) { c.Consent, c.Hold = platform.ErrDenied, nil })
				return Choice{Again: true}, nil
			case 2: // it was watching when it was asked, so there was nothing to start
				return Choice{Again: true}, nil
			case 3: // consent was refused
				computer.Change(func(c *fake.Computer) { c.Consent, c.Bind, c.Hold = nil, []string{"nora"}, make(chan struct{}) })
				return Choice{Again: true}, nil
			case 4: // the page is asked at the first thing seen; the rest comes while it is open
				synctest.Wait()
				return Choice{Again: true}, nil
			}
			if !q.Device.Bound.Yes {
				t.Errorf("device: %+v", q.Device)
			}
			return Choice{}, nil
		}
		if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(watching, []bool{true, false, false, true, true}) {
			t.Errorf("watching %v", watching)
		}
		var verbs []platform.Verb
		for _, j := range computer.Jobs() {
			verbs = append(verbs, j.Verb)
		}
		if !slices.Equal(verbs, []platform.Verb{platform.VerbInstall, platform.VerbWatch, platform.VerbWatch}) {
			t.Errorf("jobs %v", verbs)
		}
	})
}
