package steps

import (
	"cmp"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// The ids of the checks that only Macs have, in their order, between those of leftovers and of user. They are made where
// Facts.Mac is there.
const (
	CheckSecureToken    = "secure-token"
	CheckFileVault      = "filevault"
	CheckFullDiskAccess = "full-disk-access"
	CheckMDM            = "mdm"
	CheckRosetta        = "rosetta"         // Apple silicon
	CheckServiceAccount = "service-account" // where there is one
)

// macArticle is what the vendor says of the service account of a Mac.
const macArticle = "https://jumpcloud.com/support/install-and-use-the-service-account-for-macos"

// checkMac decides about what only a Mac has.
func (n Needs) checkMac(f Findings) []Check {
	checks := []Check{n.checkSecureToken(f), n.checkFileVault(f), n.checkFullDiskAccess(f), n.checkMDM(f)}
	if isARM(*f.Facts) {
		checks = append(checks, n.checkRosetta(f))
	}
	if f.Facts.Mac.Service.Exists == platform.Yes {
		checks = append(checks, n.checkServiceAccount(f))
	}
	return checks
}

// checkRosetta tells whether Apple silicon can run the agent. The install brings what is missing.
func (n Needs) checkRosetta(f Findings) Check {
	c := Check{ID: CheckRosetta, Level: LevelWarn}
	switch f.Facts.Rosetta {
	case platform.Yes:
		c.Level, c.Title = LevelOK, assets.Text("check.rosetta.ok")
	case platform.No:
		c.Title, c.Text = assets.Text("check.rosetta.missing"), assets.Text("check.rosetta.missing.text")
		if n.mendable(platform.FixRosetta) {
			c.Fix, c.Text = platform.FixRosetta, assets.Text("check.rosetta.missing.fix")
		}
	default:
		c.Level, c.Title, c.Text = LevelInfo, assets.Text("check.rosetta.unseen"), assets.Text("check.unseen.text")
	}
	return c
}

// qualifies tells whether an account can set up the agent's service account: the vendor's own script takes an
// administrator who holds a SecureToken, and no other. What is not known may be so.
// https://github.com/TheJumpCloud/support/blob/master/scripts/macos/install_agent_and_serviceaccount.sh
func qualifies(a platform.Account) bool { return a.Admin && a.SecureToken != platform.No }

// holders are the accounts that are known to qualify, and whether the person's own is one of them.
func holders(f platform.Facts) (names []string, own bool) {
	for _, a := range f.Accounts {
		if qualifies(a) && a.SecureToken == platform.Yes {
			names = append(names, a.Name)
			own = own || a.Name == f.User
		}
	}
	return names, own
}

// checkSecureToken tells who can set up the service account, so that an admin knows beforehand who needs help.
func (n Needs) checkSecureToken(f Findings) Check {
	names, own := holders(*f.Facts)
	c := Check{ID: CheckSecureToken, Level: LevelWarn, Detail: tokenDetail(*f.Facts)}
	switch {
	case own:
		c.Level, c.Title = LevelOK, assets.Text("check.secure-token.own", "Names", strings.Join(names, ", "))
	case len(names) > 0:
		c.Title = assets.Text("check.secure-token.others", "Names", strings.Join(names, ", "))
		c.Text = assets.Text("check.secure-token.others.text")
	case !tokensRead(*f.Facts):
		c.Level, c.Title, c.Text = LevelInfo, assets.Text("check.secure-token.unseen"), assets.Text("check.unseen.text")
	case f.Facts.Mac.Bootstrap == platform.Yes:
		c.Title, c.Text = assets.Text("check.secure-token.none"), assets.Text("check.secure-token.none.mdm")
	default:
		c.Title, c.Text = assets.Text("check.secure-token.none"), assets.Text("check.secure-token.none.text")
	}
	return n.ofComputer(c)
}

// tokensRead tells whether of every account is known whether it holds a SecureToken.
func tokensRead(f platform.Facts) bool {
	for _, a := range f.Accounts {
		if a.SecureToken == platform.Unknown {
			return false
		}
	}
	return len(f.Accounts) > 0
}

// tokenDetail is what is known of each account, and of who may give out a SecureToken besides.
func tokenDetail(f platform.Facts) string {
	var lines []string
	for _, a := range f.Accounts {
		line := a.Name + ": SecureToken " + cmp.Or(string(a.SecureToken), "?")
		if a.Admin {
			line += ", admin"
		}
		lines = append(lines, line)
	}
	if b := f.Mac.Bootstrap; b != platform.Unknown {
		lines = append(lines, "bootstrap token: "+string(b))
	}
	return strings.Join(lines, "\n")
}

func (n Needs) checkFileVault(f Findings) Check {
	m := f.Facts.Mac
	c := Check{ID: CheckFileVault, Level: LevelInfo, Detail: strings.Join(m.FileVaultUsers, ", ")}
	switch m.FileVault {
	case platform.Yes:
		c.Level, c.Title = LevelOK, assets.Text("check.filevault.on")
	case platform.No:
		c.Title, c.Text = assets.Text("check.filevault.off"), assets.Text("check.filevault.off.text")
	default:
		c.Title, c.Text = assets.Text("check.filevault.unseen"), assets.Text("check.unseen.text")
	}
	return c
}

// checkFullDiskAccess tells whether the person will have to give it.
func (n Needs) checkFullDiskAccess(f Findings) Check {
	if f.Facts.Mac.FullDiskAccess == platform.Yes {
		return Check{ID: CheckFullDiskAccess, Level: LevelOK, Title: assets.Text("check.full-disk-access.given")}
	}
	c := Check{ID: CheckFullDiskAccess, Level: LevelInfo, Title: assets.Text("check.full-disk-access.ask")}
	c.Text = assets.Text("check.full-disk-access.ask.text")
	return c
}

// checkMDM tells who manages this Mac. Another MDM's rules for passwords can keep the agent from making its service
// account; and where a Mac that JumpCloud does not support is assigned to JumpCloud's own in Apple Business Manager, the
// setup hangs at the agent: https://jumpcloud.com/support/troubleshooting-service-account and LinkRequirements.
func (n Needs) checkMDM(f Findings) Check {
	m := f.Facts.Mac.MDM
	c := Check{ID: CheckMDM, Level: LevelInfo, Detail: m.Server}
	own := m.Server == "jumpcloud.com" || strings.HasSuffix(m.Server, ".jumpcloud.com")
	switch {
	case m.Enrolled == platform.Unknown:
		c.Title, c.Text = assets.Text("check.mdm.unseen"), assets.Text("check.unseen.text")
	case m.Enrolled == platform.No:
		c.Level, c.Title = LevelOK, assets.Text("check.mdm.none")
	case own && m.Automated && judgeSystem(*f.Facts, nil) != supported:
		c.Level, c.Title, c.Text = LevelWarn, assets.Text("check.mdm.hang"), assets.Text("check.mdm.hang.text")
	case own:
		c.Title, c.Text = assets.Text("check.mdm.own"), assets.Text("check.mdm.own.text")
	case m.Server == "":
		c.Level, c.Title, c.Text = LevelWarn, assets.Text("check.mdm.some"), assets.Text("check.mdm.other.text")
	default:
		c.Level, c.Text = LevelWarn, assets.Text("check.mdm.other.text")
		c.Title = assets.Text("check.mdm.other", "Server", m.Server)
	}
	return c
}

// checkServiceAccount tells of a service account that is there already: of the agent that is there, or of one that is gone.
func (n Needs) checkServiceAccount(f Findings) Check {
	c := Check{ID: CheckServiceAccount, Level: LevelWarn}
	token := f.Facts.Mac.Service.Token
	switch {
	case f.AgentErr != nil || !n.CanSeeAgent:
		return unseen(CheckServiceAccount, f.AgentErr)
	case f.Agent == nil:
		return looking(CheckServiceAccount)
	case !f.Agent.Installed:
		c.Title, c.Text = assets.Text("check.service-account.left"), assets.Text("check.service-account.left.text")
	case token == platform.Yes:
		c.Level, c.Title = LevelOK, assets.Text("check.service-account.ok")
	case token == platform.No:
		c.Title, c.Text = assets.Text("check.service-account.useless"), assets.Text("check.service-account.useless.text")
	default:
		c.Level, c.Title, c.Text = LevelInfo, assets.Text("check.service-account.unseen"), assets.Text("check.unseen.text")
	}
	return c
}
