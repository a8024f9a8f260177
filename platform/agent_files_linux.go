package platform

var (
	agentLogs    = []string{agentLog, agentFolder + "/jcagentInstall.log"}
	agentSecrets = []string{agentConf, agentBootstrap}
)
