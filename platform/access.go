package platform

import (
	"fmt"
	"slices"
)

// This file decides from the access lists of Windows who can change a file. It asks Windows nothing, so that it is
// tested everywhere.

// Who has every right on a computer anyway, and two placeholders for the owner, who is judged by himself.
// https://learn.microsoft.com/windows/win32/secauthz/well-known-sids
const (
	sidSystem         = "S-1-5-18"
	sidAdministrators = "S-1-5-32-544"
	sidInstaller      = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464" // the service that Windows' own files belong to
	sidCreatorOwner   = "S-1-3-0"
	sidOwnerRights    = "S-1-3-4"
)

// The rights by which a file, or what lies in a folder, is changed.
// https://learn.microsoft.com/windows/win32/fileio/file-access-rights-constants
const (
	rightWrite  = 0x2 | 0x4                           // the bytes of a file; new files and folders in a folder
	rightTake   = 0x10000 | 0x40000 | 0x80000         // DELETE, WRITE_DAC, WRITE_OWNER
	rightChild  = 0x40                                // FILE_DELETE_CHILD, of a folder
	rightAny    = 0x10000000 | 0x40000000 | 0x2000000 // GENERIC_ALL, GENERIC_WRITE, MAXIMUM_ALLOWED
	changesFile = rightWrite | rightTake | rightAny   // of a file
	changesHome = changesFile | rightChild            // of the folder that a program lies in
	changesPath = rightTake | rightChild | rightAny   // of a folder above: a new name beside ours changes nothing
)

// accessEntry is one entry of an access list.
type accessEntry struct {
	sid       string // who
	rights    uint32
	allows    bool
	inherited bool // it is for what is made below alone
}

// accessList is who may do what with a file.
type accessList struct {
	owner   string
	all     bool // there is no list, so that everybody may do everything
	entries []accessEntry
}

// changer names somebody who has one of the rights and is neither an administrator nor trusted, empty for nobody. The
// owner has the right to change the list. A denial takes nothing back here: which of two entries wins is Windows' affair.
func (l accessList) changer(rights uint32, trusted ...string) string {
	trusted = append(trusted, sidSystem, sidAdministrators, sidInstaller, sidCreatorOwner, sidOwnerRights)
	if !slices.Contains(trusted, l.owner) {
		return l.owner
	}
	if l.all {
		return "everybody"
	}
	for _, e := range l.entries {
		if e.allows && !e.inherited && e.rights&rights != 0 && !slices.Contains(trusted, e.sid) {
			return e.sid
		}
	}
	return ""
}

// place is a file or folder on the way to a file.
type place struct {
	path   string
	access accessList
}

// writableError is a file that somebody else can change.
type writableError struct{ path, who string }

func (e *writableError) Error() string { return fmt.Sprintf("%s can be changed by %s", e.path, e.who) }

// judgePlaces refuses a file that somebody can change who is neither an administrator nor trusted; the file is first,
// the folders above it follow. A program must not get a new neighbour either, since it could be a library.
func judgePlaces(places []place, program bool, trusted ...string) error {
	for i, p := range places {
		rights := uint32(changesPath)
		switch {
		case i == 0:
			rights = changesFile
		case i == 1 && program:
			rights = changesHome
		}
		if who := p.access.changer(rights, trusted...); who != "" {
			return &writableError{p.path, who}
		}
	}
	return nil
}
