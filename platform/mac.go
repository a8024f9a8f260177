package platform

// Mac is what was learned of a Mac besides its Facts. What could not be read is at its zero value, which says that
// nothing is known of it or that it is not there.
type Mac struct {
	MDM MDM `json:"mdm,omitzero"`
	// FileVault tells whether the disk is encrypted, and FileVaultUsers who can unlock it.
	FileVault      Answer   `json:"fileVault,omitempty"`
	FileVaultUsers []string `json:"fileVaultUsers,omitempty"`
	// Bootstrap tells whether an MDM keeps a bootstrap token of this Mac, with which it can give SecureTokens itself.
	Bootstrap Answer `json:"bootstrap,omitempty"`
	// FullDiskAccess tells whether a profile of an MDM gives it to the agent before it is there.
	FullDiskAccess Answer `json:"fullDiskAccess,omitempty"`
	Power          Power  `json:"power,omitzero"`
	// Service is the agent's service account, which an earlier install may have left.
	Service ServiceAccount `json:"serviceAccount,omitzero"`
	Earlier Earlier        `json:"earlier,omitzero"`
}

// MDM is the management that a Mac is enrolled in.
type MDM struct {
	Enrolled     Answer `json:"enrolled,omitempty"`
	UserApproved bool   `json:"userApproved,omitempty"`
	Automated    bool   `json:"automated,omitempty"` // through Apple Business Manager
	Server       string `json:"server,omitempty"`    // host of the MDM
}

// ServiceAccount is the account that the agent makes on a Mac to give SecureTokens to people.
type ServiceAccount struct {
	Exists Answer `json:"exists,omitempty"`
	Token  Answer `json:"token,omitempty"` // it holds a SecureToken
}

// Credentials are a Mac's account and its password, with which the agent's service account gets its SecureToken.
type Credentials struct {
	Name     string
	Password Secret
}
