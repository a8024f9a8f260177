//go:build matrix && linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/server-stub/stub"
	"example.com/enrollment-assistant/steps"
)

// rows is the order of the table.
var rows = []string{"profile", "login", "connect-key", "requirements", "plan", "install", "register", "online", "bound"}

// certificates are what a host can show instead of its own.
var certificates = []stub.BadCertificate{stub.CertificateExpired, stub.CertificateNotYet, stub.CertificateSelfSigned,
	stub.CertificateOtherHost, stub.CertificateInspection}

// cells lists everything that is played.
func (m *matrix) cells() []cell {
	var all []cell
	for _, part := range [][]cell{profileCells(), loginCells(), keyCells(), m.hostCells(), presetCells(), pointCells(), certificateCells(), boundCells()} {
		all = append(all, part...)
	}
	return all
}

// profileCells: the admin's file cannot be used.
func profileCells() []cell {
	set := func(fault, key string, value any) cell {
		return cell{step: "profile", fault: fault, way: platform.WayScript, because: byProfile, profile: func(p map[string]any) { p[key] = value }}
	}
	file := func(fault string, do func(path string) error) cell {
		return cell{step: "profile", fault: fault, way: platform.WayScript, because: byProfile,
			arrange: func(s *scene) error { return do(filepath.Join(s.dir, "profile.json")) }}
	}
	write := func(text string) func(string) error {
		return func(path string) error { return os.WriteFile(path, []byte(text), 0o600) }
	}
	return []cell{
		file("no such file", os.Remove), file("not JSON", write("organization: Acme")), file("a web page", write("<!DOCTYPE html>")),
		set("unknown key", "organisation", "Acme"), set("value of another kind", "organization", "Acme"), set("authority that is none", "ca", "nonsense"),
		set("host without https", "endpoints", map[string]any{"console": "http://console.acme.example"}),
	}
}

// shape is what goes wrong with one answer, as a preset has it.
type shape struct {
	fault   string
	because cause
	stub.Fault
}

// shapes are the presets' faults without their place.
func shapes() []shape {
	of := func(name string, because cause, change func(*stub.Fault)) shape {
		f := preset(name).Faults[0]
		f.Point, f.Port, f.Path, f.Method, f.Times = "", "", "", "", stub.Always
		if change != nil {
			change(&f)
		}
		return shape{name, because, f}
	}
	return []shape{
		of("captive-portal", byNetwork, nil), of("captive-portal-redirect", byNetwork, nil), of("maintenance", byServer, nil),
		of("rate-limited", byServer, nil), of("connection-reset", byNetwork, nil),
		of("kickstart-cut", byNetwork, func(f *stub.Fault) { f.CutAfter = 2 }),
		of("package-wrong-length", byNetwork, nil),
		of("kickstart-slow", byNetwork, func(f *stub.Fault) { f.Delay, f.Times = 20*time.Second, 1 }),
	}
}

// at puts a shape to a point of an enrollment, or to a path.
func (s shape) at(place string) stub.Fault {
	f := s.Fault
	if strings.HasPrefix(place, "/") {
		f.Path = place
	} else {
		f.Point = stub.Point(place)
	}
	return f
}

// loginCells: signing in here, at each of its requests.
func loginCells() []cell {
	var all []cell
	for _, place := range []string{"/userconsole/xsrf", "sign-in", "totp", "/userconsole/api/connectkey"} {
		for _, s := range shapes() {
			all = append(all, cell{step: "login", fault: s.fault + " at " + strings.TrimPrefix(place, "/userconsole/"), way: platform.WayScript,
				because: s.because, account: true, faults: []stub.Fault{s.at(place)}})
		}
	}
	all = append(all, cell{step: "login", fault: "rate-limited", way: platform.WayScript, because: byServer, account: true, faults: preset("rate-limited").Faults})
	for name, answers := range map[string]map[string]string{
		"wrong password": {"email": "nora@acme.example", "password": "swordfish", "totpSecret": stub.DemoTOTPSecret},
		"wrong code":     {"email": "nora@acme.example", "password": stub.DemoUserPassword, "totpSecret": "GEZDGNBVGY3TQOJQ"},
	} {
		all = append(all, cell{step: "login", fault: name, way: platform.WayScript, because: byPerson, account: true, arrange: given(answers)})
	}
	return all
}

