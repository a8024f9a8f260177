package stub

import (
	"encoding/json"
	"net/mail"
	"regexp"
)

// The states of a user. Only who is activated signs in.
const (
	stateStaged    = "STAGED"
	stateActivated = "ACTIVATED"
	stateSuspended = "SUSPENDED"
)

// userNotes are the fields of a user that are kept and given back, and that nothing here goes by.
type userNotes struct {
	Addresses          []userAddress     `json:"addresses"`
	AllowPublicKey     bool              `json:"allow_public_key"`
	AlternateEmail     string            `json:"alternateEmail,omitempty"`
	Attributes         []systemAttribute `json:"attributes"`
	Company            string            `json:"company,omitempty"`
	CostCenter         string            `json:"costCenter,omitempty"`
	Department         string            `json:"department,omitempty"`
	Description        string            `json:"description,omitempty"`
	DisplayName        string            `json:"displayname,omitempty"` // first and last name, where nobody gave another
	EmployeeIdentifier string            `json:"employeeIdentifier,omitempty"`
	EmployeeType       string            `json:"employeeType,omitempty"`
	JobTitle           string            `json:"jobTitle,omitempty"`
	LDAPBindingUser    bool              `json:"ldap_binding_user"`
	Location           string            `json:"location,omitempty"`
	ManagedAppleID     string            `json:"managedAppleId,omitempty"`
	ManagedUID         bool              `json:"enable_managed_uid"`
	Manager            string            `json:"manager,omitempty"`
	MiddleName         string            `json:"middlename,omitempty"`
	PasswordlessSudo   bool              `json:"passwordless_sudo"`
	NeverExpires       bool              `json:"password_never_expires"`
	PhoneNumbers       []userPhone       `json:"phoneNumbers"`
	SambaServiceUser   bool              `json:"samba_service_user"`
	Sudo               bool              `json:"sudo"`
	UnixGUID           int64             `json:"unix_guid,omitempty"`
	UnixUID            int64             `json:"unix_uid,omitempty"`
}

type userAddress struct {
	Type            string `json:"type,omitempty"`
	Country         string `json:"country,omitempty"`
	ExtendedAddress string `json:"extendedAddress,omitempty"`
	Locality        string `json:"locality,omitempty"`
	POBox           string `json:"poBox,omitempty"`
	PostalCode      string `json:"postalCode,omitempty"`
	Region          string `json:"region,omitempty"`
	StreetAddress   string `json:"streetAddress,omitempty"`
}

type userPhone struct {
	Type   string `json:"type,omitempty"`
	Number string `json:"number,omitempty"`
}

// userChange is what POST and PUT take; what is not named stays.
type userChange struct {
	Username       *string `json:"username"`
	Email          *string `json:"email"`
	FirstName      *string `json:"firstname"`
	LastName       *string `json:"lastname"`
	Password       *string `json:"password"`
	SystemUsername *string `json:"systemUsername"`
	State          string  `json:"state"`
	Suspended      *bool   `json:"suspended"`
	Locked         *bool   `json:"account_locked"`

	resetFactor bool
}

// accountForm is a name that an account of any system can have.
var accountForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$`)

// apply changes a user; what cannot be is an apiError.
func (in userChange) apply(w *wireUser) error {
	for _, o := range []struct {
		to   *string
		from *string
	}{{&w.Username, in.Username}, {&w.Email, in.Email}, {&w.FirstName, in.FirstName}, {&w.LastName, in.LastName}, {&w.SystemUsername, in.SystemUsername}} {
		if o.from != nil {
			*o.to = oneLine(*o.from, longestFact)
		}
	}
	switch {
	case in.State != "":
		w.State = in.State
	case in.Suspended != nil && *in.Suspended:
		w.State = stateSuspended
	case in.Suspended != nil && w.State == stateSuspended:
		w.State = stateActivated
	}
	if in.Password != nil && *in.Password == "" {
		return badRequest("Invalid password: it is empty")
	}
	return w.check()
}

// check says what of a user cannot be.
func (w *wireUser) check() error {
	address, err := mail.ParseAddress(w.Email)
	switch {
	case err != nil || address.Address != w.Email:
		return badRequest("Invalid email: %q", oneLine(w.Email, maxEchoed))
	case !accountForm.MatchString(w.Username):
		return badRequest("Invalid username: %q", oneLine(w.Username, maxEchoed))
	case w.SystemUsername != "" && !accountForm.MatchString(w.SystemUsername):
		return badRequest("Invalid systemUsername: %q", oneLine(w.SystemUsername, maxEchoed))
	case w.State != stateStaged && w.State != stateActivated && w.State != stateSuspended:
		return badRequest("Invalid state: %q", oneLine(w.State, maxEchoed))
	}
	return nil
}

// userBody reads the body of POST and PUT: what changes, over the notes that are there.
func (c apiCall) userBody(notes *userNotes) (in userChange, err error) {
	var raw json.RawMessage
	if err := c.body(&raw); err != nil {
		return in, err
	}
	if len(raw) == 0 {
		raw = json.RawMessage("{}")
	}
	if json.Unmarshal(raw, &in) != nil || json.Unmarshal(raw, notes) != nil {
		return in, badRequest("Malformed JSON body")
	}
	notes.Addresses, notes.Attributes, notes.PhoneNumbers = atMost(notes.Addresses), atMost(notes.Attributes), atMost(notes.PhoneNumbers)
	if notes.UnixUID < 0 || notes.UnixGUID < 0 {
		return in, badRequest("Invalid unix_uid or unix_guid: they are from 1")
	}
	return in, nil
}
