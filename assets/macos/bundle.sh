#!/bin/sh
# Makes "Enrollment Assistant.app" for both kinds of Mac. It runs on a Mac alone: lipo, sips, iconutil and codesign are Apple's.
# `fyne package` copies one program into a bundle and writes its Info.plist from a template; it has no place for assistant-cli
# beside the window, for a permission's text and its translation, or for the hardened runtime:
# https://github.com/fyne-io/tools/blob/master/cmd/fyne/internal/commands/package-darwin.go
#
#   assets/macos/bundle.sh VERSION PROGRAMS OUT [IDENTITY]
#
# PROGRAMS holds arm64/ and amd64/, each with assistant and assistant-cli. IDENTITY is a "Developer ID Application: …" of the
# keychain; without one the app is signed ad hoc, which is enough for this Mac and for no other.
set -eu

version=$1 programs=$2 out=$3 identity=${4:--}
here=$(cd "$(dirname "$0")" && pwd)
app="$out/Enrollment Assistant.app"

rm -rf "$app"
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"

# The window program finds assistant-cli beside itself, wherever macOS runs the app from.
for program in assistant assistant-cli; do
	lipo -create -output "$app/Contents/MacOS/$program" "$programs/arm64/$program" "$programs/amd64/$program"
done

icons=$(mktemp -d)
trap 'rm -rf "$icons"' EXIT
mkdir "$icons/icon.iconset"
for size in 16 32 128; do
	sips -z "$size" "$size" "$here/../icon.png" --out "$icons/icon.iconset/icon_${size}x${size}.png" >/dev/null
	sips -z "$((2 * size))" "$((2 * size))" "$here/../icon.png" --out "$icons/icon.iconset/icon_${size}x${size}@2x.png" >/dev/null
done
iconutil --convert icns --output "$app/Contents/Resources/icon.icns" "$icons/icon.iconset"

# Apple takes up to three numbers: what git adds after a tag is left out, and a commit without a tag is 0.
number=$(printf '%s' "${version#v}" | sed -n 's/^\([0-9][0-9]*\(\.[0-9][0-9]*\)\{0,2\}\)\([^0-9.].*\)\{0,1\}$/\1/p')
sed "s/VERSION/${number:-0}/" "$here/Info.plist" >"$app/Contents/Info.plist"
cp -R "$here/en.lproj" "$here/de.lproj" "$app/Contents/Resources/"
cp "$here/../notices.txt" "$here/../profile.schema.json" "$app/Contents/Resources/"
plutil -lint "$app/Contents/Info.plist" "$here/entitlements.plist"

# From the inside out, never --deep: https://developer.apple.com/forums/thread/129980
time=--timestamp
[ "$identity" = - ] && time=--timestamp=none
for code in "$app/Contents/MacOS/assistant-cli" "$app"; do
	codesign --force --options runtime "$time" --entitlements "$here/entitlements.plist" --sign "$identity" "$code"
done
codesign --verify --strict --verbose=2 "$app"
echo "$app"
