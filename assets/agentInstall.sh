#!/bin/bash
# Installs the agent of a stub server from its package. The text is a template: the server fills in the packages it has.
# It is run by the kickstart script, after this computer has got its certificate.
#
# STUB_ROOT=DIR unpacks below DIR and starts the agent as an ordinary process; it is for tests.
set -u
umask 077

ROOT="${STUB_ROOT:-}"
ROOT="${ROOT%/}"
JC="$ROOT/opt/jc"
TMP=

BASE='{{.PackageURL}}'
PACKAGES="{{range .Packages}}
{{.Format}} {{.Arch}} {{.File}} {{.Version}} {{.SHA256}}{{end}}"

# package_for FORMAT: sets NAME, VERSION and SUM of the server's package of that format for this computer.
package_for() {
	local format arch
	while read -r format arch NAME VERSION SUM; do
		[ "$format-$arch" != "$1-$(uname -m)" ] || return 0
	done <<<"$PACKAGES"
	return 1
}

fail() {
	echo "$*"
	exit 1
}

# family tells the package manager of this system; some computers have the tools of both.
family() {
	local file="$ROOT/etc/os-release" ids
	if [ -n "$ROOT" ]; then # a sandbox is only unpacked to
		echo deb
		return
	fi
	[ -r "$file" ] || file=/etc/os-release
	# shellcheck disable=SC1090 # the file of the system sets these names
	ids=$(. "$file" 2>/dev/null && printf ' %s %s ' "${ID:-}" "${ID_LIKE:-}")
	case "$ids" in
	*' debian '* | *' ubuntu '*) echo deb ;;
	*' fedora '* | *' rhel '* | *' centos '* | *' amzn '*) echo rpm ;;
	*) if command -v dpkg >/dev/null; then echo deb; else echo rpm; fi ;;
	esac
}

installed() {
	if [ -n "$ROOT" ]; then
		cat "$JC/version.txt" 2>/dev/null
	elif [ "$FAMILY" = deb ]; then
		# shellcheck disable=SC2016 # dpkg-query fills this in
		dpkg-query --show --showformat '${db:Status-Status} ${Version}' jcagent 2>/dev/null | sed -n 's/^installed //p'
	else
		rpm --query --queryformat '%{VERSION}' jcagent 2>/dev/null || true
	fi
}

newer() { # newer A B: A is a newer version than B
	[ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | tail -n 1)" = "$1" ]
}

download() {
	local sum
	echo "Downloading $NAME $VERSION..."
	curl -q --tlsv1.2 --silent --show-error --fail --connect-timeout 20 --max-time 280 --cacert "$JC/ca.crt" \
		--output "$TMP/$NAME" "$BASE/$NAME" || fail "The package could not be downloaded from $BASE."
	sum=$(sha256sum "$TMP/$NAME")
	[ "${sum%% *}" = "$SUM" ] || fail 'The package is not the one that the server announced: its SHA-256 differs.'
}

unpack_in_sandbox() {
	dpkg-deb --extract "$TMP/$NAME" "$ROOT" || fail "The package could not be unpacked to $ROOT."
	# The new agent ends the one before it.
	setsid "$JC/bin/jumpcloud-agent" run --root "$ROOT" </dev/null >/dev/null 2>&1 &
}

install_package() {
	if [ "$FAMILY" = deb ]; then
		DEBIAN_FRONTEND=noninteractive dpkg --install "$TMP/$NAME" || fail 'dpkg did not install the package.'
	else
		rpm --upgrade --replacepkgs "$TMP/$NAME" || fail 'rpm did not install the package.'
	fi
	[ -d /run/systemd/system ] || fail 'The agent is a service of systemd, which does not run on this computer.'
	systemctl is-active --quiet jcagent.service || systemctl start jcagent.service ||
		fail 'The agent is installed, but its service does not start. See: systemctl status jcagent'
}

start() {
	local have
	FAMILY=$(family)
	package_for "$FAMILY" || fail "The server has no $FAMILY package of the agent for $(uname -m)."
	have=$(installed)
	if [ -n "$have" ] && newer "$have" "$VERSION"; then
		echo "The agent on this computer ($have) is newer than the one of the server ($VERSION). Nothing was changed."
		exit 0
	fi
	TMP=$(mktemp -d "${ROOT:-${TMPDIR:-/tmp}}/jcagent-XXXXXX") || fail 'There is no room for temporary files.'
	trap 'rm -rf "$TMP"' EXIT
	download
	if [ -n "$ROOT" ]; then unpack_in_sandbox; else install_package; fi
}

start
