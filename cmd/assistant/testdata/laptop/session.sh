#!/bin/sh
# Is a person's desktop, as small as one can be: a screen, windows, the dialog that asks for a password, and one key,
# Super and E, that starts the assistant by its entry in the menu.
#
#   session.sh FOLDER
#
# Prints the screen's name, and "ready" when windows can come. FOLDER gets what is on the screen, as Xvfb keeps it.
set -eu
folder=$1
mkfifo "$folder/number"
Xvfb -displayfd 3 -screen 0 1100x760x24 -nolisten tcp -noreset -fbdir "$folder" 3>"$folder/number" &
read -r number <"$folder/number"
export DISPLAY=":$number"
echo "$DISPLAY"
for agent in /usr/libexec/polkit-mate-authentication-agent-1 /usr/lib/*/polkit-mate/polkit-mate-authentication-agent-1; do
	[ ! -x "$agent" ] || "$agent" &
done
cat >"$folder/rc.xml" <<'END'
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><focusLast>yes</focusLast></focus>
  <placement><policy>Smart</policy><center>yes</center></placement>
  <keyboard>
    <keybind key="W-e"><action name="Execute"><command>gtk-launch com.example.enrollment-assistant</command></action></keybind>
  </keyboard>
</openbox_config>
END
exec openbox --config-file "$folder/rc.xml" --startup 'echo ready'
