#!/bin/sh
# dpkg says remove or upgrade, rpm 0 or 1. An upgrade keeps the service; the new package starts it again.
set -eu
case "${1:-}" in
remove | 0) ;;
*) exit 0 ;;
esac
[ -d /run/systemd/system ] || exit 0
/opt/jc/bin/jumpcloud-agent uninstall
