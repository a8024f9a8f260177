package assets

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
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

// Language is one that there are sentences in.
type Language struct {
	Tag  string // BCP 47, which is also the name of its file
	Name string // what its speakers call it
}

// Languages gives what the sentences can be shown in: English, then the others by their names. With tags it gives
// only those that a profile offers with them, in their order; all, when there are no sentences in any of them.
func Languages(offered ...string) []Language {
	var all []Language
	for _, tag := range bundle().LanguageTags() {
		name := i18n.NewLocalizer(bundle(), tag.String()).MustLocalize(&i18n.LocalizeConfig{MessageID: "app.language"})
		all = append(all, Language{Tag: tag.String(), Name: name})
	}
	slices.SortFunc(all[1:], func(a, b Language) int { return strings.Compare(a.Name, b.Name) }) // English is the bundle's first
	var some []Language
	for _, tag := range offered {
		l := all[matching(all, tag)]
		if base(l.Tag) == base(tag) && !slices.Contains(some, l) {
			some = append(some, l)
		}
	}
	if len(some) == 0 {
		return all
	}
	return some
}

// MatchLanguage gives the tag of the offered language that suits best: wanted are BCP 47 tags, the dearest one first,
// and one that does not parse does not count. It is the first one offered where none suits.
func MatchLanguage(offered []Language, wanted ...string) string {
	return offered[matching(offered, wanted...)].Tag
}

// matching gives the place of the language that suits best; 0 where none does.
func matching(among []Language, wanted ...string) int {
	var have, want []language.Tag
	for _, l := range among {
		have = append(have, language.Make(l.Tag))
	}
	for _, tag := range wanted {
		if t, err := language.Parse(tag); err == nil {
			want = append(want, t)
		}
	}
	_, i, _ := language.NewMatcher(have).Match(want...)
	return i
}

// base is the language of a tag without its region and script.
func base(tag string) language.Base {
	b, _ := language.Make(tag).Base()
	return b
}

// chosen is the language of Text.
type chosen struct {
	tag       string
	localizer *i18n.Localizer
}

var current atomic.Pointer[chosen]

// SetLanguage chooses the language of Text from all there are: BCP 47 tags, the wanted ones first. It is English when
// none suits, and English is used for what is missing. It is safe for concurrent use.
func SetLanguage(wanted ...string) {
	tag := MatchLanguage(Languages(), wanted...)
	current.Store(&chosen{tag: tag, localizer: i18n.NewLocalizer(bundle(), tag)})
}

// CurrentLanguage is the Tag of the language that Text speaks.
func CurrentLanguage() string { return inUse().tag }

// inUse is the language that was chosen, else English.
func inUse() *chosen {
	c := current.Load()
	if c == nil {
		SetLanguage()
		c = current.Load()
	}
	return c
}

// Missing is told of each key that Text has no sentence for, on the goroutine that asked. Only test builds set it, before
// the first sentence; nil: nobody is told.
var Missing func(key string)

// Text gives the sentence of a key in the chosen language. args are names and values in turn, for the {{.Name}} of the
// sentence; the value named Count also chooses the plural form. A key that is not there comes back in brackets, which
// a test looks for. It is safe for concurrent use.
func Text(key string, args ...any) string {
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	c := &i18n.LocalizeConfig{MessageID: key, TemplateData: data}
	if n, ok := data["Count"]; ok {
		c.PluralCount = n
	}
	s, err := inUse().localizer.Localize(c)
	if err != nil && s == "" {
		if Missing != nil {
			Missing(key)
		}
		return "[" + key + " " + strings.TrimSpace(fmt.Sprintln(args...)) + "]"
	}
	return s
}

// Decimal writes a number with so many digits after the decimal sign of the chosen language.
func Decimal(v float64, digits int) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', digits, 64), ".", Text("app.decimal"), 1)
}
