package platform

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// The private channel between the two sides carries JSON, one message a line. After the elevated side asked for the
// package, exactly its bytes follow from the user's side; then lines again.

// maxLine bounds one message, in bytes.
const maxLine = 64 << 10

// channelWait is the wait of a channel.
const channelWait = time.Minute

// errLine is a message that is longer than maxLine.
var errLine = errors.New("the message is too long")

// message is what travels; one field is set.
type message struct {
	Job    *wireJob  `json:"job,omitempty"`    // to the elevated side, first
	Stop   bool      `json:"stop,omitempty"`   // to the elevated side: begin nothing new
	Send   bool      `json:"send,omitempty"`   // from it: the package is wanted now
	Report *Report   `json:"report,omitempty"` // from it
	Error  *JobError `json:"error,omitempty"`  // from it, last
	Done   bool      `json:"done,omitempty"`   // from it, last
}

// wireJob is a Job as it travels, with its secret in clear: the channel is private to the two sides.
type wireJob struct {
	Verb                Verb         `json:"verb"`
	Way                 Way          `json:"way,omitempty"`
	Key                 string       `json:"key,omitempty"`
	KickstartURL        string       `json:"kickstartUrl,omitempty"`
	PrivateKickstartURL string       `json:"privateKickstartUrl,omitempty"`
	Account             *wireAccount `json:"account,omitempty"`
	Fixes               []Fix        `json:"fixes,omitempty"`
	Package             *wirePackage `json:"package,omitempty"`
	Profile             string       `json:"profile,omitempty"`
	Proxy               string       `json:"proxy,omitempty"`
	NoProxy             string       `json:"noProxy,omitempty"`
	Language            string       `json:"language,omitempty"`
	Root                string       `json:"root,omitempty"`
}

// wireAccount is Credentials as they travel.
type wireAccount struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// wirePackage is a Package as it travels. Its path does not: the elevated side opens nothing of the user's.
type wirePackage struct {
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
	// Signature proves the package or does not; it may come from anybody.
	Signature []byte `json:"signature,omitempty"`
}

// wire gives the job as it travels.
func (j Job) wire() *wireJob {
	w := &wireJob{
		Verb: j.Verb, Way: j.Way, Key: j.Key.Reveal(), KickstartURL: j.KickstartURL,
		PrivateKickstartURL: j.PrivateKickstartURL, Profile: j.Profile, Proxy: j.Proxy, Language: j.Language, Root: j.Root, Fixes: j.Fixes,
	}
	if j.Account.Name != "" {
		w.Account = &wireAccount{Name: j.Account.Name, Password: j.Account.Password.Reveal()}
	}
	if j.Package != nil {
		w.Package = &wirePackage{Size: j.Package.Size, SHA256: j.Package.SHA256, Name: j.Package.Name, Version: j.Package.Version, Signature: j.Package.Signature}
	}
	return w
}

// channel is one end of the private channel. One goroutine reads; any may write.
type channel struct {
	conn net.Conn
	r    *bufio.Reader
	wait time.Duration // how long the other end may let a message, or a part of the package, wait
	mu   sync.Mutex    // held while writing
}

// newChannel speaks over conn.
func newChannel(conn net.Conn) *channel {
	return &channel{conn: conn, r: bufio.NewReaderSize(conn, maxLine), wait: channelWait}
}

// read gives the next message. io.EOF means that the other end is gone.
func (c *channel) read() (message, error) {
	var m message
	line, err := c.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return m, errLine
	}
	if err != nil {
		if len(line) > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return m, err
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		// What the decoder quotes may hold the key.
		return m, errors.New("the message is not one of ours")
	}
	return m, nil
}

// write sends one message.
func (c *channel) write(m message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("packing a message: %w", err)
	}
	if len(line) >= maxLine {
		return errLine
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// An other end that is stopped, as by ^Z, must not stop this one: it is taken for dead.
	if err = c.conn.SetWriteDeadline(time.Now().Add(c.wait)); err == nil {
		_, err = c.conn.Write(append(line, '\n'))
	}
	if err != nil {
		_ = c.conn.Close()
		return err
	}
	return c.conn.SetWriteDeadline(time.Time{})
}
