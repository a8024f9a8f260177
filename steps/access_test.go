package steps

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// coached is a person who answers the question for Full Disk Access as told, and every other with yes.
type coached struct {
	*scripted
	answer func(context.Context, AccessQuestion) error
	asked  int
}

func (c *coached) Confirm(ctx context.Context, q Confirmation) (Choice, error) {
	if q.Access == nil {
		return c.scripted.Confirm(ctx, q)
	}
	c.asked++
	return Choice{}, c.answer(ctx, *q.Access)
}

// macConfig is a run on a Mac whose package comes from a server in memory.
func macConfig(t *testing.T, c *fake.Computer) Config {
	t.Helper()
	conf := config(t, c)
	conf.Client = &http.Client{Transport: inMemory(fake.PKG("com.jumpcloud.agent", "2.166.2"))}
	return conf
}

// inMemory answers every request with the same bytes, so that no clock but the test's is waited for.
type inMemory string

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(string(m))), ContentLength: int64(len(m)),
	}, nil
}

// waits is a person who does not answer: the question ends by itself.
func waits(ctx context.Context, _ AccessQuestion) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestRun_FullDiskAccess(t *testing.T) {
	for _, tc := range []struct {
		name   string
		mac    func(*fake.Computer)
		answer func(*fake.Computer) func(context.Context, AccessQuestion) error
		asked  int
		phase  string // how it ends
		note   string
		left   string
		took   time.Duration
	}{
		{"given by MDM", func(*fake.Computer) {}, nil, 0, "done", "", "", 0},
		{
			"given after a while", func(c *fake.Computer) { c.Access = make(chan struct{}) },
			func(c *fake.Computer) func(context.Context, AccessQuestion) error {
				return func(ctx context.Context, q AccessQuestion) error {
					if left := time.Until(q.Until); left != 5*time.Minute || !strings.HasSuffix(q.Settings, "Privacy_AllFiles") {
						t.Errorf("%+v, %v left", q, left)
					}
					time.AfterFunc(2*time.Minute, func() { close(c.Access) })
					return waits(ctx, q)
				}
			},
			1, "done", "note The agent has Full Disk Access.", "", 2 * time.Minute,
		},
		{
			"never", func(c *fake.Computer) { c.Access = make(chan struct{}) },
			func(*fake.Computer) func(context.Context, AccessQuestion) error { return waits },
			1, "failed", "note Full Disk Access was not given within five minutes", LeftFullDiskAccess, 5 * time.Minute,
		},
		{
			"left out", func(c *fake.Computer) { c.Access = make(chan struct{}) },
			func(*fake.Computer) func(context.Context, AccessQuestion) error {
				return func(context.Context, AccessQuestion) error { return nil }
			},
			1, "skipped", "note The agent does not have Full Disk Access yet", LeftFullDiskAccess, 0,
		},
		{
			"left out after going back and another language", func(c *fake.Computer) { c.Access = make(chan struct{}) },
			func(*fake.Computer) func(context.Context, AccessQuestion) error {
				said := []error{ErrBack, ErrAgain, nil}
				return func(context.Context, AccessQuestion) error {
					err := said[0]
					said = said[1:]
					return err
				}
			},
			3, "skipped", "note The agent does not have Full Disk Access yet", LeftFullDiskAccess, 0,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mac := fake.MacOS15()
				tc.mac(mac)
				ui := &coached{scripted: &scripted{}}
				if tc.answer != nil {
					ui.answer = tc.answer(mac)
				}
				start := time.Now()
				device, err := Run(t.Context(), macConfig(t, mac), ui)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < tc.took || took > tc.took+time.Minute {
					t.Errorf("it took %v", took)
				}
				told := ui.told()
				if ui.asked != tc.asked || !slices.Contains(told, "phase full-disk-access "+tc.phase) ||
					!slices.ContainsFunc(told, func(s string) bool { return strings.HasPrefix(s, tc.note) }) {
					t.Errorf("asked %d times:\n%s", ui.asked, strings.Join(told, "\n"))
				}
				left := slices.ContainsFunc(device.Left, func(l Left) bool { return l.ID == LeftFullDiskAccess })
				if !device.Online.Yes || left != (tc.left != "") {
					t.Errorf("%+v", device)
				}
			})
		})
	}
}

// An access that comes after all is told, and nothing is left to do then.
func TestRun_FullDiskAccessAfterAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mac := fake.MacOS15()
		mac.Access, mac.Hold = make(chan struct{}), make(chan struct{})
		person := &scripted{token: func(TokenQuestion) (TokenAnswer, error) {
			return TokenAnswer{Name: "nora", Password: platform.NewSecret("nora's")}, nil
		}}
		var left []int
		person.confirm = func(q Confirmation) (Choice, error) {
			if q.Device == nil {
				return Choice{}, nil
			}
			left = append(left, len(q.Device.Left))
			if len(left) > 1 {
				return Choice{}, nil
			}
			close(mac.Access)
			synctest.Wait()
			return Choice{}, ErrAgain
		}
		ui := &coached{scripted: person, answer: func(context.Context, AccessQuestion) error { return nil }}
		if _, err := Run(t.Context(), macConfig(t, mac), ui); err != nil {
			t.Fatal(err)
		}
		told := strings.Join(ui.told(), "\n")
		if !slices.Equal(left, []int{1, 0}) || strings.Count(told, "note The agent has Full Disk Access.") != 1 {
			t.Errorf("left %v:\n%s", left, told)
		}
	})
}

// Stopping there leaves the agent where it is and begins nothing new.
func TestRun_FullDiskAccessStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mac := fake.MacOS15()
		mac.Access = make(chan struct{})
		ui := &coached{scripted: &scripted{}, answer: func(context.Context, AccessQuestion) error { return ErrQuit }}
		_, err := Run(t.Context(), macConfig(t, mac), ui)
		if !errors.Is(err, ErrQuit) || len(mac.Jobs()) != 1 {
			t.Errorf("%d jobs, %v", len(mac.Jobs()), err)
		}
		if slices.Contains(ui.told(), "step online") {
			t.Errorf("it went on: %v", ui.told())
		}
	})
}

// A job that fails while the question is open ends it, and is told as what it is.
func TestRun_FullDiskAccessJobFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mac := fake.MacOS15()
		conf := macConfig(t, mac)
		conf.Host.Elevate = func(_ context.Context, _ platform.Job, report func(platform.Report)) error {
			report(platform.Report{Phase: platform.PhaseFullDiskAccess})
			<-time.After(time.Minute)
			return &platform.JobError{Code: platform.JobServiceFailed, Phase: platform.PhaseFullDiskAccess}
		}
		ui := &coached{scripted: &scripted{}, answer: waits}
		_, err := Run(t.Context(), conf, ui)
		wantCode(t, err, CodeInstallFailed, 51)
		if told := strings.Join(ui.told(), "\n"); strings.Contains(told, "note ") && !strings.Contains(told, "note No Mac account") {
			t.Errorf("it says how the access ended:\n%s", told)
		}
	})
}
