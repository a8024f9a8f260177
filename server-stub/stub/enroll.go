package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"example.com/enrollment-assistant/assets"
)

// errCertificateRefused is a client certificate that was signed here but may not be used: revoked, or unknown since
// the database was replaced.
var errCertificateRefused = errors.New("client certificate refused")

// certificate is a client certificate as it was stored.
type certificate struct {
	UUID      string
	OwnerType OwnerType
	OwnerID   string
	Template  string
	SystemID  string // empty until the agent's first contact
	Deleted   bool   // the system was deleted; the agent is not told yet
}

// agentFunc answers a request that came with a valid client certificate.
type agentFunc func(http.ResponseWriter, *http.Request, certificate)

// agentRoutes are what needs a client certificate: the private half of Kickstart, and the agent's own endpoints. The
// long poll's path is the vendor's; the rest of /poll/ is ours, since the vendor's protocol is not public.
func (s *Server) agentRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /CheckAccess", s.withCertificate(func(w http.ResponseWriter, _ *http.Request, _ certificate) { text(w, http.StatusOK, "ok\n") }))
	mux.HandleFunc("POST /GetAgentInstall", s.withCertificate(s.serveAgentInstall))
	mux.HandleFunc("POST /poll/{$}", s.withCertificate(s.serveEnroll))
	mux.HandleFunc("GET /poll/{systemKey}", s.withCertificate(s.servePoll))
}

// withCertificate finds the certificate of a request. A deleted system's is accepted for its next poll only, which
// tells the agent.
func (s *Server) withCertificate(next agentFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
			text(w, http.StatusUnauthorized, assets.Text("stub.agent.certificate_missing")+"\n")
			return
		}
		c, err := findCertificate(r.Context(), s.db, r.TLS.VerifiedChains[0][0].Subject.CommonName)
		if errors.Is(err, errCertificateRefused) || err == nil && c.Deleted && r.PathValue("systemKey") == "" {
			text(w, http.StatusForbidden, assets.Text("stub.agent.certificate_refused")+"\n")
			return
		}
		if err != nil {
			s.broken(w, r, err)
			return
		}
		next(w, r, c)
	}
}

func findCertificate(ctx context.Context, q querier, uuid string) (certificate, error) {
	c, err := first(query(ctx, q, func(r *sql.Rows) (certificate, error) {
		var c certificate
		err := r.Scan(&c.UUID, &c.OwnerType, &c.OwnerID, &c.Template, &c.SystemID, &c.Deleted)
		return c, err
	}, `SELECT uuid, owner_type, owner_id, template, system_id,
		coalesce((SELECT deleted <> '' FROM systems WHERE id = system_id), 0) FROM certificates WHERE uuid = ? AND revoked = ''`, uuid))
	if errors.Is(err, ErrNotFound) {
		return c, errCertificateRefused
	}
	return c, err
}

