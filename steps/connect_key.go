package steps

import (
	"context"
	"errors"
	"time"

	"example.com/enrollment-assistant/platform"
)

// connectKey asks for the key, unless it is there already: from the profile, from our own session or kept by a run
// that was cut short.
func (e *enrollment) connectKey(ctx context.Context) error {
	if e.keySource == keyOfProfile || e.keySource == keyOfKeychain {
		e.aim(ctx)
		return nil
	}
	e.enter(ConnectKey)
	if e.keySource == keyOfSession {
		e.aim(ctx)
		return nil
	}
	e.asked = true
	q := KeyQuestion{
		PortalURL: e.portalURL(), Hosts: e.keyHosts(), Opened: e.opened, Retry: e.keyRefused, Check: e.checkKey,
	}
	for {
		text, err := anew(e, func() (platform.Secret, error) {
			if q.Retry != nil {
				q.Retry.reword()
			}
			return e.ui.ConnectKey(ctx, q)
		})
		if errors.Is(err, ErrQuit) && q.Retry != nil {
			return &quit{q.Retry}
		}
		if err != nil {
			return err
		}
		k, problem := e.checkKey(text.Reveal())
		text.Wipe()
		if problem != nil {
			q.Retry = problem
			continue
		}
		e.acceptKey(k, keyOfPerson)
		e.aim(ctx)
		return nil
	}
}

// aim begins to ask the hosts that the key names.
func (e *enrollment) aim(ctx context.Context) { e.survey.aim(ctx, targetsOf(e.endpoints())) }

// keyHosts lists what a key or command may name, for people.
func (e *enrollment) keyHosts() []string {
	var hosts []string
	if e.c.Profile.Endpoints != nil {
		hosts = append(hosts, hostOf(e.c.Profile.Endpoints.Kickstart))
		if private := e.c.Profile.Endpoints.PrivateKickstart; private != e.c.Profile.Endpoints.Kickstart {
			hosts = append(hosts, hostOf(private))
		}
	}
	return append(hosts, vendorDomain)
}

// checkKey judges a text as Run does; it is pure and offline.
func (e *enrollment) checkKey(s string) (Key, *Problem) {
	k, err := parseKey(s)
	if err != nil {
		return Key{}, malformed(err, s)
	}
	if problem := k.CheckHosts(e.c.Profile.Endpoints); problem != nil {
		return Key{}, problem
	}
	return k, nil
}

// acceptKey takes a key that is well formed, and has the keychain keep it until it is used.
func (e *enrollment) acceptKey(k Key, from keySource) {
	e.key, e.keySource, e.keyRefused = k, from, nil
	e.keyKept, e.keyMade = e.c.Now(), time.Time{}
	if from == keyOfSession {
		e.keyMade = e.keyKept
	}
	if e.c.Host.Remember == nil {
		return
	}
	if err := e.c.Host.Remember(platform.Remembered{Key: k.Value, Kept: e.keyKept}); err != nil {
		e.log.Warn("keeping the key", "err", err)
	}
}

// recall takes the key that a run kept which was cut short, when it can still be good. The keychain is asked once.
func (e *enrollment) recall(ctx context.Context) bool {
	if e.keySource == keyOfKeychain {
		return true
	}
	if e.recalled || e.keySource != keyNone || e.c.Host.Recall == nil {
		return false
	}
	e.recalled = true
	kept, err := within(ctx, recallWithin, func(context.Context) (platform.Remembered, error) { return e.c.Host.Recall() })
	if err != nil {
		e.log.Warn("asking the keychain", "err", err)
		return false
	}
	if kept.Key.Empty() {
		return false
	}
	age := e.c.Now().Sub(kept.Kept)
	k, problem := e.checkKey(kept.Key.Reveal())
	if problem != nil || age < 0 || age >= keyLife {
		e.forget()
		return false
	}
	e.key, e.keySource, e.keyKept = k, keyOfKeychain, kept.Kept
	e.note("note.key.recalled", "Count", int(age.Minutes()))
	return true
}

// dropKey ends the use of the key: it was used, refused, or another one is wanted.
func (e *enrollment) dropKey() {
	if e.keySource != keyOfProfile { // its bytes are the caller's
		e.key.Value.Wipe()
	}
	e.key, e.keySource = Key{}, keyNone
	e.forget()
}

func (e *enrollment) forget() {
	if e.c.Host.Forget == nil {
		return
	}
	if err := e.c.Host.Forget(); err != nil {
		e.log.Warn("forgetting the key", "err", err)
	}
}

// refuseKey is what the person is told when the server refused the key. It does not say whether the key is wrong, too
// old, or enrollment was switched off; the hour is named as far as the key's age is known.
func (e *enrollment) refuseKey(err error) *Problem {
	hint := "problem.key.refused.hint"
	switch {
	case e.keySource == keyOfProfile:
		hint = "problem.key.refused.profile"
	case !e.keyMade.IsZero() && e.c.Now().Sub(e.keyMade) >= keyLife:
		hint = "problem.key.refused.old"
	case !e.keyMade.IsZero():
		hint = "problem.key.refused.young"
	case e.c.Now().Sub(e.keyKept) >= keyLife:
		hint = "problem.key.refused.kept"
	}
	p := &Problem{Code: CodeKeyRefused, Step: ConnectKey, Retry: true, Err: err, Link: LinkAgent}
	return p.say("problem.key.refused", hint, "Count", int(e.c.Now().Sub(e.keyKept).Minutes()))
}
