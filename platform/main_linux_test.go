package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"
)

// testProfile is what the elevated side of a test reads as the protected profile.
type testProfile struct {
	Endpoints []string
	PEM       string
	SHA256    string
	Publisher string // armored key
	Pin       string // its fingerprint
	Oldest    string
}

// readTestProfile is the trust func of a test's elevated side.
func readTestProfile(path string) (Trust, error) {
	var p testProfile
	b, err := os.ReadFile(path)
	if err != nil {
		return Trust{}, err
	}
	err = json.Unmarshal(b, &p)
	return Trust{
		Endpoints: p.Endpoints, RootsPEM: []byte(p.PEM), SHA256: p.SHA256,
		PublisherKey: p.Publisher, Fingerprint: p.Pin, Oldest: p.Oldest,
	}, err
}

// TestMain makes the test binary both sides of an elevation: started as "elevated ADDRESS" it is what assistant-cli
// is, with a sandbox allowed unless TEST_RELEASE is set; as "user FILE" it elevates the job in FILE, to be killed.
func TestMain(m *testing.M) {
	sandboxVariable = "STUB_ROOT"
	if len(os.Args) == 3 && os.Args[1] == "elevated" {
		side := elevatedSide{trust: readTestProfile, sandbox: os.Getenv("TEST_RELEASE") == "", limits: testLimits}
		if err := side.serve(context.Background(), os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	if len(os.Args) == 3 && os.Args[1] == "user" {
		os.Exit(userSide(os.Args[2]))
	}
	os.Exit(m.Run())
}

// userSide elevates the job in a file.
func userSide(file string) int {
	var w wireJob
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &w)
	}
	if err == nil {
		job := Job{Verb: w.Verb, Way: w.Way, Key: NewSecret(w.Key), KickstartURL: w.KickstartURL, Profile: w.Profile, Root: w.Root}
		err = testElevation(w.Root).run(context.Background(), job, func(Report) {})
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// testElevation is the user's side of a test: the elevated side is this test binary, in a sandbox.
func testElevation(root string) elevation {
	own, err := os.Executable()
	if err != nil {
		own = os.Args[0]
	}
	o := Options{Program: own, Root: root}
	return elevation{options: o, sandbox: true, wait: 10 * time.Second, attempts: func() ([]attempt, error) {
		return linuxAttempts(o, os.Geteuid())
	}}
}
