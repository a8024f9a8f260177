package assets

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// bundle holds every translation, parsed once.
var bundle = sync.OnceValue(func() *i18n.Bundle {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	names, err := fs.Glob(Files, "translations/*.json")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		if _, err := b.LoadMessageFileFS(Files, name); err != nil {
			panic(fmt.Sprintf("%s: %v", name, err)) // a test loads every file
		}
	}
	return b
})

var localizer atomic.Pointer[i18n.Localizer]

// SetLanguage chooses the language of Text: BCP 47 tags, the wanted ones first. English is used for what is missing.
func SetLanguage(tags ...string) { localizer.Store(i18n.NewLocalizer(bundle(), tags...)) }

// Text gives the sentence of a key in the chosen language. args are names and values in turn, for the {{.Name}} of the
// sentence; the value named Count also chooses the plural form. A key that is not there comes back in brackets, which
// a test looks for. It is safe for concurrent use.
func Text(key string, args ...any) string {
	l := localizer.Load()
	if l == nil {
		SetLanguage("en")
		l = localizer.Load()
	}
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	c := &i18n.LocalizeConfig{MessageID: key, TemplateData: data}
	if n, ok := data["Count"]; ok {
		c.PluralCount = n
	}
	s, err := l.Localize(c)
	if err != nil && s == "" {
		return "[" + key + " " + strings.TrimSpace(fmt.Sprintln(args...)) + "]"
	}
	return s
}
