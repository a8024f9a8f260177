package platform

import (
	"encoding/json"
	"errors"
	"strings"
)

// This file reads whether a profile of an MDM gives the agent Full Disk Access before it asks for it. What a person has
// given lies in a database that only a program with that access can read; what a profile gives, anybody may see.

// accessPayload is the kind of payload that gives such access:
// https://developer.apple.com/documentation/devicemanagement/privacypreferencespolicycontrol
const accessPayload = "com.apple.TCC.configuration-profile-policy"

// agentRequirement begins the code requirement of the agent, in the profile that the vendor publishes:
// https://github.com/TheJumpCloud/support, MDM/Custom Configuration Profiles/profiles/JumpCloud-Agent.mobileconfig
const agentRequirement = `identifier "jumpcloud-agent" `

// parseProfileAccess reads `system_profiler -json SPConfigurationProfileDataType`. No and Unknown differ: the first is
// a list that was read whole and has nothing of the agent.
func parseProfileAccess(text string) Answer {
	var all map[string]any
	if json.Unmarshal([]byte(text), &all) != nil {
		return Unknown
	}
	if _, listed := all["SPConfigurationProfileDataType"].([]any); !listed {
		return Unknown
	}
	given, unread := false, false
	eachPayload(all, func(data string) {
		payload, err := parseOldPlist(data)
		if err != nil {
			unread = true
			return
		}
		services, _ := payload["Services"].(map[string]any)
		entries, _ := services["SystemPolicyAllFiles"].([]any)
		for _, e := range entries {
			entry, _ := e.(map[string]any)
			id, _ := entry["Identifier"].(string)
			code, _ := entry["CodeRequirement"].(string)
			if id != agentBinary && !strings.HasPrefix(code, agentRequirement) {
				continue
			}
			// Authorization came with macOS 11 and wins over Allowed.
			if how, ok := entry["Authorization"].(string); ok && how == "Allow" || !ok && entry["Allowed"] == "1" {
				given = true
			}
		}
	})
	switch {
	case given:
		return Yes
	case unread:
		return Unknown
	default:
		return No
	}
}

// eachPayload finds the payloads of that kind, however deep the lists are nested.
func eachPayload(v any, found func(data string)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			eachPayload(item, found)
		}
	case map[string]any:
		if data, ok := v["spconfigprofile_payload_data"].(string); ok && v["_name"] == accessPayload {
			found(data)
		}
		for _, item := range v {
			eachPayload(item, found)
		}
	}
}

// errOldPlist is a text that is not of that form.
var errOldPlist = errors.New("not a property list")

// maxNesting bounds how deep a property list may be nested.
const maxNesting = 32

// oldPlist reads the old form of property lists, { key = value; } and ( item, item ), in which macOS prints payloads:
// https://developer.apple.com/library/archive/documentation/Cocoa/Conceptual/PropertyLists/OldStylePlists/OldStylePLists.html
type oldPlist struct {
	text string
	at   int
}

// parseOldPlist reads a dictionary; the braces around the outermost may be missing.
func parseOldPlist(text string) (map[string]any, error) {
	p := &oldPlist{text: strings.TrimSpace(text)}
	if !strings.HasPrefix(p.text, "{") {
		p.text = "{" + p.text + "}"
	}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errOldPlist
	}
	return m, nil
}

// next gives the next byte that is no space, 0 at the end.
func (p *oldPlist) next() byte {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// take steps over c when it is next.
func (p *oldPlist) take(c byte) bool {
	if p.next() != c {
		return false
	}
	p.at++
	return true
}

// value reads a dictionary, an array or a string.
func (p *oldPlist) value(depth int) (any, error) {
	switch {
	case depth > maxNesting:
		return nil, errOldPlist
	case p.take('{'):
		return p.dictionary(depth)
	case p.take('('):
		return p.array(depth)
	case p.take('<'):
		return p.until(">")
	default:
		return p.word()
	}
}

// dictionary reads what follows its opening brace.
func (p *oldPlist) dictionary(depth int) (any, error) {
	m := map[string]any{}
	for !p.take('}') {
		key, err := p.word()
		if err != nil {
			return nil, err
		}
		if !p.take('=') {
			return nil, errOldPlist
		}
		if m[key], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		if !p.take(';') {
			return nil, errOldPlist
		}
	}
	return m, nil
}

// array reads what follows its opening parenthesis.
func (p *oldPlist) array(depth int) (any, error) {
	list := []any{}
	for !p.take(')') {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if !p.take(',') && p.next() != ')' {
			return nil, errOldPlist
		}
	}
	return list, nil
}

// until reads up to end and steps over it.
func (p *oldPlist) until(end string) (string, error) {
	s, _, ok := strings.Cut(p.text[p.at:], end)
	if !ok {
		return "", errOldPlist
	}
	p.at += len(s) + len(end)
	return s, nil
}

// word reads a string, quoted or not.
func (p *oldPlist) word() (string, error) {
	if !p.take('"') {
		begin := p.at
		for p.at < len(p.text) && strings.IndexByte(" \t\r\n=;,(){}<>\"", p.text[p.at]) < 0 {
			p.at++
		}
		if p.at == begin {
			return "", errOldPlist
		}
		return p.text[begin:p.at], nil
	}
	var b strings.Builder
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return b.String(), nil
		case c == '\\' && p.at+1 < len(p.text):
			p.at++
			b.WriteByte(p.text[p.at])
		default:
			b.WriteByte(c)
		}
	}
	return "", errOldPlist
}
