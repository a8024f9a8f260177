package steps

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"time"

	"example.com/enrollment-assistant/platform"
)

// Portal signs a person in to the User Portal and fetches a connect key through that session. The calls are those
// that the vendor's own web page makes; they are not documented, and the one that issues a key is not public, so its
// path comes from a protected profile. It is for one goroutine at a time.
type Portal struct {
	base        string
	keyEndpoint string
	client      *http.Client
	token       string // answers X-Xsrftoken
}

// portalAnswerMax bounds an answer, in bytes.
const portalAnswerMax = 1 << 20

// Refusal is why the portal did not do what was asked.
type Refusal string

// The refusals.
const (
	RefusedPassword Refusal = "password"   // email or password is wrong
	RefusedFactor   Refusal = "factor"     // right so far; a second factor is needed
	RefusedCode     Refusal = "code"       // the second factor is wrong
	RefusedLocked   Refusal = "locked"     // too many wrong tries
	RefusedOff      Refusal = "off"        // enrollment through the User Portal is not switched on
	RefusedSession  Refusal = "session"    // the session ended
	RefusedBusy     Refusal = "busy"       // too many requests of anybody, whatever they ask
	RefusedDown     Refusal = "down"       // the portal failed
	RefusedOther    Refusal = "other"      // a web page or a redirect: something between here and the portal answered
	RefusedAnswer   Refusal = "unexpected" // an answer that this program does not know
)

// PortalError is a refusal of the portal. Message is the server's own, for the log.
type PortalError struct {
	Refusal Refusal
	Status  int
	Message string
	Factors []string // types of second factors, with RefusedFactor
}

// Error implements error.
func (e *PortalError) Error() string {
	return fmt.Sprintf("the portal refused (%s): status %d: %q", e.Refusal, e.Status, e.Message)
}

