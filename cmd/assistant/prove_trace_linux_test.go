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

// trace is what a program did by itself, as strace saw it: not what the programs did that it started.
type trace struct {
	execs    [][]string // command lines, the path first
	writes   []string   // paths that were opened for writing, made, renamed, removed
	opens    []string   // paths that were opened in any way
	connects []string   // host:port, or the path of a socket
}

// traced is what strace has to watch for that.
const traced = "trace=execve,execveat,connect,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat," +
	"symlink,symlinkat,chmod,fchmodat,chown,lchown,fchownat,truncate,mknod,mknodat,utimensat,mount,umount2,clone,clone3,fork,vfork"

var (
	traceLine   = regexp.MustCompile(`^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$`)
	traceString = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	traceChild  = regexp.MustCompile(`= (\d+)$`)
	traceInet   = regexp.MustCompile(`sin6?_port=htons\((\d+)\).*?"([0-9a-f.:]+)"`)
	traceWrites = regexp.MustCompile(`O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND`)
)

// readTrace reads strace's file. The first program that is started is the one that is watched; a child of it is it too
// until it starts another program.
func readTrace(t *testing.T, path, program string) trace {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer func() { _ = f.Close() }()
	var seen trace
	ours := map[string]bool{}
	half := map[string]string{} // what a process had begun to ask when another one was heard
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		m := traceLine.FindStringSubmatch(scanner.Text())
		if m == nil {
			continue
		}
		pid, call, rest := m[1], m[2], m[3]
		if begun, unfinished := strings.CutSuffix(rest, "<unfinished ...>"); unfinished {
			half[pid] = begun
			continue
		}
		if strings.Contains(scanner.Text(), " resumed>") {
			rest, half[pid] = half[pid]+rest, ""
		}
		if call == "execve" && strings.Contains(rest, "= 0") {
			words := stringsIn(rest)
			if words[0] == program {
				ours[pid] = true
				continue
			}
			if ours[pid] {
				seen.execs = append(seen.execs, append([]string{words[0]}, words[2:]...))
				ours[pid] = false
			}
			continue
		}
		if ours[pid] {
			seen.add(ours, call, rest)
		}
	}
	must(t, scanner.Err())
	if len(seen.opens) == 0 {
		t.Fatal("the trace shows nothing: this test looks in the wrong place")
	}
	return seen
}

// add keeps one call of the program's own.
func (s *trace) add(ours map[string]bool, call, rest string) {
	words := stringsIn(rest)
	switch call {
	case "clone", "clone3", "fork", "vfork":
		if m := traceChild.FindStringSubmatch(rest); m != nil {
			if _, known := ours[m[1]]; !known {
				ours[m[1]] = true
			}
		}
	case "connect":
		if m := traceInet.FindStringSubmatch(rest); m != nil {
			s.connects = append(s.connects, m[2]+":"+m[1])
		} else {
			s.connects = append(s.connects, words...)
		}
	case "open", "openat", "openat2", "creat":
		if len(words) > 0 {
			s.opens = append(s.opens, words[0])
			if traceWrites.MatchString(rest) || call == "creat" {
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

// unplanned lists what the program did that no line of a plan says. Each detail of a plan begins with a command, a path
// or a host.
func (s trace) unplanned(details []string) []string {
	said := func(what string, folder bool) bool {
		return slices.ContainsFunc(details, func(d string) bool {
			path, _, isPath := strings.Cut(d, ": ")
			if d == what || strings.HasPrefix(d, what+" ") || strings.HasPrefix(d, what+":") || strings.HasPrefix(d, what+",") {
				return true
			}
			return folder && isPath && strings.HasPrefix(d, "/") && (what == path || strings.HasPrefix(what, path+"/"))
		})
	}
	var list []string
	for _, argv := range s.execs {
		line := strings.TrimSpace(filepath.Base(argv[0]) + " " + packagePath.ReplaceAllString(strings.Join(argv[1:], " "), "PACKAGE"))
		if line == "bash" || line == "bash -n" {
			line += " < Kickstart"
		}
		if !said(line, false) {
			list = append(list, "runs "+line)
		}
	}
	for _, path := range s.writes {
		if path != "/dev/null" && !said(path, true) {
			list = append(list, "writes "+path)
		}
	}
	for _, to := range s.connects {
		inBrackets := func(d string) bool { return strings.Contains(d, "("+to+")") }
		if to != doorPath && !said(to, false) && !slices.ContainsFunc(details, inBrackets) {
			list = append(list, "connects to "+to)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
