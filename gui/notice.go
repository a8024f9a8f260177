package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// newNotice is a sentence on the soft accent.
func newNotice(t *text) *fyne.Container {
	t.size, t.color = 13, colorText
	return container.New(stacked{}, shade(colorAccentSoft, "", 10), newInset(11, 16, 12, 16, t))
}

// newNoticeLink is a notice with what can be done about it.
func newNoticeLink(t *text, link *button) *fyne.Container {
	t.size, t.color = 13, colorText
	return container.New(stacked{}, shade(colorAccentSoft, "", 10),
		newInset(11, 16, 12, 16, container.New(noticeLayout{}, t, link)))
}

// noticeLayout puts a link at the right of words, or below them where that leaves them little room.
type noticeLayout struct{}

func (noticeLayout) place(o []fyne.CanvasObject, width float32) (words, height float32, below bool) {
	link := o[1].MinSize()
	words = width - link.Width - 6
	if below = words < rowWords(); below {
		words = width
	}
	if height = heightOf(o[0], words); below {
		height += link.Height
	}
	return words, fyne.Max(height, link.Height), below
}

func (l noticeLayout) heightFor(o []fyne.CanvasObject, width float32) float32 {
	_, h, _ := l.place(o, width)
	return h
}

// Layout implements fyne.Layout.
func (l noticeLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	words, height, below := l.place(o, size.Width)
	text, link := heightOf(o[0], words), o[1].MinSize()
	o[1].Resize(link)
	if below {
		o[0].Move(fyne.Position{})
		o[1].Move(fyne.NewPos(-bearing(o[1]), height-link.Height))
	} else {
		o[0].Move(fyne.NewPos(0, (height-text)/2))
		o[1].Move(fyne.NewPos(size.Width-link.Width+bearing(o[1]), (height-link.Height)/2))
	}
	o[0].Resize(fyne.NewSize(words, text))
}

// MinSize implements fyne.Layout.
func (l noticeLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.heightFor(o, 400))
}
