package steps

import (
	"strings"
	"testing"
	"time"

	"example.com/enrollment-assistant/platform"
)

func TestCheck_Network(t *testing.T) {
	const day = 24 * time.Hour
	all := func(a platform.HostAnswer) func(i int, t Target) platform.HostAnswer {
		return func(int, Target) platform.HostAnswer { return a }
	}
	fail := func(f platform.Failure) func(i int, t Target) platform.HostAnswer {
		return func(i int, _ Target) platform.HostAnswer {
			if i == 1 {
				return platform.HostAnswer{Failure: f, Issuer: "Corp Inspection"}
			}
			return platform.HostAnswer{HasOffset: true}
		}
	}
	expired := platform.HostAnswer{Failure: platform.FailClock, NotBefore: noon.Add(-400 * day), NotAfter: noon.Add(-35 * day)}
	future := platform.HostAnswer{Failure: platform.FailClock, NotBefore: noon.Add(2 * 365 * day), NotAfter: noon.Add(3 * 365 * day)}
	for _, tc := range []struct {
		name        string
		answer      func(i int, t Target) platform.HostAnswer
		seconds     int // the profile's limit; 0 for the built-in one
		clock, host Level
		clockSays   string
		hostSays    string
		hostCode    Code
	}{
		{name: "well", answer: all(platform.HostAnswer{HasOffset: true}), clock: LevelOK, host: LevelOK, hostSays: "All JumpCloud hosts answer (5)"},
		{name: "one minute is allowed", answer: all(platform.HostAnswer{HasOffset: true, Offset: -time.Minute}), clock: LevelOK, host: LevelOK},
		{name: "61 seconds behind", answer: all(platform.HostAnswer{HasOffset: true, Offset: -61 * time.Second}), clock: LevelWarn, host: LevelOK, clockSays: "1 minute behind"},
		{name: "seven minutes ahead", answer: all(platform.HostAnswer{HasOffset: true, Offset: 7 * time.Minute}), clock: LevelWarn, host: LevelOK, clockSays: "The clock is 7 minutes ahead"},
		{name: "stricter", answer: all(platform.HostAnswer{HasOffset: true, Offset: 20 * time.Second}), seconds: 10, clock: LevelWarn, host: LevelOK, clockSays: "20 seconds ahead"},
		{name: "one server's own clock is wrong", answer: func(i int, _ Target) platform.HostAnswer {
			if i == 0 {
				return platform.HostAnswer{HasOffset: true, Offset: time.Hour}
			}
			return platform.HostAnswer{HasOffset: true}
		}, clock: LevelOK, host: LevelOK},
		{name: "no server tells the time", answer: all(platform.HostAnswer{}), clock: LevelInfo, host: LevelOK},

		{name: "all certificates are of the future", answer: all(future), clock: LevelBlock, host: LevelInfo, clockSays: "at least 2 years behind", hostSays: "clock is in the way"},
		{name: "all certificates ran out", answer: all(expired), clock: LevelBlock, host: LevelInfo, clockSays: "at least 35 days ahead"},
		{name: "one ran out, the others say that the clock is right", answer: func(i int, _ Target) platform.HostAnswer {
			if i == 0 {
				return expired
			}
			return platform.HostAnswer{HasOffset: true}
		}, clock: LevelOK, host: LevelBlock, hostSays: "not valid today, though the clock is right", hostCode: CodeUntrusted},
		{name: "one ran out long ago, the clock is off a little", answer: func(i int, _ Target) platform.HostAnswer {
			if i == 0 {
				return expired
			}
			return platform.HostAnswer{HasOffset: true, Offset: 5 * time.Minute}
		}, clock: LevelWarn, host: LevelBlock, hostCode: CodeUntrusted},
		{name: "one ran out, and the others agree that the clock is that wrong", answer: func(i int, _ Target) platform.HostAnswer {
			if i == 0 {
				return expired
			}
			return platform.HostAnswer{HasOffset: true, Offset: 36 * day}
		}, clock: LevelBlock, host: LevelInfo, clockSays: "36 days ahead"},
		{name: "one ran out, and the clock is behind", answer: func(i int, _ Target) platform.HostAnswer {
			if i == 0 {
				return expired
			}
			return platform.HostAnswer{HasOffset: true, Offset: -36 * day}
		}, clock: LevelWarn, host: LevelBlock, hostCode: CodeUntrusted},
		{name: "wrong clock and a host that is really gone", answer: func(i int, _ Target) platform.HostAnswer {
			if i == 0 {
				return platform.HostAnswer{Failure: platform.FailConnect}
			}
			return future
		}, clock: LevelBlock, host: LevelBlock, hostSays: "console.jumpcloud.com cannot be reached", hostCode: CodeUnreachable},

		{name: "dns", answer: fail(platform.FailDNS), clock: LevelOK, host: LevelInfo, hostSays: "when their names are known"},
		{name: "connect", answer: fail(platform.FailConnect), clock: LevelOK, host: LevelBlock, hostSays: "port 443", hostCode: CodeUnreachable},
		{name: "timeout", answer: fail(platform.FailTimeout), clock: LevelOK, host: LevelBlock, hostSays: "in time", hostCode: CodeUnreachable},
		{name: "proxy", answer: fail(platform.FailProxy), clock: LevelOK, host: LevelBlock, hostSays: "proxy", hostCode: CodeUnreachable},
		{name: "certificate", answer: fail(platform.FailCertificate), clock: LevelOK, host: LevelBlock, hostSays: "Corp Inspection", hostCode: CodeUntrusted},
		{name: "tls", answer: fail(platform.FailTLS), clock: LevelOK, host: LevelBlock, hostSays: "No secure connection", hostCode: CodeUnreachable},
		{name: "http", answer: fail(platform.FailHTTP), clock: LevelOK, host: LevelBlock, hostSays: "sign-in page", hostCode: CodeUnreachable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, f := needs(), healthy()
			if tc.seconds > 0 {
				n.Limits.ClockSeconds = &tc.seconds
			}
			f.Hosts = nil
			for i, target := range n.Targets {
				a := tc.answer(i, target)
				a.Host, a.Private = target.label(), target.Private
				f.Hosts = append(f.Hosts, a)
			}
			checks := n.Check(f)
			clock, hosts := check(t, checks, CheckClock), check(t, checks, CheckHosts)
			complete(t, clock)
			complete(t, hosts)
			if clock.Level != tc.clock || !strings.Contains(clock.Title, tc.clockSays) || tc.clock == LevelBlock && clock.Code != CodeClock {
				t.Errorf("clock: %+v", clock)
			}
			if hosts.Level != tc.host || !strings.Contains(hosts.Title+hosts.Text, tc.hostSays) || hosts.Code != tc.hostCode {
				t.Errorf("hosts: %+v", hosts)
			}
			if lines := strings.Count(hosts.Detail, "\n") + 1; lines != 5 || !strings.Contains(hosts.Detail, " ms") {
				t.Errorf("detail:\n%s", hosts.Detail)
			}
		})
	}
}

