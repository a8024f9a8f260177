package main

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// trace is what the elevated side did by itself, as strace saw it, and what the programs wrote that it started.
type trace struct {
	channel  string     // it was started with
	execs    [][]string // command lines, the path first
	writes   []string   // paths that were opened for writing, made, renamed, removed
	opens    []string   // paths that were opened in any way
	connects []string   // host:port, or the path of a socket
	theirs   []string   // paths that the vendor's installer, and whatever else it started, wrote
}

// traceSet is what strace has to watch for that.
const traceSet = "trace=execve,execveat,connect,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat," +
	"symlink,symlinkat,chmod,fchmodat,chown,lchown,fchownat,truncate,mknod,mknodat,utimensat,mount,umount2,clone,clone3,fork,vfork"

var (
	traceLine   = regexp.MustCompile(`^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$`)
	traceString = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	traceChild  = regexp.MustCompile(`= (\d+)$`)
	traceInet   = regexp.MustCompile(`sin6?_port=htons\((\d+)\).*?"([0-9a-f.:]+)"`)
	traceWrites = regexp.MustCompile(`O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND`)
)

// traceCall is one call of one process.
type traceCall struct{ pid, name, rest string }

// readCalls reads strace's file. A call that another process interrupted in it is put together again.
func readCalls(t *testing.T, path string) []traceCall {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer func() { _ = f.Close() }()
	var calls []traceCall
	half := map[string]string{}
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		m := traceLine.FindStringSubmatch(scanner.Text())
		if m == nil {
			continue
		}
		c := traceCall{m[1], m[2], m[3]}
		if begun, unfinished := strings.CutSuffix(c.rest, "<unfinished ...>"); unfinished {
			half[c.pid] = begun
			continue
		}
		if strings.Contains(scanner.Text(), " resumed>") {
			c.rest, half[c.pid] = half[c.pid]+c.rest, ""
		}
		calls = append(calls, c)
	}
	must(t, scanner.Err())
	return calls
}

// side is whose a process is.
type side int

const (
	outside side = iota // before the elevated side was started, or beside it
	ours
	theirs // what ours started
)

// readTrace tells what the elevated side did by itself, its threads, and its children until they start another program. A
// child may be heard before its parent's call that made it has ended, and may be killed while it starts one.
func readTrace(t *testing.T, path string) trace {
	t.Helper()
	calls := readCalls(t, path)
	parents := map[string]string{}
	for _, c := range calls {
		if m := traceChild.FindStringSubmatch(c.rest); m != nil && slices.Contains([]string{"clone", "clone3", "fork", "vfork"}, c.name) {
			parents[m[1]] = c.pid
		}
	}
	var seen trace
	whose := map[string]side{}
	for _, c := range calls {
		adopt(whose, parents, c.pid)
		switch {
		case c.name == "execve":
			if strings.Contains(c.rest, "= -1") { // there is no such file: it looks at the next place
				continue
			}
			words := stringsIn(c.rest)
			switch {
			case len(words) == 4 && words[0] == "/usr/bin/assistant-cli" && words[2] == "elevated":
				whose[c.pid], seen.channel = ours, words[3]
			case whose[c.pid] == ours:
				seen.execs = append(seen.execs, append([]string{words[0]}, words[2:]...))
				whose[c.pid] = theirs
			}
		case whose[c.pid] == ours:
			seen.add(c)
		case whose[c.pid] == theirs:
			var one trace
			one.add(c)
			seen.theirs = append(seen.theirs, one.writes...)
		}
	}
	if len(seen.opens) == 0 {
		t.Fatal("the trace shows nothing: this test looks in the wrong place")
	}
	return seen
}

// adopt tells of a process that is new whose it is: its parent's, which may be as new.
func adopt(whose map[string]side, parents map[string]string, pid string) {
	parent, started := parents[pid]
	if _, known := whose[pid]; known || !started {
		return
	}
	whose[pid] = outside // ends a circle of numbers that were used again
	adopt(whose, parents, parent)
	whose[pid] = whose[parent]
}

