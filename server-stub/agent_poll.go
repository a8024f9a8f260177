package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
)

// register makes this computer known; the server gives the same key to the same certificate.
func (a *agent) register(ctx context.Context, client *http.Client, conf agentConf) (string, error) {
	told, err := a.at.told(conf, a.version)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(told)
	if err != nil {
		return "", err
	}
	var answer struct {
		SystemKey string `json:"systemKey"`
	}
	if err := a.call(ctx, client, http.MethodPost, conf.server()+"/poll/", body, &answer); err != nil {
		return "", err
	}
	if answer.SystemKey == "" {
		return "", errors.New("the server gave no systemKey")
	}
	return answer.SystemKey, nil
}

// orders is what the server wants of this computer.
type orders struct {
	ManagedUsers     []string `json:"managedUsers"`
	Uninstall        bool     `json:"uninstall"`
	HeartbeatSeconds int      `json:"heartbeatSeconds"`
	Hash             string   `json:"hash"` // names these orders, for the next poll
}

// poll asks what is wanted; with the hash of the last answer it waits at the server until that changes.
func (a *agent) poll(ctx context.Context, client *http.Client, conf agentConf, have string) (o orders, err error) {
	address := conf.server() + "/poll/" + url.PathEscape(conf.SystemKey)
	if have != "" {
		address += "?have=" + url.QueryEscape(have)
	}
	return o, a.call(ctx, client, http.MethodGet, address, nil, &o)
}

// manage writes who is bound. The format is this agent's own: the vendor's was never published.
func (a *agent) manage(names []string) error {
	type managed struct {
		Username string `json:"username"`
	}
	list := make([]managed, 0, len(names))
	for _, n := range names {
		list = append(list, managed{n})
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return err
	}
	now, err := os.ReadFile(a.at.path(managedFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading %s: %w", managedFile, err)
	}
	if string(now) == string(raw)+"\n" {
		return nil
	}
	if err := a.at.writeFile(managedFile, append(raw, '\n')); err != nil {
		return err
	}
	a.log.info("managed users: %d", len(list))
	return nil
}
