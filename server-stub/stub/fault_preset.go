package stub

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Preset is a named set of faults: a thing that goes wrong in the field.
type Preset struct {
	Name   string  `json:"name"`
	Text   string  `json:"text"` // what it plays, for testers
	Faults []Fault `json:"faults"`
}

// portalPage is what stands in the way of a captive portal or of a proxy.
const portalPage = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head><body><h1>Sign in to the network</h1></body></html>\n"

var asHTML = map[string]string{"Content-Type": "text/html; charset=utf-8"}

// Presets lists the presets by name. All that do not say otherwise stay until they are removed.
func Presets() []Preset {
	list := []Preset{
		{"key-refused", "the connect key is refused once, at the first request", []Fault{{Point: PointKickstart, Status: http.StatusForbidden, Body: "refused\n"}}},
		{"key-refused-at-signing", "the key is accepted, and refused when the certificate is signed: it expired in between", []Fault{{Point: PointSignCSR, Status: http.StatusForbidden, Body: "refused\n"}}},
		{"proxy-with-inspection", "a proxy opens TLS to the private hosts with a certificate of its own", []Fault{{Port: portPrivate, Certificate: CertificateInspection, Times: Always}}},
		{"expired-certificate", "the public hosts show a certificate that has expired", []Fault{{Port: portPublic, Certificate: CertificateExpired, Times: Always}}},
		{"captive-portal", "every public request is answered by a network's own sign-in page", []Fault{{Port: portPublic, Path: "/*", Status: http.StatusOK, Header: asHTML, Body: portalPage, Times: Always}}},
		{"captive-portal-redirect", "every public request is sent to another host", []Fault{{Port: portPublic, Path: "/*", Redirect: "http://captive.example.invalid/login", Times: Always}}},
		{"maintenance", "everything public answers 503 with Retry-After", []Fault{{Port: portPublic, Path: "/*", Status: http.StatusServiceUnavailable, Header: map[string]string{"Retry-After": "120"}, Body: "maintenance\n", Times: Always}}},
		{"rate-limited", "the sign-in answers 429 twice", []Fault{{Point: PointSignIn, Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "1"}, Body: "slow down\n", Times: 2}}},
		{"unsupported-system", "Detect does not know this system", []Fault{{Point: PointDetect, Status: http.StatusBadRequest, Body: "unsupported\n", Times: Always}}},
		{"clock-refused", "the server calls this computer's clock wrong", []Fault{{Point: PointTime, Status: http.StatusBadRequest, Body: "the time is wrong\n", Times: Always}}},
		{"kickstart-html", "the script is a web page", []Fault{{Point: PointKickstart, Status: http.StatusOK, Header: asHTML, Body: portalPage, Times: Always}}},
		{"kickstart-cut", "the script ends in the middle, with the connection", []Fault{{Point: PointKickstart, CutAfter: 500, Times: Always}}},
		{"kickstart-elsewhere", "the script lies on another host", []Fault{{Point: PointKickstart, Redirect: "https://kickstart.example.invalid/Kickstart", Times: Always}}},
		{"kickstart-slow", "the script comes after 20 seconds", []Fault{{Point: PointKickstart, Delay: 20 * time.Second}}},
		{"package-html", "the package is a web page", []Fault{{Point: PointPackage, Status: http.StatusOK, Header: asHTML, Body: portalPage, Times: Always}}},
		{"package-cut", "the first download of the package ends after a million bytes; the next goes well", []Fault{{Point: PointPackage, CutAfter: 1_000_000}}},
		{"package-slow", "the package comes at 200 kB a second", []Fault{{Point: PointPackage, BytesPerSecond: 200_000, Times: Always}}},
		{"package-stale", "a cache goes on giving the package of the first download", []Fault{{Point: PointPackage, Skip: 1, Stale: true, Times: Always}}},
		{"package-wrong-length", "the package is announced as longer than it is", []Fault{{Point: PointPackage, LengthOff: 1000, Times: Always}}},
		{"package-unsigned", "the package bears no signature, inside or beside it, and would write a canary", poisoned(PoisonUnsigned, 0)},
		{"package-other-publisher", "the package and the signature beside it are somebody else's; it would write a canary", poisoned(PoisonOther, 0)},
		{"package-truncated", "only the first half of the package comes, with a length that fits; beside it lies the publisher's signature of the whole", poisoned(PoisonTruncated, 0)},
		{"package-older", "the publisher's own package of version 0.0.1, which would write a canary", poisoned(PoisonOlder, 0)},
		{"package-swapped", "the first download is the true package, every later one somebody else's that would write a canary; the true signature stays", poisoned(PoisonOther, 1)[:1]},
		{"kickstart-truncated", "only the first half of the script comes, with a length that fits; executed, it writes a canary", []Fault{{Point: PointKickstart, Poison: PoisonTruncated, Times: Always}}},
		{"kickstart-other", "the script is somebody else's: it writes a canary and does nothing else", []Fault{{Point: PointKickstart, Poison: PoisonScript, Times: Always}}},
		{"kickstart-swapped", "the first script is the true one, every later one somebody else's that writes a canary", []Fault{{Point: PointKickstart, Skip: 1, Poison: PoisonScript, Times: Always}}},
		{"agent-install-truncated", "only the first half of the install script comes, with a length that fits; executed, it writes a canary", []Fault{{Point: PointAgentInstall, Poison: PoisonTruncated, Times: Always}}},
		{"agent-install-other", "the install script is somebody else's: it writes a canary and installs nothing", []Fault{{Point: PointAgentInstall, Poison: PoisonScript, Times: Always}}},
		{"connection-reset", "the connection is reset at the first request of the install", []Fault{{Point: PointKickstart, Reset: true}}},
		{"agent-never-starts", "the install ends well, and no agent was installed", []Fault{{Point: PointAgentInstall, Status: http.StatusOK, Body: "#!/bin/bash\nexit 0\n", Times: Always}}},
		{"agent-never-registers", "the agent runs, and the server does not take it", []Fault{{Point: PointRegister, Status: http.StatusServiceUnavailable, Body: "{}\n", Times: Always}}},
		{"agent-never-online", "the device is there, and its contacts fail", []Fault{{Point: PointPoll, Status: http.StatusServiceUnavailable, Body: "{}\n", Times: Always}}},
	}
	for i := range list {
		for j := range list[i].Faults {
			list[i].Faults[j].Name = list[i].Name
		}
	}
	return list
}

// poisoned gives a package of the poisoned shelf after so many true ones, and then what lies beside it.
func poisoned(kind Poison, after int) []Fault {
	return []Fault{{Point: PointPackage, Poison: kind, Skip: after, Times: Always}, {Point: PointSignature, Poison: kind, Times: Always}}
}

// ApplyPreset adds the faults of a preset and gives their IDs; ErrNotFound when there is none of that name.
func (s *Server) ApplyPreset(name string) (ids []string, err error) {
	list := Presets()
	i := slices.IndexFunc(list, func(p Preset) bool { return p.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("finding preset %q: %w", name, ErrNotFound)
	}
	for _, f := range list[i].Faults {
		id, err := s.AddFault(f)
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
