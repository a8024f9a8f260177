#!/bin/sh
# Builds the root folder of a laptop that has no OpenGL: that of image.sh, and everything else that the window links
# with. A terminal is there, a screen is not: what would be one depends on OpenGL itself.
#
#   bare.sh FOLDER LAPTOP
#
# FOLDER appears complete or not at all; several calls at once build it once.
set -eu
folder=$1 laptop=$2
exec 9>"$folder.lock"
flock 9
[ ! -e "$folder" ] || exit 0

new=$folder.new
trap 'umount "$new/proc" 2>/dev/null || true; rm -rf --one-file-system "$new"' EXIT
rm -rf --one-file-system "$new"
{
	cp --archive --reflink=auto "$laptop" "$new"
	cp /etc/resolv.conf "$new/etc/resolv.conf"
	mount -t proc proc "$new/proc"
	echo force-unsafe-io >"$new/etc/dpkg/dpkg.cfg.d/image"
	export DEBIAN_FRONTEND=noninteractive
	chroot "$new" apt-get update
	chroot "$new" apt-get install --yes --no-install-recommends libwayland-client0 libx11-6 xterm
	[ -z "$(find "$new" -name 'libGL.so*')" ] || { echo "something brought OpenGL along"; exit 1; }
	umount "$new/proc"
	rm "$new/etc/dpkg/dpkg.cfg.d/image"
	rm -rf "$new"/var/cache/apt/archives/*.deb "$new"/var/lib/apt/lists/*
	: >"$new/etc/machine-id"
} >"$folder.log" 2>&1 || { tail -n 20 "$folder.log" >&2; exit 1; }
mv "$new" "$folder"