func TestCheck_NetworkIncomplete(t *testing.T) {
	n, f := needs(), healthy()
	complete := f.Hosts
	expired := platform.HostAnswer{Host: complete[0].Host, Failure: platform.FailClock, NotBefore: noon.Add(-2 * time.Hour), NotAfter: noon.Add(-time.Hour)}
	for _, tc := range []struct {
		name        string
		hosts       []platform.HostAnswer
		clock, host Level
	}{
		{"none", nil, LevelLooking, LevelLooking},
		{"one with the time", complete[:1], LevelOK, LevelLooking},
		{"one of another authority", complete[2:3], LevelLooking, LevelLooking},
		{"one that failed", []platform.HostAnswer{{Host: complete[0].Host, Failure: platform.FailConnect}}, LevelLooking, LevelBlock},
		{"one that looks like the clock", []platform.HostAnswer{expired}, LevelLooking, LevelLooking},
		{"that one, and the time", []platform.HostAnswer{expired, complete[1]}, LevelOK, LevelBlock},
		{"of a host that is not asked any more", []platform.HostAnswer{{Host: "old.example", Failure: platform.FailDNS}}, LevelLooking, LevelLooking},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f.Hosts = tc.hosts
			checks := n.Check(f)
			if c := check(t, checks, CheckClock); c.Level != tc.clock {
				t.Errorf("clock: %+v", c)
			}
			if c := check(t, checks, CheckHosts); c.Level != tc.host {
				t.Errorf("hosts: %+v", c)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	stub := platform.Endpoints{
		Console: "https://127.0.0.1:8443", Kickstart: "https://127.0.0.1:8443", PrivateKickstart: "https://127.0.0.1:8444",
		Agent: "https://127.0.0.1:8444", Packages: "https://127.0.0.1:8443",
	}
	got := targetsOf(stub)
	if len(got) != 2 || got[0].label() != "127.0.0.1:8443" || got[0].Private || got[1].label() != "127.0.0.1:8444" || !got[1].Private {
		t.Errorf("%+v", got)
	}
}
