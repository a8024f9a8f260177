//go:build laptop

package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// cable is the network of a laptop that has one of its own: a pair of interfaces, of which this computer holds one.
type cable struct {
	t           *testing.T
	name        string // of this computer's end
	here, there string // addresses
}

// bootWired starts a machine that reaches nothing but this computer, by a cable, and a service at this end of it. n is
// another number for each.
func (l *lab) bootWired(t *testing.T, name string, n int) (*guest, *service, *cable) {
	t.Helper()
	free := freeNetwork(t)
	c := &cable{t: t, name: fmt.Sprintf("lt%d-%d", os.Getpid(), n), // at most 15 bytes
		here: free + strconv.Itoa(4*n+1), there: free + strconv.Itoa(4*n+2)}
	g := l.bootFrom(t, l.image, name, "--network-veth-extra="+c.name+":wire0") // the kernel removes it with the machine
	c.ip("address", "add", c.here+"/30", "dev", c.name)
	c.plug()
	g.check("ip address add " + c.there + "/30 dev wire0 && ip link set wire0 up && ip route add default via " + c.here)
	s := l.serve(t, name, "--address", c.here, "--listen-anywhere", "--host", c.here)
	if !strings.HasPrefix(s.Console, "https://"+c.here+":") {
		t.Fatalf("the stub listens at %s", s.Console)
	}
	return g, s, c
}

// freeNetwork gives the beginning of addresses that are for examples, https://www.rfc-editor.org/rfc/rfc5737, and that this
// computer has no other way to: a sandbox may use some of them itself.
func freeNetwork(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	must(t, err)
	for _, start := range []string{"198.51.100.", "203.0.113.", "192.0.2."} {
		used := slices.ContainsFunc(addresses, func(a net.Addr) bool {
			own, err := netip.ParsePrefix(a.String())
			return err == nil && own.Bits() < 30 && own.Contains(netip.MustParseAddr(start+"1")) // a /30 is another cable's
		})
		if !used {
			return start
		}
	}
	t.Fatal("this computer uses all addresses that are for examples")
	return ""
}

// ip changes this computer's end.
func (c *cable) ip(args ...string) {
	c.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		c.t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// plug and unplug are what a hand does to the cable: the laptop's own end sees it.
func (c *cable) plug()   { c.t.Helper(); c.ip("link", "set", c.name, "up") }
func (c *cable) unplug() { c.t.Helper(); c.ip("link", "set", c.name, "down") }

// host is how a service is named in sentences.
func (s *service) host() string { return strings.TrimPrefix(s.Console, "https://") }

// unpluggedInDownload is a network that goes while the package comes. The person is told, plugs it in, presses Enter, and
// gets the rest.
func unpluggedInDownload(t *testing.T, l *lab) {
	g, s, wire := l.bootWired(t, "unplugged", 0)
	l.furnish(g, s.profile(s.byPackage))
	s.qa("faults", slowPackage)
	admin := g.sit(localAdmin, "exec assistant-cli enroll", toEnd(s.newKey())...)
	admin.sees(assets.Text("cli.phase.percent", "Percent", 10))
	wire.unplug()
	admin.sees(assets.Text("problem.package.cut", "Host", s.host()))
	admin.sees(assets.Text("cli.ask.retry"))
	g.pristine(s)

	wire.plug()
	s.heal()
	admin.types("", false)
	admin.succeeds(s)
	s.resumed()
}

// unpluggedAtRegistration is a network that goes once the package is there: the agent is installed and runs, and its
// service never hears of it. Plugged in again, both go on.
func unpluggedAtRegistration(t *testing.T, l *lab) {
	g, s, wire := l.bootWired(t, "unregistered", 1)
	l.furnish(g, s.profile(s.byPackage))
	s.qa("faults", `{"point":"sign-csr","status":503,"times":-1}`) // until the cable is out
	admin := g.sit(localAdmin, "exec assistant-cli enroll", toEnd(s.newKey())...)
	admin.sees(assets.Text("cli.phase.running", "Title", assets.Text("phase."+string(platform.PhaseInstallPackage))))
	wire.unplug()
	s.heal()
	admin.sees(assets.Text("problem.job.not-registered"))
	admin.sees(assets.Text("check.hosts.failed", "Count", 2) + ". " + assets.Text("check.hosts.timeout.text", "Host", s.host()))
	admin.sees(assets.Text("cli.ask.retry"))
	s.noDevice()

	wire.plug()
	admin.types("", false)
	admin.succeeds(s)
}
