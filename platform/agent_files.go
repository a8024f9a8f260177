package platform

// AgentLogs lists the agent's own logs and that of its installer, below root: https://github.com/TheJumpCloud/support,
// log_collection of each system. Whether anyone may read them is the vendor's choice; those below /opt/jc, no one but
// root can.
func AgentLogs(root string) []string { return allBelow(root, agentLogs) }

// AgentConfigs lists the files of the agent that hold secrets, below root; only an administrator can read them.
func AgentConfigs(root string) []string { return allBelow(root, agentSecrets) }

func allBelow(root string, paths []string) []string {
	all := make([]string, len(paths))
	for i, path := range paths {
		all[i] = below(root, path)
	}
	return all
}
