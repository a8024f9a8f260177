#!/bin/sh
# dpkg says remove, purge or upgrade, rpm 0 or 1. A removal keeps what the server gave this computer, and the marker with
# it, so that the next install knows whose it is.
set -eu
case "${1:-}" in
remove | 0)
	if find /opt/jc -type f 2>/dev/null | grep -q .; then
		echo 'This agent was installed by a stub server. It is for tests; it manages nothing.' >/opt/jc/.stub
	fi
	;;
purge)
	[ ! -e /opt/jc/.stub ] || rm -rf /opt/jc
	[ -d /opt ] || mkdir -m 0755 /opt # dpkg takes it along when it was the last thing there
	;;
esac
