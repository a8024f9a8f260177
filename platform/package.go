package platform

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// packageName is the name that the vendor's package has in its own metadata.
const packageName = "jcagent"

// installPackage is the package way: the bytes come over the channel, are hashed on the way into the private folder,
// and are installed from there. A package older than the agent that is there is never installed.
func (s *session) installPackage(ctx context.Context, cancel func()) (unchanged bool, err error) {
	before, err := s.system.agentState(ctx)
	if err != nil {
		return false, fmt.Errorf("reading the agent's state: %w", err)
	}
	if older, err := s.older(before, s.job.Package.Name, s.job.Package.Version); err != nil || older {
		go s.listen(cancel)
		return older, err
	}
	path, err := s.receive(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(path) }()
	go s.listen(cancel)
	// What the user's side said about the package, and has checked of its own copy, counts for nothing here.
	own := Package{Path: path, Size: s.job.Package.Size, SHA256: s.job.Package.SHA256, Signature: s.job.Package.Signature}
	if err := s.system.checkPackage(ctx, &own); err != nil {
		return false, err
	}
	if older, err := s.older(before, own.Name, own.Version); err != nil || older {
		return older, err
	}
	if ctx.Err() != nil {
		return false, errStopped
	}
	if err := s.writeBootstrap(); err != nil {
		return false, onDisk(PhaseBootstrap, err)
	}
	done := false
	defer func() {
		if !done { // however it came to that
			err = errors.Join(err, s.removeBootstrap())
		}
	}()
	if ctx.Err() != nil {
		return false, errStopped
	}
	s.report(Report{Phase: PhaseInstallPackage})
	if err = s.system.installFile(path); err != nil {
		return false, s.undo(context.WithoutCancel(ctx), before, err)
	}
	done = true
	return false, nil
}

// older tells, and reports, that the agent that was there before is newer than version. An unknown version is not older,
// nor is one of a package that the database knows by another name. A newer one that is only half installed does not run,
// and is not replaced by an older one either.
func (s *session) older(before AgentState, name, version string) (bool, error) {
	switch {
	case version == "" || before.Version == "" || before.Package != "" && name != before.Package || compareVersions(version, before.Version) >= 0:
		return false, nil
	case !before.Installed:
		return false, &JobError{JobDowngrade, PhaseReceive, fmt.Sprintf("%s is half installed, and newer than %s", before.Version, version)}
	}
	s.report(Report{Phase: PhaseReceive, Unchanged: true})
	return true, nil
}

// receive writes the package to the private folder while hashing.
func (s *session) receive(ctx context.Context) (string, error) {
	s.report(Report{Phase: PhaseReceive, Total: s.job.Package.Size})
	f, err := os.CreateTemp(s.state, "received-*"+s.system.suffix()) // 0600
	if err != nil {
		return "", onDisk(PhaseReceive, fmt.Errorf("making room for the package: %w", err))
	}
	err = s.receiveInto(ctx, f)
	if closed := f.Close(); err == nil && closed != nil {
		err = fmt.Errorf("writing the package: %w", closed)
	}
	if err != nil {
		return "", errors.Join(onDisk(PhaseReceive, err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// receiveInto asks for the package's bytes and copies them, reports every hundredth part and compares the hash.
func (s *session) receiveInto(ctx context.Context, f *os.File) error {
	if s.channel.write(message{Send: true}) != nil {
		return errStopped
	}
	want := s.job.Package
	sum := sha256.New()
	var head bytes.Buffer
	step := max(want.Size/100, 64<<10)
	for done := int64(0); done < want.Size; {
		if ctx.Err() != nil {
			return errStopped
		}
		if err := s.channel.conn.SetReadDeadline(time.Now().Add(s.channel.wait)); err != nil {
			return err
		}
		n, err := io.CopyN(io.MultiWriter(f, sum, &head), s.channel.r, min(step, want.Size-done))
		if errors.Is(err, io.EOF) {
			return errStopped // the other end closes its half when it is stopped, and when it dies
		}
		if err != nil {
			return fmt.Errorf("receiving the package: %w", err)
		}
		if done == 0 && packageKind(head.Bytes()) == "" {
			return refuse(JobNotPackage, "what came is not a package")
		}
		head.Reset()
		done += n
		s.report(Report{Phase: PhaseReceive, Done: done, Total: want.Size})
	}
	if err := s.channel.conn.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want.SHA256 {
		return &JobError{JobBadPackage, PhaseReceive, "the hash is " + got + ", not " + want.SHA256}
	}
	return nil
}
