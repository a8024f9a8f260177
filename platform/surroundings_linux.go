package platform

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// tree is a computer's files below a root folder, which is "/" but in tests.
type tree string

func (t tree) path(p string) string { return filepath.Join(string(t), p) }
func (t tree) read(p string) string { return readText(t.path(p)) }
func (t tree) exists(p string) bool { return exists(t.path(p)) }
func (t tree) line(p string) string { return strings.TrimSpace(t.read(p)) }
func (t tree) names(p string) []string {
	entries, err := os.ReadDir(t.path(p))
	if err != nil {
		return nil // what is not there, or not for us, holds nothing
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// has finds a command where command does.
func (t tree) has(name string) bool {
	return slices.ContainsFunc(commandFolders, func(folder string) bool {
		info, err := os.Stat(t.path(filepath.Join(folder, name)))
		return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
	})
}

// surroundings looks at the files of a computer. It runs nothing and asks nobody.
func (t tree) surroundings() Linux {
	l := Linux{
		Systemd:   t.exists("/run/systemd/system"), // as sd_booted(3) does
		Disks:     t.disks(),
		Power:     t.power(),
		Packages:  t.packages(),
		Restart:   t.restart(),
		Resolvers: parseResolvers(t.read("/etc/resolv.conf")),
		Managers:  found(managers, t.exists), Directories: found(directories, t.exists),
		Earlier: t.earlier(),
	}
	for _, name := range scriptCommands {
		if !t.has(name) {
			l.Missing = append(l.Missing, name)
		}
	}
	return l
}

// installFolders are where an install writes: the agent, the package database and our own folder, temporary files,
// logs.
var installFolders = []string{agentFolder, "/var/lib", "/tmp", "/var/log"}

// disks measures the file systems that an install writes to, each once; the first is the agent's.
func (t tree) disks() []Disk {
	var disks []Disk
	var seen []uint64
	for _, folder := range installFolders {
		near := nearestParent(t.path(folder))
		var at unix.Stat_t
		var fs unix.Statfs_t
		if unix.Stat(near, &at) != nil || unix.Statfs(near, &fs) != nil || slices.Contains(seen, at.Dev) {
			continue
		}
		seen = append(seen, at.Dev)
		shown := "/" + strings.TrimPrefix(strings.TrimPrefix(near, string(t)), "/")
		disks = append(disks, Disk{Path: shown, Free: fs.Bavail * uint64(fs.Bsize), ReadOnly: fs.Flags&unix.ST_RDONLY != 0})
	}
	return disks
}

func (t tree) power() Power {
	const folder = "/sys/class/power_supply"
	var all []supply
	for _, name := range t.names(folder) {
		at := func(file string) string { return t.line(filepath.Join(folder, name, file)) }
		all = append(all, supply{kind: at("type"), scope: at("scope"), online: at("online"), status: at("status"), capacity: at("capacity")})
	}
	if all == nil && !t.exists(folder) {
		return Power{}
	}
	return powerOf(all)
}

// packages tells the state of the package manager. Its locks can be opened by root alone, but /proc/locks names them.
func (t tree) packages() Packages {
	var p Packages
	var locks []string
	switch {
	case t.exists("/var/lib/dpkg/status"):
		p.Kind, locks = "dpkg", []string{"/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock"}
		p.Half = parseDpkgStatus(t.read("/var/lib/dpkg/status"))
		// What dpkg has done since it last wrote that file lies beside it, in numbered files: dpkg(1).
		p.Interrupted = slices.ContainsFunc(t.names("/var/lib/dpkg/updates"), func(name string) bool {
			_, err := strconv.Atoi(name)
			return err == nil
		})
	case t.has("rpm"):
		p.Kind, locks = "rpm", []string{"/var/lib/rpm/.rpm.lock", "/usr/lib/sysimage/rpm/.rpm.lock"}
	default:
		return p
	}
	p.Locked, p.Holder = t.holder(locks)
	if p.Locked { // what is half done is being done
		p.Half, p.Interrupted = nil, false
	}
	return p
}

// holder tells whether one of the files is locked, and by which command. On some file systems the kernel's device
// number is another one than stat's; there the name of the command decides.
func (t tree) holder(files []string) (locked bool, command string) {
	held := parseLocks(t.read("/proc/locks"))
	for _, file := range files {
		var at unix.Stat_t
		if unix.Stat(t.path(file), &at) != nil {
			continue
		}
		for _, l := range held {
			if l.inode != at.Ino {
				continue
			}
			comm := printable(t.line("/proc/" + strconv.Itoa(l.pid) + "/comm"))
			if unix.Mkdev(l.major, l.minor) == at.Dev || slices.Contains(packageTools, comm) {
				return true, comm
			}
		}
	}
	return false, ""
}

// restart tells why the computer waits for a restart.
func (t tree) restart() []RestartReason {
	var why []RestartReason
	if t.exists("/run/reboot-required") {
		why = append(why, RestartRequired)
	}
	// Modules are removed with their kernel; a container has none of its own.
	release := t.line("/proc/sys/kernel/osrelease")
	if names := t.names("/lib/modules"); release != "" && len(names) > 0 && !slices.Contains(names, release) && !t.exists("/run/systemd/container") {
		why = append(why, RestartKernel)
	}
	// https://www.freedesktop.org/software/systemd/man/latest/systemd.offline-updates.html
	if t.exists("/system-update") || t.exists("/etc/system-update") {
		why = append(why, RestartUpdate)
	}
	return why
}

// earlier looks for what an agent has left.
func (t tree) earlier() Earlier {
	var e Earlier
	for _, path := range agentTraces {
		if t.exists(path) {
			e.Traces = append(e.Traces, path)
		}
	}
	if conf, err := readEnd(t.path(agentConf)); err == nil {
		e.Server = parseServer(conf)
	}
	e.Copied = t.copied()
	return e
}

// copied tells that the computer got its identity after the agent: whoever prepares an image removes machine-id and the
// host keys of SSH, and the first start of each copy makes new ones. Both must be younger, since each may be made anew
// for another reason.
func (t tree) copied() bool {
	agent, ok := t.modified("/var/lib/dpkg/info/jcagent.list")
	if !ok {
		return false // rpm keeps its times in a database that is not worth a question
	}
	machine, ok := t.modified("/etc/machine-id")
	if !ok || machine.Before(agent.Add(time.Minute)) {
		return false
	}
	for _, name := range t.names("/etc/ssh") {
		if !strings.HasPrefix(name, "ssh_host_") || !strings.HasSuffix(name, ".pub") {
			continue
		}
		if key, ok := t.modified(filepath.Join("/etc/ssh", name)); !ok || key.Before(agent.Add(time.Minute)) {
			return false
		}
	}
	return true
}

func (t tree) modified(path string) (time.Time, bool) {
	info, err := os.Stat(t.path(path))
	if err != nil {
		return time.Time{}, false
	}
	return info.ModTime(), true
}

// timeSync asks systemd what keeps the clock right. Where nobody answers nothing is known.
func timeSync(ctx context.Context) TimeSync {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return TimeSync{}
	}
	defer func() { _ = conn.Close() }()
	const name = "org.freedesktop.timedate1"
	var p map[string]dbus.Variant
	if conn.Object(name, "/org/freedesktop/timedate1").CallWithContext(ctx, "org.freedesktop.DBus.Properties.GetAll", 0, name).Store(&p) != nil {
		return TimeSync{}
	}
	answer := func(property string) Answer {
		yes, known := p[property].Value().(bool)
		switch {
		case !known:
			return Unknown
		case yes:
			return Yes
		}
		return No
	}
	return TimeSync{Can: answer("CanNTP"), On: answer("NTP"), Synced: answer("NTPSynchronized")}
}

// packageState adds what the package databases are asked for: the state of the agent's package, and whether rpm can
// read its own.
func packageState(ctx context.Context, l *Linux) {
	switch l.Packages.Kind {
	case "dpkg":
		if text, err := query(ctx, "dpkg-query", "-W", "-f", "${db:Status-Abbrev}|${Version}", agentService); err == nil {
			l.Earlier.Package = parseDpkgState(text)
		}
	case "rpm":
		if _, err := query(ctx, "rpm", "-q", agentService); err == nil {
			l.Earlier.Package = "installed"
			return
		}
		// A package that is not installed ends with the same code as a database that cannot be read.
		if _, err := query(ctx, "rpm", "-q", "rpm"); err != nil && ctx.Err() == nil {
			l.Packages.Broken = true
		}
	}
}

// addedFolders are where an administrator puts authorities that the whole computer is to trust, on the families of
// Debian, Fedora and Arch.
var addedFolders = []string{"/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors", "/etc/ca-certificates/trust-source/anchors"}

// addedAuthorities gives the authorities that were added to this computer by hand, in DER.
func (t tree) addedAuthorities() [][]byte {
	var all [][]byte
	for _, folder := range addedFolders {
		// What cannot be read adds nothing; one folder of Debian's may have others in it.
		_ = filepath.WalkDir(t.path(folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				all = append(all, certificates([]byte(readText(path)))...)
			}
			return nil
		})
	}
	return all
}
