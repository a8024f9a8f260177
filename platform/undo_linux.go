package platform

import (
	"context"
	"errors"

	"github.com/kardianos/service"
)

// undo makes an end of an install that the package manager gave up halfway, and gives the error that tells how. What came
// of a first install is removed again. Of an upgrade the package manager has put the new files in place already, and
// the old ones are gone, but an agent that ran before goes on running.
func (s *session) undo(ctx context.Context, before AgentState, failed error) error {
	var job *JobError
	if s.root != "" || !errors.As(failed, &job) || lockedText.MatchString(job.Detail) { // it never began
		return failed
	}
	undone, code := s.removeHalf, JobUndone
	if before.Service.Running {
		undone, code = s.keepRunning, JobKept
	} else if before.Installed {
		return failed
	}
	done, err := undone(ctx)
	if err != nil {
		s.log.Warn("undoing a failed install", "err", err)
	}
	if done && job.Code == JobPackageFailed {
		job.Code = code
	}
	return failed
}

// removeHalf removes a package that is there and not whole; done tells that it is gone.
func (s *session) removeHalf(ctx context.Context) (done bool, err error) {
	state, err := shallowState(ctx, s.root)
	if err != nil || state.Version == "" { // it never began
		return false, err
	}
	name, args := "dpkg", []string{"--remove", "--force-remove-reinstreq", agentService}
	if state.Installed { // rpm counts one as installed whose scripts failed
		name, args = "rpm", []string{"-e", agentService}
	}
	_, failed := s.runCommand(PhaseInstallPackage, s.limits.install, nil, name, args...)
	state, err = shallowState(ctx, s.root)
	return failed == nil && err == nil && state.Version == "", errors.Join(failed, err)
}

// keepRunning starts the agent's service where the failed installer has stopped it; done tells that it runs.
func (s *session) keepRunning(ctx context.Context) (done bool, err error) {
	state, err := shallowState(ctx, s.root)
	if err != nil || state.Service.Running {
		return err == nil, err
	}
	agent, err := service.New(nil, &service.Config{Name: agentService})
	if err == nil {
		err = agent.Start()
	}
	if err != nil {
		return false, err
	}
	state, err = shallowState(ctx, s.root)
	return err == nil && state.Service.Running, err
}
