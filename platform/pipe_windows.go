package platform

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A pipe of Windows' own calls and no more: one instance, never two, so that nobody else can be a listener of the name.
// https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-createnamedpipew

// pipeListener listens on a named pipe.
type pipeListener struct {
	address string
	closing windows.Handle // an event
	close   func() error

	mu   sync.Mutex
	next windows.Handle // an instance that nobody has connected to; 0 for none
}

// listenPipe opens the first instance of a pipe. access is who may open it.
func listenPipe(address, access string) (*pipeListener, error) {
	h, err := newPipe(address, access)
	if err != nil {
		return nil, err
	}
	closing, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		_ = windows.CloseHandle(h)
		return nil, err
	}
	l := &pipeListener{address: address, closing: closing, next: h}
	l.close = sync.OnceValue(func() error { return windows.SetEvent(closing) })
	return l, nil
}

// newPipe makes the one instance of a pipe. It fails where there is one of that name.
func newPipe(address, access string) (windows.Handle, error) {
	name, err := windows.UTF16PtrFromString(address)
	if err != nil {
		return 0, err
	}
	sd, err := windows.SecurityDescriptorFromString(access)
	if err != nil {
		return 0, err
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: sd}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	return windows.CreateNamedPipe(name, windows.PIPE_ACCESS_DUPLEX|windows.FILE_FLAG_FIRST_PIPE_INSTANCE|windows.FILE_FLAG_OVERLAPPED,
		windows.PIPE_TYPE_BYTE|windows.PIPE_REJECT_REMOTE_CLIENTS, 1, maxLine, maxLine, 0, attributes)
}

// Accept implements net.Listener. Only one connection is open at a time: the one before must have been closed.
func (l *pipeListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == 0 {
		me, err := ownUser()
		if err != nil {
			return nil, err
		}
		if l.next, err = newPipe(l.address, pipeAccess(me)); err != nil {
			l.next = 0
			return nil, err
		}
	}
	h := l.next
	l.next = 0
	if err := l.connect(h); err != nil {
		_ = windows.CloseHandle(h)
		return nil, err
	}
	return newPipeConn(h, l.address), nil
}

// connect waits until somebody opens the pipe, or the listener is closed.
func (l *pipeListener) connect(h windows.Handle) error {
	event, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(event) }()
	waiting := &windows.Overlapped{HEvent: event}
	switch err := windows.ConnectNamedPipe(h, waiting); {
	case err == nil, errors.Is(err, windows.ERROR_PIPE_CONNECTED):
		return nil
	case !errors.Is(err, windows.ERROR_IO_PENDING):
		return err
	}
	which, err := windows.WaitForMultipleObjects([]windows.Handle{event, l.closing}, false, windows.INFINITE)
	var done uint32
	if err != nil || which != windows.WAIT_OBJECT_0 {
		_ = windows.CancelIoEx(h, waiting)
		_ = windows.GetOverlappedResult(h, waiting, &done, true) // until then Windows writes there
		return net.ErrClosed
	}
	return windows.GetOverlappedResult(h, waiting, &done, true)
}

// Close implements net.Listener; Accept ends.
func (l *pipeListener) Close() error {
	err := l.close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next != 0 {
		_ = windows.CloseHandle(l.next)
		l.next = 0
	}
	return err
}

// Addr implements net.Listener.
func (l *pipeListener) Addr() net.Addr { return pipeAddr(l.address) }

// pipeAddr is the address of a pipe.
type pipeAddr string

// Network implements net.Addr.
func (pipeAddr) Network() string { return "pipe" }

// String implements net.Addr.
func (a pipeAddr) String() string { return string(a) }

// pipeConn is one end of a pipe. The file waits as a network connection does, and has its deadlines.
type pipeConn struct {
	*os.File
	handle  windows.Handle
	address pipeAddr
}

func newPipeConn(h windows.Handle, address string) *pipeConn {
	return &pipeConn{File: os.NewFile(uintptr(h), address), handle: h, address: pipeAddr(address)}
}

// LocalAddr implements net.Conn.
func (c *pipeConn) LocalAddr() net.Addr { return c.address }

// RemoteAddr implements net.Conn.
func (c *pipeConn) RemoteAddr() net.Addr { return c.address }

// dialPipe connects to a pipe. The other end cannot act as this process's user: it learns nothing of its token.
func dialPipe(address string) (*pipeConn, error) {
	const anonymous = 0x00100000 // SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS
	name, err := windows.UTF16PtrFromString(address)
	if err != nil {
		return nil, err
	}
	// While the listener turns somebody else away the pipe is busy, or not there.
	for begun := time.Now(); ; <-time.After(50 * time.Millisecond) {
		h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_OVERLAPPED|anonymous, 0)
		if err == nil {
			return newPipeConn(h, address), nil
		}
		again := errors.Is(err, windows.ERROR_PIPE_BUSY) || errors.Is(err, windows.ERROR_FILE_NOT_FOUND)
		if !again || time.Since(begun) > 5*time.Second {
			return nil, err
		}
	}
}
