package platform

import (
	"os"
	"runtime"
	"strings"
)

// SerialNumber is that of this computer, empty where whoever asks may not read it: on Linux only root may. It identifies
// the computer, so nothing asks for it unless the person wants it told. macOS and Windows: not written yet.
// https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-firmware-dmi-tables
func SerialNumber() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	b, err := os.ReadFile("/sys/class/dmi/id/product_serial")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
