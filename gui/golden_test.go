package gui

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// fewColors gives the picture in that many colours, so that a golden takes a third of the space in 256 and a sixth in 16.
// Those of areas stay as they are; some on the edges of letters become the nearest.
func fewColors(picture image.Image, most int) *image.Paletted {
	full := image.NewNRGBA(picture.Bounds())
	draw.Draw(full, full.Bounds(), picture, picture.Bounds().Min, draw.Src)
	at := func(i int) color.NRGBA {
		return color.NRGBA{R: full.Pix[i], G: full.Pix[i+1], B: full.Pix[i+2], A: full.Pix[i+3]}
	}
	count := map[color.NRGBA]int{}
	for i, run := 0, 0; i < len(full.Pix); i += 4 {
		run++
		if i+4 == len(full.Pix) || at(i+4) != at(i) {
			count[at(i)] += run
			run = 0
		}
	}
	order := slices.SortedFunc(maps.Keys(count), func(a, b color.NRGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette := paletteOf(order, most)
	index := map[color.NRGBA]uint8{}
	few := image.NewPaletted(full.Bounds(), palette)
	for i := range few.Pix {
		c := at(4 * i)
		if i > 0 && c == at(4*i-4) {
			few.Pix[i] = few.Pix[i-1]
			continue
		}
		k, known := index[c]
		if !known {
			k = uint8(palette.Index(c))
			index[c] = k
		}
		few.Pix[i] = k
	}
	return few
}

// areas is how many of the most frequent colours are kept, however near to each other: page, card and rail are.
func areas(most int) int { return min(48, most*5/8) }

// paletteOf takes as many colours as there is room for, the first ones first, and leaves out those next to one that
// was taken: a rare colour far from all others, such as that of a small cross, must not get lost.
func paletteOf(order []color.NRGBA, most int) color.Palette {
	for apart := 0; ; apart++ {
		palette := make(color.Palette, 0, most+1)
		for i, c := range order {
			if i < areas(most) || !slices.ContainsFunc(palette, func(p color.Color) bool { return near(p.(color.NRGBA), c, apart) }) {
				if palette = append(palette, c); len(palette) > most {
					break
				}
			}
		}
		if len(palette) <= most {
			return palette
		}
	}
}

// differing counts the pixels that are not the same, but for what rounding in another processor may do.
func differing(a, b *image.Paletted) (n int) {
	if a.Bounds() != b.Bounds() {
		return max(len(a.Pix), len(b.Pix), 1)
	}
	same := map[[2]uint8]bool{}
	for i := range a.Pix {
		pair := [2]uint8{a.Pix[i], b.Pix[i]}
		alike, known := same[pair]
		if !known {
			alike = near(exact(a.Palette[pair[0]]), exact(b.Palette[pair[1]]), 4)
			same[pair] = alike
		}
		if !alike {
			n++
		}
	}
	return n
}

func exact(c color.Color) color.NRGBA { return color.NRGBAModel.Convert(c).(color.NRGBA) }

// near tells whether no part of two colours differs by more than that, of 255.
func near(a, b color.NRGBA, most int) bool {
	part := func(x, y uint8) bool { return int(max(x, y)-min(x, y)) <= most }
	return part(a.R, b.R) && part(a.G, b.G) && part(a.B, b.B) && part(a.A, b.A)
}

// A golden that could not fail would prove nothing.
func TestDiffering(t *testing.T) {
	a := image.NewNRGBA(image.Rect(0, 0, 20, 10))
	b := image.NewNRGBA(a.Bounds())
	draw.Draw(a, a.Bounds(), image.NewUniform(color.NRGBA{R: 0x30, G: 0x56, B: 0xd3, A: 0xff}), image.Point{}, draw.Src)
	draw.Draw(b, b.Bounds(), a, image.Point{}, draw.Src)
	b.Set(3, 3, color.NRGBA{R: 0x30, G: 0x56, B: 0xd6, A: 0xff})
	if n := differing(fewColors(a, 256), fewColors(b, 256)); n != 0 {
		t.Errorf("%d pixels differ, by rounding", n)
	}
	b.Set(4, 3, color.NRGBA{R: 0x30, G: 0x56, B: 0xd9, A: 0xff})
	b.Set(5, 3, color.NRGBA{A: 0xff})
	if n := differing(fewColors(a, 256), fewColors(b, 256)); n != 2 {
		t.Errorf("%d pixels differ, want 2", n)
	}
	if n := differing(fewColors(a, 256), fewColors(b.SubImage(image.Rect(0, 0, 5, 5)), 256)); n == 0 {
		t.Error("a smaller picture is the same")
	}
}

func load(t *testing.T, path string) *image.Paletted {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	few, ok := picture.(*image.Paletted)
	if !ok {
		t.Fatalf("%s: not in few colours", path)
	}
	return few
}

func save(t *testing.T, path string, picture image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
