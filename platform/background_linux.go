package platform

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// backgroundNice is how nice a thread in the background is: where it and another one want all of a processor, it gets
// about a tenth.
const backgroundNice = 10

// inBackground lets everything else on this computer go first, the window above all, until the calling goroutine ends.
// Its thread ends with it, since nobody may make one less nice again. Linux does to a thread what POSIX does to a
// process: https://man7.org/linux/man-pages/man2/setpriority.2.html#BUGS
func inBackground() {
	runtime.LockOSThread()
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, backgroundNice) // it is refused where the thread is nicer already
}
