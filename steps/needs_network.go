package steps

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// checkNetwork decides about the clock and the hosts together: a wrong clock makes certificates look invalid, and a
// certificate that really ran out must not be taken for a wrong clock.
func (n Needs) checkNetwork(f Findings) (clock, names, hosts Check) {
	if !n.CanProbe {
		return unseen(CheckClock, nil), unseen(CheckNames, nil), unseen(CheckHosts, nil)
	}
	answers := n.sort(f.Hosts)
	complete := len(n.Targets) > 0 && len(answers) == len(n.Targets)
	off, seen := clockOffset(answers)
	allowed := time.Duration(limit(n.Limits.ClockSeconds, defaultClockSeconds)) * time.Second
	least, byDates := clockByDates(answers, f.Now)
	if seen && (off.Abs()+allowed < least.Abs() || (off < 0) != (least < 0)) {
		byDates = false // other hosts say that the clock is not that wrong, so it is the certificate that ran out
	}
	clock = n.mendClock(n.checkClock(answers, complete, off, seen, allowed, least, byDates), f.Facts)
	return clock, n.checkNames(answers, complete, f.Facts), n.checkHosts(answers, complete, byDates)
}

// sort gives the answers of the targets in their order.
func (n Needs) sort(answers []platform.HostAnswer) []platform.HostAnswer {
	var sorted []platform.HostAnswer
	for _, t := range n.Targets {
		i := slices.IndexFunc(answers, func(a platform.HostAnswer) bool { return a.Host == t.label() && a.Private == t.Private })
		if i >= 0 {
			sorted = append(sorted, answers[i])
		}
	}
	return sorted
}

