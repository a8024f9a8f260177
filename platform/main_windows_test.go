package platform

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
)

// TestMain lets the test program be the elevated side too, as the real one is, and the side of a person who asks it.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "elevated" {
		limits := deadlines
		limits.watch = 10 * time.Second
		if err := (elevatedSide{limits: limits}).serve(context.Background(), os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) == 2 && asking[os.Args[1]] != nil {
		if err := asking[os.Args[1]](); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
