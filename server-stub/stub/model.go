package stub

import "time"

// Organization is the customer whose computers are managed. There is one in a Server.
type Organization struct {
	ID   string // 24 hex digits
	Name string
	// EnrollmentAllowed is settings.enableUserPortalAgentInstall: users may enroll devices through the User Portal.
	EnrollmentAllowed bool
	// Announced is when an admin last told the users about it; zero for never.
	Announced time.Time
}

// Role is what an admin may do.
type Role string

// The roles. A read-only admin sees everything and may change nothing.
const (
	RoleAdministrator Role = "administrator"
	RoleHelpDesk      Role = "help desk" // binds, unbinds, announces; no settings, no deletion of devices
	RoleReadOnly      Role = "read only"
)

// Admin is a person who signs in to the Admin Portal.
type Admin struct {
	ID, Email, Name string
	Role            Role
	ConnectKey      string // 40 hex digits, never expires
	APIKey          string // 40 hex digits, the x-api-key of the public API
}

// User is a person of the organization.
type User struct {
	ID, Username, Email, FirstName, LastName string
	TOTP                                     bool // a second factor is set up
}

// OwnerType says whose a connect key is.
type OwnerType string

// The owners of connect keys, in the words of provisionMetadata.
const (
	OwnerAdministrator OwnerType = "administrator"
	OwnerUser          OwnerType = "user"
)

// Key is a connect key.
type Key struct {
	Value     string
	OwnerType OwnerType
	OwnerID   string
	Created   time.Time
	Expires   time.Time // zero for never
}

// System is an enrolled device.
type System struct {
	ID                     string // 24 hex digits, the systemKey
	Hostname, DisplayName  string
	OS, OSFamily, Version  string // "Ubuntu", "linux", "24.04"
	Arch                   string
	AgentVersion           string
	SerialNumber, RemoteIP string
	TemplateName           string
	CertUUID               string
	Created                time.Time
	LastContact            time.Time
	ProvisionerType        OwnerType
	ProvisionerID          string
	ProvisionerName        string // resolved for people: who installed it
	BoundUserIDs           []string
	Active                 bool // heard of within the settings' time
}

// Mail is one message of the outbox.
type Mail struct {
	ID                int64
	To, From, Subject string
	Text              string
	Sent              time.Time
	SystemID, UserID  string // what it is about; may be empty
}

// Event is one change, in the shape of Directory Insights where that is known.
type Event struct {
	ID       string
	Type     string // system_create, system_update, system_delete, association_change, organization_update, user_create, user_update, user_delete, user_login_attempt, admin_login_attempt
	Time     time.Time
	ActorID  string
	SystemID string
	UserID   string
	Detail   string
	Success  bool
}

// Package is an installer on the shelf.
type Package struct {
	OS, Arch, Version string // linux, x86_64, 2.166.2
	Format            string // deb, rpm, msi
	File              string // name below /production/
	Size              int64
	SHA256            string
}

// Snapshot is everything a test asks about, at one moment.
type Snapshot struct {
	Organization Organization
	Admins       []Admin
	Users        []User
	Systems      []System
	Outbox       []Mail
	Events       []Event
}
