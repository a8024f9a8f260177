package steps

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// What stands in the way is a line of the plan, goes with the job and is a phase of the install; it blocks nobody.
func TestRun_Fixes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Facts.Proxy = "http://proxy.acme.example:3128"
		computer.Facts.Linux.Earlier.Traces = []string{"/opt/jc"}
		computer.Facts.Linux.Packages.Interrupted = true
		c := config(t, computer)
		c.Profile.Linux.AgentProxy = platform.NewSecret("CANARY-proxy")
		var plan InstallPlan
		ui := &scripted{confirm: func(q Confirmation) (Choice, error) {
			if q.Plan != nil {
				plan = *q.Plan
			}
			return Choice{}, nil
		}}
		if _, err := Run(t.Context(), c, ui); err != nil {
			t.Fatal(err)
		}
		want := []platform.Fix{platform.FixProxy, platform.FixPackages, platform.FixLeftovers}
		if jobs := computer.Jobs(); len(jobs) != 1 || !slices.Equal(jobs[0].Fixes, want) {
			t.Errorf("jobs %+v", jobs)
		}
		var ids []string
		for _, l := range plan.Lines {
			ids = append(ids, l.ID)
		}
		if !slices.Equal(ids, []string{"fix-proxy", "fix-packages", "fix-leftovers", "fetch-script", "run-script", "wait"}) {
			t.Errorf("lines %q", ids)
		}
		said := text(t, plan)
		for _, exactly := range []string{"dpkg --force-confdef --force-confold --configure -a", "/opt/jc/client.key: removed", "/etc/jcagent-proxy.conf (0600)"} {
			if !strings.Contains(said, exactly) {
				t.Errorf("the plan does not say %q: %s", exactly, said)
			}
		}
		if n := strings.Count(said, "assistant-cli elevated ADDRESS"); n != 1 || !strings.Contains(strings.Join(plan.Lines[0].Details, " "), "elevated") {
			t.Errorf("the consent is said %d times", n)
		}
		all := strings.Join(ui.told(), "\n")
		if !strings.Contains(all, "phase consent done\nphase mend running\nphase mend done\nphase fetch-script running") {
			t.Errorf("events:\n%s", all)
		}
		if strings.Contains(ui.everything(t)+said, "CANARY-proxy") {
			t.Error("the text of the proxy file was told")
		}
	})
}

// What the first try leaves behind is not taken for what was found: the plan that was accepted stands.
func TestRun_FixesOfFirstTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Fail = &platform.JobError{Code: platform.JobKeyRefused, Phase: platform.PhaseRunScript}
		plans := 0
		ui := &scripted{}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Plan != nil {
				plans++
			}
			return Choice{}, nil
		}
		tries := 0
		ui.key = func(KeyQuestion) (platform.Secret, error) {
			if tries++; tries == 2 {
				computer.Change(func(c *fake.Computer) {
					l := *c.Facts.Linux
					l.Earlier.Traces = []string{"/opt/jc"}
					c.Fail, c.Facts.Linux = nil, &l
				})
			}
			return platform.NewSecret(goodKey), nil
		}
		if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
			t.Fatal(err)
		}
		if jobs := computer.Jobs(); plans != 1 || len(jobs) != 2 || len(jobs[1].Fixes) != 0 {
			t.Errorf("%d plans, jobs %+v", plans, jobs)
		}
	})
}

// The plan command knows the fixes too.
func TestMakePlan_Fixes(t *testing.T) {
	computer := fake.Ubuntu2404()
	computer.Facts.Linux.Packages.Half = []string{"bash"}
	p, err := MakePlan(t.Context(), Config{Host: computer.Host()}, platform.RegionUS)
	if err != nil || p.Lines[0].ID != "fix-packages" {
		t.Errorf("%+v, %v", p, err)
	}
	// A download needs no rights and comes before the consent, so before the fixes too.
	profile := Profile{Protected: true}
	profile.Linux.Install = platform.WayPackage
	p, err = MakePlan(t.Context(), Config{Host: computer.Host(), Profile: profile}, platform.RegionUS)
	if err != nil || p.Lines[0].ID != "download" || p.Lines[1].ID != "fix-packages" {
		t.Errorf("%+v, %v", p, err)
	}
}

// One check is looked at again alone: the others say what they said, and are not told anew.
func TestRun_CheckAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Facts.DiskFree = 180 << 20
		asked, from := 0, 0
		ui := &scripted{}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Step != Requirements {
				return Choice{}, nil
			}
			if asked++; asked == 1 {
				from = len(ui.events)
				computer.Change(func(c *fake.Computer) { c.Facts.DiskFree = 84 << 30 })
				return Choice{Again: true, Check: CheckDisk}, nil
			}
			var told []string
			for _, e := range ui.events[from:] {
				if e.Check != nil {
					told = append(told, e.Check.ID+" "+string(e.Check.Level))
				}
			}
			if !slices.Equal(told, []string{"disk looking", "disk ok"}) {
				t.Errorf("told %q", told)
			}
			return Choice{}, nil
		}
		if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
			t.Fatal(err)
		}
	})
}

// selfServer answers who is signed in.
func selfServer(t *testing.T, status int, body string) *httptest.Server {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/userconsole/api/self" {
			status = http.StatusNotFound
		}
		answer(w, status, body)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestPortal_User(t *testing.T) {
	for body, want := range map[string]string{
		`{"username":"nora","email":"nora@acme.example"}`:   "nora",
		`{"username":"nora","systemUsername":"nora.local"}`: "nora.local",
		`{"username":"no\u001b[31mra\nand more"}`:           "nora and more",
		`{"username":7}`: "", `[]`: "", `<html>`: "", `{}`: "",
	} {
		s := selfServer(t, http.StatusOK, body)
		if got := NewPortal(s.URL, "/key", s.Client()).User(t.Context()); got != want {
			t.Errorf("%s: %q", body, got)
		}
	}
	refused := selfServer(t, http.StatusUnauthorized, `{"username":"nora"}`)
	if got := NewPortal(refused.URL, "/key", refused.Client()).User(t.Context()); got != "" {
		t.Errorf("without a session the name is %q", got)
	}
}

// A network with a sign-in page is put right at once, without rights: its page is shown, and the question asked again.
func TestRun_OpenSignInPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computer := fake.Ubuntu2404()
		computer.Answers = map[string]platform.HostAnswer{"https://console.jumpcloud.com": {Failure: platform.FailHTTP}}
		asked := 0
		ui := &scripted{}
		ui.confirm = func(q Confirmation) (Choice, error) {
			if q.Step != Requirements {
				return Choice{}, nil
			}
			asked++
			hosts := check(t, q.Checks, CheckHosts)
			switch asked {
			case 1:
				return Choice{Check: CheckDisk, Open: true}, nil // it has no address
			case 2:
				if hosts.Open != "http://console.jumpcloud.com/" {
					t.Errorf("%+v", hosts)
				}
				return Choice{Check: CheckHosts, Open: true}, nil
			case 3:
				computer.Change(func(c *fake.Computer) { c.Answers = nil })
				return Choice{Again: true, Check: CheckHosts}, nil
			}
			return Choice{}, nil
		}
		if _, err := Run(t.Context(), config(t, computer), ui); err != nil {
			t.Fatal(err)
		}
		if opened := computer.Opened(); asked != 4 || !slices.Equal(opened, []string{"http://console.jumpcloud.com/"}) {
			t.Errorf("asked %d times, opened %q", asked, opened)
		}
	})
}
