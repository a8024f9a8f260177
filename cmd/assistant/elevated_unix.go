//go:build unix

package main

import "syscall"

// closeOnExec keeps a descriptor from programs that are started.
func closeOnExec(fd int) { syscall.CloseOnExec(fd) }
