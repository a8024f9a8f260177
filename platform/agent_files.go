package platform

import "runtime"

// AgentLogs lists the agent's own logs and that of its installer, below root: https://github.com/TheJumpCloud/support,
// log_collection of each system. Whether anyone may read them is the vendor's choice; those below /opt/jc, no one but
// root can.
func AgentLogs(root string) []string {
	switch runtime.GOOS {
	case "windows":
		return []string{`C:\Windows\Temp\jcagent.log`, `C:\Windows\Temp\jcUpdate.log`}
	case "darwin":
		return []string{root + agentLog, "/var/log/install.log"}
	}
	return []string{root + agentLog, root + agentFolder + "/jcagentInstall.log"}
}

// AgentConfigs lists the files of the agent that hold secrets, below root; only an administrator can read them.
func AgentConfigs(root string) []string {
	if runtime.GOOS == "windows" {
		return []string{`C:\Program Files\JumpCloud\Plugins\Contrib\jcagent.conf`}
	}
	return []string{root + agentConf, root + agentBootstrap}
}
