package gui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// spoken is what a collector hands to the system of one leaf.
type spoken struct {
	label  string
	role   fyne.AccessibleRole
	object fyne.CanvasObject
	at     fyne.Position
	size   fyne.Size
}

// collectWindows does what Fyne does on Windows: a flat list of what is not a container.
// https://github.com/fyne-io/fyne/blob/v2.8.1/internal/driver/glfw/accessibility_windows.go#L44-L77
func collectWindows(o fyne.CanvasObject, pos fyne.Position) (list []spoken) {
	if o == nil || !o.Visible() {
		return nil
	}
	at := pos.Add(o.Position())
	if a, ok := o.(fyne.Accessible); ok && a.AccessibilityRole() != fyne.AccessibleRoleContainer {
		list = append(list, spoken{label: a.AccessibilityLabel(), role: a.AccessibilityRole(), object: o, at: at, size: o.Size()})
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, child := range c.Objects {
			list = append(list, collectWindows(child, at)...)
		}
	}
	return list
}

// collectMac does what Fyne does on macOS: a tree, where what is not accessible ends the way down. VoiceOver walks into
// a group that has children and stops at one that has none, so an empty one is in the list.
// https://github.com/fyne-io/fyne/blob/v2.8.1/internal/driver/glfw/accessibility_darwin.go#L78-L144
// https://github.com/fyne-io/fyne/blob/v2.8.1/internal/driver/glfw/accessibility_darwin.m#L126-L133
func collectMac(o fyne.CanvasObject, pos fyne.Position) (list []spoken) {
	if o == nil || !o.Visible() {
		return nil
	}
	at := pos.Add(o.Position())
	a, ok := o.(fyne.Accessible)
	if !ok {
		return nil
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, child := range c.Objects {
			list = append(list, collectMac(child, at)...)
		}
		if len(list) > 0 {
			return list
		}
	}
	return append(list, spoken{label: a.AccessibilityLabel(), role: a.AccessibilityRole(), object: o, at: at, size: o.Size()})
}

// collect asks for the content and for what lies over it, as both collectors do.
// https://github.com/fyne-io/fyne/blob/v2.8.1/internal/driver/glfw/accessibility_darwin.go#L50-L64
func collect(c fyne.Canvas, by func(fyne.CanvasObject, fyne.Position) []spoken) (list []spoken) {
	for _, root := range append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...) {
		list = append(list, by(root, fyne.Position{})...)
	}
	return list
}

// seen is a leaf that a person sees, and whether text, or what can be worked, is in it.
type seen struct {
	object fyne.CanvasObject
	words  []string
}

// looksAt gives each widget in a window that shows words or takes the focus, however deep it lies.
func looksAt(c fyne.Canvas) (all []seen) {
	var walk func(o fyne.CanvasObject, in *seen)
	walk = func(o fyne.CanvasObject, in *seen) {
		if o == nil || !o.Visible() {
			return
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child, in)
			}
		case *container.Scroll:
			walk(o.Content, in)
		case *canvas.Text:
			if _, _, _, a := o.Color.RGBA(); o.Text != "" && a > 0 && in != nil {
				in.words = append(in.words, o.Text)
			}
		case fyne.Widget:
			own := in
			if own == nil {
				own = &seen{object: o}
			}
			for _, child := range test.WidgetRenderer(o).Objects() {
				walk(child, own)
			}
			_, works := o.(fyne.Focusable)
			if in == nil && (works || len(own.words) > 0) {
				all = append(all, *own)
			}
		}
	}
	for _, root := range append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...) {
		walk(root, nil)
	}
	return all
}

// spare tells whether what a leaf shows is said by what stands beside it: the number of a row by its place, the letter
// of the logo by the name.
func spare(o fyne.CanvasObject) bool {
	switch o.(type) {
	case *mark, *logo:
		return true
	}
	return false
}

// previewed puts a preview into a window of a size.
func previewed(t *testing.T, p Preview, size fyne.Size) fyne.Window {
	t.Helper()
	win := test.NewTempWindow(t, nil)
	win.Resize(size)
	p.Build(win)
	win.Resize(size)
	return win
}

// eachPreview builds every page, state and dialog in the usual and in the smallest window, and with double text.
func eachPreview(t *testing.T, each func(t *testing.T, win fyne.Window)) {
	t.Helper()
	settings := test.NewTempApp(t).Settings()
	info, profile := acme()
	windows := []struct {
		name string
		size fyne.Size
		zoom float32
	}{{"large text", MinSize, 2}, {"usual", Size, 1}, {"small", MinSize, 1}}
	if raceDetector {
		windows = windows[:1] // the others run the same code
	}
	for _, v := range windows {
		settings.SetTheme(NewTheme("").In(theme.VariantLight).Zoomed(v.zoom))
		for _, p := range Previews(info, profile) {
			t.Run(p.Name+" "+v.name, func(t *testing.T) { each(t, previewed(t, p, v.size)) })
		}
	}
}