// keyCells: what the key can be.
func keyCells() []cell {
	one := func(fault string, because cause, key string) cell {
		return cell{step: "connect-key", fault: fault, way: platform.WayScript, because: because, arrange: given(map[string]string{"connectKey": key})}
	}
	return []cell{
		one("half a key", byPerson, "0123456789abcdef"),
		one("a space in it", byPerson, "0123456789abcdef0123 456789abcdef01234567"),
		one("a command without a key", byPerson, "curl https://kickstart.jumpcloud.com/Kickstart | sudo bash"),
		one("of another service", byPerson, "curl --header 'x-connect-key: 0123456789abcdef0123456789abcdef01234567' https://kickstart.example.com/Kickstart"),
		one("never made", byKey, "0123456789abcdef0123456789abcdef01234567"),
		{step: "connect-key", fault: "two hours old", way: platform.WayScript, because: byKey, arrange: func(s *scene) error {
			s.server.MoveClock(2 * time.Hour)
			return nil
		}},
		{step: "connect-key", fault: "never made", way: platform.WayPackage, because: byKey, slow: true,
			arrange: given(map[string]string{"connectKey": "0123456789abcdef0123456789abcdef01234567"})},
	}
}

// given writes other answers.
func given(answers map[string]string) func(*scene) error {
	return func(s *scene) error { return s.answer(answers) }
}

// hostCells: each host of a profile with each fault, from the start.
func (m *matrix) hostCells() []cell {
	hosts := []struct {
		name    string
		private bool
		way     platform.Way
		account bool
	}{
		{"console", false, platform.WayScript, true}, {"kickstart", false, platform.WayScript, false},
		{"privateKickstart", true, platform.WayPackage, false}, {"agent", true, platform.WayScript, false}, {"packages", false, platform.WayPackage, false},
	}
	var all []cell
	for _, h := range hosts {
		add := func(fault string, because cause, address string) {
			c := cell{step: "requirements", fault: h.name + " " + fault, way: h.way, because: because, account: h.account,
				profile: func(p map[string]any) { p["endpoints"].(map[string]any)[h.name] = address },
				slow:    h.name == "privateKickstart"} // which nobody but the agent asks
			all = append(all, c)
		}
		add("refuses connections", byNetwork, m.closed)
		add("takes connections and is silent", byNetwork, m.silent)
		add("resets connections", byNetwork, m.hangsUp)
		add("has a name that nobody knows", byNetwork, "https://"+strings.ToLower(h.name)+".example.invalid")
		for _, fault := range []string{"expired", "not-yet", "self-signed", "other-host", "inspection", "captive-portal", "captive-portal-redirect", "maintenance"} {
			at, because := m.bad[fault].Console, byNetwork
			if h.private {
				at = m.bad[fault].Private
			}
			switch fault {
			case "maintenance":
				because = byServer
			case "expired", "not-yet":
				because = byDates
			}
			add(fault, because, at)
		}
	}
	return all
}

