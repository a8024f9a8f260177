package platform

import (
	"errors"
	"regexp"
	"syscall"
)

// Why a job failed, where the disk is the reason.
const (
	JobDiskFull JobCode = "disk-full" // there is no room where it has to be written
	JobReadOnly JobCode = "read-only" // what has to be changed cannot be changed
)

// onDisk tells an error of writing apart that the disk is the reason of; any other error is given as it is.
func onDisk(phase Phase, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &JobError{JobDiskFull, phase, err.Error()}
	case errors.Is(err, syscall.EROFS):
		return &JobError{JobReadOnly, phase, err.Error()}
	}
	return err
}

// What programs say of the disk: strerror(3).
var (
	fullText     = regexp.MustCompile(`(?i)no space left on device|disk quota exceeded`)
	readOnlyText = regexp.MustCompile(`(?i)read-only file system`)
)

// diskCode reads from what a program printed that the disk is why it failed, "" when it is not.
func diskCode(text string) JobCode {
	switch {
	case fullText.MatchString(text):
		return JobDiskFull
	case readOnlyText.MatchString(text):
		return JobReadOnly
	}
	return ""
}
