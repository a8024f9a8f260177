//go:build bench && linux

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// enrolling is how long enrollments are counted.
const enrolling = 10 * time.Second

// benchEnrollments counts enrollments through the whole protocol, and tells what bounds them: how much of the computer
// both sides used, and how much the server did for each.
func benchEnrollments(t *testing.T, v *visitor, pid int) {
	t.Helper()
	must(t, v.asBen(t.Context()))
	key, err := v.connectKey(t.Context())
	must(t, err)
	_, err = v.enroll(t.Context(), key, "first") // builds the packages
	must(t, err)
	ctx, stop := context.WithTimeout(t.Context(), enrolling)
	defer stop()
	var done atomic.Int64
	var all sync.WaitGroup
	server, client, busy, began := cpuOf(t, pid), cpuOf(t, os.Getpid()), busyOf(t), time.Now()
	failed := make([]error, benchSides)
	for i := range benchSides {
		all.Go(func() {
			for n := 0; ctx.Err() == nil && failed[i] == nil; n++ {
				if _, failed[i] = v.enroll(t.Context(), key, fmt.Sprintf("bench-%d-%d", i, n)); failed[i] == nil {
					done.Add(1)
				}
			}
		})
	}
	all.Wait()
	for _, err := range failed {
		must(t, err)
	}
	elapsed := time.Since(began).Seconds()
	server, client, busy = cpuOf(t, pid)-server, cpuOf(t, os.Getpid())-client, busyOf(t)-busy
	n, most := float64(done.Load()), elapsed*float64(runtime.NumCPU())
	t.Logf("enrollments: %.0f/s through the whole protocol, 8 requests and 2 TLS connections each, at %d devices; the stub used %.1f ms of processor time for each, "+
		"the clients %.1f ms, together %.0f %% of %d processors, of which all programs used %.0f %%", n/elapsed, benchDevices, server/n*1000, client/n*1000,
		100*(server+client)/most, runtime.NumCPU(), 100*busy/most)
}

// cpuOf is the processor time that a process used so far, in seconds.
func cpuOf(t *testing.T, pid int) float64 {
	t.Helper()
	fields := strings.Fields(strings.SplitAfter(readFile(t, fmt.Sprintf("/proc/%d/stat", pid)), ") ")[1])
	user, err := strconv.ParseFloat(fields[11], 64) // the 14th and 15th of proc_pid_stat(5)
	must(t, err)
	system, err := strconv.ParseFloat(fields[12], 64)
	must(t, err)
	return (user + system) / 100 // USER_HZ, which is 100 on every Linux that Go runs on
}

// busyOf is the processor time that all programs used so far, in seconds: the first line of proc_stat(5).
func busyOf(t *testing.T) (busy float64) {
	t.Helper()
	line, _, _ := strings.Cut(readFile(t, "/proc/stat"), "\n")
	for i, field := range strings.Fields(line)[1:9] {
		n, err := strconv.ParseFloat(field, 64)
		must(t, err)
		if i != 3 && i != 4 { // idle, and waiting for a disk
			busy += n
		}
	}
	return busy / 100
}

// memory tells what a process holds now, and what it held at most.
func memory(t *testing.T, pid int) string {
	t.Helper()
	said := map[string]string{}
	for line := range strings.Lines(readFile(t, fmt.Sprintf("/proc/%d/status", pid))) {
		name, value, _ := strings.Cut(line, ":")
		said[name] = strings.TrimSpace(value)
	}
	return said["VmRSS"] + " now, at most " + said["VmHWM"]
}

// selfSigned is a certificate of the same kind as the stub's.
func selfSigned(t *testing.T) (cert tls.Certificate, ca string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bare"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
