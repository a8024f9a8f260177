package gui

import (
	"fmt"
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// Tab visits everything that can be worked once, in the order it is read, and comes back; each stop is in view.
func TestKeyboard_TabGoesRoundEveryPage(t *testing.T) {
	eachPreview(t, func(t *testing.T, win fyne.Window) {
		c := win.Canvas()
		var want []fyne.CanvasObject
		root := c.Content()
		if top := c.Overlays().Top(); top != nil {
			root = top
		}
		for _, s := range collectMac(root, fyne.Position{}) {
			o := s.object
			if e, ok := o.(*echo); ok {
				o = e.leaf
			}
			if d, ok := o.(fyne.Disableable); ok && d.Disabled() {
				continue
			}
			if _, ok := o.(fyne.Focusable); ok {
				want = append(want, o)
			}
		}
		c.Unfocus()
		for i := range len(want) + 1 {
			c.FocusNext()
			o, _ := c.Focused().(fyne.CanvasObject)
			if next := want[i%len(want)]; o != next {
				t.Fatalf("stop %d is %s, want %s", i, called(o), called(next))
			}
			if !inView(win, o) {
				t.Errorf("%s has the focus and cannot be seen", called(o))
			}
		}
		for range want {
			c.FocusPrevious()
		}
		if o, _ := c.Focused().(fyne.CanvasObject); o != want[0] {
			t.Errorf("backwards it ends at %s", called(o))
		}
	})
}

func called(o fyne.CanvasObject) string {
	if a, ok := o.(fyne.Accessible); ok {
		return fmt.Sprintf("%q", a.AccessibilityLabel())
	}
	return fmt.Sprintf("%T", o)
}

// inView tells whether an object lies within the window and within what it is scrolled in.
func inView(win fyne.Window, o fyne.CanvasObject) bool {
	d := fyne.CurrentApp().Driver()
	at, end := d.AbsolutePositionForObject(o), fyne.NewPos(win.Canvas().Size().Width, win.Canvas().Size().Height)
	top := float32(0)
	var walk func(fyne.CanvasObject)
	walk = func(in fyne.CanvasObject) {
		switch in := in.(type) {
		case *fyne.Container:
			for _, child := range in.Objects {
				walk(child)
			}
		case *container.Scroll:
			if _, found := within(in.Content, o); found {
				top = d.AbsolutePositionForObject(in).Y
				end.Y = top + in.Size().Height
			}
		}
	}
	for _, root := range append([]fyne.CanvasObject{win.Content()}, win.Canvas().Overlays().List()...) {
		walk(root)
	}
	if o.Size().Height > end.Y-top { // it cannot be all in view
		return at.Y < end.Y-20 && at.Y+o.Size().Height > top+20
	}
	return at.X >= 0 && at.Y >= top-1 && at.X+o.Size().Width <= end.X+1 && at.Y+o.Size().Height <= end.Y+1
}

// What has the focus looks different: by a ring in the accent around it.
func TestKeyboard_FocusCanBeSeen(t *testing.T) {
	b := newBench(t)
	reader := newReader(b.w.keys, "Report")
	reader.set("a line")
	hidden, show := newHidden(b.w.keys, "Key")
	leaves := []fyne.CanvasObject{
		newButton(b.w.keys, "Next", primary, nil), newButton(b.w.keys, "Back", plain, nil), newLink(b.w.keys, "Read more", nil),
		newTick(b.w.keys, "Yes", "", nil), hidden, show, reader, newDrawer(b.w.keys),
	}
	for _, o := range leaves {
		const ring = 5 // it may stand off what it is around
		b.win.SetContent(newInset(ring, ring, ring, ring, o))
		b.win.Resize(fyne.NewSize(200, heightOf(o, 200-2*ring)+2*ring))
		b.win.Canvas().Unfocus()
		without := b.win.Canvas().Capture()
		b.win.Canvas().Focus(o.(fyne.Focusable))
		if n := unlike(without, b.win.Canvas().Capture()); n < 100 {
			t.Errorf("%T %s: only %d pixels differ with the focus", o, called(o), n)
		}
	}
}

// unlike counts the pixels that differ between two pictures.
func unlike(a, b image.Image) (n int) {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				n++
			}
		}
	}
	return n
}

// A dialog that has no room scrolls to what has the focus, and nothing below it looks as if it had.
func TestKeyboard_DialogScrollsAndHasTheFocusAlone(t *testing.T) {
	b := newBench(t, func(i *Info) {
		i.Language = "a"
		for c := 'a'; c <= 'z'; c++ {
			i.Languages = append(i.Languages, assets.Language{Tag: string(c), Name: "Language " + string(c)})
		}
	})
	b.win.Resize(MinSize)
	confirm(b, steps.Confirmation{Step: steps.Welcome, Welcome: &steps.WelcomeQuestion{Organization: "Acme Corporation"}})
	b.tap("Language a: change")
	for range len(b.w.info.Languages) - 1 {
		b.press(fyne.KeyTab)
	}
	if o, ok := b.win.Canvas().Focused().(*tick); !ok || o.title.words != "Language z" || !inView(b.win, o) {
		t.Errorf("%s has the focus, and is not the last one in view", b.focused())
	}
	for _, o := range b.leaves() {
		if l, ok := o.(*button); ok && l.focused {
			t.Errorf("%s looks as if it had the focus", called(l))
		}
	}
}
