package stub

import (
	"net/http"
	"time"

	"example.com/enrollment-assistant/assets"
)

// usersData is what users.html shows.
type usersData struct {
	MayAsk bool
	Rows   []userRow
}

// userRow is a user and how far they came.
type userRow struct {
	User
	Name    string
	Way     []wayStep
	Devices []System // those the user is bound to
}

// wayStep is one of asked, enrolled and bound: done, or not yet.
type wayStep struct {
	Done bool
	Text string
}

func (s *Server) usersPage(w http.ResponseWriter, r *http.Request, a Admin) error {
	users, err := s.Users(r.Context())
	if err != nil {
		return err
	}
	systems, err := s.Systems(r.Context())
	if err != nil {
		return err
	}
	asked, err := s.lastAsked(r.Context())
	if err != nil {
		return err
	}
	enrolled, bound := map[string]bool{}, map[string][]System{}
	for _, y := range systems {
		if y.ProvisionerType == OwnerUser {
			enrolled[y.ProvisionerID] = true
		}
		for _, id := range y.BoundUserIDs {
			bound[id] = append(bound[id], y)
		}
	}
	d := usersData{MayAsk: can(a.Role, actAnnounce)}
	for _, u := range users {
		d.Rows = append(d.Rows, userRow{u, u.displayName(), wayOf(asked[u.ID], enrolled[u.ID], len(bound[u.ID]) > 0), bound[u.ID]})
	}
	return s.render(w, r, adminPage(a, "users", "users", assets.Text("web.users.title"), d))
}

// wayOf says how far a user came: asked to install (zero for never), enrolled a device, bound to one.
func wayOf(asked time.Time, enrolled, bound bool) []wayStep {
	way := []wayStep{{!asked.IsZero(), assets.Text("web.people.not_asked")}, {enrolled, assets.Text("web.people.not_enrolled")}, {bound, assets.Text("web.people.not_bound")}}
	if way[0].Done {
		way[0].Text = assets.Text("web.people.asked", "When", webTime(asked))
	}
	if enrolled {
		way[1].Text = assets.Text("web.people.enrolled")
	}
	if bound {
		way[2].Text = assets.Text("web.people.bound")
	}
	return way
}
