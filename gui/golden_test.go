package gui

import (
	"bytes"
	"cmp"
	"encoding/binary"
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
	full, ok := picture.(*image.NRGBA)
	if !ok {
		full = image.NewNRGBA(picture.Bounds())
		draw.Draw(full, full.Bounds(), picture, picture.Bounds().Min, draw.Src)
	}
	if full.Stride != 4*full.Rect.Dx() { // a part of a larger one
		part := image.NewNRGBA(full.Rect)
		draw.Draw(part, part.Rect, full, full.Rect.Min, draw.Src)
		full = part
	}
	pixels := make([]uint32, len(full.Pix)/4)
	for i := range pixels {
		pixels[i] = binary.LittleEndian.Uint32(full.Pix[4*i:])
	}
	of := func(p uint32) color.NRGBA {
		return color.NRGBA{R: uint8(p), G: uint8(p >> 8), B: uint8(p >> 16), A: uint8(p >> 24)}
	}
	count := map[color.NRGBA]int{}
	for i, run := 0, 0; i < len(pixels); i++ {
		run++
		if i+1 == len(pixels) || pixels[i+1] != pixels[i] {
			count[of(pixels[i])] += run
			run = 0
		}
	}
	order := slices.SortedFunc(maps.Keys(count), func(a, b color.NRGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette := paletteOf(order, most)
	index := map[uint32]uint8{}
	few := image.NewPaletted(full.Bounds(), palette)
	for i, p := range pixels {
		if i > 0 && p == pixels[i-1] {
			few.Pix[i] = few.Pix[i-1]
			continue
		}
		k, known := index[p]
		if !known {
			k = uint8(palette.Index(of(p)))
			index[p] = k
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
	var other [256][256]bool
	for i, c := range a.Palette {
		for j, d := range b.Palette {
			other[i][j] = !near(exact(c), exact(d), 4)
		}
	}
	for i, c := range a.Pix {
		if other[c][b.Pix[i]] {
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
