package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// inherit hands an open file to a program that is started, and gives the number by which it finds it.
func inherit(cmd *exec.Cmd, f *os.File) string {
	cmd.ExtraFiles = []*os.File{f}
	return "3"
}

// killTree ends a program that was started here and everything that it started. All are stopped before one is killed,
// so that none is missed and no number is given to somebody else meanwhile.
func killTree(root *os.Process) {
	stopped := map[int]bool{root.Pid: true}
	_ = root.Signal(syscall.SIGSTOP)
	for grown := true; grown; {
		grown = false
		for child, parent := range parents() {
			if stopped[parent] && !stopped[child] {
				stopped[child], grown = true, true
				_ = syscall.Kill(child, syscall.SIGSTOP) // it may have ended, or be root's
			}
		}
	}
	for pid := range stopped {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// parents gives the parent of every process: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func parents() map[int]int {
	of := map[int]int{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is a good one
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		// The name stands in parentheses and may hold any character.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 {
			of[pid], _ = strconv.Atoi(fields[1])
		}
	}
	return of
}

// nativeMessage is for systems whose message box is a call.
func nativeMessage(string, string) error {
	return fmt.Errorf("a message box: %w", errors.ErrUnsupported)
}
