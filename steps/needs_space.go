package steps

import (
	"strconv"

	"example.com/enrollment-assistant/assets"
)

const mb = 1 << 20

// limit is a profile's number, or the built-in one.
func limit(own *int, builtIn int) int {
	if own != nil {
		return *own
	}
	return builtIn
}

// size writes bytes as people do: 180 MB, 16 GB.
func size(bytes uint64) string {
	const gb = 1 << 30
	if bytes >= 10*gb {
		return strconv.FormatUint((bytes+gb/2)/gb, 10) + " GB"
	}
	if bytes >= gb {
		return assets.Decimal(float64(bytes)/gb, 1) + " GB"
	}
	return strconv.FormatUint(bytes/mb, 10) + " MB"
}

func (n Needs) checkDisk(f Findings) Check {
	if f.Facts == nil {
		return looking(CheckDisk)
	}
	needed := uint64(max(0, limit(n.Limits.DiskMB, defaultDiskMB))) * mb
	free := size(f.Facts.DiskFree)
	c := Check{ID: CheckDisk, Detail: f.Facts.DiskPath + ": " + strconv.FormatUint(f.Facts.DiskFree, 10) + " bytes"}
	if f.Facts.DiskFree < needed {
		c.Level, c.Code = LevelBlock, CodeBlocked
		c.Title = assets.Text("check.disk.short", "Free", free)
		c.Text = assets.Text("check.disk.short.text", "Needed", size(needed), "Path", f.Facts.DiskPath)
		return c
	}
	c.Level, c.Title = LevelOK, assets.Text("check.disk.ok", "Free", free)
	return c
}

func (n Needs) checkMemory(f Findings) Check {
	if f.Facts == nil {
		return looking(CheckMemory)
	}
	needed := uint64(max(0, limit(n.Limits.MemoryMB, defaultMemoryMB))) * mb
	c := Check{ID: CheckMemory, Detail: strconv.FormatUint(f.Facts.Memory, 10) + " bytes"}
	if f.Facts.Memory < needed {
		c.Level = LevelWarn
		c.Title = assets.Text("check.memory.short", "Memory", size(f.Facts.Memory))
		c.Text = assets.Text("check.memory.short.text", "Needed", size(needed))
		return c
	}
	c.Level, c.Title = LevelOK, assets.Text("check.memory.ok", "Memory", size(f.Facts.Memory))
	return c
}

func (n Needs) checkAgent(f Findings) Check {
	c := Check{ID: CheckAgent}
	switch {
	case f.AgentErr != nil || !n.CanSeeAgent:
		c.Level = LevelWarn
		c.Title, c.Text = assets.Text("check.agent.unseen"), assets.Text("check.unseen.text")
		if f.AgentErr != nil {
			c.Detail = f.AgentErr.Error()
		}
	case f.Agent == nil:
		return looking(CheckAgent)
	case f.Agent.Installed:
		c.Level = LevelInfo
		c.Title = assets.Text("check.agent.there", "Version", f.Agent.Version)
		c.Text = assets.Text("check.agent.there.text")
		c.Detail = f.Agent.Service.State
		if !f.Agent.Service.Running {
			c.Text = assets.Text("check.agent.stopped.text")
		}
	default:
		c.Level, c.Title = LevelOK, assets.Text("check.agent.none")
	}
	return c
}