// presetCells: each preset from the start, and once the requirements were met; on both ways of installing.
func presetCells() []cell {
	because := map[string]cause{
		"key-refused": byKey, "key-refused-at-signing": byKey, "unsupported-system": bySystem, "clock-refused": byClock,
		"maintenance": byServer, "rate-limited": byServer, "expired-certificate": byDates, "package-stale": byServer,
		"agent-never-starts": byAgent, "agent-never-registers": byAgent, "agent-never-online": byAgent,
	}
	var all []cell
	for _, p := range stub.Presets() {
		if p.Name == "rate-limited" { // of signing in: see there
			continue
		}
		for _, way := range []platform.Way{platform.WayScript, platform.WayPackage} {
			if way == platform.WayPackage && strings.Contains(p.Name, "install") || !meets(p, way) {
				continue
			}
			why, ok := because[p.Name]
			if !ok {
				why = byNetwork
			}
			for _, f := range p.Faults {
				if f.Poison != "" {
					why = byForger
				}
			}
			if p.Name == "key-refused-at-signing" && way == platform.WayPackage {
				why = byMoment // the agent tries again
			}
			c := cell{step: stepOf(p), fault: p.Name, way: way, because: why, faults: p.Faults,
				slow: way == platform.WayPackage || p.Name == "package-slow" || strings.HasPrefix(p.Name, "agent-")}
			if p.Faults[0].Skip > 0 {
				c.ready = func(s *scene) error { return s.askOnce(p.Faults[0].Point) }
			}
			all = append(all, c)
			if p.Faults[0].Port != "" { // of a whole port: the checks would meet it first
				c.fault, c.after, c.step = p.Name+" later", steps.Plan, "plan"
				all = append(all, c)
			}
		}
	}
	return all
}

// meets tells whether an install on this way asks for what a preset spoils. The package way asks for no script.
func meets(p stub.Preset, way platform.Way) bool {
	for _, f := range p.Faults {
		script := f.Point == stub.PointKickstart || f.Point == stub.PointAgentInstall || f.Point == stub.PointCheckAccess
		if !script || way == platform.WayScript {
			return true
		}
	}
	return false
}

// stepOf is where a preset is met.
func stepOf(p stub.Preset) string {
	switch p.Faults[0].Point {
	case "":
		return "requirements"
	case stub.PointRegister:
		return "register"
	case stub.PointPoll:
		return "online"
	}
	return "install"
}

// pointCells: every shape at every request of an install.
func pointCells() []cell {
	var all []cell
	add := func(step string, way platform.Way, slow bool, places ...stub.Point) {
		for _, place := range places {
			for _, s := range shapes() {
				if s.fault == "rate-limited" && slow {
					continue // told as any other refusal: by the deadline
				}
				all = append(all, cell{step: step, fault: s.fault + " at " + string(place), way: way, because: s.because, slow: slow,
					faults: []stub.Fault{s.at(string(place))}})
			}
		}
	}
	add("install", platform.WayScript, false, stub.PointKickstart, stub.PointDetect, stub.PointTime, stub.PointSignCSR, stub.PointCheckAccess,
		stub.PointAgentInstall, stub.PointPackage)
	add("install", platform.WayPackage, false, stub.PointPackage)
	add("register", platform.WayPackage, true, stub.PointDetect, stub.PointSignCSR)
	add("register", platform.WayScript, true, stub.PointRegister)
	add("online", platform.WayScript, true, stub.PointPoll)
	return all
}

// certificateCells: a host that was good shows another certificate once the plan is there.
func certificateCells() []cell {
	var all []cell
	for _, port := range []string{"public", "private"} {
		for _, kind := range certificates {
			for _, way := range []platform.Way{platform.WayScript, platform.WayPackage} {
				because := byNetwork
				if kind == stub.CertificateExpired || kind == stub.CertificateNotYet {
					because = byDates
				}
				all = append(all, cell{step: "plan", fault: string(kind) + " certificate of " + port + " hosts", way: way, because: because,
					after: steps.Plan, slow: port == "private", faults: []stub.Fault{{Port: port, Certificate: kind, Times: stub.Always}}})
			}
		}
	}
	return all
}

// boundCells: what happens while an admin is waited for.
func boundCells() []cell {
	var all []cell
	for _, s := range shapes() {
		all = append(all, cell{step: "bound", fault: s.fault + " at poll", way: platform.WayScript, because: s.because, slow: true, after: steps.Online,
			flags: []string{"--until", "bound", "--bound-within", "20s"}, faults: []stub.Fault{s.at("poll")}})
	}
	return append(all, cell{step: "bound", fault: "no admin comes", way: platform.WayScript, because: byAdmin, slow: true,
		flags: []string{"--until", "bound", "--bound-within", "20s"}})
}
