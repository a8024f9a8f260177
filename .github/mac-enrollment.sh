#!/bin/bash
# Enrolls this Mac against the stub, as root and by a profile that only root can write, up to the vendor's package: the stub
# has none for Macs, since only what the vendor signed is accepted. It prints the events. The last one must tell of the
# package, and nothing may be left on the computer. Needs bin/assistant-cli, bin/server-stub, jq and sudo without a password.
set -euo pipefail

folder="/Library/Application Support/enrollment-assistant"
data=$(mktemp -d)
mkfifo "$data/listening"
bin/server-stub serve --port 0 --demo --data "$data" >"$data/listening" &
stub=$!
trap 'kill "$stub"; sudo rm -rf "$folder" "$data"' EXIT

read -r listening <"$data/listening"
echo "$listening"
console=$(jq -r .console <<<"$listening") private=$(jq -r .private <<<"$listening")
jq -n --arg console "$console" --arg private "$private" --rawfile ca "$(jq -r .ca <<<"$listening")" '{
	ca: $ca, signIn: {keyEndpoint: "/userconsole/api/connectkey"},
	endpoints: {console: $console, kickstart: $console, privateKickstart: $private, agent: $private, packages: $console}}' >"$data/profile.json"
sudo mkdir -p "$folder"
sudo install -o root -g wheel -m 0644 "$data/profile.json" "$folder/profile.json"
bin/assistant-cli profile check "$folder/profile.json"

code=0
echo '{"email":"ben@acme.example","password":"demo-User-1"}' |
	sudo bin/assistant-cli enroll --json --answers - | tee "$data/events" || code=$?
[ "$code" -eq 20 ]
tail -n 1 "$data/events" | jq -e '.event == "finished" and .problem.code == "unreachable" and .problem.step == "install"'
jq -es 'any(.[]; .check.id == "secure-token") and all(.[] | select(.check.id == "hosts"); .check.level != "block")' "$data/events"

for left in /opt/jc /var/run/JumpCloud-SecureToken-Creds.txt; do
	[ ! -e "$left" ]
done
echo "as far as the package, and nothing was changed"
