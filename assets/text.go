package assets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// fallback is the language of what another one lacks.
const fallback = "en"

// translation is the file of a language.
func translation(tag string) string { return "translations/" + tag + ".json" }

// newLocalizer reads the sentences of a language, and English for what it lacks.
func newLocalizer(tag string) *i18n.Localizer {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, name := range slices.Compact([]string{translation(fallback), translation(tag)}) {
		if _, err := b.LoadMessageFileFS(Files, name); err != nil {
			panic(fmt.Sprintf("%s: %v", name, err)) // a test loads every file
		}
	}
	return i18n.NewLocalizer(b, tag)
}

// Language is one that there are sentences in.
type Language struct {
	Tag  string // BCP 47, which is also the name of its file
	Name string // what its speakers call it
}

// languages are all there are: English, then the others by their names.
var languages = sync.OnceValue(func() []Language {
	names, err := fs.Glob(Files, translation("*"))
	if err != nil {
		panic(err) // the pattern is a constant
	}
	var all []Language
	for _, name := range names {
		own, err := nameIn(name)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", name, err)) // a test loads every file
		}
		all = append(all, Language{Tag: strings.TrimSuffix(path.Base(name), ".json"), Name: own})
	}
	slices.SortFunc(all, func(a, b Language) int { return strings.Compare(a.Name, b.Name) })
	first := slices.IndexFunc(all, func(l Language) bool { return l.Tag == fallback })
	return slices.Insert(slices.Delete(slices.Clone(all), first, first+1), 0, all[first])
})

// nameIn reads what a language is called in its file, and no further.
func nameIn(file string) (string, error) {
	f, err := Files.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	d := json.NewDecoder(f)
	if _, err := d.Token(); err != nil { // the brace
		return "", err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", err
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return "", err
		}
		if name, ok := value.(string); ok && key == "app.language" {
			return name, nil
		}
	}
	return "", errors.New("no name")
}

// Languages gives what the sentences can be shown in: English, then the others by their names. With tags it gives
// only those that a profile offers with them, in their order; all, when there are no sentences in any of them.
func Languages(offered ...string) []Language {
	all := languages()
	var some []Language
	for _, tag := range offered {
		l := all[matching(all, tag)]
		if base(l.Tag) == base(tag) && !slices.Contains(some, l) {
			some = append(some, l)
		}
	}
	if len(some) == 0 {
		return slices.Clone(all)
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
	localizer func() *i18n.Localizer
}

var current atomic.Pointer[chosen]

// SetLanguage chooses the language of Text from all there are: BCP 47 tags, the wanted ones first. It is English when
// none suits, and English is used for what is missing. The sentences are read while the caller goes on, since that takes
// several milliseconds of a start; the first Text waits for them. It is safe for concurrent use.
func SetLanguage(wanted ...string) {
	tag := MatchLanguage(languages(), wanted...)
	if c := current.Load(); c == nil || c.tag != tag {
		read := sync.OnceValue(func() *i18n.Localizer { return newLocalizer(tag) })
		current.Store(&chosen{tag: tag, localizer: read})
		go read()
	}
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
	s, err := inUse().localizer().Localize(c)
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

// Moment is a day and a time of it, in this computer's zone, as readers of the chosen language write them.
func Moment(t time.Time) string { return t.Local().Format(Text("app.moment")) }
