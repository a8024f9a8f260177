#!/bin/sh
# Runs a program in a terminal beside polkit's own text agent, which asks there for the password of an administrator
# when the program, whose process id is this shell's, asks for consent.
#
#   terminal.sh FOLDER PROGRAM [ARGUMENT…]
#
# What the program prints goes to stdout and stderr in FOLDER; the terminal is the agent's.
set -eu
folder=$1
shift
mkfifo "$folder/ready"
pkttyagent --process "$$" --notify-fd 3 3>"$folder/ready" &
cat "$folder/ready" # ends when the agent is registered
exec "$@" >"$folder/stdout" 2>"$folder/stderr" </dev/null
