package platform

var (
	agentLogs    = []string{agentLog, systemFolder() + `\Temp\jcUpdate.log`}
	agentSecrets = []string{agentConf}
)
