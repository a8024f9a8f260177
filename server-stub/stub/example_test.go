package stub_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net/http"
	"time"

	"example.com/enrollment-assistant/server-stub/stub"
)

// A test makes a server of its own, lets something go wrong, and waits for a state instead of a time.
func ExampleServer() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := &stub.Server{} // an empty organization in a temporary folder
	defer func() { _ = s.Close() }()
	if err := s.Demo(ctx); err != nil {
		log.Panic(err)
	}
	at, err := s.Start(stub.Ports{})
	if err != nil {
		log.Panic(err)
	}
	if _, err := s.ApplyPreset("maintenance"); err != nil {
		log.Panic(err)
	}

	authority, err := s.CA()
	if err != nil {
		log.Panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	for range 2 {
		resp, err := client.Get(at.Console + "/readyz") // here the code under test enrolls
		if err != nil {
			log.Panic(err)
		}
		_ = resp.Body.Close()
		fmt.Printf("%d %q\n", resp.StatusCode, resp.Header.Get("Retry-After"))
		if err := s.ClearFaults(""); err != nil {
			log.Panic(err)
		}
	}

	err = s.Await(ctx, func(now stub.Snapshot) bool { return len(now.Users) == 2 && len(now.Outbox) == 0 })
	fmt.Println(err, len(s.Violations()))
	// Output:
	// 503 "120"
	// 200 ""
	// <nil> 0
}
