package platform

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// checkBase refuses what is not a base URL (https, a host, no path, query or user info) of a host that allowed takes.
func checkBase(address string, allowed func(*url.URL) bool) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("it is not an address") // the parser's error quotes it, and it may be anything
	}
	switch {
	case u.Scheme != "https":
		return errors.New("it is not https")
	case u.User != nil || u.Opaque != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Path != "" && u.Path != "/":
		return errors.New("it is more than a host")
	case strings.ContainsAny(address, "\\\r\n\t #@"):
		return errors.New("it has characters that no host has")
	case !allowed(u):
		return fmt.Errorf("host %q is not allowed", u.Host)
	default:
		return nil
	}
}

// port gives the port of an https address.
func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return "443"
}

// belowVendor tells whether a host is the vendor's domain or below it by whole labels, on https' own port.
func belowVendor(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	return port(u) == "443" && (host == vendorDomain || strings.HasSuffix(host, "."+vendorDomain))
}

// builtIn tells whether a host is one of a region's kickstart hosts.
func builtIn(u *url.URL) bool {
	for _, r := range Regions {
		e, _ := EndpointsOf(r)
		if sameHost(e.Kickstart, u) || sameHost(e.PrivateKickstart, u) {
			return true
		}
	}
	return false
}

// allows tells whether the profile names a host with this port.
func (t Trust) allows(u *url.URL) bool {
	for _, e := range t.Endpoints {
		if sameHost(e, u) {
			return true
		}
	}
	return false
}

// sameHost tells whether an https base URL has the host and port of u.
func sameHost(base string, u *url.URL) bool {
	b, err := url.Parse(base)
	return err == nil && b.Scheme == "https" && b.Hostname() != "" && strings.EqualFold(b.Hostname(), u.Hostname()) && port(b) == port(u)
}
