package platform

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/shirou/gopsutil/v3/disk"
	"golang.org/x/net/http/httpproxy"
)

// gatherFacts learns what every system tells in the same way; diskPath is where the agent will lie. Each system adds
// its own. A disk or memory that cannot be measured fails the whole, since a check would judge a zero.
func gatherFacts(ctx context.Context, diskPath string) (Facts, error) {
	f := Facts{OS: runtime.GOOS}
	var err error
	if f.Hostname, err = os.Hostname(); err != nil {
		return f, fmt.Errorf("reading the host name: %w", err)
	}
	if err := measureSystem(ctx, &f); err != nil {
		return f, err
	}
	f.User = userName()
	f.DiskPath = nearestParent(diskPath)
	usage, err := disk.UsageWithContext(ctx, f.DiskPath)
	if err != nil {
		return f, fmt.Errorf("measuring the disk of %s: %w", f.DiskPath, err)
	}
	f.DiskFree = usage.Free
	proxies := httpproxy.FromEnvironment()
	f.Proxy = proxyShown(proxies)
	if u := proxyFor(proxies); u != nil {
		f.ProxyLogin = u.User != nil
	}
	return f, nil
}

// AgentProxyFile is where the agent looks for its proxy on Linux and macOS: it does not use the environment's.
// https://github.com/TheJumpCloud/support, scripts/macos/log_collection.sh. What the file holds is not public.
const AgentProxyFile = "/etc/jcagent-proxy.conf"

// userName gives the user's name. Without cgo a user of a directory service is unknown to Go; the variable that the
// login set is what is left, and the number where there is none.
func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	if name := os.Getenv("USER"); name != "" {
		return name
	}
	return strconv.Itoa(os.Getuid())
}

// nearestParent gives path or the nearest folder above it that exists.
func nearestParent(path string) string {
	for {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return path
		}
		up := filepath.Dir(path)
		if up == path {
			return path
		}
		path = up
	}
}

// proxyShown gives the proxy for the vendor's hosts as people may see it: without the user and password in it.
func proxyShown(c *httpproxy.Config) string {
	u := proxyFor(c)
	if u == nil {
		return ""
	}
	shown := *u
	shown.User = nil
	return shown.String()
}

// proxyFor gives the proxy that the vendor's hosts are reached through, nil for none.
func proxyFor(c *httpproxy.Config) *url.URL {
	u, err := c.ProxyFunc()(&url.URL{Scheme: "https", Host: "console.jumpcloud.com"})
	if err != nil || u == nil || u.Hostname() == "" {
		return nil
	}
	return u
}

// exists tells whether there is anything at path.
func exists(path string) bool {
	_, err := os.Lstat(path) //nolint:gosec // only whether it is there is used
	return err == nil
}

// readText reads a file that tells something when it is there; a missing one tells nothing.
func readText(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}
