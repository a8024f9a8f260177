package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/platform/fake"
	"example.com/enrollment-assistant/steps"
)

// macPackage answers every request with an agent's package for Macs.
type macPackage struct{}

func (macPackage) RoundTrip(r *http.Request) (*http.Response, error) {
	pkg := fake.PKG("com.jumpcloud.agent", "2.166.2")
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(bytes.NewReader(pkg)), ContentLength: int64(len(pkg))}, nil
}

// The account that a script names on a Mac is verified before anything is installed, and is given to the elevated side
// alone. A script that names none gets the agent without its service account.
func TestEnrollJSON_MacAccount(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef01234567"
	for _, c := range []struct {
		mac, account, password string
		said                   string // a part of what is told; of the problem where there is one
		bad                    bool
	}{
		{mac: "admin", account: "nora", password: "nora's", said: `"name":"service-account","known":true,"yes":true`},
		{mac: "standard user", account: "it-admin", password: "it-admin's", said: `"name":"service-account","known":true,"yes":true`},
		{mac: "admin", said: `"name":"service-account","known":true,"yes":false`},
		{mac: "admin", account: "nora", password: "NORA'S", said: "password", bad: true},
		{mac: "admin", account: "nora", password: "nora's\n", said: "line break", bad: true},
		{mac: "admin", account: "no;ra", password: "nora's", said: "semicolon", bad: true},
		{mac: "no token", account: "nora", password: "nora's", said: "SecureToken", bad: true},
	} {
		t.Run(c.mac+" "+c.account+" "+c.password, func(t *testing.T) {
			mac := fake.Macs()[c.mac]
			a := answers{connectKey: platform.NewSecret(key), macAccount: c.account, macPassword: platform.NewSecret(c.password)}
			var told bytes.Buffer
			ui := newJSONLines(&told, a, platform.RegionUS)
			_, err := steps.Run(t.Context(), steps.Config{Host: mac.Host(), StateDir: t.TempDir(),
				Profile: steps.Profile{Region: platform.RegionUS}, Client: &http.Client{Transport: macPackage{}}}, ui)
			p := ui.finish(err)
			if !strings.Contains(told.String(), c.said) {
				t.Errorf("it does not tell %q:\n%s", c.said, told.String())
			}
			if c.password != "" && strings.Contains(told.String(), c.password) {
				t.Error("the password is told")
			}
			if c.bad {
				if p == nil || p.Code != steps.CodeUsage || p.Step != steps.SecureToken || !strings.Contains(p.Hint, "macPassword") || len(mac.Jobs()) != 0 {
					t.Errorf("%+v, with %d jobs", p, len(mac.Jobs()))
				}
				return
			}
			if p != nil || len(mac.Jobs()) != 1 || mac.Jobs()[0].Account.Name != c.account {
				t.Errorf("%+v, and the jobs are %+v", p, mac.Jobs())
			}
		})
	}
}
