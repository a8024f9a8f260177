package stub

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// The publisher's files in the data folder.
const (
	publisherName    = "publisher.asc"
	publisherKeyName = "publisher.key"
)

// Publisher signs packages, as the vendor's does: inside the package, and beside it in a file whose name ends in .asc.
type Publisher struct {
	entity *openpgp.Entity
	public []byte // armored
}

// publisherBits is the length of the key: RSA, since rpm of older distributions knows no other.
const publisherBits = 2048

// signing makes signatures that are the same each time, so that one program gives one package.
func signing() *packet.Config {
	same := false
	return &packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: publisherBits, DefaultHash: crypto.SHA256,
		Time: func() time.Time { return packageTime }, NonDeterministicSignaturesViaNotation: &same}
}

// newPublisher makes a publisher of that name.
func newPublisher(name string) (*Publisher, error) {
	e, err := openpgp.NewEntity(name, "", "nobody@stub.invalid", signing())
	if err != nil {
		return nil, fmt.Errorf("making the publisher's key: %w", err)
	}
	return publisherOf(e)
}

func publisherOf(e *openpgp.Entity) (*Publisher, error) {
	public, err := armored(openpgp.PublicKeyType, e.Serialize)
	if err != nil {
		return nil, fmt.Errorf("writing the publisher's key: %w", err)
	}
	return &Publisher{e, public}, nil
}

// armored gives what write writes as text.
func armored(kind string, write func(io.Writer) error) ([]byte, error) {
	var b bytes.Buffer
	w, err := armor.Encode(&b, kind, nil)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(write(w), w.Close()); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// openPublisher reads the publisher of a data folder, or makes one. It is nobody's: who trusts it trusts this folder.
func openPublisher(dir string) (*Publisher, error) {
	raw, err := os.ReadFile(filepath.Join(dir, publisherKeyName))
	if errors.Is(err, fs.ErrNotExist) {
		return storePublisher(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the publisher's key: %w", err)
	}
	ring, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(raw))
	if err != nil || len(ring) != 1 {
		return nil, fmt.Errorf("reading the publisher's key: %d keys: %w", len(ring), err)
	}
	return publisherOf(ring[0])
}

func storePublisher(dir string) (*Publisher, error) {
	p, err := newPublisher("stub-publisher")
	if err != nil {
		return nil, err
	}
	private, err := armored(openpgp.PrivateKeyType, func(w io.Writer) error { return p.entity.SerializePrivate(w, signing()) })
	if err == nil {
		err = writeWhole(filepath.Join(dir, publisherName), bytes.NewReader(p.public))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, publisherKeyName), private, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("writing the publisher's key: %w", err)
	}
	return p, nil
}

// Fingerprint is what a profile pins: 40 hexadecimal digits in capitals, as gpg prints it.
func (p *Publisher) Fingerprint() string {
	return strings.ToUpper(hex.EncodeToString(p.entity.PrimaryKey.Fingerprint))
}

// PublicKey is the key that checks the signatures, armored.
func (p *Publisher) PublicKey() []byte { return p.public }

// sign gives a detached signature, as rpm keeps it in a package.
func (p *Publisher) sign(data io.Reader) ([]byte, error) {
	var b bytes.Buffer
	err := openpgp.DetachSign(&b, p.entity, data, signing())
	return b.Bytes(), err
}

// signArmored gives a detached signature as text, as it lies beside a package and inside a deb.
func (p *Publisher) signArmored(data io.Reader) ([]byte, error) {
	raw, err := p.sign(data)
	if err != nil {
		return nil, err
	}
	return armored(openpgp.SignatureType, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}

// Publisher gives who signs the packages of this server; the key is made at the first call and stays in the data
// folder. A namespace has its parent's.
func (s *Server) Publisher() (*Publisher, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.parent != nil {
		return s.parent.Publisher()
	}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	return s.publisher()
}

// publisher is Publisher for who holds the shelf.
func (s *Server) publisher() (*Publisher, error) {
	if s.shelf.publisher == nil {
		p, err := openPublisher(s.dir)
		if err != nil {
			return nil, err
		}
		s.shelf.publisher = p
	}
	return s.shelf.publisher, nil
}
