package stub

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// scanInsight reads an event in the shape of Directory Insights. Only the keys of association_change were ever seen;
// those of the others follow the same manner. What the stub does not record (client_ip, geoip, useragent,
// auth_method) is left out.
func scanInsight(r *sql.Rows, org Organization) (insight, error) {
	var e Event
	var seq int64
	var admin, user, username, hostname, displayName string
	if err := r.Scan(&seq, &e.ID, &e.Type, stamp{&e.Time}, &e.ActorID, &e.SystemID, &e.UserID, &e.Detail, &e.Success,
		&admin, &user, &username, &hostname, &displayName); err != nil {
		return insight{}, err
	}
	w := object{"id": e.ID, "event_type": e.Type, "service": "directory", "timestamp": when(e.Time), "organization": org.ID, "success": e.Success,
		"provider": nil, "@version": "1", "initiated_by": initiator(e, admin, user)}
	switch e.Type {
	case eventAssociation:
		w["association"] = object{"op": e.Detail, "attributes": nil, "connection": object{
			"from": object{"type": "system", "object_id": e.SystemID, "name": displayName},
			"to":   object{"type": "user", "object_id": e.UserID, "name": username}}}
	case eventSystemCreate, eventSystemUpdate, eventSystemDelete:
		w["resource"] = object{"type": "system", "id": e.SystemID, "hostname": hostname, "displayName": displayName}
	case eventUserCreate, eventUserUpdate, eventUserDelete: // the detail is the name, which outlives the user
		w["resource"] = object{"type": "user", "id": e.UserID, "username": e.Detail}
	case eventOrganization:
		w["resource"] = object{"type": "organization", "id": org.ID}
		field, to, _ := strings.Cut(e.Detail, "=")
		w["changes"] = []object{{"field": field, "to": changed(field, to)}}
	}
	after, err := json.Marshal([]string{when(e.Time), strconv.FormatInt(seq, 10)})
	if err != nil {
		return insight{}, fmt.Errorf("writing where a page ends: %w", err)
	}
	return insight{w, string(after)}, nil
}

// changed is the new value of a setting.
func changed(field, to string) any {
	if field == detailEnrollSetting {
		return to == "true"
	}
	return to
}

// initiator is who did it; what a tester did under /_qa/ nobody did.
func initiator(e Event, admin, user string) object {
	switch {
	case user != "":
		return object{"type": "user", "id": e.ActorID, "email": user}
	case admin != "":
		return object{"type": "admin", "id": e.ActorID, "email": admin}
	}
	return object{"type": "system", "id": e.ActorID}
}
