#!/bin/sh
# Runs after the deb was removed. State stays, as the admin's profile does; a purge takes the state that root wrote.
set -e
[ "$1" != purge ] || rm -rf /var/lib/enrollment-assistant
