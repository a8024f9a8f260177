#!/bin/sh
# Builds the root folder of the laptop: the host's own Debian or Ubuntu release, from the host's own mirror, with what
# an ordinary computer has that matters here. Nothing of the assistant is in it.
#
#   image.sh FOLDER
#
# FOLDER appears complete or not at all; several calls at once build it once.
set -eu
folder=$1
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
[ ! -e "$folder" ] || exit 0

# shellcheck source=/dev/null
. /etc/os-release
release=${VERSION_CODENAME:?this system has no release name, so there is no mirror to ask for it}
# apt knows every form its sources can have; the first entry of the release's main part is the mirror.
# shellcheck disable=SC2016 # apt fills these in
source=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
	awk -v release="$release" '$1 == release && $2 == "main" { print $3; exit }')
[ -n "$source" ] || { echo "the apt sources of this computer name no mirror for $release" >&2; exit 1; }
# A list of mirrors, as hosted build machines have it, is nothing to debootstrap; its first line is.
case $source in
mirror+file:*)
	list=${source#mirror+file:}
	source=$(awk '/^[a-z]+:/ { print $1; exit }' "${list%/}")
	;;
esac
components=main
[ "$ID" != ubuntu ] || components=main,universe

new=$folder.new
trap 'rm -rf --one-file-system "$new"' EXIT
rm -rf --one-file-system "$new"
debootstrap --variant=minbase --components="$components" \
	--include=systemd,systemd-sysv,libpam-systemd,dbus,polkitd,pkexec,sudo,curl,openssl,uuid-runtime,ca-certificates,iproute2,procps,util-linux \
	"$release" "$new" "$source" >"$folder.log" 2>&1 || { tail -n 20 "$folder.log" >&2; exit 1; }

# Two people: nora, whose laptop it is, and an administrator who may come by and type a password. Both passwords are
# fixed, because the image is kept; nothing reaches this machine from outside.
chroot "$new" useradd --create-home --shell /bin/bash nora
chroot "$new" useradd --create-home --shell /bin/bash --groups sudo ada-local
printf 'nora:local-Nora-7\nada-local:local-Ada-7\n' | chroot "$new" chpasswd
echo laptop >"$new/etc/hostname"
printf '127.0.0.1 localhost laptop\n::1 localhost\n' >"$new/etc/hosts"
# A kept machine id would make every start the same computer.
: >"$new/etc/machine-id"
# Timers that look for updates have no business in a machine that lives for minutes.
rm -f "$new"/etc/systemd/system/timers.target.wants/*
rm -rf "$new"/var/cache/apt/archives/*.deb "$new"/var/lib/apt/lists/*
mv "$new" "$folder"
