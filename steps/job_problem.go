package steps

import (
	"errors"

	"example.com/enrollment-assistant/platform"
)

// jobCodes says which problem each failure of the elevated side is for people.
var jobCodes = map[platform.JobCode]Code{
	platform.JobMalformed:     CodeInternal,
	platform.JobUntrusted:     CodeUntrusted,
	platform.JobKeyRefused:    CodeKeyRefused,
	platform.JobUnreachable:   CodeUnreachable,
	platform.JobInsecure:      CodeUntrusted,
	platform.JobBadScript:     CodeUntrusted,
	platform.JobScriptFailed:  CodeInstallFailed,
	platform.JobBadPackage:    CodeUntrusted,
	platform.JobPackageFailed: CodeInstallFailed,
	platform.JobUndone:        CodeInstallFailed,
	platform.JobKept:          CodeInstallFailed,
	platform.JobDowngrade:     CodeInstallFailed,
	platform.JobNoAgent:       CodeInstallFailed,
	platform.JobDiskFull:      CodeInstallFailed,
	platform.JobReadOnly:      CodeInstallFailed,
	platform.JobNoProof:       CodeUntrusted,
	platform.JobNotPackage:    CodeUntrusted,
	platform.JobPinned:        CodeUntrusted,
	platform.JobUnsigned:      CodeUntrusted,
	platform.JobOtherSigner:   CodeUntrusted,
	platform.JobChanged:       CodeUntrusted,
	platform.JobOldPackage:    CodeUntrusted,
	platform.JobOtherPackage:  CodeUntrusted,
	platform.JobInstallerBusy: CodeInstallFailed,

	platform.JobInstallerPolicy: CodeInstallFailed,
	platform.JobInstallerStop:   CodeInstallFailed,
	platform.JobInstallerBroken: CodeInstallFailed,
	platform.JobInstallerOther:  CodeInstallFailed,

	platform.JobUnsupported:   CodeUnsupported,
	platform.JobClock:         CodeClock,
	platform.JobRosetta:       CodeInstallFailed,
	platform.JobServiceFailed: CodeInstallFailed,
	platform.JobNotRegistered: CodeNotOnline,
	platform.JobBusy:          CodeBusy,
	platform.JobUnsafeProgram: CodeUntrusted,
	platform.JobInternal:      CodeInternal,
}

// jobLinks are the vendor's articles for some of them.
var jobLinks = map[platform.JobCode]string{
	platform.JobUnsupported:   LinkRequirements,
	platform.JobNotRegistered: LinkAgent,
	platform.JobServiceFailed: LinkAgent,
}

// jobFinal are failures that another try on this computer does not mend.
var jobFinal = map[platform.JobCode]bool{
	platform.JobMalformed: true, platform.JobUnsupported: true, platform.JobUnsafeProgram: true, platform.JobNoProof: true,
}

// isKeyRefused tells whether the server refused the key.
func isKeyRefused(err error) bool {
	var failed *platform.JobError
	return errors.As(err, &failed) && failed.Code == platform.JobKeyRefused
}

// jobProblem says what the end of a job means for people.
func (e *enrollment) jobProblem(s Step, err error) *Problem {
	say := func(code Code, key string) *Problem {
		return (&Problem{Code: code, Step: s, Retry: true, Err: err}).say("problem."+key, "problem."+key+".hint")
	}
	consent := func(code Code, key string) *Problem {
		p := say(code, "consent."+key)
		if e.facts().OS == "windows" { // it asks in its own way
			return p.say("problem.consent."+key, "problem.consent."+key+".hint.windows")
		}
		return p
	}
	var failed *platform.JobError
	switch {
	case errors.Is(err, platform.ErrDenied):
		return consent(CodeDenied, "refused")
	case errors.Is(err, platform.ErrTimeout):
		return say(CodeDenied, "consent.timeout")
	case errors.Is(err, platform.ErrNoConsent):
		return consent(CodeNeedsAdmin, "nobody")
	case errors.Is(err, platform.ErrBusy):
		return say(CodeBusy, "job.busy")
	case errors.Is(err, errNotHere):
		p := say(CodeUnsupported, "job.unwritten")
		p.Retry = false
		return p
	case !errors.As(err, &failed):
		return internal(s, err)
	}
	code, known := jobCodes[failed.Code]
	if !known {
		return internal(s, err)
	}
	p := say(code, "job."+string(failed.Code))
	p.Link, p.Retry = jobLinks[failed.Code], !jobFinal[failed.Code]
	return p
}
