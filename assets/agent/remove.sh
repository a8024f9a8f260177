#!/bin/sh
# Removes the agent after an admin deleted the device. It runs in a unit of its own, because stopping the agent's service
# ends everything that the service started.
set -u
if command -v dpkg-query >/dev/null && dpkg-query --show jcagent >/dev/null 2>&1; then
	DEBIAN_FRONTEND=noninteractive apt-get --option DPkg::Lock::Timeout=120 --yes purge jcagent || dpkg --purge jcagent
elif command -v rpm >/dev/null && rpm --query jcagent >/dev/null 2>&1; then
	rpm --erase jcagent
fi
[ ! -e /opt/jc/.stub ] || rm -rf /opt/jc
