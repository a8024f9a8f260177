package main

import (
	"context"
	"errors"
	"os"
	"strconv"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// elevated is the side with administrator rights. Only the assistant starts it, through the system's consent dialog,
// with the address of its channel as the one argument; what to do comes over the channel.
func elevated(ctx context.Context, args []string, io stdio) int {
	if len(args) != 1 {
		return fail(io, usageProblem("cli.usage.elevated"))
	}
	keepDescriptors()
	err := platform.ServeElevated(ctx, args[0], trust)
	if errors.Is(err, os.ErrNotExist) {
		return fail(io, usageProblem("cli.usage.elevated"))
	}
	if err != nil {
		say(io.err, assets.Text("cli.problem.elevated", "Error", err.Error()))
	}
	return steps.ExitCode(err)
}

// keepDescriptors makes sure that what this side starts inherits none of the descriptors that it inherited itself: the
// agent lives for years and must not hold a terminal or a pipe of the program that asked. pkexec and sudo close them,
// but not everything that can start this command does. Where there is no /proc nothing is done.
func keepDescriptors() {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, entry := range entries {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd > 2 {
			closeOnExec(fd)
		}
	}
}

// errProfile says nothing of the profile's content: the path comes from a process without rights, which could name a
// file that only root may read. What is wrong with its own profile that process has said itself.
var errProfile = errors.New("the profile cannot be used")

// trust reads the run's profile again on the side with the rights: what the other side says of it does not count.
func trust(profilePath string) (platform.Trust, error) {
	if profilePath == "" {
		return platform.Trust{}, nil
	}
	t, err := steps.LoadTrust(profilePath)
	if err != nil {
		return platform.Trust{}, errProfile
	}
	return t, nil
}
