package platform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// localFile gives the path of a file without links in it, and refuses one that is not on this computer.
func localFile(path string) (string, error) {
	if !filepath.IsAbs(path) {
		return "", errors.New("the path is not absolute")
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(path) + `\`)
	if err != nil {
		return "", err
	}
	if kind := windows.GetDriveType(root); kind == windows.DRIVE_REMOTE || kind == windows.DRIVE_NO_ROOT_DIR {
		return "", errForeignDrive
	}
	return path, nil
}

// checkWriters refuses a file that somebody can change who is neither an administrator nor trusted.
func checkWriters(path string, program bool, trusted ...string) error {
	var places []place
	for at := path; ; at = filepath.Dir(at) {
		sd, err := windows.GetNamedSecurityInfo(at, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
		if err != nil {
			return fmt.Errorf("reading who may write %s: %w", at, err)
		}
		list, err := accessOf(sd)
		if err != nil {
			return fmt.Errorf("reading who may write %s: %w", at, err)
		}
		places = append(places, place{at, list})
		if filepath.Dir(at) == at {
			return judgePlaces(places, program, trusted...)
		}
	}
}

// CheckOnlyAdministrators refuses a file that anybody but administrators and the system can change, by its access list
// and those of the folders above it. f is the open file at path, nil before it is opened.
func CheckOnlyAdministrators(path string, f *os.File) error {
	path, err := localFile(path)
	if err != nil {
		return err
	}
	if f != nil {
		sd, err := windows.GetSecurityInfo(windows.Handle(f.Fd()), windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
		if err != nil {
			return fmt.Errorf("reading who may write %s: %w", path, err)
		}
		list, err := accessOf(sd)
		if err != nil {
			return err
		}
		if err := judgePlaces([]place{{path, list}}, false); err != nil {
			return err
		}
	}
	return checkWriters(path, false)
}

// accessOf reads a security descriptor.
func accessOf(sd *windows.SECURITY_DESCRIPTOR) (accessList, error) {
	var l accessList
	owner, _, err := sd.Owner()
	if err != nil {
		return l, err
	}
	l.owner = owner.String()
	dacl, _, err := sd.DACL()
	if errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND) || err == nil && dacl == nil {
		l.all = true
		return l, nil
	}
	if err != nil {
		return l, err
	}
	for i := range uint32(dacl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(dacl, i, &ace); err != nil {
			return l, err
		}
		e := accessEntry{rights: uint32(ace.Mask), inherited: ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0}
		switch ace.Header.AceType {
		case windows.ACCESS_ALLOWED_ACE_TYPE:
			e.allows, e.sid = true, (*windows.SID)(unsafe.Pointer(&ace.SidStart)).String()
		case windows.ACCESS_DENIED_ACE_TYPE:
			continue
		default: // of another form; whom it lets in is not known
			e.allows, e.sid = true, fmt.Sprintf("an entry of type %d", ace.Header.AceType)
		}
		l.entries = append(l.entries, e)
	}
	return l, nil
}
