//go:build laptop

package main

// ended sees that nothing of the assistant is left at work, once the elevated side has ended.
func (g *guest) ended() {
	g.t.Helper()
	g.check(`for p in $(pgrep --exact assistant-cli); do timeout 60 tail --pid=$p --follow /dev/null; done`)
	if left := g.check(`systemd-inhibit --list --no-legend | grep 'Enrollment assistant'
find /var/lib/enrollment-assistant -mindepth 1 ! -name lock ! -name elevated.log 2>/dev/null
find /tmp /var/tmp -mindepth 1 -maxdepth 1 ! -name 'seat-*' ! -name 'systemd-private-*' ! -name '.*-unix'; true`); left != "" {
		g.t.Errorf("there is still\n%s", left)
	}
}

// untouched sees that nothing was begun, once the elevated side has ended.
func (g *guest) untouched(s *service) {
	g.t.Helper()
	g.ended()
	g.pristine(s)
}

// pristine sees that there is no agent and nothing of one, and that the service knows of no device.
func (g *guest) pristine(s *service) {
	g.t.Helper()
	if left := g.check(`ls -d /opt/jc /lib/systemd/system/jcagent.service /etc/systemd/system/jcagent.service 2>/dev/null
dpkg-query --show jcagent 2>/dev/null; pgrep --list-full --full 'jumpcloud-[a]gent'; true`); left != "" {
		g.t.Errorf("of an agent there is\n%s", left)
	}
	s.noDevice()
}

// noAgent sees that a failed install left no agent, whole or half, and no device.
func (g *guest) noAgent(s *service) {
	g.t.Helper()
	g.ended()
	if left := g.check(`dpkg-query --show jcagent 2>/dev/null; dpkg --audit; systemctl list-units --all --no-legend 'jcagent*'; ls /opt/jc/bin 2>/dev/null; true`); left != "" {
		g.t.Errorf("of an agent there is\n%s", left)
	}
	s.noDevice()
}

// noDevice sees that the service knows of no device and has told nobody of one.
func (s *service) noDevice() {
	s.t.Helper()
	if now := s.snapshot(); len(now.Systems) != 0 || len(now.Outbox) != 0 {
		s.t.Errorf("there are %d devices and %d mails", len(now.Systems), len(now.Outbox))
	}
}
