package steps

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
)

// TestProve_Canary gives the password of a Mac's account to the engine on each path, and looks for it in all that the
// engine tells, logs, keeps and reports. The Mac is a fake one: what the elevated side does with the password there is
// held by that side's own tests.
func TestProve_Canary(t *testing.T) {
	const password = `M4c-canary;"straße"`
	tried, held := 0, 0
	t.Cleanup(func() { fmt.Printf("proof canary tried=%d held=%d\n", tried, held) })
	quits := func(Problem) error { return ErrQuit }
	for _, c := range []struct {
		what   string
		change func(*fake.Computer, *platform.Host, *scripted)
		fails  bool
	}{
		{"Mac, accepted", nil, false},
		{"Mac, refused, then skipped", func(m *fake.Computer, _ *platform.Host, _ *scripted) { m.Passwords = map[string]string{} }, false},
		{"Mac, consent refused", func(m *fake.Computer, _ *platform.Host, _ *scripted) { m.Consent = platform.ErrDenied }, true},
		{"Mac, installer fails", func(m *fake.Computer, _ *platform.Host, _ *scripted) {
			m.Fail = &platform.JobError{Code: platform.JobPackageFailed, Phase: platform.PhaseInstallPackage, Detail: "exit status 1"}
		}, true},
		{"Mac, given up at the plan", func(_ *fake.Computer, _ *platform.Host, ui *scripted) {
			ui.confirm = func(q Confirmation) (Choice, error) {
				if q.Step == Plan {
					return Choice{}, ErrQuit
				}
				return Choice{}, nil
			}
		}, true},
	} {
		tried++
		ran := false
		ok := t.Run(c.what, func(t *testing.T) {
			ran = true
			synctest.Test(t, func(t *testing.T) {
				mac := fake.MacOS15()
				mac.Passwords = map[string]string{"nora": password}
				cfg := macConfig(t, mac)
				log := filepath.Join(cfg.StateDir, "assistant.log")
				logger, closer, err := platform.OpenLog(log)
				if err != nil {
					t.Fatal(err)
				}
				cfg.Log = logger
				cfg.Profile.Protected, cfg.Profile.Reports.URL = true, "https://it.acme.example"
				asked := 0
				ui := &scripted{problem: quits, token: func(q TokenQuestion) (TokenAnswer, error) {
					if asked++; asked > 1 {
						return TokenAnswer{Skip: true}, nil
					}
					return TokenAnswer{Name: q.Accounts[0].Name, Password: platform.NewSecret(password)}, nil
				}}
				if c.change != nil {
					c.change(mac, &cfg.Host, ui)
				}
				if _, err = Run(t.Context(), cfg, ui); (err != nil) != c.fails || asked == 0 {
					t.Fatalf("%v; asked %d times", err, asked)
				}
				if err := closer.Close(); err != nil {
					t.Fatal(err)
				}
				said := fmt.Sprintf("%+v %v %v", ui.told(), err, MakeReport(t.Context(), cfg, ReportInput{Log: log}))
				files := 0
				err = filepath.WalkDir(cfg.StateDir, func(path string, entry fs.DirEntry, err error) error {
					if err != nil || entry.IsDir() {
						return err
					}
					text, err := os.ReadFile(path)
					said, files = said+string(text), files+1
					return err
				})
				if err != nil || files < 2 {
					t.Fatalf("%d files, %v", files, err)
				}
				if strings.Contains(said, "canary") {
					t.Errorf("it is in\n%s", said)
				}
			})
		})
		if ok && ran {
			held++
		}
	}
}
