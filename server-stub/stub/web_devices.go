package stub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"example.com/enrollment-assistant/assets"
)

// deviceRow is what the list and the page of a device show of it.
type deviceRow struct {
	System
	OSName, Installer string
	Bound             []boundUser
	Offered           []offeredUser // who can be bound, the installer first
	InstallerOffered  bool
	MayBind           bool
	MayDelete         bool
	From, XSRF        string // for its forms: "list" or "device", and the token
	Details           []detail
	Account           serviceAccount
}

// serviceAccount is what a device's page says of a Mac's service account: "" of what is none, and of a Mac that told nothing.
type serviceAccount string

const (
	accountMissing serviceAccount = "missing"
	accountUseless serviceAccount = "useless" // without a SecureToken, or with a password that does not work any more
	accountReady   serviceAccount = "ready"
)

// NeedsHelp tells whether an admin has to do something about a Mac's service account.
func (c serviceAccount) NeedsHelp() bool { return c == accountMissing || c == accountUseless }

// Text says it.
func (c serviceAccount) Text() string {
	if c == "" {
		return ""
	}
	return assets.Text("web.device.account." + string(c))
}

type boundUser struct{ ID, Name string }

type offeredUser struct {
	ID, Label string
	Selected  bool
}

type detail struct{ Label, Value string }

// deviceRows makes rows of devices for what an admin may do.
func (s *Server) deviceRows(w http.ResponseWriter, r *http.Request, a Admin, from string, systems []System) ([]deviceRow, error) {
	users, err := s.Users(r.Context())
	if err != nil {
		return nil, err
	}
	token := s.xsrf(w, r, portalAdmin)
	rows := make([]deviceRow, 0, len(systems))
	for _, y := range systems {
		row := deviceRow{System: y, OSName: strings.TrimSpace(y.OS + " " + y.Version), Installer: installerText(y),
			MayBind: can(a.Role, actBind), MayDelete: can(a.Role, actDelete), From: from, XSRF: token}
		if row.Account, err = s.accountOf(r.Context(), y); err != nil {
			return nil, err
		}
		for _, u := range users {
			switch {
			case slices.Contains(y.BoundUserIDs, u.ID):
				row.Bound = append(row.Bound, boundUser{u.ID, u.displayName()})
			case y.ProvisionerType == OwnerUser && y.ProvisionerID == u.ID:
				row.InstallerOffered = true
				row.Offered = slices.Insert(row.Offered, 0, offeredUser{u.ID, assets.Text("web.devices.installed_it", "User", u.displayName()), true})
			default:
				row.Offered = append(row.Offered, offeredUser{u.ID, u.displayName(), false})
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// accountOf reads what a device told of its service account.
func (s *Server) accountOf(ctx context.Context, y System) (serviceAccount, error) {
	if y.OSFamily != "darwin" {
		return "", nil
	}
	var told reportedOfSystem
	var body string
	err := s.db.QueryRowContext(ctx, `SELECT body FROM system_reports WHERE system_id = ?`, y.ID).Scan(&body)
	if err == nil {
		err = json.Unmarshal([]byte(body), &told)
	}
	switch state := told.ServiceAccountState; {
	case errors.Is(err, sql.ErrNoRows):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("reading what a device told: %w", err)
	case !told.HasServiceAccount:
		return accountMissing, nil
	case state == nil || !state.HasSecureToken || !state.PasswordODValid || !state.PasswordAPFSValid:
		return accountUseless, nil
	}
	return accountReady, nil
}

func installerText(y System) string {
	if y.ProvisionerName == "" {
		return assets.Text("web.devices.unknown_installer")
	}
	if y.ProvisionerType == OwnerAdministrator {
		return assets.Text("web.devices.by_admin", "Name", y.ProvisionerName)
	}
	return y.ProvisionerName
}

// oneDevice gives the row of the device that the path names.
func (s *Server) oneDevice(w http.ResponseWriter, r *http.Request, a Admin) (deviceRow, error) {
	y, err := s.System(r.Context(), r.PathValue("id"))
	if errors.Is(err, ErrNotFound) {
		return deviceRow{}, webError{http.StatusNotFound, "web.device.gone", "/admin/devices"}
	}
	if err != nil {
		return deviceRow{}, err
	}
	rows, err := s.deviceRows(w, r, a, "device", []System{y})
	if err != nil {
		return deviceRow{}, err
	}
	row := rows[0]
	row.Details = details("web.device.", [][2]string{{"name", y.Hostname}, {"os", row.OSName}, {"arch", y.Arch}, {"agent", y.AgentVersion}, {"serial", y.SerialNumber},
		{"address", y.RemoteIP}, {"account", row.Account.Text()}, {"installer", row.Installer}, {"created", webTime(y.Created)}, {"id", y.ID}})
	return row, nil
}

func (s *Server) devicePage(w http.ResponseWriter, r *http.Request, a Admin) error {
	row, err := s.oneDevice(w, r, a)
	if err != nil {
		return err
	}
	return s.render(w, r, adminPage(a, "devices", "device", row.DisplayName, row))
}

func (s *Server) deletePage(w http.ResponseWriter, r *http.Request, a Admin) error {
	if !can(a.Role, actDelete) {
		return ErrForbidden
	}
	row, err := s.oneDevice(w, r, a)
	if err != nil {
		return err
	}
	return s.render(w, r, adminPage(a, "devices", "delete", assets.Text("web.delete.title", "Device", row.DisplayName), row))
}

// bindNames gives the names of the device of the path and the user of the form, and where to go on.
func (s *Server) bindNames(ctx context.Context, r *http.Request) (system System, user User, to string, err error) {
	system, err = s.System(ctx, r.PathValue("id"))
	if errors.Is(err, ErrNotFound) {
		err = webError{http.StatusNotFound, "web.device.gone", "/admin/devices"}
	}
	if err != nil {
		return
	}
	to = "/admin/devices"
	if r.PostFormValue("from") == "device" {
		to += "/" + system.ID
	}
	user, err = s.User(ctx, r.PostFormValue("user"))
	if errors.Is(err, ErrNotFound) {
		err = webError{http.StatusBadRequest, "web.error.user", to}
	}
	return
}

func (s *Server) bind(w http.ResponseWriter, r *http.Request, a Admin) error {
	system, user, to, err := s.bindNames(r.Context(), r)
	if err != nil {
		return err
	}
	said := "bound"
	err = s.Bind(r.Context(), a, system.ID, user.ID)
	if errors.Is(err, ErrAlready) {
		said, err = "already", nil
	}
	if err != nil {
		return err
	}
	return done(w, r, to, said, "User", user.displayName(), "Device", system.DisplayName)
}

func (s *Server) unbind(w http.ResponseWriter, r *http.Request, a Admin) error {
	system, user, to, err := s.bindNames(r.Context(), r)
	if err != nil {
		return err
	}
	err = s.Unbind(r.Context(), a, system.ID, user.ID)
	if err != nil && !errors.Is(err, ErrNotFound) { // not found: another admin was faster
		return err
	}
	return done(w, r, to, "unbound", "User", user.displayName(), "Device", system.DisplayName)
}

func (s *Server) deleteDevice(w http.ResponseWriter, r *http.Request, a Admin) error {
	y, err := s.System(r.Context(), r.PathValue("id"))
	if err == nil {
		err = s.DeleteSystem(r.Context(), a, y.ID)
	}
	if errors.Is(err, ErrNotFound) {
		return webError{http.StatusNotFound, "web.device.gone", "/admin/devices"}
	}
	if err != nil {
		return err
	}
	return done(w, r, "/admin/devices", "deleted", "Device", y.DisplayName)
}