// clockOffset is the middle one of what the hosts say: one server with a wrong clock does not decide.
func clockOffset(answers []platform.HostAnswer) (offset time.Duration, seen bool) {
	var all []time.Duration
	for _, a := range answers {
		if a.HasOffset {
			all = append(all, a.Offset)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.SortFunc(all, func(a, b time.Duration) int { return cmp.Compare(a.Abs(), b.Abs()) })
	return all[(len(all)-1)/2], true
}

// clockByDates tells how far the clock is off at least, by certificates that are not valid at now; positive is ahead.
func clockByDates(answers []platform.HostAnswer, now time.Time) (off time.Duration, wrong bool) {
	for _, a := range answers {
		if a.Failure != platform.FailClock {
			continue
		}
		var least time.Duration
		switch {
		case !a.NotBefore.IsZero() && now.Before(a.NotBefore):
			least = now.Sub(a.NotBefore)
		case !a.NotAfter.IsZero() && now.After(a.NotAfter):
			least = now.Sub(a.NotAfter)
		}
		if least.Abs() >= off.Abs() {
			off = least
		}
		wrong = true
	}
	return off, wrong
}

func (n Needs) checkClock(answers []platform.HostAnswer, complete bool, off time.Duration, seen bool,
	allowed, least time.Duration, byDates bool,
) Check {
	c := Check{ID: CheckClock}
	switch {
	case byDates && seen: // other hosts tell by how much
		c.Level, c.Code = LevelBlock, CodeClock
		c.Title, c.Text = clockTitle("check.clock.off", off), assets.Text("check.clock.broken.text")
	case byDates && complete:
		c.Level, c.Code = LevelBlock, CodeClock
		c.Title, c.Text = clockTitle("check.clock.least", least), assets.Text("check.clock.broken.text")
	case byDates: // another host may still say that the clock is right
		return looking(CheckClock)
	case seen && off.Abs() > allowed:
		c.Level = LevelWarn
		c.Title, c.Text = clockTitle("check.clock.off", off), assets.Text("check.clock.off.text")
	case seen:
		c.Level, c.Title = LevelOK, assets.Text("check.clock.ok")
	case complete:
		c.Level, c.Title = LevelInfo, assets.Text("check.clock.unseen")
		c.Text = assets.Text("check.clock.unseen.text")
	default:
		return looking(CheckClock)
	}
	c.Detail = clockDetail(answers)
	return c
}

// clockTitle says by how much the clock is off, and where to.
func clockTitle(key string, off time.Duration) string {
	if off < 0 {
		return assets.Text(key+".behind", "Time", span(off))
	}
	return assets.Text(key+".ahead", "Time", span(off))
}

// span writes a duration in its largest unit: 7 minutes.
func span(d time.Duration) string {
	d = d.Abs()
	for _, u := range []struct {
		length time.Duration
		key    string
	}{{365 * 24 * time.Hour, "check.time.years"}, {24 * time.Hour, "check.time.days"}, {time.Hour, "check.time.hours"}, {time.Minute, "check.time.minutes"}} {
		if d >= u.length {
			return assets.Text(u.key, "Count", int(d/u.length))
		}
	}
	return assets.Text("check.time.seconds", "Count", int(d/time.Second))
}

func clockDetail(answers []platform.HostAnswer) string {
	var lines []string
	for _, a := range answers {
		switch {
		case a.Failure == platform.FailClock:
			lines = append(lines, a.Host+": "+a.NotBefore.UTC().Format(time.RFC3339)+" - "+a.NotAfter.UTC().Format(time.RFC3339))
		case a.HasOffset:
			lines = append(lines, a.Host+": "+signed(a.Offset))
		}
	}
	return strings.Join(lines, "\n")
}

func signed(d time.Duration) string {
	s := d.Round(time.Second).String()
	if d >= 0 {
		s = "+" + s
	}
	return s
}

func (n Needs) checkHosts(answers []platform.HostAnswer, complete, clockWrong bool) Check {
	c := Check{ID: CheckHosts, Detail: hostsDetail(answers)}
	nameless := false
	failed := slices.DeleteFunc(slices.Clone(answers), func(a platform.HostAnswer) bool {
		nameless = nameless || a.Failure == platform.FailDNS
		return a.Failure == platform.FailNone || a.Failure == platform.FailDNS || clockWrong && a.Failure == platform.FailClock
	})
	switch {
	case len(failed) > 0:
		c.Level, c.Code = LevelBlock, CodeUnreachable
		worst := failed[0]
		kind, title := string(worst.Failure), "check.hosts.failed"
		switch worst.Failure {
		case platform.FailClock: // the clock is right, so it is the certificate
			kind, title, c.Code = "expired", "check.hosts.untrusted", CodeUntrusted
		case platform.FailCertificate:
			title, c.Code = "check.hosts.untrusted", CodeUntrusted
		}
		if worst.Failure == platform.FailHTTP {
			// A network with a sign-in page sends whoever asks for a plain page to it, whatever the page.
			name, _, _ := strings.Cut(worst.Host, ":")
			c.Open = "http://" + name + "/"
		}
		c.Title = assets.Text(title, "Count", len(failed), "Host", worst.Host)
		c.Text = assets.Text("check.hosts."+kind+".text", "Host", worst.Host, "Issuer", cmp.Or(worst.Issuer, "?"))
	case !complete:
		c.Level = LevelLooking
		c.Title = assets.Text("check.hosts.looking")
	case nameless: // the names are a check of their own, and one cause is said once
		c.Level = LevelInfo
		c.Title, c.Text = assets.Text("check.hosts.names"), assets.Text("check.hosts.names.text")
	case clockWrong:
		c.Level = LevelInfo
		c.Title, c.Text = assets.Text("check.hosts.clock"), assets.Text("check.hosts.clock.text")
	default:
		slowest := slices.MaxFunc(answers, func(a, b platform.HostAnswer) int { return cmp.Compare(a.Took, b.Took) })
		c.Level = LevelOK
		c.Title = assets.Text("check.hosts.ok", "Count", len(answers))
		c.Text = assets.Text("check.hosts.ok.text", "Host", slowest.Host, "Milliseconds", slowest.Took.Milliseconds())
	}
	return c
}

// hostsDetail has a line for each host that was asked.
func hostsDetail(answers []platform.HostAnswer) string {
	var b strings.Builder
	for _, a := range answers {
		b.WriteString(a.Host + ": " + strconv.FormatInt(a.Took.Milliseconds(), 10) + " ms")
		if a.Failure != platform.FailNone {
			b.WriteString(", " + string(a.Failure))
		}
		if a.Detail != "" {
			b.WriteString(" (" + a.Detail + ")")
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}