// TestReadTrace_HeardLate has threads whose calls are heard before those of the thread that made them.
func TestReadTrace_HeardLate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	must(t, os.WriteFile(path, []byte(`10    execve("/usr/bin/assistant-cli", ["/usr/bin/assistant-cli", "elevated", "/door"], 0x7f /* 1 var */) = 0
10    openat(AT_FDCWD, "/first", O_RDONLY) = 3
10    clone(child_stack=0xc0, flags=CLONE_VM|CLONE_THREAD <unfinished ...>
11    clone(child_stack=0xc1, flags=CLONE_VM|CLONE_THREAD <unfinished ...>
12    openat(AT_FDCWD, "/second", O_RDONLY <unfinished ...>
10    <... clone resumed>, tls=0xc0) = 11
12    <... openat resumed>) = 4
11    <... clone resumed>, tls=0xc1) = 12
12    clone(child_stack=NULL, flags=CLONE_VM|CLONE_VFORK|SIGCHLD <unfinished ...>
13    execve("/usr/bin/dpkg", ["dpkg", "--audit"], 0xc2 /* 1 var */) = 0
12    <... clone resumed>) = 13
13    openat(AT_FDCWD, "/var/lib/dpkg/status", O_RDWR|O_CREAT, 0644) = 3
13    openat(AT_FDCWD, "/theirs", O_RDONLY) = 3
`), 0o600))
	seen := readTrace(t, path)
	if !slices.Equal(seen.opens, []string{"/first", "/second"}) || len(seen.execs) != 1 || seen.execs[0][0] != "/usr/bin/dpkg" ||
		seen.channel != "/door" || !slices.Equal(seen.theirs, []string{"/var/lib/dpkg/status"}) {
		t.Errorf("got %+v", seen)
	}
}

// add keeps one call of the program's own.
func (s *trace) add(c traceCall) {
	words := stringsIn(c.rest)
	switch c.name {
	case "clone", "clone3", "fork", "vfork":
	case "connect":
		if m := traceInet.FindStringSubmatch(c.rest); m != nil {
			s.connects = append(s.connects, m[2]+":"+m[1])
		} else {
			s.connects = append(s.connects, words...)
		}
	case "open", "openat", "openat2", "creat":
		if len(words) > 0 {
			s.opens = append(s.opens, words[0])
			if traceWrites.MatchString(c.rest) || c.name == "creat" {
				s.writes = append(s.writes, words[0])
			}
		}
	default:
		s.writes = append(s.writes, words...)
	}
}

// stringsIn gives the strings of a call.
func stringsIn(rest string) []string {
	var words []string
	for _, m := range traceString.FindAllStringSubmatch(rest, -1) {
		words = append(words, m[1])
	}
	return words
}

// packagePath is what the copy of a package is called in the elevated side's own folder.
var packagePath = regexp.MustCompile(`/var/lib/enrollment-assistant/received-[0-9]+\.package`)

// planned tells whether a detail of a plan says it. Each begins with a command, a path or a host; a folder covers what is
// in it.
func planned(details []string, what string, folder bool) bool {
	return slices.ContainsFunc(details, func(d string) bool {
		path, _, isPath := strings.Cut(d, ": ")
		if d == what || strings.HasPrefix(d, what+" ") || strings.HasPrefix(d, what+":") || strings.HasPrefix(d, what+",") {
			return true
		}
		return folder && isPath && strings.HasPrefix(d, "/") && (what == path || strings.HasPrefix(what, path+"/"))
	})
}

// unplanned lists what the program did that no line of a plan says.
func (s trace) unplanned(details []string) []string {
	var list []string
	for _, argv := range s.execs {
		line := strings.TrimSpace(filepath.Base(argv[0]) + " " + packagePath.ReplaceAllString(strings.Join(argv[1:], " "), "PACKAGE"))
		if line == "bash" || line == "bash -n" {
			line += " < Kickstart"
		}
		if !planned(details, line, false) {
			list = append(list, "runs "+line)
		}
	}
	for _, path := range s.writes {
		// A file that is open already, and none of the computer's: its own pipe.
		if path != "/dev/null" && !strings.HasPrefix(path, "/proc/self/fd/") && !planned(details, path, true) {
			list = append(list, "writes "+path)
		}
	}
	for _, to := range s.connects {
		inBrackets := func(d string) bool { return strings.Contains(d, "("+to+")") }
		if to != s.channel && !planned(details, to, false) && !slices.ContainsFunc(details, inBrackets) {
			list = append(list, "connects to "+to)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
