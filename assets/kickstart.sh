#!/bin/bash
# Enrolls this computer with a stub server, which plays a device management service for tests. Whoever runs this as root
# gives the computer to that server. The text is a template: the server fills in its addresses, its certificate
# authority and the connect key of the request.
#
# STUB_ROOT=DIR puts everything below DIR instead and needs no rights; it is for tests.
#
# Everything is in functions, so that a copy that was cut short does nothing.
set -u
umask 077

PUBLIC='{{.KickstartURL}}'
PRIVATE='{{.PrivateURL}}'
KEY='{{.ConnectKey}}'

ROOT="${STUB_ROOT:-}"
ROOT="${ROOT%/}"
JC="$ROOT/opt/jc"
LOG="$JC/jcagentInstall.log"
TMP=
STATUS=000

authority() {
	cat <<'END_OF_AUTHORITY'
{{.CA}}
END_OF_AUTHORITY
}

fail() {
	echo "$*"
	echo 'It appears your agent installation has failed. Please contact support@jumpcloud.com.'
	exit 1
}

# server_says gives the first line of an answer's body, for people: printable and not longer than a sentence.
server_says() {
	[ -r "$1" ] && head -n 1 "$1" | tr -cd '[:print:]' | cut -c 1-200
}

# ask FILE URL [curl's options]: the body goes to FILE, the status to STATUS. Its own status tells whether there was an
# answer at all.
ask() {
	local out="$1" url="$2"
	shift 2
	STATUS=$(curl -q --tlsv1.2 --silent --show-error --connect-timeout 20 --max-time 120 --cacert "$TMP/ca.crt" \
		--output "$out" --write-out '%{http_code}' "$@" "$url")
}

# ask_public does the same with the connect key, which curl reads from a pipe: everybody can see arguments.
ask_public() {
	ask "$@" --config <(printf 'header = "x-connect-key: %s"\n' "$KEY")
}

# ask_private does the same with this computer's certificate.
ask_private() {
	ask "$@" --cert "$JC/client.crt" --key "$JC/client.key"
}

accepted() {
	case "$STATUS" in 2??) return 0 ;; esac
	return 1
}

