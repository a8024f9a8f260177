#!/bin/sh
# Builds the root folder of the laptop, with what an ordinary computer has that matters here. Nothing of the assistant
# is in it. It is the host's own Debian or Ubuntu release, or the Debian release that is named, from the host's own mirror
# where that has it.
#
#   image.sh FOLDER [RELEASE]
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
own=${VERSION_CODENAME:?this system has no release name, so there is no mirror to ask for it}
release=${2:-$own}
# apt knows every form its sources can have; the first entry of the release's main part is the mirror.
# shellcheck disable=SC2016 # apt fills these in
source=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
	awk -v release="$own" '$1 == release && $2 == "main" { print $3; exit }')
[ -n "$source" ] || { echo "the apt sources of this computer name no mirror for $own" >&2; exit 1; }
# A list of mirrors, as hosted build machines have it, is nothing to debootstrap; its first line is.
case $source in
mirror+file:*)
	list=${source#mirror+file:}
	source=$(awk '/^[a-z]+:/ { print $1; exit }' "${list%/}")
	;;
esac
components=main
case $ID-$# in
ubuntu-1) components=main,universe ;;
ubuntu-2) source=http://deb.debian.org/debian ;;
esac
polkit=polkitd,pkexec
[ "$release" != bullseye ] || polkit=policykit-1 # one package until then

new=$folder.new
trap 'rm -rf --one-file-system "$new"' EXIT
rm -rf --one-file-system "$new"
bootstrap() {
	debootstrap "$@" --variant=minbase --components="$components" \
		--include=systemd,systemd-sysv,libpam-systemd,dbus,$polkit,sudo,curl,openssl,uuid-runtime,ca-certificates,iproute2,procps,strace,util-linux \
		"$release" "$new" "$source" >>"$folder.log" 2>&1
}
: >"$folder.log"
# Of some hundred files a mirror may fail to give one; what came stays for the next try.
if bootstrap --download-only || bootstrap --download-only; then bootstrap; else false; fi || { tail -n 20 "$folder.log" >&2; exit 1; }

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
