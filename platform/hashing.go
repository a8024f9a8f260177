package platform

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// Sizes of what is handed to a hashing at once, and how much of it may wait.
const (
	hashBlock  = 256 << 10
	hashBlocks = 4
)

// hashing is a SHA-256 that is computed on a goroutine of its own while the bytes come in, so that a large file does
// not have to be read again after its download.
type hashing struct {
	full, free chan []byte
	block      []byte // being filled
	sum        chan hashed
}

// hashed is what came out.
type hashed struct {
	sum string // in hexadecimal
	err error  // of reading what came before
}

// newHashing starts one with what before holds. end must be called.
func newHashing(before io.Reader) *hashing {
	h := &hashing{full: make(chan []byte, hashBlocks), free: make(chan []byte, hashBlocks), sum: make(chan hashed, 1)}
	for range hashBlocks {
		h.free <- make([]byte, 0, hashBlock)
	}
	h.block = <-h.free
	go func() {
		inBackground()
		sum := sha256.New()
		_, err := io.Copy(sum, before)
		for b := range h.full {
			_, _ = sum.Write(b) // never fails
			h.free <- b[:0]
		}
		h.sum <- hashed{hex.EncodeToString(sum.Sum(nil)), err}
	}()
	return h
}

// room is where the next bytes are to be put; keep says how many they were.
func (h *hashing) room() []byte { return h.block[len(h.block):cap(h.block)] }

// keep takes the first n bytes of room.
func (h *hashing) keep(n int) {
	h.block = h.block[:len(h.block)+n]
	if cap(h.block)-len(h.block) < hashBlock/8 {
		h.full <- h.block
		h.block = <-h.free
	}
}

// end gives the hash of everything. It is called once.
func (h *hashing) end() (string, error) {
	h.full <- h.block
	close(h.full)
	out := <-h.sum
	return out.sum, out.err
}
