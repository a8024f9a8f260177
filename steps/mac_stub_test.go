//go:build linux

package steps

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/server-stub/stubtest"
)

// Every kind of Mac enrolls from the first page to the last against the stub, whose own agent stands for the vendor's and
// presents itself as that Mac. What the engine says at the end is what the server knows.
func TestRun_MacsAgainstTheStub(t *testing.T) {
	server, profile := demo(t)
	program, apiKey := stubtest.Program(t), server.APIKey(t)
	for name, mac := range fake.Macs() {
		t.Run(name, func(t *testing.T) {
			stop := mac.StubAgent(program, t.TempDir(), []byte(profile.CA))
			t.Cleanup(func() {
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
			key := server.Key(t, "nora")
			person := &scripted{
				key: func(KeyQuestion) (platform.Secret, error) { return platform.NewSecret(key), nil },
				token: func(q TokenQuestion) (TokenAnswer, error) {
					if len(q.Accounts) == 0 {
						return TokenAnswer{Skip: true}, nil
					}
					return account(q.Accounts[0].Name, mac.Passwords[q.Accounts[0].Name]), nil
				},
			}
			ui := &coached{scripted: person, answer: func(ctx context.Context, q AccessQuestion) error {
				close(mac.Access)
				return waits(ctx, q)
			}}
			c := Config{Host: mac.Host(), Profile: profile, StateDir: t.TempDir()}
			c.Host.Probe = platform.New(platform.Options{RootsPEM: []byte(profile.CA)}).Probe
			c.Client = &http.Client{Transport: stubtest.MacShelf{Stub: profile.HTTPClient().Transport, Package: fake.PKG("com.jumpcloud.agent", "2.166.2")}}
			device, err := Run(t.Context(), c, ui)
			if err != nil {
				t.Fatalf("%v\n%s", err, strings.Join(ui.told(), "\n"))
			}
			known, err := server.System(t.Context(), device.SystemKey)
			if err != nil || known.OSFamily != "darwin" || known.Hostname != mac.Facts.Hostname || known.Version != "15.1" || known.ProvisionerID != server.Person(t, "nora").ID {
				t.Errorf("%+v, %v", known, err)
			}
			if !device.Installed.Yes || !device.Online.Yes || !device.Account.Known {
				t.Errorf("%+v", device)
			}
			answer := apiOf(t, c.Client, profile.Endpoints.Console+"/api/systems/"+device.SystemKey, apiKey)
			if strings.Contains(answer, `"hasSecureToken":true`) != device.Account.Yes || !strings.Contains(answer, `"agentHasFullDiskAccess":`) {
				t.Errorf("the server says %s, the engine %+v", answer, device.Account)
			}
			if ready := name != "no token" && name != "other MDM"; device.Account.Yes != ready || (len(device.Left) == 0) != ready {
				t.Errorf("%+v, %+v", device.Account, device.Left)
			}
			if jobs := mac.Jobs(); len(jobs) != 1 || (len(jobs[0].Fixes) > 0) != (name == "no Rosetta") || !jobs[0].Account.Password.Empty() {
				t.Errorf("%+v", jobs)
			}
			for _, secret := range []string{key, "nora's", "it-admin's"} {
				if strings.Contains(ui.everything(t), secret) {
					t.Errorf("%q was told", secret)
				}
			}
		})
	}
}

// The stub has no package for Macs: the end that .github/mac-enrollment.sh waits for on a real one.
func TestRun_MacWithoutPackage(t *testing.T) {
	server, profile := demo(t)
	mac := fake.MacOS15()
	c := Config{Host: mac.Host(), Profile: profile, StateDir: t.TempDir()}
	c.Host.Probe = platform.New(platform.Options{RootsPEM: []byte(profile.CA)}).Probe
	ui := &scripted{
		key:   func(KeyQuestion) (platform.Secret, error) { return platform.NewSecret(server.Key(t, "ben")), nil },
		token: func(TokenQuestion) (TokenAnswer, error) { return TokenAnswer{Skip: true}, nil },
	}
	_, err := Run(t.Context(), c, ui)
	wantCode(t, err, CodeUnreachable, 20)
	if jobs := mac.Jobs(); len(jobs) != 0 {
		t.Errorf("rights were asked for: %+v", jobs)
	}
}

// apiOf asks the public API.
func apiOf(t *testing.T, client *http.Client, address, key string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Api-Key", key)
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(body)
}
