package network

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	addrA = "10.0.0.1:5678"
	addrB = "10.0.0.2:5678"
	addrC = "10.0.0.3:5678"
)

const none = `{"code": 0, "data": ""}`

// startOn runs a server or a node on ln until the test ends or stop is called,
// which waits for it.
func startOn(t testing.TB, ln net.Listener, run func(context.Context, net.Listener) error) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context()) // done before any cleanup
	done := make(chan error, 1)
	go func() { done <- run(ctx, ln) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s: ended with %v", ln.Addr(), err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// listen listens on a loopback address.
func listen(t testing.TB, addr string) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	skipWithout(t, addr, err)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// startServer runs s on a free port of 127.0.0.1 until the test ends.
func startServer(t testing.TB, s *TCPServer) (addr string) {
	t.Helper()
	ln := listen(t, "127.0.0.1:0")
	startOn(t, ln, s.Serve)
	return ln.Addr().String()
}

// startPeer runs a PeerServer on a free port of ip until the test ends or stop
// is called.
func startPeer(t testing.TB, ip string, l Ledger, peers ...netip.AddrPort) (p *PeerServer, addr netip.AddrPort, stop func()) {
	t.Helper()
	ln := listen(t, ip+":0")
	p = &PeerServer{Ledger: l, Discovery: &fakeDiscovery{peers: peers}, Log: testLog(t)}
	stop = startOn(t, ln, p.Run)
	return p, ln.Addr().(*net.TCPAddr).AddrPort(), stop
}

// startPipe has s talk to the peer at the other end of a pipe, whose address is
// ip, until that hangs up; ended is called then.
func startPipe(t testing.TB, s *TCPServer, ip string, ended func()) (peer net.Conn) {
	near, end := net.Pipe()
	far := &fakeConn{end, &net.TCPAddr{IP: net.ParseIP(ip), Port: 40000}}
	var wg sync.WaitGroup
	wg.Go(func() {
		s.converse(t.Context(), newMsgConn(far, s.Log))
		ended()
		far.Close()
	})
	t.Cleanup(func() {
		near.Close()
		wg.Wait()
	})
	return near
}

// runClient runs c until the test ends.
func runClient(t testing.TB, c *TCPClient) {
	var wg sync.WaitGroup
	ctx := t.Context() // done before the cleanup
	wg.Go(func() { c.Run(ctx) })
	t.Cleanup(wg.Wait)
}

// skipWithout skips a test that needs more than one loopback address where
// there is only 127.0.0.1, as on macOS.
func skipWithout(t testing.TB, addr string, err error) {
	t.Helper()
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Skipf("no address %s on this machine", addr)
	}
}

// dial connects to addr from ip, for at most a minute.
func dial(t testing.TB, ip, addr string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	c, err := d.Dial("tcp", addr)
	skipWithout(t, ip, err)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return c
}

// write sends text as it is.
func write(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// expect reads exactly want.
func expect(t testing.TB, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(c, got)
	if err != nil || string(got) != want {
		t.Fatalf("got  %.300s, %v\nwant %.300s", got[:n], err, want)
	}
}

// expectClosed reads to the end of the connection, where nothing more comes.
func expectClosed(t testing.TB, c net.Conn) {
	t.Helper()
	rest, err := io.ReadAll(c)
	if err != nil && !strings.Contains(err.Error(), "reset") || len(rest) > 0 {
		t.Fatalf("got %.300q, %v, want the end", rest, err)
	}
}

// stream is a connection that receives what r has, and takes what is sent.
func stream(r io.Reader) *msgConn {
	return newMsgConn(&readConn{r: r}, slog.New(slog.DiscardHandler))
}

// readConn is a connection without deadlines.
type readConn struct {
	net.Conn // of which nothing else is called
	r        io.Reader
	written  bytes.Buffer
}

func (c *readConn) Read(p []byte) (int, error)       { return c.r.Read(p) }
func (c *readConn) Write(p []byte) (int, error)      { return c.written.Write(p) }
func (c *readConn) RemoteAddr() net.Addr             { return nil }
func (c *readConn) SetReadDeadline(time.Time) error  { return nil }
func (c *readConn) SetWriteDeadline(time.Time) error { return nil }

// recorder collects what a scripted peer was asked.
type recorder struct {
	mu   sync.Mutex // guards reqs
	reqs []Msg
}

func (r *recorder) add(req Msg) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reqs = append(r.reqs, req)
	return len(r.reqs)
}

// count returns how many requests had the code.
func (r *recorder) count(code int) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, req := range r.reqs {
		if req.Code == code {
			n++
		}
	}
	return n
}

// serve is what an honest server replies.
func serve(l Ledger, req Msg) []byte {
	s := &TCPServer{Ledger: l, Log: newTextLog(new(bytes.Buffer))}
	reply, err := s.handle(context.Background(), netip.AddrPort{}, req)
	if err != nil {
		return []byte(none)
	}
	return reply.Append(nil)
}

// serveBut is a peer with the chain of l that serves another reply for one height.
func serveBut(l *fakeLedger, height int, reply string) func(Msg) []byte {
	return func(req Msg) []byte {
		if req.Code == GetBlockMsg && string(req.Data) == fmt.Sprint(height) {
			return []byte(reply)
		}
		return serve(l, req)
	}
}

// blockMsg is the reply that carries block.
func blockMsg(block json.RawMessage) string { return string(Msg{GetBlockMsg, block}.Append(nil)) }

// testLog writes to the test's log; benchmarks log nothing.
func testLog(t testing.TB) *slog.Logger {
	if _, ok := t.(*testing.B); ok {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// newTextLog writes lines without the time.
func newTextLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}
