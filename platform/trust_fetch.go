package platform

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// FetchSignature gets the detached signature of a package; nothing where the server has none. What came is judged by
// CheckPackage.
func FetchSignature(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("asking for the signature: %w", err)
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("fetching the signature: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusForbidden, http.StatusGone: // a bucket that lists nothing answers 403 for what is not there
		return nil, nil
	default:
		return nil, fmt.Errorf("fetching the signature: %w", &StatusError{url, response.StatusCode})
	}
	signature, err := io.ReadAll(io.LimitReader(response.Body, MaxSignature+1))
	if err != nil {
		return nil, fmt.Errorf("fetching the signature: %w", err)
	}
	return signature, nil
}
