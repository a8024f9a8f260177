package stub

import (
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"example.com/enrollment-assistant/assets"
)

// reportRoutes take reports from computers, and tell of the form. A computer shows the token of the profile instead of
// the header that testers send.
func (s *Server) reportRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /_qa/reports", s.serveReport)
	mux.HandleFunc("GET /_qa/reports/schema.json", serveReportSchema)
}

func serveReportSchema(w http.ResponseWriter, _ *http.Request) {
	raw, err := assets.Stub.ReadFile(reportSchemaName)
	if err != nil {
		message(w, http.StatusInternalServerError, "Internal error")
		return
	}
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(raw) // the client is gone: nobody is left to tell
}

// serveReport takes a report. Nothing is read of one that may not be sent, and none is ever sent elsewhere.
func (s *Server) serveReport(w http.ResponseWriter, r *http.Request) {
	if !s.Settings().Reports {
		message(w, http.StatusNotFound, "Reports are switched off")
		return
	}
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	allowed, err := s.mayReport(r.Context(), token)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	if !bearer || !allowed {
		w.Header().Set("WWW-Authenticate", "Bearer")
		message(w, http.StatusUnauthorized, "The token of the profile is needed")
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		message(w, http.StatusUnsupportedMediaType, "A report is application/json")
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReport))
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		message(w, http.StatusRequestEntityTooLarge, "A report is at most 64 KiB")
		return
	}
	var rep Report
	if err == nil {
		rep, err = s.parseReport(raw)
	} else {
		err = fmt.Errorf("%w: the report broke off", errBadRequest)
	}
	if err == nil {
		err = s.AddReport(r.Context(), rep)
	}
	s.answerReport(w, r, rep, err)
}

func (s *Server) answerReport(w http.ResponseWriter, r *http.Request, rep Report, err error) {
	var many tooManyReports
	switch {
	case err == nil:
		asJSON(w, http.StatusCreated, map[string]string{"id": rep.ID})
	case errors.Is(err, ErrAlready): // sent again, since the answer got lost
		asJSON(w, http.StatusOK, map[string]string{"id": rep.ID})
	case errors.As(err, &many):
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(many.wait.Seconds()))))
		message(w, http.StatusTooManyRequests, "Too many reports")
	case errors.Is(err, errReportsOff):
		message(w, http.StatusNotFound, "Reports are switched off")
	case errors.Is(err, errBadRequest):
		message(w, http.StatusBadRequest, err.Error())
	default:
		s.broken(w, r, err)
	}
}

// reportsAnswer is what GET /_qa/reports gives.
type reportsAnswer struct {
	On      bool          `json:"on"`
	Causes  []ReportCause `json:"causes"`
	Reports []Report      `json:"reports"`
}

// reportQuery reads what of the reports is asked for.
func reportQuery(r *http.Request) (q ReportQuery, err error) {
	for name, values := range r.URL.Query() {
		value := values[len(values)-1]
		switch name {
		case "id":
			q.ID = value
		case "device":
			q.Device = value
		case "step":
			q.Step = value
		case "code":
			q.Code = value
		case "outcome":
			q.Outcome = value
		case "limit":
			if q.Limit, err = strconv.Atoi(value); err != nil || q.Limit < 1 || q.Limit > maxReportList {
				return q, fmt.Errorf("%w: limit is from 1 to %d", errBadRequest, maxReportList)
			}
		default:
			return q, fmt.Errorf("%w: what is %q? There are id, device, step, code, outcome, limit", errBadRequest, name)
		}
	}
	return q, nil
}

func (s *Server) qaReports(r *http.Request) (any, error) {
	q, err := reportQuery(r)
	if err != nil {
		return nil, err
	}
	a := reportsAnswer{On: s.Settings().Reports}
	if a.Causes, err = s.ReportCauses(r.Context(), q); err != nil {
		return nil, err
	}
	a.Reports, err = s.Reports(r.Context(), q)
	return a, err
}

// qaDeleteReports deletes what is asked for, all where nothing is.
func (s *Server) qaDeleteReports(r *http.Request) (any, error) {
	q, err := reportQuery(r)
	if err != nil {
		return nil, err
	}
	n, err := s.DeleteReports(r.Context(), Admin{ID: qaActor, Role: RoleAdministrator}, q)
	return map[string]int{"deleted": n}, err
}

// qaReportToken gives what a profile needs for reports.
func (s *Server) qaReportToken(r *http.Request) (any, error) {
	token, err := s.ReportToken(r.Context())
	return map[string]any{"reports": map[string]string{"url": s.basesFor(r).Console + "/_qa/reports", "token": token}}, err
}
