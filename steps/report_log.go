package steps

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf16"

	"example.com/enrollment-assistant/assets"
	"example.com/enrollment-assistant/platform"
)

// logTail gives the end of a log and its predecessor as people read it, at most max bytes, secrets removed.
func logTail(path string, maxBytes int, known []platform.Secret) string {
	if path == "" {
		return assets.Text("note.report.none")
	}
	newest, err := fileEnd(path, maxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return assets.Text("note.report.none")
	}
	if err != nil {
		return assets.Text("note.report.unreadable", "Path", inLine(path))
	}
	if len(newest) < maxBytes {
		if before, err := fileEnd(path+".1", maxBytes-len(newest)); err == nil {
			newest = append(before, newest...)
		}
	}
	var lines []string
	for line := range strings.Lines(unwide(newest)) {
		if line = inLine(logLine(line)); line != "" {
			lines = append(lines, line)
		}
	}
	// All lines at once: a private key, or a value that was broken, goes on in the next one.
	return lastBytes(Redact(strings.Join(lines, "\n"), known...), maxBytes)
}

// unwide gives the text of a log that may be in UTF-16, as logs of msiexec and of PowerShell are.
func unwide(b []byte) string {
	const most = 8 // of a text in Latin letters nearly every second byte is 0; in UTF-8 none is
	if zeros := bytes.Count(b, []byte{0}); zeros == 0 || len(b)/zeros > most {
		return string(b)
	}
	first := bytes.IndexByte(b, 0)
	order := binary.ByteOrder(binary.LittleEndian)
	if first%2 == 0 {
		order = binary.BigEndian
	}
	wide := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		wide = append(wide, order.Uint16(b))
	}
	return string(utf16.Decode(wide))
}

// agentSecrets are the secrets of the agent's own files, where whoever makes the report can read them: what they hold
// may stand anywhere in its logs.
func agentSecrets(root string) []platform.Secret {
	var secrets []platform.Secret
	for _, path := range platform.AgentConfigs(root) {
		b, err := fileEnd(path, sectionMax)
		var fields map[string]any
		if err != nil || json.Unmarshal(b, &fields) != nil {
			continue
		}
		for name, v := range fields {
			if text, ok := v.(string); ok && secretName.MatchString(name) {
				secrets = append(secrets, platform.NewSecret(text))
			}
		}
	}
	return secrets
}

// fileEnd reads the last bytes of a file, from the beginning of a line on. A link is not followed: the folder is the
// person's own, and the report may be made by an administrator.
func fileEnd(path string, maxBytes int) ([]byte, error) {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s is not a file", path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, info.Size()-int64(maxBytes))
	b, err := io.ReadAll(io.NewSectionReader(f, from, int64(maxBytes)))
	if err != nil {
		return nil, err
	}
	if from > 0 { // a part of a line may be a part of a secret
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	return b, nil
}

// logLine makes a line of JSON readable: time, level and message first, then the rest in order. Decoded, a secret has
// no escapes in it that would hide it. A line that is no JSON stays as it is.
func logLine(line string) string {
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return line
	}
	var words []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return line
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return line
		}
		switch {
		case len(words) < 3 && (name == "time" || name == "level" || name == "msg"): // as slog begins a line
			words = append(words, fmt.Sprint(value))
		case value != nil && value != "":
			words = append(words, fmt.Sprint(name)+"="+fmt.Sprint(value))
		}
	}
	return strings.Join(words, " ")
}

// lastBytes cuts a text to its last lines.
func lastBytes(s string, maxBytes int) string {
	if len(s) <= maxBytes {
		return s
	}
	s = s[len(s)-maxBytes:]
	_, s, _ = strings.Cut(s, "\n")
	return s
}

// firstBytes cuts a text to its first lines.
func firstBytes(s string, maxBytes int) string {
	if len(s) <= maxBytes {
		return s
	}
	s = s[:maxBytes]
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	return s + "\n…"
}
