package gui

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"example.com/enrollment-assistant/platform"
	"example.com/enrollment-assistant/steps"
)

// told is an inbox and what it handed on, a word for each event.
func told() (b *inbox, hands func() [][]string) {
	var list [][]string
	b = &inbox{every: movesEvery, hand: func(events []steps.Event) {
		var words []string
		for _, e := range events {
			word := string(e.Kind) + e.Text
			if e.Phase != nil {
				word += string(rune('0' + e.Phase.Done))
			}
			words = append(words, word)
		}
		list = append(list, words)
	}}
	return b, func() [][]string {
		b.mu.Lock() // the timer's goroutine writes
		defer b.mu.Unlock()
		return slices.Clone(list)
	}
}

func line(s string) steps.Event { return steps.Event{Kind: steps.KindOutput, Text: s} }

func bytesOf(p platform.Phase, done int64) steps.Event {
	return steps.Event{Kind: steps.KindPhase, Phase: &steps.Progress{Phase: p, State: steps.PhaseRunning, Done: done, Total: 9}}
}

// What moves is shown at once, then ten times a second; of bytes only the last ones count, and no line is lost.
func TestInbox_Moves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, hands := told()
		for _, e := range []steps.Event{line("a"), bytesOf("download", 1), line("b"), bytesOf("download", 2), bytesOf("receive", 3), line("c")} {
			b.put(e)
		}
		if want := [][]string{{"outputa"}}; !slices.EqualFunc(hands(), want, slices.Equal) {
			t.Errorf("at once: %v", hands())
		}
		time.Sleep(movesEvery) //nolint:forbidigo // of the bubble's clock
		synctest.Wait()
		if want := [][]string{{"outputa"}, {"phase2", "outputb", "phase3", "outputc"}}; !slices.EqualFunc(hands(), want, slices.Equal) {
			t.Errorf("after a moment: %v", hands())
		}
	})
}

// What does not move waits for nothing, takes along what waits, and stays behind it.
func TestInbox_Order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, hands := told()
		ended := steps.Event{Kind: steps.KindPhase, Phase: &steps.Progress{Phase: "download", State: steps.PhaseDone, Done: 9, Total: 9}}
		for _, e := range []steps.Event{line("a"), bytesOf("download", 1), ended, line("b")} {
			b.put(e)
		}
		b.flush()
		b.put(steps.Event{Kind: steps.KindNote})
		want := [][]string{{"outputa"}, {"phase1", "phase9"}, {"outputb"}, {"note"}}
		if !slices.EqualFunc(hands(), want, slices.Equal) {
			t.Errorf("got %v, want %v", hands(), want)
		}
		time.Sleep(movesEvery) //nolint:forbidigo // of the bubble's clock
		synctest.Wait()
		if !slices.EqualFunc(hands(), want, slices.Equal) {
			t.Errorf("later: %v", hands())
		}
	})
}
