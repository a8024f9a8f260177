package stub

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.com/enrollment-assistant/assets"
)

// failuresData is what failures.html shows: the causes, or the reports of one.
type failuresData struct {
	On, Cause, MayDelete bool
	Step, Code           string
	Causes               []failureCause
	Reports              []failureReport
	Count                int // of reports
}

// failureCause is a cause and the address of its reports.
type failureCause struct {
	ReportCause
	Link string
}

// failureReport is a report with names for people.
type failureReport struct {
	Report
	Name, System string
}

// failureData is what failure.html shows of one report.
type failureData struct {
	Link, Code     string
	Details, Texts []detail
}

// failureLink is where the reports of a cause are.
func failureLink(step, code string) string {
	return "/admin/failures?" + url.Values{"step": {step}, "code": {code}}.Encode()
}

// failuresPage lists the reports by step and code, or those of the cause that the address names.
func (s *Server) failuresPage(w http.ResponseWriter, r *http.Request, a Admin) error {
	d := failuresData{On: s.Settings().Reports, MayDelete: can(a.Role, actBind), Step: r.URL.Query().Get("step"), Code: r.URL.Query().Get("code")}
	d.Cause = d.Step != "" && d.Code != ""
	title := assets.Text("web.failures.title")
	causes, err := s.ReportCauses(r.Context(), ReportQuery{Step: d.Step, Code: d.Code})
	if err != nil {
		return err
	}
	for _, c := range causes {
		d.Count += c.Count
		d.Causes = append(d.Causes, failureCause{c, failureLink(c.Step, c.Code)})
	}
	if d.Cause {
		if len(causes) == 0 {
			return webError{http.StatusNotFound, "web.failure.gone", "/admin/failures"}
		}
		title = assets.Text("web.failures.cause_title", "Code", d.Code, "Step", d.Step)
		list, err := s.Reports(r.Context(), ReportQuery{Step: d.Step, Code: d.Code})
		if err != nil {
			return err
		}
		for _, rep := range list {
			d.Reports = append(d.Reports, failureReport{rep, rep.name(), rep.system()})
		}
	}
	return s.render(w, r, adminPage(a, "failures", "failures", title, d))
}

// name is what people call the computer.
func (p Report) name() string {
	if p.Hostname == "" {
		return p.Device
	}
	return p.Hostname
}

func (p Report) system() string { return strings.TrimSpace(p.OS + " " + p.OSVersion) }

func (s *Server) failurePage(w http.ResponseWriter, r *http.Request, a Admin) error {
	list, err := s.Reports(r.Context(), ReportQuery{ID: r.PathValue("id")})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return webError{http.StatusNotFound, "web.failure.gone", "/admin/failures"}
	}
	p := list[0]
	d := failureData{Link: failureLink(p.Step, p.Code), Code: p.Code}
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	took := ""
	if p.Seconds > 0 {
		took = spanText(time.Duration(p.Seconds) * time.Second)
	}
	outcome := assets.Text("web.failures.failed")
	if p.Outcome == OutcomeAbandoned {
		outcome = assets.Text("web.failures.abandoned")
	}
	d.Details = details("web.failure.", [][2]string{{"outcome", outcome}, {"step", p.Step}, {"code", p.Code}, {"summary", p.Summary}, {"hint", p.Hint},
		{"tries", number(p.Tries)}, {"took", took}, {"hostname", p.Hostname}, {"system", p.system()}, {"arch", p.Arch}, {"serial", p.SerialNumber},
		{"assistant", p.AssistantVersion}, {"agent", p.AgentVersion}, {"language", p.Language}, {"time", webTime(p.Time)}, {"received", webTime(p.Received)},
		{"device", p.Device}, {"run", p.Run}, {"id", p.ID}})
	d.Texts = details("web.failure.", [][2]string{{"details", p.Details}, {"log", p.Log}})
	return s.render(w, r, adminPage(a, "failures", "failure", p.name(), d))
}

// details are the values that there are, under what they are called: the key of its sentence is prefix and name.
func details(prefix string, list [][2]string) (all []detail) {
	for _, d := range list {
		if d[1] != "" {
			all = append(all, detail{assets.Text(prefix + d[0]), d[1]})
		}
	}
	return all
}

// deleteFailures deletes the reports of the cause that the form names, or all.
func (s *Server) deleteFailures(w http.ResponseWriter, r *http.Request, a Admin) error {
	n, err := s.DeleteReports(r.Context(), a, ReportQuery{Step: r.PostFormValue("step"), Code: r.PostFormValue("code")})
	if err != nil {
		return err
	}
	return done(w, r, "/admin/failures", "reports_deleted", "Count", n)
}