// NewPortal gives a portal without a session. base is the console's base URL, keyEndpoint a path below it. The
// client's transport is used; its cookies and redirects are not: a password is not sent on to another address.
func NewPortal(base, keyEndpoint string, client *http.Client) *Portal {
	jar, err := cookiejar.New(nil)
	if err != nil {
		jar = nil // New never fails without options; without cookies the portal refuses, and that is said
	}
	own := &http.Client{
		Transport:     client.Transport,
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if jar != nil {
		own.Jar = jar
	}
	return &Portal{base: strings.TrimSuffix(base, "/"), keyEndpoint: keyEndpoint, client: own}
}

// SignIn starts a session. A *PortalError with RefusedFactor means that the password was right and OTP is next.
func (p *Portal) SignIn(ctx context.Context, email string, password platform.Secret) error {
	var start struct {
		XSRF string `json:"xsrf"`
	}
	status, body, err := p.call(ctx, http.MethodGet, "/userconsole/xsrf", nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, &start); err != nil || status != http.StatusOK || start.XSRF == "" {
		return &PortalError{Refusal: strange(status, body), Status: status, Message: message(body)}
	}
	p.token = start.XSRF
	status, body, err = p.call(ctx, http.MethodPost, "/userconsole/auth",
		map[string]string{"email": email, "password": password.Reveal(), "context": "sso"})
	if err != nil {
		return err
	}
	return signedIn(status, body, RefusedPassword)
}

// OTP answers with a code of the person's authenticator, in a session that asked for it.
func (p *Portal) OTP(ctx context.Context, code platform.Secret) error {
	status, body, err := p.call(ctx, http.MethodPost, "/userconsole/auth/totp", map[string]string{"otp": strings.TrimSpace(code.Reveal())})
	if err != nil {
		return err
	}
	return signedIn(status, body, RefusedCode)
}

// signedIn reads the answer to a sign-in; wrong is what a plain 401 means.
func signedIn(status int, body []byte, wrong Refusal) error {
	refused := &PortalError{Refusal: strange(status, body), Status: status, Message: message(body)}
	switch {
	case status == http.StatusOK && refused.Refusal != RefusedOther:
		return nil
	case status == http.StatusLocked, strings.Contains(strings.ToLower(refused.Message), "locked"):
		refused.Refusal = RefusedLocked
	case status == http.StatusUnauthorized:
		refused.Refusal = wrong
		if f := factors(body); len(f) > 0 {
			refused.Refusal, refused.Factors = RefusedFactor, f
		}
	}
	return refused
}

// strange says whose doing an answer is that is not in the portal's words.
func strange(status int, body []byte) Refusal {
	switch {
	case status == http.StatusTooManyRequests:
		return RefusedBusy
	case status >= http.StatusInternalServerError:
		return RefusedDown
	case status/100 == 3, bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		return RefusedOther
	}
	return RefusedAnswer
}

// ConnectKey makes a connect key that lives one hour from now.
func (p *Portal) ConnectKey(ctx context.Context) (platform.Secret, error) {
	status, body, err := p.call(ctx, http.MethodPost, p.keyEndpoint, map[string]string{})
	if err != nil {
		return platform.Secret{}, err
	}
	refused := &PortalError{Refusal: strange(status, body), Status: status, Message: message(body)}
	switch status {
	case http.StatusOK, http.StatusCreated:
	case http.StatusForbidden:
		refused.Refusal = RefusedOff
		return platform.Secret{}, refused
	case http.StatusUnauthorized:
		refused.Refusal = RefusedSession
		return platform.Secret{}, refused
	default:
		return platform.Secret{}, refused
	}
	var answer struct {
		ConnectKey string `json:"connectKey"`
	}
	defer clear(body)
	if err := json.Unmarshal(body, &answer); err != nil || answer.ConnectKey == "" {
		refused.Message = "no key in the answer"
		return platform.Secret{}, refused
	}
	return platform.NewSecret(answer.ConnectKey), nil
}

// User gives the person's user name in the service: the local user account where the service has one, else the user
// name. It is empty where the session does not tell; what the answer holds besides is not public.
func (p *Portal) User(ctx context.Context) string {
	status, body, err := p.call(ctx, http.MethodGet, "/userconsole/api/self", nil)
	var self struct {
		Username       string `json:"username"`
		SystemUsername string `json:"systemUsername"`
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &self) != nil {
		return ""
	}
	return inLine(cmp.Or(self.SystemUsername, self.Username))
}

// call sends JSON and gives the whole answer. Its errors are those of the network and hold no body.
func (p *Portal) call(ctx context.Context, method, path string, body any) (int, []byte, error) {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, nil, fmt.Errorf("asking the portal: %w", err)
		}
		defer clear(b)
		content = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, p.base+path, content)
	if err != nil {
		return 0, nil, fmt.Errorf("asking the portal: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("X-Requested-With", "XMLHttpRequest")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if p.token != "" {
		r.Header.Set("X-Xsrftoken", p.token)
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return 0, nil, fmt.Errorf("asking the portal: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, portalAnswerMax))
	if err != nil {
		return 0, nil, fmt.Errorf("reading the portal's answer: %w", err)
	}
	return resp.StatusCode, answer, nil
}

// message is the server's own word for what went wrong, cut to what a log line bears.
func message(body []byte) string {
	var m struct {
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return ""
	}
	return m.Message[:min(len(m.Message), 200)]
}

// factors lists the types of second factors that can be used.
func factors(body []byte) []string {
	var m struct {
		Factors []struct {
			Type   string `json:"type"`
			Status string `json:"status"`
		} `json:"factors"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return nil
	}
	var types []string
	for _, f := range m.Factors {
		if f.Status == "" || f.Status == "available" {
			types = append(types, f.Type)
		}
	}
	return types
}

// certificateDates tells whether a request failed because a certificate is not valid at this computer's time.
func certificateDates(err error) bool {
	var invalid x509.CertificateInvalidError
	return errors.As(err, &invalid) && invalid.Reason == x509.Expired
}
