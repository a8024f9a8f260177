package platform

var (
	agentLogs    = []string{agentLog, "/var/log/install.log"}
	agentSecrets = []string{agentConf, agentBootstrap}
)
