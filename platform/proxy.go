package platform

import (
	"net/netip"
	"os"
	"slices"
	"strings"
)

// personProxy is what a person has set in the system's own settings of the network.
type personProxy struct {
	https  string // the proxy for https, as its address; empty for none
	except string // hosts that are reached without it, as NO_PROXY has them
	script bool   // a script (PAC) reckons a proxy for each address; none is run
}

// adoptProxy lets this process use the person's own proxy where its environment names none. What was started from a
// desktop has no environment that anybody wrote.
func adoptProxy(p personProxy) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		if os.Getenv(name) != "" {
			return
		}
	}
	if p.https == "" {
		return
	}
	_ = os.Setenv("HTTPS_PROXY", p.https) // it fails for a name that is none
	if p.except != "" && os.Getenv("NO_PROXY") == "" {
		_ = os.Setenv("NO_PROXY", p.except)
	}
}

// exceptions puts hosts into the form of NO_PROXY: "*.example" is ".example" there. A bare name, such as <local> stands
// for, is none of the vendor's hosts.
func exceptions(hosts []string) string {
	var list []string
	for _, h := range hosts {
		h = strings.TrimPrefix(strings.TrimSpace(h), "*")
		if _, err := netip.ParsePrefix(h); h != "" && !strings.ContainsAny(h, "<*,") && (err == nil || !strings.Contains(h, "/")) {
			list = append(list, h)
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ",")
}
