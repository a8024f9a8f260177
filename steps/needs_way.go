package steps

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// This file holds the checks of the way to the hosts: their names, a proxy, and who reads along.

// mendClock offers to switch automatic time on, where there is a service for it that is not on. A package is downloaded
// before anything can be put right, so a clock by which certificates fail goes on to block it.
func (n Needs) mendClock(c Check, f *platform.Facts) Check {
	if c.Level != LevelBlock && c.Level != LevelWarn || f == nil || f.Linux == nil {
		return c
	}
	switch s := f.Linux.Sync; {
	case c.Level == LevelBlock && n.Package:
	case s.Can == platform.Yes && s.On == platform.No && f.Container == "" && n.mendable(platform.FixClock):
		c.Level, c.Code, c.Fix = LevelWarn, "", platform.FixClock
		c.Text = assets.Text("check.clock.fix")
	case s.On == platform.Yes && s.Synced == platform.No:
		c.Text = assets.Text("check.clock.unsynced.text")
	}
	return c
}

// checkNames tells whether the names of the hosts are known on this network.
func (n Needs) checkNames(answers []platform.HostAnswer, complete bool, f *platform.Facts) Check {
	c := Check{ID: CheckNames, Level: LevelOK}
	if f != nil && f.Linux != nil {
		c.Detail = strings.Join(f.Linux.Resolvers, ", ")
	}
	var unknown []string
	proxied := len(answers) > 0
	for _, a := range answers {
		if a.Failure == platform.FailDNS {
			unknown = append(unknown, a.Host)
			c.Detail = strings.TrimPrefix(c.Detail+"\n"+a.Host+": "+a.Detail, "\n")
		}
		proxied = proxied && a.Proxied
	}
	switch {
	case len(unknown) > 0:
		c.Level, c.Code = LevelBlock, CodeUnreachable
		c.Title = assets.Text("check.names.unknown", "Count", len(unknown), "Host", unknown[0])
		c.Text = assets.Text("check.names.unknown.text")
		if len(unknown) < len(answers) {
			c.Text = assets.Text("check.names.some.text")
		}
	case !complete:
		return looking(CheckNames)
	case proxied:
		c.Title = assets.Text("check.names.proxy")
	default:
		c.Title = assets.Text("check.names.ok")
	}
	return c
}

// proxyFile is where the agent looks for its proxy on this system.
func proxyFile(os string) string {
	if os == "windows" {
		return `C:\Windows\System32\drivers\etc\jcagent-proxy.conf`
	}
	return platform.AgentProxyFile
}

// checkProxy tells whether the agent can use this computer's proxy: it looks in a file of its own alone.
func (n Needs) checkProxy(f Findings) Check {
	switch {
	case f.FactsErr != nil:
		return unseen(CheckProxy, f.FactsErr)
	case f.Facts == nil:
		return looking(CheckProxy)
	}
	proxy, file := f.Facts.Proxy, proxyFile(f.Facts.OS)
	c := Check{ID: CheckProxy, Level: LevelWarn, Detail: proxy}
	if f.Facts.ProxyFile {
		c.Detail = joinWords(proxy, file)
	}
	kind := ""
	if u, err := url.Parse(proxy); err == nil {
		kind = u.Scheme
	}
	switch {
	case proxy == "" && f.Facts.ProxyScript:
		c.Level, c.Title, c.Text = LevelInfo, assets.Text("check.proxy.script"), assets.Text("check.proxy.script.text") // at home most give none
	case proxy == "":
		c.Level, c.Title = LevelOK, assets.Text("check.proxy.none")
	case f.Facts.ProxyLogin:
		c.Title, c.Text = assets.Text("check.proxy.login"), assets.Text("check.proxy.login.text")
	case strings.HasPrefix(kind, "socks"):
		c.Title, c.Text = assets.Text("check.proxy.socks"), assets.Text("check.proxy.socks.text", "Proxy", proxy)
	case n.ProxyText && f.Facts.OS == "linux" && n.mendable(platform.FixProxy):
		c.Level, c.Fix = LevelInfo, platform.FixProxy
		c.Title, c.Text = assets.Text("check.proxy.written"), assets.Text("check.proxy.written.text", "File", file)
	case f.Facts.ProxyFile:
		c.Level, c.Title, c.Text = LevelInfo, assets.Text("check.proxy.file"), assets.Text("check.proxy.file.text", "File", file, "Proxy", proxy)
	default:
		c.Title, c.Text = assets.Text("check.proxy.agent"), assets.Text("check.proxy.agent.text", "File", file, "Proxy", proxy)
	}
	return c
}

// checkInspection tells whether somebody opens secure connections on the way. Only public hosts tell: the private ones
// have certificates of the vendor's own authority, which no computer knows.
func (n Needs) checkInspection(f Findings) Check {
	if !n.CanProbe {
		return unseen(CheckInspection, nil)
	}
	answers := n.sort(f.Hosts)
	seen := inspectionOf(answers)
	c := Check{ID: CheckInspection, Level: LevelWarn, Detail: strings.Join(seen.issuers, "\n")}
	switch {
	case seen.found:
		c.Title = assets.Text("check.inspection.found", "Issuer", seen.who)
		c.Text = assets.Text("check.inspection.found.text", "Hosts", n.exempt())
	case seen.who != "":
		c.Title = assets.Text("check.inspection.perhaps", "Issuer", seen.who)
		c.Text = assets.Text("check.inspection.found.text", "Hosts", n.exempt())
	case len(n.Targets) == 0 || len(answers) < len(n.Targets):
		return looking(CheckInspection)
	case !seen.all:
		c.Level, c.Title, c.Text = LevelInfo, assets.Text("check.inspection.unseen"), assets.Text("check.inspection.unseen.text")
	default:
		c.Level, c.Title = LevelOK, assets.Text("check.inspection.none")
	}
	return c
}

// inspection is what the certificates of the public hosts tell.
type inspection struct {
	issuers []string // a line for each host
	who     string   // the issuer that is not the hosts' own, or may not be
	found   bool     // it is not
	all     bool     // every host showed a certificate that this computer trusts
}

func inspectionOf(answers []platform.HostAnswer) inspection {
	seen := inspection{}
	public, trusted := 0, 0
	for _, a := range answers {
		if a.Private {
			continue
		}
		public++
		if a.Failure == platform.FailNone {
			trusted++
		}
		if a.Issuer != "" {
			seen.issuers = append(seen.issuers, a.Host+": "+a.Issuer)
		}
		if seen.who == "" && (a.Inspected || a.Failure == platform.FailCertificate) {
			seen.who = cmp.Or(a.Issuer, "?")
		}
		seen.found = seen.found || a.Inspected
	}
	seen.all = public > 0 && trusted == public
	return seen
}

// exempt names the hosts that an inspection must leave alone.
func (n Needs) exempt() string {
	var hosts []string
	for _, t := range n.Targets {
		name := t.label()
		if strings.HasSuffix(name, ".jumpcloud.com") {
			name = "*.jumpcloud.com"
		}
		if !slices.Contains(hosts, name) {
			hosts = append(hosts, name)
		}
	}
	return strings.Join(hosts, ", ")
}
