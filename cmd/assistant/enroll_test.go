package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"testing"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// tenantKey is a jcc_ key that names the hosts of a region.
func tenantKey(t *testing.T, r platform.Region) platform.Secret {
	t.Helper()
	e, _ := platform.EndpointsOf(r)
	payload, err := json.Marshal(map[string]string{"publicKickstartUrl": e.Kickstart, "privateKickstartUrl": e.PrivateKickstart,
		"connectKey": "0123456789abcdef0123456789abcdef01234567"})
	if err != nil {
		t.Fatal(err)
	}
	return platform.NewSecret("jcc_" + base64.StdEncoding.EncodeToString(payload))
}

func TestRegionOf(t *testing.T) {
	for _, r := range platform.Regions {
		if got := regionOf(tenantKey(t, r)); got != r {
			t.Errorf("a key of %s is of %q", r, got)
		}
	}
	for _, text := range []string{"", "0123456789abcdef0123456789abcdef01234567", "jcc_"} {
		if got := regionOf(platform.NewSecret(text)); got != "" {
			t.Errorf("%q is of %q", text, got)
		}
	}
}

func TestConsentOf(t *testing.T) {
	for _, c := range []struct {
		json bool
		flag string
		want platform.Consent
	}{
		{false, "auto", platform.ConsentTerminal},
		{false, "sudo", platform.ConsentTerminal},
		{false, "dialog", platform.ConsentDialog},
		{false, "none", platform.ConsentSilent},
		{true, "auto", platform.ConsentSilent},
		{true, "dialog", platform.ConsentDialog},
		{true, "none", platform.ConsentSilent},
	} {
		if got := consentOf(options{json: c.json, consent: c.flag}); got != c.want {
			t.Errorf("json %t, --consent %s: got %s, want %s", c.json, c.flag, got, c.want)
		}
	}
}

// Nobody sits before a script, so an install goes on without what only a person can give.
func TestJSONLines_Access(t *testing.T) {
	ui := newJSONLines(io.Discard, answers{}, "")
	q := steps.Confirmation{Step: steps.Install, Access: &steps.AccessQuestion{Settings: platform.FullDiskAccessSettings}}
	if choice, err := ui.Confirm(t.Context(), q); err != nil || choice != (steps.Choice{}) {
		t.Errorf("%+v, %v", choice, err)
	}
}