func (s *Server) serveAgentInstall(w http.ResponseWriter, r *http.Request, c certificate) {
	id := oneLine(r.PostFormValue("templateId"), 100)
	if r.PostFormValue("certuuid") != c.UUID {
		text(w, http.StatusForbidden, assets.Text("stub.agent.certificate_refused")+"\n")
		return
	}
	shelf, err := s.Packages(r.Context())
	if err != nil {
		s.broken(w, r, err)
		return
	}
	if !hasPackage(s.Settings().Supported, shelf, id) {
		text(w, http.StatusNotFound, assets.Text("stub.agent.no_package", "Template", id)+"\n")
		return
	}
	ctx := r.Context()
	err = s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE certificates SET template = ? WHERE uuid = ?`, id, c.UUID)
		return err
	})
	if err != nil {
		s.broken(w, r, fmt.Errorf("noting the template: %w", err))
		return
	}
	s.script(w, r, "agentInstall.sh", InstallScript{PackageURL: s.basesFor(r).Console + "/production", Packages: shelf})
}

// agentFacts is what an agent says of its computer at first contact, and again when it was upgraded.
type agentFacts struct {
	Hostname     string `json:"hostname"`
	OS           string `json:"os"`
	OSFamily     string `json:"osFamily"`
	Version      string `json:"version"`
	Arch         string `json:"arch"`
	AgentVersion string `json:"agentVersion"`
	SerialNumber string `json:"serialNumber"`
	TemplateName string `json:"templateName"`
	CertUUID     string `json:"certuuid"`
	FDEKey       string `json:"fdeKey"` // recovery key of the disk; empty: the one told before stays
	reportedOfSystem
}

func (s *Server) serveEnroll(w http.ResponseWriter, r *http.Request, c certificate) {
	var f agentFacts
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
		message(w, http.StatusBadRequest, "Malformed JSON")
		return
	}
	f.tidy()
	if f.Hostname == "" || f.CertUUID != "" && f.CertUUID != c.UUID {
		message(w, http.StatusBadRequest, "A hostname is needed, and certuuid must be that of the certificate")
		return
	}
	id, err := s.enroll(r.Context(), c.UUID, remoteIP(r), f)
	if errors.Is(err, errCertificateRefused) {
		text(w, http.StatusForbidden, assets.Text("stub.agent.certificate_refused")+"\n")
		return
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	asJSON(w, http.StatusOK, map[string]string{"systemKey": id})
}

// enroll makes a device of a certificate, in one transaction: the row, who installed it, the event, one mail for each
// admin; nobody is bound. A certificate that has its device already is an upgrade: the row is brought up to date, and
// nobody is told.
func (s *Server) enroll(ctx context.Context, uuid, ip string, f agentFacts) (id string, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		c, err := findCertificate(ctx, tx, uuid)
		if err != nil {
			return err
		}
		if c.Deleted {
			return errCertificateRefused
		}
		if id = c.SystemID; id != "" {
			_, err := tx.ExecContext(ctx, `UPDATE systems SET hostname = ?, os = ?, os_family = ?, version = ?, arch = ?, agent_version = ?,
				serial_number = ?, remote_ip = ? WHERE id = ?`,
				f.Hostname, f.OS, f.OSFamily, f.Version, f.Arch, f.AgentVersion, f.SerialNumber, ip, id)
			if err != nil {
				return fmt.Errorf("updating a system: %w", err)
			}
			return s.storeReport(ctx, tx, id, f)
		}
		id = newID(s.now())
		return s.createSystem(ctx, tx, c, id, ip, f)
	})
	return id, err
}

func (s *Server) createSystem(ctx context.Context, tx *sql.Tx, c certificate, id, ip string, f agentFacts) error {
	if f.TemplateName == "" {
		f.TemplateName = c.Template
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO systems (id, hostname, display_name, os, os_family, version, arch, agent_version, serial_number,
		remote_ip, template_name, cert_uuid, created, provisioner_type, provisioner_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, f.Hostname, f.Hostname, f.OS, f.OSFamily, f.Version, f.Arch, f.AgentVersion, f.SerialNumber,
		ip, f.TemplateName, c.UUID, when(s.now()), c.OwnerType, c.OwnerID)
	if err != nil {
		return fmt.Errorf("storing a system: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE certificates SET system_id = ? WHERE uuid = ?`, id, c.UUID); err != nil {
		return fmt.Errorf("storing whose certificate it is: %w", err)
	}
	if err := s.storeReport(ctx, tx, id, f); err != nil {
		return err
	}
	e := Event{Type: eventSystemCreate, ActorID: c.OwnerID, SystemID: id, Detail: f.Hostname, Success: true}
	if c.OwnerType == OwnerUser {
		e.UserID = c.OwnerID
	}
	if err := s.addEvent(ctx, tx, e); err != nil {
		return err
	}
	y, err := first(s.systems(ctx, tx, `AND id = ?`, id))
	if err != nil {
		return err
	}
	return s.mailAdmins(ctx, tx, y)
}
