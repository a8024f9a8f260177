package gui

import (
	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/steps"
)

// Info is what the frame shows and what the window can do for it. All functions are called on Fyne's goroutine and
// must return at once. Any but OpenURL, Stop, Quit and, where there are languages, SetLanguage may be nil; what would need
// it is not offered then.
type Info struct {
	Organization string // empty without a profile
	Logo         []byte // PNG or SVG; nil: the first letter
	Accent       string // #rrggbb; empty: the built-in one
	Help         steps.Help
	Mac          bool              // a Mac asks for a password before the review, and about what looks at its clipboard
	Language     string            // BCP 47 tag of the language that is spoken
	Languages    []assets.Language // to choose from; there is nothing to choose from one

	About        func() []string          // lines of the About dialog: versions, where the log is
	OpenURL      func(string)             // shows an address in the browser
	Stop         func()                   // ends the run: at once, or after the vendor's installer where that runs
	Quit         func()                   // closes the window, without asking
	Clipboard    func() string            // what the clipboard holds
	SetClipboard func(string)             // makes the clipboard hold something else
	SetLanguage  func(tag string)         // makes every sentence be of another language from now on
	Notify       func(title, text string) // tells the person by the desktop
	Shown        func(string)             // what asks something now: a step, "problem", or the name of a dialog

	// Report makes the report of this run for the help desk. It may call got from any goroutine.
	Report func(got func(text string, err error))
	// Save writes a text that the person wants to keep into a new file, whose path it gives. kind is Report or Receipt.
	// It may call saved from any goroutine.
	Save func(kind Kind, text string, saved func(path string, err error))
	// Receipt is what the help desk needs to know of a computer that was set up.
	Receipt func(steps.Device) string

	// SendTo is the host that admins of this computer asked to be told at; SerialNumber tells whether this computer's can
	// be read here. Compose makes what would be told of the last problem, exactly as Send sends it. Both may call got and
	// sent from any goroutine; nil where no profile says where to.
	SendTo       string
	SerialNumber bool
	Compose      func(add steps.Extras, got func(text string, err error))
	Send         func(text string, sent func(*steps.Problem))
}

// Kind says what a text is that the person saves.
type Kind string

// Texts that can be saved, and the one that is sent.
const (
	Report  Kind = "report"
	Receipt Kind = "receipt"
	request Kind = "request"
)