# guard refuses a computer that was enrolled elsewhere. The bootstrap file may be there before any agent is.
guard() {
	[ -e "$JC/.stub" ] && return
	[ -d "$JC" ] || return
	local name
	for name in "$JC"/* "$JC"/.[!.]*; do
		case "$name" in
		"$JC/*" | "$JC/.[!.]*" | "$JC/agentBootstrap.json") ;;
		*) fail "This computer already has an agent in $JC that no stub server installed. It was left as it is." ;;
		esac
	done
}

check_commands() {
	echo 'Checking for necessary install commands...'
	local name missing=
	for name in bash cat cut curl date grep head mkdir mktemp mv openssl rm sed sort tee tr uname; do
		command -v "$name" >/dev/null || missing="$missing $name"
	done
	[ -z "$missing" ] || fail "Missing necessary install commands:$missing"
}

os_release() {
	local file="$ROOT/etc/os-release"
	[ -r "$file" ] || file=/etc/os-release
	# shellcheck disable=SC1090,SC2153 # the file of the system sets these names
	(. "$file" 2>/dev/null && printf '%s %s' "${NAME:-Linux}" "${VERSION:-${VERSION_ID:-}}")
}

detect() {
	echo 'Checking system compatibility...'
	local arch os
	arch=$(uname -m)
	os=$(os_release)
	ask_public "$TMP/template" "$PUBLIC/Detect" --data-urlencode "arch=$arch" --data-urlencode "os=$os" ||
		fail "The server $PUBLIC does not answer."
	case "$STATUS" in
	2??) ;;
	400) fail "Your OS/architecture [$os/$arch] is not supported. $(server_says "$TMP/template")" ;;
	*) fail "The server refused to look at this system (HTTP $STATUS). $(server_says "$TMP/template")" ;;
	esac
	TEMPLATE=$(tr -cd 'A-Za-z0-9._-' <"$TMP/template")
}

check_time() {
	echo 'Checking local system time...'
	ask_public "$TMP/time" "$PUBLIC/Time" --data "time=$(date +%s)" || fail "The server $PUBLIC does not answer."
	accepted || fail "Your system time seems inaccurate. $(server_says "$TMP/time")"
}

new_uuid() {
	if command -v uuidgen >/dev/null; then
		uuidgen
	else
		cat /proc/sys/kernel/random/uuid
	fi
}

# known tells whether the server accepts the certificate that is here already: then this is an upgrade.
known() {
{{- if .SignsAnew}}
	return 1
{{- end}}
	[ -s "$JC/client.crt" ] && [ -s "$JC/client.key" ] || return 1
	ask_private "$TMP/access" "$PRIVATE/CheckAccess" 2>>"$LOG" && accepted
}

sign() {
	echo 'Creating a key and asking for a certificate...'
	UUID=$(new_uuid)
	openssl genrsa -out "$TMP/client.key" 2048 2>>"$LOG" || fail 'openssl could not make a key.'
	openssl req -new -key "$TMP/client.key" -subj "/CN=$UUID/O=JumpCloud" -out "$TMP/client.csr" 2>>"$LOG" ||
		fail 'openssl could not make a request for a certificate.'
	ask_public "$TMP/client.crt" "$PUBLIC/SignCsr" --form "csr=@$TMP/client.csr" --form "certuuid=$UUID" ||
		fail "The server $PUBLIC does not answer."
	accepted || fail "The server refused the connect key (HTTP $STATUS). $(server_says "$TMP/client.crt")"
	openssl x509 -noout -in "$TMP/client.crt" 2>>"$LOG" || fail 'What the server sent is not a certificate.'
	{ mv "$TMP/client.key" "$JC/client.key" && mv "$TMP/client.crt" "$JC/client.crt"; } ||
		fail "The certificate could not be written to $JC."
}

check_access() {
	echo 'Checking access with the certificate...'
	ask_private "$TMP/access" "$PRIVATE/CheckAccess" ||
		fail "The secure connection to $PRIVATE failed. A proxy that opens secure connections breaks it."
	accepted || fail "The server refused this computer's certificate (HTTP $STATUS). $(server_says "$TMP/access")"
}

# write_conf tells the agent where its server is. What it had got from that server stays in an upgrade only.
write_conf() {
	local host="${PRIVATE#https://}" port=443 key=
	host="${host%%/*}"
	case "$host" in
	*:*) port="${host##*:}" host="${host%:*}" ;;
	esac
	[ -z "$UPGRADE" ] ||
		key=$(sed -n 's/.*"systemKey" *: *"\([0-9a-f]\{24\}\)".*/,"systemKey":"\1"/p' "$JC/jcagent.conf" 2>/dev/null)
	{ printf '{"agentInstallDir":"/opt/jc","agentLogDir":"/var/log","agentServerHost":"%s","agentServerPort":%s,"caCrt":"/opt/jc/ca.crt","certuuid":"%s","clientCrt":"/opt/jc/client.crt","clientKey":"/opt/jc/client.key","heartbeatInterval":60000,"osPlugin":"agent-linux","templateId":"%s"%s}\n' \
		"$host" "$port" "$UUID" "$TEMPLATE" "$key" >"$TMP/jcagent.conf" &&
		mv "$TMP/jcagent.conf" "$JC/jcagent.conf"; } || fail "The configuration could not be written to $JC."
}

install_agent() {
	echo 'Installing the agent...'
	ask_private "$TMP/agentInstall.sh" "$PRIVATE/GetAgentInstall" \
		--data-urlencode "templateId=$TEMPLATE" --data-urlencode "certuuid=$UUID" ||
		fail "The server $PRIVATE does not answer."
	accepted || fail "The server did not send the install script (HTTP $STATUS). $(server_says "$TMP/agentInstall.sh")"
	mv "$TMP/agentInstall.sh" "$JC/agentInstall.sh" || fail "The install script could not be written to $JC."
	bash "$JC/agentInstall.sh" </dev/null || fail 'The agent was not installed; the reason stands above.'
}

enroll() {
	check_commands
	authority >"$TMP/ca.crt"
	detect
	check_time
	UPGRADE=
	if known; then
		UPGRADE=yes
		UUID=$(openssl x509 -noout -subject -nameopt multiline -in "$JC/client.crt" | sed -n 's/.*commonName *= *//p')
		echo 'This computer is known to the server already. It keeps its certificate.'
	else
		sign
	fi
	cat "$TMP/ca.crt" >"$JC/ca.crt"
	check_access
	write_conf
	install_agent
	echo 'The agent is installed.'
}

start() {
	[ -n "$ROOT" ] || [ "$(id -u)" = 0 ] || fail 'Script must be run as root (or with sudo)'
	guard
	{ mkdir -p "$JC" && chmod 0700 "$JC"; } || fail "The folder $JC could not be made."
	[ -e "$JC/.stub" ] || echo 'This agent was installed by a stub server. It is for tests; it manages nothing.' >"$JC/.stub"
	TMP=$(mktemp -d "${ROOT:-${TMPDIR:-/tmp}}/jcagent-XXXXXX") || fail 'There is no room for temporary files.'
	trap 'rm -rf "$TMP"' EXIT
	enroll 2>&1 | tee -a "$LOG"
	exit "${PIPESTATUS[0]}"
}

start
