#!/bin/sh
# dpkg says install or upgrade, rpm 1 or 2. A computer that was enrolled elsewhere is refused; the bootstrap file may be
# there before any agent is.
set -eu
[ ! -e /opt/jc/.stub ] || exit 0
for name in /opt/jc/* /opt/jc/.[!.]*; do
	case "$name" in
	'/opt/jc/*' | '/opt/jc/.[!.]*' | /opt/jc/agentBootstrap.json) ;;
	*)
		echo 'This computer already has an agent in /opt/jc that no stub server installed. It was left as it is.' >&2
		exit 1
		;;
	esac
done
