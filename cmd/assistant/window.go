//go:build !nogui

package main

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/gui"
	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// appID names the program to the desktop and to Fyne's settings.
const appID = "com.example.enrollment-assistant"

// view is the window and the enrollment behind it.
type view struct {
	session *session
	app     fyne.App
	win     fyne.Window
	wizard  *gui.Wizard
	// stop ends the run that goes on; Stop of the window calls it on Fyne's goroutine, while the run's own goroutine
	// puts another one there for another try.
	stop   atomic.Pointer[context.CancelFunc]
	unseen bool // no window appeared
	// seen is closed once one has. The enrollment begins then: what it looks for would delay the first picture.
	seen chan struct{}
	// closed is set when the window goes. Fyne runs what is posted after that at once, on the wrong goroutine.
	closed atomic.Bool
}

// post runs f on Fyne's goroutine, and does not wait for it. Nothing is run once the window is gone.
func (v *view) post(f func()) {
	if v.closed.Load() {
		return
	}
	fyne.Do(func() {
		if !v.closed.Load() {
			f()
		}
	})
}

// quit closes the window. It is called on Fyne's goroutine.
func (v *view) quit() {
	v.closed.Store(true)
	v.app.Quit()
}

// runWindow shows the window until it is closed. The exit code is 0 then, however the enrollment ended, because the
// window has told the person; it is that of what follows when no window could be seen.
func runWindow(ctx context.Context, o options, io stdio) int {
	s := newSession(o, platform.ConsentDialog)
	defer s.close()
	v := &view{session: s}
	ready := make(chan struct{})
	if s.config.StateDir != "" {
		release, first, err := platform.Single(s.config.StateDir, func() {
			<-ready
			v.post(v.win.RequestFocus)
		})
		switch {
		case err != nil:
			s.config.Log.Warn("making sure that this is the only window", "error", err)
		case !first:
			s.config.Log.Info("another window is open and was brought forward")
			return 0
		default:
			defer release()
		}
	}
	if err := chooseLocale(); err != nil {
		s.config.Log.Warn("choosing a locale", "error", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	v.build(ctx)
	close(ready)
	v.show(ctx)
	if v.unseen {
		return unseenWindow(ctx, o, io)
	}
	return 0
}

// newApp starts Fyne, which needs no display until a window is made.
func newApp() fyne.App { return app.NewWithID(appID) }

// build makes the window. It is called on the main goroutine, which becomes Fyne's.
func (v *view) build(ctx context.Context) {
	p := v.session.config.Profile
	v.app, v.seen = newApp(), make(chan struct{})
	v.app.Settings().SetTheme(gui.NewTheme(p.Organization.Accent))
	if icon, err := assets.Files.ReadFile("icon.png"); err == nil {
		v.app.SetIcon(fyne.NewStaticResource("icon.png", icon))
	}
	info := brandOf(p)
	v.speakAsChosen(&info)
	// Fonts and sentences are read while the system opens the window, which is the other thing that takes its time.
	fonts := make(chan struct{})
	go func() {
		defer close(fonts)
		gui.LoadFonts()
	}()
	v.win = v.app.NewWindow("")
	v.win.SetMaster()
	v.win.SetContent(container.NewWithoutLayout())
	v.win.Resize(gui.Size)
	v.win.CenterOnScreen()
	v.win.SetTitle(windowTitle()) // waits for the sentences
	v.win.Show()
	<-fonts
	info.Mac, info.About = runtime.GOOS == "darwin", v.about
	info.OpenURL, info.Stop, info.Quit, info.Clipboard = v.openURL, v.stopRun, v.quit, v.app.Clipboard().Content
	info.SetClipboard, info.Notify = v.app.Clipboard().SetContent, v.notify
	v.papers(ctx, &info)
	info.Shown = func(page string) { v.session.config.Log.Info("page", "page", page) }
	v.wizard = gui.New(v.win, info, v.post)
	v.showMenu()
	v.win.SetCloseIntercept(v.wizard.Close)
	v.app.Lifecycle().SetOnEnteredForeground(v.wizard.Foreground)
	v.app.Lifecycle().SetOnExitedForeground(v.wizard.Background)
	v.app.Lifecycle().SetOnStarted(v.started)
}

// showMenu puts the menu at the top of the screen of a Mac, in the language chosen now.
func (v *view) showMenu() {
	if runtime.GOOS == "darwin" && v.wizard != nil {
		v.win.SetMainMenu(v.wizard.Menu())
	}
}

// show runs the window and the enrollment, and returns when both have ended.
func (v *view) show(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var run sync.WaitGroup
	run.Go(func() {
		select {
		case <-v.seen:
			v.enroll(ctx)
			v.post(v.quit)
		case <-ctx.Done():
		}
	})
	v.win.ShowAndRun() // it is shown already, and drawn now
	v.closed.Store(true)
	cancel()
	run.Wait() // the elevated side finishes what it has begun
}

// started is for when Fyne runs. Without GLX it runs on unseen, so the window itself is asked.
func (v *view) started() {
	if native, ok := v.win.(driver.NativeWindow); ok {
		native.RunNative(func(c any) { v.unseen = handleOf(c) == 0 })
	}
	if v.unseen {
		v.session.config.Log.Error("opening the window", "error", errUnseen)
		v.quit()
		return
	}
	v.session.shown()
	close(v.seen)
	go debug.FreeOSMemory() // reading the fonts leaves twice of what they take
	if note := crashNote(); note != "" {
		v.wizard.UI().Event(steps.Event{Kind: steps.KindNote, Text: note})
		v.session.config.Log.Info("the crash was told")
	}
	v.session.config.Log.Info("window shown")
}

// handleOf is the window's handle at the desktop; 0 when there is none.
func handleOf(c any) uintptr {
	switch c := c.(type) {
	case driver.X11WindowContext:
		return c.WindowHandle
	case driver.WaylandWindowContext:
		return c.WaylandSurface
	case driver.MacWindowContext:
		return c.NSWindow
	case driver.WindowsWindowContext:
		return c.HWND
	}
	return 0
}

// enroll runs the enrollment, again as long as the person wants to.
func (v *view) enroll(ctx context.Context) {
	ui := &tellingUI{UI: v.wizard.UI()}
	if p := v.session.problem; p != nil {
		_ = ui.Problem(ctx, steps.Problem{Code: p.Code, Step: steps.Welcome, Summary: p.Summary, Hint: p.Hint, Link: p.Link})
		return
	}
	for ctx.Err() == nil {
		run, stop := context.WithCancel(ctx)
		v.stop.Store(&stop)
		_, err := steps.Run(run, v.session.config, ui)
		stop()
		var p *steps.Problem
		if !errors.As(err, &p) || ui.told {
			return
		}
		again := *p
		again.Retry = true
		if err := ui.Problem(ctx, again); err != nil && !errors.Is(err, steps.ErrBack) {
			return
		}
	}
}

// tellingUI knows whether the person has read of a problem and chose to end.
type tellingUI struct {
	steps.UI
	told bool
}

// Confirm implements steps.UI: the first page tells of what no key can mend.
func (u *tellingUI) Confirm(ctx context.Context, q steps.Confirmation) (steps.Choice, error) {
	c, err := u.UI.Confirm(ctx, q)
	u.told = errors.Is(err, steps.ErrQuit)
	return c, err
}

// Problem implements steps.UI.
func (u *tellingUI) Problem(ctx context.Context, p steps.Problem) error {
	err := u.UI.Problem(ctx, p)
	u.told = errors.Is(err, steps.ErrQuit)
	return err
}

func (v *view) stopRun() {
	if stop := v.stop.Load(); stop != nil {
		(*stop)()
	}
}

// openURL shows an address in the browser; nobody waits for it.
func (v *view) openURL(address string) {
	open := v.session.config.Host.OpenURL
	if open == nil {
		return
	}
	if err := open(address); err != nil {
		v.session.config.Log.Warn("opening the browser", "error", err)
	}
}
