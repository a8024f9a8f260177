package platform

import (
	"errors"
	"strings"
	"testing"
)

const (
	sidNora     = "S-1-5-21-1004336348-1177238915-682003330-1001"
	sidUsers    = "S-1-5-32-545"
	sidAnybody  = "S-1-5-11" // Authenticated Users
	sidEveryone = "S-1-1-0"
)

// allow is an entry of an access list.
func allow(sid string, rights uint32) accessEntry {
	return accessEntry{sid: sid, rights: rights, allows: true}
}

// The access lists follow the documented defaults of C:\, C:\Program Files and C:\ProgramData, which icacls shows; none was
// captured on a Windows here:
// https://learn.microsoft.com/windows-server/administration/windows-commands/icacls
var (
	listRoot = accessList{owner: sidInstaller, entries: []accessEntry{
		allow(sidAdministrators, 0x1f01ff), allow(sidSystem, 0x1f01ff), allow(sidUsers, 0x1200a9),
		{sid: sidAnybody, rights: 0x1301bf, allows: true, inherited: true}, allow(sidAnybody, 0x4),
	}}
	listPrograms = accessList{owner: sidInstaller, entries: []accessEntry{
		allow(sidInstaller, 0x1f01ff), allow(sidSystem, 0x1301bf), allow(sidAdministrators, 0x1301bf), allow(sidUsers, 0x1200a9),
		{sid: sidCreatorOwner, rights: 0x10000000, allows: true, inherited: true},
	}}
	listData = accessList{owner: sidSystem, entries: []accessEntry{
		allow(sidSystem, 0x1f01ff), allow(sidAdministrators, 0x1f01ff), allow(sidUsers, 0x1200a9), allow(sidUsers, 0x116),
	}}
	listAdmins = accessList{owner: sidAdministrators, entries: []accessEntry{allow(sidSystem, 0x1f01ff), allow(sidAdministrators, 0x1f01ff), allow(sidUsers, 0x1200a9)}}
	listNora   = accessList{owner: sidNora, entries: []accessEntry{allow(sidSystem, 0x1f01ff), allow(sidAdministrators, 0x1f01ff), allow(sidNora, 0x1f01ff)}}
)

func TestJudgePlaces(t *testing.T) {
	with := func(l accessList, e ...accessEntry) accessList {
		l.entries = append(append([]accessEntry(nil), l.entries...), e...)
		return l
	}
	for name, c := range map[string]struct {
		lists   []accessList // the file's, then the folders'
		program bool
		trusted string
		who     string // who is in the way, empty for nobody
	}{
		"installed for all":             {lists: []accessList{listAdmins, listAdmins, listPrograms, listRoot}, program: true},
		"in the person's own folder":    {lists: []accessList{listNora, listNora, listPrograms, listRoot}, program: true, trusted: sidNora},
		"in another person's folder":    {lists: []accessList{listNora, listNora, listPrograms, listRoot}, program: true, trusted: "S-1-5-21-1-2-3-1002", who: sidNora},
		"a profile in ProgramData":      {lists: []accessList{listAdmins, listData, listData, listRoot}},
		"a program in ProgramData":      {lists: []accessList{listAdmins, listData, listData, listRoot}, program: true, who: sidUsers},
		"a program in the root":         {lists: []accessList{listAdmins, listRoot}, program: true, who: sidAnybody},
		"everybody may write it":        {lists: []accessList{with(listAdmins, allow(sidEveryone, 0x2)), listAdmins, listRoot}, who: sidEveryone},
		"everybody may delete it":       {lists: []accessList{with(listAdmins, allow(sidEveryone, 0x10000)), listAdmins, listRoot}, who: sidEveryone},
		"everybody may change its list": {lists: []accessList{with(listAdmins, allow(sidEveryone, 0x40000)), listAdmins, listRoot}, who: sidEveryone},
		"everybody may own it":          {lists: []accessList{with(listAdmins, allow(sidEveryone, 0x80000)), listAdmins, listRoot}, who: sidEveryone},
		"everybody may do everything":   {lists: []accessList{with(listAdmins, allow(sidEveryone, 0x10000000)), listAdmins, listRoot}, who: sidEveryone},
		"the folder lets delete":        {lists: []accessList{listAdmins, with(listAdmins, allow(sidUsers, 0x40)), listRoot}, who: sidUsers},
		"a folder above can be renamed": {lists: []accessList{listAdmins, listAdmins, with(listAdmins, allow(sidUsers, 0x10000)), listRoot}, who: sidUsers},
		"there is no list":              {lists: []accessList{{owner: sidAdministrators, all: true}, listRoot}, who: "everybody"},
		"a file that nobody may write":  {lists: []accessList{{owner: sidAdministrators}, listAdmins, listRoot}},
		"its owner is a person":         {lists: []accessList{{owner: sidNora, entries: listAdmins.entries}, listAdmins, listRoot}, who: sidNora},
		"the folder's owner is one":     {lists: []accessList{listAdmins, {owner: sidNora, entries: listAdmins.entries}, listRoot}, who: sidNora},
	} {
		var places []place
		for _, l := range c.lists {
			places = append(places, place{"at", l})
		}
		var trusted []string
		if c.trusted != "" {
			trusted = []string{c.trusted}
		}
		err := judgePlaces(places, c.program, trusted...)
		var found *writableError
		if errors.As(err, &found); (err != nil) != (c.who != "") || found != nil && found.who != c.who {
			t.Errorf("%s: %v, want %q", name, err, c.who)
		}
	}
}

func TestPipe(t *testing.T) {
	good := pipePrefix + strings.Repeat("A2", 13)
	for address, want := range map[string]bool{
		good: true, good + `\x`: false, good + "A": false, "": false, pipePrefix: false,
		`\\server\pipe\enrollment-assistant-` + strings.Repeat("A2", 13): false,
		`C:\channel`: false, strings.ToUpper(good): false,
	} {
		if isPipe(address) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
	if got := pipeAccess(sidNora); got != "D:P(D;;GA;;;NU)(A;;GA;;;BA)(A;;GA;;;SY)(A;;GA;;;"+sidNora+")" {
		t.Error(got)
	}
}

func TestExplainRunas(t *testing.T) {
	for code, want := range map[int]error{-1223: ErrDenied, -5: ErrNoConsent, -1260: ErrNoConsent, -1459: ErrNoConsent} {
		if err := explainRunas(code, ""); !errors.Is(err, want) {
			t.Errorf("%d: %v", code, err)
		}
	}
	for code, want := range map[int]string{-2: "failed with 2", 3: "ended with 3 before it connected: why"} {
		var job *JobError
		if err := explainRunas(code, "why"); !errors.As(err, &job) || job.Code != JobInternal || !strings.Contains(job.Detail, want) {
			t.Errorf("%d: %v", code, err)
		}
	}
}
