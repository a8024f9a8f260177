package stub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
)

// Namespace is a Server beside another: an organization, clock, outbox, faults and journal of its own, on ports of its
// own, so that vendor paths, clients, cookies and certificates work in it unchanged. It shares the parent's authority,
// so that whoever trusts the one trusts the other, and the parent's packages.
type Namespace struct {
	Name      string
	Server    *Server
	Addresses Addresses
}

// family is a server's namespaces.
type family struct {
	mu   sync.Mutex
	all  []Namespace
	made int
}

// NewNamespace makes and starts a namespace on free ports. An empty name gets one; a name that is taken is ErrAlready.
// It ends with Close of its Server, EndNamespace, or Close of s. Its data is removed then, unless s has a Data folder.
func (s *Server) NewNamespace(ctx context.Context, name string) (Namespace, error) {
	if err := s.open(); err != nil {
		return Namespace{}, err
	}
	s.family.mu.Lock()
	defer s.family.mu.Unlock()
	s.family.made++
	if name == "" {
		name = fmt.Sprintf("ns%d", s.family.made)
	}
	if !keepName.MatchString(name) {
		return Namespace{}, fmt.Errorf("%w: a name has small letters, digits and hyphens, at most 41", errBadRequest)
	}
	for _, n := range s.family.all {
		if n.Name == name {
			return Namespace{}, fmt.Errorf("making namespace %q: %w", name, ErrAlready)
		}
	}
	child := &Server{Hosts: s.Hosts, Address: s.Address, ListenAnywhere: s.ListenAnywhere, Log: s.Log, Now: s.Now, Initial: s.Initial, parent: s}
	if s.Data != "" {
		child.Data = filepath.Join(s.dir, "namespaces", name)
	}
	if err := ctx.Err(); err != nil {
		return Namespace{}, err
	}
	a, err := child.Start(Ports{})
	if err != nil {
		return Namespace{}, err
	}
	n := Namespace{name, child, a}
	s.family.all = append(s.family.all, n)
	return n, nil
}

// Namespaces gives those that were not ended, in the order they were made.
func (s *Server) Namespaces() []Namespace {
	s.family.mu.Lock()
	defer s.family.mu.Unlock()
	return append([]Namespace{}, s.family.all...)
}

// EndNamespace closes a namespace; ErrNotFound when there is none of that name.
func (s *Server) EndNamespace(name string) error {
	s.family.mu.Lock()
	defer s.family.mu.Unlock()
	for i, n := range s.family.all {
		if n.Name == name {
			s.family.all = append(s.family.all[:i], s.family.all[i+1:]...)
			err := n.Server.Close()
			s.rules.mu.Lock()
			s.rules.violations = append(s.rules.violations, n.violations()...) // a tester asks after the end
			s.rules.mu.Unlock()
			return err
		}
	}
	return fmt.Errorf("finding namespace %q: %w", name, ErrNotFound)
}

// violations are those of a namespace, named.
func (n Namespace) violations() []Violation {
	all := n.Server.Violations()
	for i := range all {
		all[i].Text = n.Name + ": " + all[i].Text
	}
	return all
}

// closeNamespaces ends them all.
func (s *Server) closeNamespaces() error {
	var err error
	for _, n := range s.Namespaces() {
		err = errors.Join(err, s.EndNamespace(n.Name))
	}
	return err
}

// namespaceJSON is a namespace on the wire, in the words of the line that serve prints.
type namespaceJSON struct {
	Name    string `json:"name"`
	Console string `json:"console"`
	Private string `json:"private"`
	People  string `json:"people"`
	CA      string `json:"ca"`
}

func (n Namespace) wire() namespaceJSON {
	return namespaceJSON{n.Name, n.Addresses.Console, n.Addresses.Private, n.Addresses.People, n.Addresses.CAFile}
}

func (s *Server) qaNamespaces(*http.Request) (any, error) {
	list := []namespaceJSON{}
	for _, n := range s.Namespaces() {
		list = append(list, n.wire())
	}
	return list, nil
}

// qaNewNamespace makes a namespace, empty or with the demo organization.
func (s *Server) qaNewNamespace(r *http.Request) (any, error) {
	var in struct {
		Name string `json:"name"`
		Demo bool   `json:"demo"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	n, err := s.NewNamespace(r.Context(), in.Name)
	if err != nil {
		return nil, err
	}
	if in.Demo {
		if err := n.Server.Demo(r.Context()); err != nil {
			return nil, errors.Join(err, s.EndNamespace(n.Name))
		}
	}
	return n.wire(), nil
}

func (s *Server) qaEndNamespace(r *http.Request) (any, error) {
	if err := s.EndNamespace(r.PathValue("name")); err != nil {
		return nil, err
	}
	return s.qaNamespaces(r)
}
