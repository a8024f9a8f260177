package steps

import (
	"slices"
	"strconv"
	"strings"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
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

// besidesMB is the free space wanted on a file system that an install writes to besides the agent's: logs, temporary
// files, the package database.
const besidesMB = 100

func (n Needs) checkDisk(f Findings) Check {
	if f.Facts == nil {
		return looking(CheckDisk)
	}
	disks := []platform.Disk{{Path: f.Facts.DiskPath, Free: f.Facts.DiskFree}}
	if f.Facts.Linux != nil && len(f.Facts.Linux.Disks) > 0 {
		disks = slices.Clone(f.Facts.Linux.Disks)
		disks[0].Free = f.Facts.DiskFree
	}
	needed := uint64(max(0, limit(n.Limits.DiskMB, defaultDiskMB))) * mb
	c := Check{ID: CheckDisk}
	for i, d := range disks {
		c.Detail += d.Path + ": " + strconv.FormatUint(d.Free, 10) + " bytes"
		if d.ReadOnly {
			c.Detail += ", read-only"
		}
		c.Detail += "\n"
		want := needed
		if i > 0 {
			want = min(needed, besidesMB*mb)
		}
		switch {
		case c.Level != "":
		case d.ReadOnly:
			c.Level, c.Code = LevelBlock, CodeBlocked
			c.Title = assets.Text("check.disk.fixed", "Path", d.Path)
			c.Text = assets.Text("check.disk.fixed.text")
		case d.Free < want:
			c.Level, c.Code = LevelBlock, CodeBlocked
			c.Title = assets.Text("check.disk.short", "Free", size(d.Free))
			c.Text = assets.Text("check.disk.short.text", "Needed", size(want), "Path", d.Path)
		}
	}
	c.Detail = strings.TrimSuffix(c.Detail, "\n")
	if c.Level == "" {
		c.Level, c.Title = LevelOK, assets.Text("check.disk.ok", "Free", size(disks[0].Free))
	}
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
