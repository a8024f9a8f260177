package platform

import "testing"

func TestWholeEnd(t *testing.T) {
	for text, want := range map[string]bool{
		"#!/bin/bash\necho done\n":            true,
		"#!/bin/bash\nexit 0":                 true,
		"#!/bin/bash\nif a; then b\nfi":       true,
		"#!/bin/bash\na() {\nb\n}":            true,
		"#!/bin/bash\nmain() { a; }\nmain $@": true,
		"#!/bin/bash\nfunction m { a; }\nm":   true,
		"#!/bin/bash\necho hal":               false,
		"#!/bin/bash\ncurl --silent 'https:/": false,
		"#!/bin/bash\nexi":                    false,
		"#!/bin/ba":                           false,
	} {
		if got := wholeEnd([]byte(text)); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
