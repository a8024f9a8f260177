package platform

import "strings"

// The commands that tell the state of the agent on Linux. A plan names them as they are run.
var (
	askSystemd = []string{"systemctl", "show", agentService + ".service",
		"-p", "LoadState", "-p", "UnitFileState", "-p", "ActiveState", "-p", "SubState", "-p", "NRestarts", "-p", "ActiveEnterTimestampMonotonic"}
	askDpkgDatabase = []string{"dpkg-query", "-W", "-f", "${db:Status-Abbrev}|${Version}", agentService}
	askRPMDatabase  = []string{"rpm", "-q", "--qf", "%{VERSION}", agentService}
)

// LookCommands are the command lines by which the agent is looked at on Linux, again and again, while a job runs. They
// change nothing.
func LookCommands() []string {
	var lines []string
	for _, argv := range [][]string{askSystemd, askDpkgDatabase, askRPMDatabase} {
		lines = append(lines, strings.Join(argv, " "))
	}
	return lines
}