// A screen reader gets everything that is seen, on both systems that Fyne hands anything to.
func TestAccessibility_CollectorsMissNothing(t *testing.T) {
	eachPreview(t, func(t *testing.T, win fyne.Window) {
		for system, by := range map[string]func(fyne.CanvasObject, fyne.Position) []spoken{"macOS": collectMac, "Windows": collectWindows} {
			list := collect(win.Canvas(), by)
			heard := map[fyne.CanvasObject]bool{}
			for _, s := range list {
				if e, ok := s.object.(*echo); ok {
					heard[e.leaf] = true
				}
				heard[s.object] = true
				if strings.TrimSpace(s.label) == "" || s.role == fyne.AccessibleRoleContainer {
					t.Errorf("%s: an element without a name: %T, %q, %s", system, s.object, s.label, s.role)
				}
				if !slices.Contains([]fyne.AccessibleRole{fyne.AccessibleRoleButton, fyne.AccessibleRoleLink, fyne.AccessibleRoleText}, s.role) {
					t.Errorf("%s: %q has the role %q", system, s.label, s.role)
				}
			}
			for _, o := range looksAt(win.Canvas()) {
				if !heard[o.object] && !spare(o.object) {
					t.Errorf("%s: %T with %q is not collected", system, o.object, o.words)
				}
			}
		}
	})
}

// What is read one after the other stands below or to the right of it.
func TestAccessibility_ReadsInVisualOrder(t *testing.T) {
	eachPreview(t, func(t *testing.T, win fyne.Window) {
		for _, root := range append([]fyne.CanvasObject{win.Content()}, win.Canvas().Overlays().List()...) {
			list := collectMac(root, fyne.Position{})
			for i := 1; i < len(list); i++ {
				if why := outOfOrder(list[i-1], list[i]); why != "" && scrolled(list[i-1]) == scrolled(list[i]) {
					t.Errorf("%q is read after %q, which stands %s", list[i].label, list[i-1].label, why)
				}
			}
		}
	})
}

// scrolled tells whether a leaf lies in a scroll: where it stands then says nothing of its place on the page.
func scrolled(s spoken) bool {
	_, ok := s.object.(*echo)
	return ok
}

// outOfOrder says where a stands when b should have been read before it.
func outOfOrder(a, b spoken) string {
	right := b.at.X >= a.at.X+a.size.Width-1
	switch {
	case b.at.Y+b.size.Height <= a.at.Y+1 && !right:
		return "below it"
	case a.at.X >= b.at.X+b.size.Width-1 && b.at.Y < a.at.Y+a.size.Height-1 && a.at.Y < b.at.Y+b.size.Height-1:
		return "at its right"
	}
	return ""
}

// The checks above would be worth nothing if they found nothing: a leaf in a scroll, a text in a widget of Fyne's, an
// empty text and an empty group are what the collectors miss or make of it.
func TestAccessibility_FindsWhatIsMissed(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(""))
	k := &keyboard{}
	within := newButton(k, "In a scroll", plain, nil)
	plainly := newButton(k, "Plainly", plain, nil)
	win := test.NewTempWindow(t, container.NewVBox(plainly, container.NewVScroll(within), container.NewStack(), widget.NewCheck("Fyne's", nil)))
	var said []string
	for _, s := range collect(win.Canvas(), collectMac) {
		said = append(said, s.label)
	}
	if got := strings.Join(said, ", "); got != "Plainly, Container" {
		t.Errorf("macOS collects %s", got)
	}
	var looks []string
	for _, o := range looksAt(win.Canvas()) {
		looks = append(looks, strings.Join(o.words, " "))
	}
	if got := strings.Join(looks, ", "); got != "Plainly, In a scroll, Fyne's" {
		t.Errorf("one sees %s", got)
	}
	a := spoken{at: fyne.NewPos(100, 100), size: fyne.NewSize(50, 20)}
	for want, b := range map[string]spoken{
		"":             {at: fyne.NewPos(160, 50), size: fyne.NewSize(50, 20)},
		"below it":     {at: fyne.NewPos(100, 50), size: fyne.NewSize(50, 20)},
		"at its right": {at: fyne.NewPos(20, 100), size: fyne.NewSize(50, 20)},
	} {
		if got := outOfOrder(a, b); got != want {
			t.Errorf("%v after %v: %q, want %q", b, a, got, want)
		}
	}
}
