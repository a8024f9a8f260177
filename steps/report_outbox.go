package steps

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"example.com/enrollment-assistant/platform"
)

// Bounds of the outbox: what is older helps nobody.
const (
	outboxMost = 20
	outboxLife = 7 * 24 * time.Hour
)

// outbox is reports.json in the user's state folder, 0600: what may be sent to the admins, the oldest first. It is a
// file of its own since the person may send while a run goes on, which writes run.json.
type outbox struct {
	Device  string        `json:"device"` // made at random, so that reports of one computer are known as such
	Reports []AdminReport `json:"reports"`

	path string
}

var deviceID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// Outbox lists the reports of dir, a Config's StateDir, that were not sent yet: at most 20, none older than 7 days.
func Outbox(dir string, now time.Time) []AdminReport {
	o := openOutbox(dir)
	o.tidy(now)
	return o.Reports
}

// openOutbox reads the file; one that is not there, or damaged, is an empty one.
func openOutbox(dir string) *outbox {
	o := &outbox{path: filepath.Join(dir, "reports.json")}
	if b, err := os.ReadFile(o.path); err != nil || json.Unmarshal(b, o) != nil {
		o.Reports = nil
	}
	if !deviceID.MatchString(o.Device) {
		o.Device = randomID()
	}
	return o
}

// tidy drops what is too old, or too much.
func (o *outbox) tidy(now time.Time) {
	o.Reports = slices.DeleteFunc(o.Reports, func(r AdminReport) bool { return now.Sub(r.Time) > outboxLife })
	o.Reports = o.Reports[max(0, len(o.Reports)-outboxMost):]
}

// put adds a report in the place of the one of the same run.
func (o *outbox) put(r AdminReport) error {
	o.Reports = slices.DeleteFunc(o.Reports, func(q AdminReport) bool { return q.Run == r.Run })
	o.Reports = append(o.Reports, r)
	o.tidy(r.Time)
	return o.save()
}

// drop takes out the reports that match; nothing is written where there are none.
func (o *outbox) drop(match func(AdminReport) bool) error {
	if !slices.ContainsFunc(o.Reports, match) {
		return nil
	}
	o.Reports = slices.DeleteFunc(o.Reports, match)
	return o.save()
}

func (o *outbox) save() error {
	b, err := json.MarshalIndent(o, "", "  ")
	if err == nil {
		err = replaceFile(o.path, b)
	}
	if err != nil {
		return fmt.Errorf("writing the outbox: %w", err)
	}
	return nil
}

// queue keeps a report of a problem for the person to send, where a protected profile says where to, and nowhere else;
// the lock is held.
func (e *enrollment) queue(p *Problem, f platform.Facts) {
	if e.c.Profile.Reports.URL == "" || e.c.StateDir == "" {
		return
	}
	o := openOutbox(e.c.StateDir)
	if err := o.put(e.newAdminReport(p, f, o.Device)); err != nil {
		e.log.Warn("outbox", "err", err)
	}
}

// unqueue takes the report of a run that ended well out again; the lock is held.
func (e *enrollment) unqueue() {
	if e.c.StateDir == "" {
		return
	}
	if err := openOutbox(e.c.StateDir).drop(func(r AdminReport) bool { return r.Run == e.run.ID }); err != nil {
		e.log.Warn("outbox", "err", err)
	}
}
