//go:build e2e || pc || laptop

package main

// searchWindow is a line for the shell: it waits for the windows that its arguments describe to xdotool, and does with them
// what those say then. xdotool ends with BadWindow when any window goes away while it looks: then it looks again.
const searchWindow = `exec 3>&1
until said=$(xdotool search --sync --onlyvisible "$@" 2>&1 >&3); do
	case $said in *BadWindow*) ;; *) echo "$said" >&2; exit 1 ;; esac
done`
