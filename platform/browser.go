package platform

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"github.com/pkg/browser"
)

// silence makes pkg/browser keep the browser's chatter to itself: on stdout it would break JSON lines.
var silence = sync.OnceFunc(func() { browser.Stdout, browser.Stderr = io.Discard, io.Discard })

// FullDiskAccessSettings shows the pane of macOS's settings in which a person gives Full Disk Access. It is the address
// of macOS 12 and before, which System Settings of 13 and later still knows; Apple documents neither.
const FullDiskAccessSettings = "x-apple.systempreferences:com.apple.preference.security?Privacy_AllFiles"

// openURL shows a web address in the person's browser, or a mail in their mail program. pkg/browser waits for the command it starts, and some systems'
// do not end before the browser does; so an error is told when it comes at once, and what comes later is not waited
// for.
func openURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("opening the browser: %w", err)
	}
	if u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" && address != FullDiskAccessSettings {
		return errors.New("opening the browser: neither a web address nor a mail")
	}
	silence()
	ended := make(chan error, 1)
	go func() { ended <- browser.OpenURL(u.String()) }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("opening the browser: %w", err)
		}
	case <-time.After(300 * time.Millisecond):
	}
	return nil
}
