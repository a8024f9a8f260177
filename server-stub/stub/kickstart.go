package stub

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"text/template"
	"time"

	"example.com/enrollment-assistant/assets"
)

// keyHeader carries the connect key in every public request of an install.
const keyHeader = "X-Connect-Key"

// kickstartRoutes are the public half of Kickstart: what the vendor's script asks before it has a certificate.
func (s *Server) kickstartRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /Kickstart", s.withKey(s.serveKickstart))
	mux.HandleFunc("POST /Detect", s.withKey(s.serveDetect))
	mux.HandleFunc("POST /Time", s.withKey(s.serveTime))
	mux.HandleFunc("POST /SignCsr", s.withKey(s.serveSignCSR))
	mux.HandleFunc("GET /ip", func(w http.ResponseWriter, r *http.Request) { text(w, http.StatusOK, remoteIP(r)+"\n") })
}

// withKey lets a request through that carries a connect key which may be used now. The vendor's tools look at the
// status only (curl --fail), so there is one answer for every bad key.
func (s *Server) withKey(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.rules.learn(r.Header.Get(keyHeader))
		_, err := s.checkKey(r.Context(), s.db, r.Header.Get(keyHeader))
		if errors.Is(err, errKeyRefused) {
			s.refuseKey(w)
			return
		}
		if err != nil {
			s.broken(w, r, err)
			return
		}
		next(w, r)
	}
}

func (s *Server) refuseKey(w http.ResponseWriter) {
	set := s.Settings()
	if set.KeyRefusedBody == "" {
		set.KeyRefusedBody = assets.Text("stub.kickstart.key_refused") + "\n"
	}
	text(w, set.KeyRefusedStatus, set.KeyRefusedBody)
}

// script fills a template of assets/ and answers with it. What goes in is a checked key, our own URLs and PEM: nothing
// that a shell could read as more than data.
func (s *Server) script(w http.ResponseWriter, r *http.Request, name string, data any) {
	raw, err := assets.Stub.ReadFile(name)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	t, err := template.New(name).Option("missingkey=error").Parse(string(raw))
	if err != nil {
		s.broken(w, r, err)
		return
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		s.broken(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/x-shellscript; charset=utf-8")
	_, _ = w.Write(out.Bytes()) // the client is gone: nobody is left to tell
}

func (s *Server) serveKickstart(w http.ResponseWriter, r *http.Request) {
	bases := s.basesFor(r)
	s.script(w, r, "kickstart.sh", KickstartScript{
		KickstartURL: bases.Console, PrivateURL: bases.Private, ConnectKey: r.Header.Get(keyHeader), CA: string(s.ca.pem),
		SignsAnew: s.Settings().SignsAnew,
	})
}

func (s *Server) serveDetect(w http.ResponseWriter, r *http.Request) {
	os, arch := oneLine(r.PostFormValue("os"), 200), oneLine(r.PostFormValue("arch"), 40)
	id, ok := templateID(s.Settings().Supported, os, arch)
	if !ok {
		text(w, http.StatusBadRequest, assets.Text("stub.kickstart.unsupported", "OS", os, "Arch", arch)+"\n")
		return
	}
	text(w, http.StatusOK, id)
}

func (s *Server) serveTime(w http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.ParseInt(r.PostFormValue("time"), 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 {
		text(w, http.StatusBadRequest, assets.Text("stub.kickstart.time_malformed")+"\n")
		return
	}
	off := time.Unix(seconds, 0).Sub(s.now()).Abs()
	if off > s.Settings().ClockSkew {
		text(w, http.StatusBadRequest, assets.Text("stub.kickstart.time_wrong", "Off", off.Round(time.Second).String())+"\n")
		return
	}
	text(w, http.StatusOK, "ok\n")
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// errForeignUUID is a certuuid under which another key pair was signed before.
var errForeignUUID = errors.New("this certuuid belongs to another key pair")

func (s *Server) serveSignCSR(w http.ResponseWriter, r *http.Request) {
	uuid := r.PostFormValue("certuuid")
	f, _, err := r.FormFile("csr")
	if err != nil || !uuidForm.MatchString(uuid) {
		text(w, http.StatusBadRequest, assets.Text("stub.kickstart.csr_malformed")+"\n")
		return
	}
	defer func() { _ = f.Close() }() // only read
	request, err := io.ReadAll(f)
	if err != nil {
		text(w, http.StatusBadRequest, assets.Text("stub.kickstart.csr_malformed")+"\n")
		return
	}
	cert, publicKey, err := s.ca.signAgent(request, uuid)
	if err != nil {
		s.log.Debug("refusing a certificate request", "err", err)
		text(w, http.StatusBadRequest, assets.Text("stub.kickstart.csr_malformed")+"\n")
		return
	}
	switch err := s.storeCertificate(r, uuid, publicKey); {
	case errors.Is(err, errKeyRefused):
		s.refuseKey(w)
	case errors.Is(err, errForeignUUID):
		text(w, http.StatusConflict, assets.Text("stub.kickstart.uuid_taken")+"\n")
	case err != nil:
		s.broken(w, r, err)
	default:
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(cert) // the client is gone: nobody is left to tell
	}
}

// storeCertificate notes whose key a certificate was signed with. The key is checked again in the same transaction, so
// that a key which is good once is used once. A certuuid can be signed again for the same key pair only, and keeps its
// first owner: otherwise any key would be enough to take over another's device.
func (s *Server) storeCertificate(r *http.Request, uuid, publicKey string) error {
	ctx := r.Context()
	return s.write(ctx, func(tx *sql.Tx) error {
		k, err := s.checkKey(ctx, tx, r.Header.Get(keyHeader))
		if err != nil {
			return err
		}
		now := when(s.now())
		_, err = tx.ExecContext(ctx, `INSERT INTO certificates (uuid, public_key, owner_type, owner_id, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			uuid, publicKey, k.OwnerType, k.OwnerID, now)
		if err != nil {
			return fmt.Errorf("storing a certificate: %w", err)
		}
		var first string
		if err := tx.QueryRowContext(ctx, `SELECT public_key FROM certificates WHERE uuid = ? AND revoked = ''`, uuid).Scan(&first); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("reading a certificate: %w", err)
		}
		if first != publicKey {
			return errForeignUUID
		}
		if _, err := tx.ExecContext(ctx, `UPDATE connect_keys SET used = ? WHERE value = ?`, now, k.Value); err != nil {
			return fmt.Errorf("noting the use of a connect key: %w", err)
		}
		s.did = append(s.did, Entry{Kind: EntryKey, Text: "a certificate was signed with a key", ActorID: k.OwnerID, expires: k.Expires})
		return nil
	})
}
