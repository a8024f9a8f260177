package steps

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"example.com/enrollment-assistant/platform"
)

// Answers that every question may return instead of an answer.
var (
	// ErrAgain: the same question, with its texts made anew in the language that is chosen now. Nothing is lost by it and
	// nothing is looked at again; checks and verdicts are told again in the new words.
	ErrAgain = errors.New("again")
	// ErrBack: the person wants the step before this one.
	ErrBack = errors.New("back")
	// ErrQuit: the person wants to end, or there is nobody to ask.
	ErrQuit = errors.New("quit")
)

// UI is what an enrollment needs of a front end. Run calls the questions one at a time and Event from one goroutine
// at a time, but an Event may arrive while a question is open (a check finishes, a verdict changes), from another
// goroutine than the question's. Questions block until there is an answer or ctx ends. The secrets of an answer belong
// to Run, which wipes them once they are used: a front end that may have to answer again keeps a copy.
type UI interface {
	// Event tells what happened. It must not block.
	Event(Event)
	// Confirm shows what was found or is going to happen and waits for yes. It is asked at welcome, requirements,
	// plan and done, and during the install of a Mac for Full Disk Access: that one is asked beside the job, whose
	// Events go on, and its ctx ends when the access was given.
	Confirm(ctx context.Context, q Confirmation) (Choice, error)
	// Login asks how the person signs in: in the browser, or here where the profile allows it.
	Login(ctx context.Context, q LoginQuestion) (LoginAnswer, error)
	// ConnectKey asks for the connect key, as the person has it: bare, or within the pasted command.
	ConnectKey(ctx context.Context, q KeyQuestion) (platform.Secret, error)
	// SecureToken asks for a macOS account and its password.
	SecureToken(ctx context.Context, q TokenQuestion) (TokenAnswer, error)
	// Problem shows what went wrong. nil means try again, where p.Retry is true; else it ends the run like ErrQuit.
	// Whoever ends the run here, or at a question that repeats what was wrong, gets that Problem as Run's error.
	Problem(ctx context.Context, p Problem) error
}

// Confirmation is what Confirm shows; the fields of its step are set.
type Confirmation struct {
	Step    Step
	Welcome *WelcomeQuestion // at Welcome
	Checks  []Check          // at Requirements: every check, in order; none of them blocks any more when yes is accepted
	Plan    *InstallPlan     // at Plan
	Access  *AccessQuestion  // at Install, on macOS only
	// Device is what is known of the computer: at Done, and at Welcome before WelcomeQuestion where an earlier run enrolled it.
	// There yes goes on to install once more, and ErrQuit ends the run well.
	Device   *Device
	Watching bool // with Device: the elevated side still reports; Events with verdicts may follow
}

// WelcomeQuestion is what the first page needs.
type WelcomeQuestion struct {
	Organization string            // empty without a profile
	Text         string            // the profile's own welcome text, or empty
	Regions      []platform.Region // to choose from; empty when the profile or a key decides
	Blocked      *Problem          // what no key can mend; nothing can be confirmed then, only checked again (ErrQuit or Choice.Again)
}

// AccessQuestion is what the page needs that leads to Full Disk Access, which a person gives to the agent in the
// settings of macOS and no program can. Yes means going on without it, ErrQuit stopping after this step; there is
// nothing to go back to.
type AccessQuestion struct {
	// Settings is an address for open(1) that shows the right pane.
	Settings string
	// Until is when the vendor's five minutes end. The question ends by itself then, and the run goes on without.
	Until time.Time
}

// Choice is the answer of Confirm.
type Choice struct {
	Region platform.Region // at Welcome, where Regions were offered
	Again  bool            // at Requirements and at a blocked Welcome: check again; with a Device: read its state again
	Check  string          // at Requirements with Again: only this check's id, empty for all; with Open: whose address
	Open   bool            // at Requirements: show the address of Check in the browser, and ask again
}

// LoginQuestion is what the sign-in page needs.
type LoginQuestion struct {
	PortalURL string // the User Portal's Security page
	// Wizard is true where the profile names an endpoint that issues a key, so that signing in here is of use.
	Wizard bool
	// Factors that the service offers after a right password; empty on the first question.
	Factors []string
	// Retry says what was wrong with the last answer, for people; empty on the first question.
	Retry string
}

// LoginAnswer is how the person signs in. Browser true: in the browser, which Run then opens at the portal. HaveKey
// true: nowhere, the key is at hand already. In both cases nothing else is set.
type LoginAnswer struct {
	Browser  bool
	HaveKey  bool
	Email    string
	Password platform.Secret
	OTP      platform.Secret // one code; empty when the service has not asked for one
}

// KeyQuestion is what the connect-key page needs.
type KeyQuestion struct {
	PortalURL string   // to open it again
	Hosts     []string // a jcc_ key or a pasted command must name one of these
	Opened    bool     // the portal was opened from here in this run: only then may the clipboard be looked at
	Retry     *Problem // what was wrong with the last key; nil on the first question
	// Check parses as Run will, so that a page can judge while the person types. It is pure and offline.
	Check func(string) (Key, *Problem)
}

// TokenQuestion is what the Mac password page needs.
type TokenQuestion struct {
	Accounts []Account // that may qualify, the person's own first; empty when nobody's SecureToken is known to be of use
	Retry    string    // what was wrong with the last answer, for people; empty on the first question
	// Own says why the person's own account is not in Accounts; empty where it is. Request asks IT for help with that,
	// and is nil then.
	Own     string
	Request *Request
	// Without says what going on without an account means, once several passwords were wrong; empty before.
	Without string
}

// Request is a mail to the IT team that is ready to send. It holds no secret.
type Request struct {
	To      string `json:"to,omitempty"` // the profile's help contact; empty without one
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// Mailto is the request as an address that opens the person's mail program: https://www.rfc-editor.org/rfc/rfc6068
func (r Request) Mailto() string {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	text := strings.ReplaceAll(r.Text, "\n", "\r\n")
	return "mailto:" + strings.ReplaceAll(escape(r.To), "%40", "@") + "?subject=" + escape(r.Subject) + "&body=" + escape(text)
}

// Account is an account of this Mac. Note says in a few words why it is listed.
type Account struct{ Name, Note string }

// TokenAnswer is a macOS account that holds a SecureToken, or Skip.
type TokenAnswer struct {
	Skip     bool
	Name     string
	Password platform.Secret
}
