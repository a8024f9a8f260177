#!/bin/sh
# Builds the root folder of a laptop with more on it than image.sh puts there. Nothing of the assistant is in it.
#
#   layer.sh FOLDER LAPTOP desktop|bare
#
# FOLDER appears complete or not at all; several calls at once build it once.
set -eu
folder=$1 laptop=$2 what=$3
exec 9>"$folder.lock"
flock 9
[ ! -e "$folder" ] || exit 0

add() { chroot "$new" apt-get install --yes --no-install-recommends "$@"; }

# A screen, and the packages that the assistant's own package asks for, downloaded.
desktop() {
	# What that depends on, as far as a desktop does not bring it along.
	add --download-only libc6 libgl1 libegl1 libwayland-client0 libwayland-cursor0 libwayland-egl1 libx11-6 libxcursor1 \
		libxi6 libxinerama1 libxkbcommon0 libxrandr2 libxrender1 pkexec curl ca-certificates
	# A screen, windows, the dialog that asks for a password, what starts programs, the browser, a person's hands, and
	# what tells whether the entries of a menu are well formed. Ubuntu's browser is a snap, which comes from a store.
	browser=chromium
	! grep -q '^ID=ubuntu' "$new/etc/os-release" || browser=
	mkdir -p "$new/var/cache/desktop/partial"
	# shellcheck disable=SC2086 # none is no argument
	add -o Dir::Cache::archives=/var/cache/desktop xvfb libgl1-mesa-dri openbox mate-polkit dbus-user-session \
		libgtk-3-bin xdg-utils xdotool xclip desktop-file-utils appstream $browser
	rm -r "$new/var/cache/desktop"
}

# No OpenGL, and everything else that the window links with. A terminal is there, a screen is not: what would be one
# depends on OpenGL itself.
bare() {
	add libwayland-client0 libx11-6 xterm
	[ -z "$(find "$new" -name 'libGL.so*')" ] || { echo "something brought OpenGL along"; exit 1; }
	rm -rf "$new"/var/cache/apt/archives/*.deb "$new"/var/lib/apt/lists/*
}

new=$folder.new
end() {
	code=$?
	umount "$new/proc" 2>/dev/null || true
	rm -rf --one-file-system "$new"
	[ "$code" = 0 ] || tail -n 20 "$folder.log" >&3
}
exec 3>&2 >"$folder.log" 2>&1
trap end EXIT
rm -rf --one-file-system "$new"
cp --archive --reflink=auto "$laptop" "$new"
cp /etc/resolv.conf "$new/etc/resolv.conf"
mount -t proc proc "$new/proc"
# Nothing is started here, and nothing needs to be safe from a power cut.
echo force-unsafe-io >"$new/etc/dpkg/dpkg.cfg.d/image"
export DEBIAN_FRONTEND=noninteractive
chroot "$new" apt-get update
$what
umount "$new/proc"
rm "$new/etc/dpkg/dpkg.cfg.d/image"
: >"$new/etc/machine-id"
mv "$new" "$folder"
