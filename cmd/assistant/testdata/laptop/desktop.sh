#!/bin/sh
# Builds the root folder of a laptop with a screen: that of image.sh, a desktop as small as one can be, and the packages
# that the assistant's own package asks for, downloaded. Nothing of the assistant is in it.
#
#   desktop.sh FOLDER LAPTOP
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
	# Nothing is started here, and nothing needs to be safe from a power cut.
	echo force-unsafe-io >"$new/etc/dpkg/dpkg.cfg.d/image"
	export DEBIAN_FRONTEND=noninteractive
	chroot "$new" apt-get update
	# What the assistant's package depends on, as far as a desktop does not bring it along.
	chroot "$new" apt-get install --yes --no-install-recommends --download-only \
		libc6 libgl1 libegl1 libwayland-client0 libwayland-cursor0 libwayland-egl1 libx11-6 libxcursor1 libxi6 libxinerama1 \
		libxkbcommon0 libxrandr2 libxrender1 pkexec curl ca-certificates
	# A screen, windows, the dialog that asks for a password, what starts programs, the browser, a person's hands, and
	# what tells whether the entries of a menu are well formed. Ubuntu's browser is a snap, which comes from a store.
	browser=chromium
	! grep -q '^ID=ubuntu' "$new/etc/os-release" || browser=
	mkdir -p "$new/var/cache/desktop/partial"
	# shellcheck disable=SC2086 # none is no argument
	chroot "$new" apt-get install --yes --no-install-recommends -o Dir::Cache::archives=/var/cache/desktop \
		xvfb libgl1-mesa-dri openbox mate-polkit dbus-user-session libgtk-3-bin xdg-utils xdotool xclip \
		desktop-file-utils appstream $browser
	rm -r "$new/var/cache/desktop"
	umount "$new/proc"
	rm "$new/etc/dpkg/dpkg.cfg.d/image"
	: >"$new/etc/machine-id"
} >"$folder.log" 2>&1 || { tail -n 20 "$folder.log" >&2; exit 1; }
mv "$new" "$folder"
