package main

import (
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// describe fills in what this system tells of itself.
func (p place) describe(f *facts) {
	f.OSFamily, f.OS, f.Version, f.DesktopCapable, f.UserMetrics = "windows", "Windows", windowsVersion(), true, []userMetric{}
	f.HWVendor = registryText(`HARDWARE\DESCRIPTION\System\BIOS`, "SystemManufacturer")
	f.FileSystem = fileSystem(`C:\`)
}

// detectName is how an agent names the system to the server.
func (p place) detectName() string { return "Windows " + windowsVersion() }

// firstEleven is the first build of Windows 11, which still says 10:
// https://learn.microsoft.com/en-us/windows/release-health/windows11-release-information
const firstEleven = 22000

// windowsVersion is the version as the public API has it: 10 Home.
func windowsVersion() string {
	v := windows.RtlGetVersion()
	number := v.MajorVersion
	if number == 10 && v.BuildNumber >= firstEleven {
		number = 11
	}
	edition := registryText(`SOFTWARE\Microsoft\Windows NT\CurrentVersion`, "EditionID")
	switch edition {
	case "":
		return fmt.Sprint(number)
	case "Core":
		edition = "Home"
	case "Professional":
		edition = "Pro"
	}
	return fmt.Sprint(number, " ", edition)
}

// registryText is a text of HKEY_LOCAL_MACHINE; empty where there is none.
func registryText(key, name string) string {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, key, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return ""
	}
	defer func() { _ = k.Close() }() // only read
	text, _, err := k.GetStringValue(name)
	if err != nil {
		return ""
	}
	return text
}

// fileSystem is the kind of the volume with that root; empty where it cannot be told.
func fileSystem(root string) string {
	at, err := windows.UTF16PtrFromString(root)
	if err != nil {
		return ""
	}
	var name [windows.MAX_PATH + 1]uint16
	if err := windows.GetVolumeInformation(at, nil, 0, nil, nil, nil, &name[0], uint32(len(name))); err != nil {
		return ""
	}
	return windows.UTF16ToString(name[:])
}
