package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// A testNet is a network, and what it has told.
type testNet struct {
	*Network
	t testing.TB

	mu     sync.Mutex // guards below
	events []string
	more   chan struct{}
}

func newTestNet(t testing.TB, seed uint64) *testNet {
	n := &testNet{t: t, more: make(chan struct{})}
	n.Network = New(seed, func(e Event) {
		n.mu.Lock()
		defer n.mu.Unlock()
		what := []string{"sent", "arrived", "lost"}[e.What]
		reply := ""
		if e.Reply {
			reply = " reply"
		}
		n.events = append(n.events, fmt.Sprintf("%s %s>%s%s %s", what, e.From, e.To, reply, e.Bytes))
		close(n.more)
		n.more = make(chan struct{})
	})
	t.Cleanup(n.Close)
	return n
}

// told returns what the network has told, and forgets it.
func (n *testNet) told() (events []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	events, n.events = n.events, nil
	return events
}

func (n *testNet) wantTold(want ...string) {
	n.t.Helper()
	if got := n.told(); !slices.Equal(got, want) {
		n.t.Errorf("told\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// connect returns both ends of a connection that A dialled, each with the message
// that the other has said first.
func (n *testNet) connect() (a, b net.Conn) {
	n.t.Helper()
	ln := n.listen("B")
	a = n.dial("A", ln.Addr())
	b, err := ln.Accept()
	if err != nil {
		n.t.Fatal(err)
	}
	write(n.t, a, "hello")
	wantRead(n.t, b, "hello")
	n.told()
	return a, b
}

func (n *testNet) listen(host string) net.Listener {
	n.t.Helper()
	ln, err := n.Host(host).Listen(loopback.String())
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { ln.Close() })
	return ln
}

func (n *testNet) dial(host string, addr net.Addr) net.Conn {
	n.t.Helper()
	nc, err := n.Host(host).Dial(n.t.Context(), addr.(*net.TCPAddr).AddrPort())
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { nc.Close() })
	return nc
}

func write(t testing.TB, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func wantRead(t testing.TB, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v, want %q", got, err, want)
	}
}

// A message is sent, and arrives, and each direction is a wire of its own.
func TestWholeWire(t *testing.T) {
	n := newTestNet(t, 1)
	a, b := n.connect()
	write(t, a, "one")
	wantRead(t, b, "one")
	write(t, b, "two")
	wantRead(t, a, "two")
	n.wantTold("sent A>B one", "arrived A>B one", "sent B>A reply two", "arrived B>A reply two")
}

// What comes to a cut waits there, and the other direction goes on.
func TestCut(t *testing.T) {
	n := newTestNet(t, 1)
	a, b := n.connect()
	n.Set("A", "B", State{Cut: true})
	write(t, a, "one")
	write(t, a, "two")
	write(t, b, "back")
	wantRead(t, a, "back")
	n.wantTold("sent A>B one", "sent A>B two", "sent B>A reply back", "arrived B>A reply back")

	n.Set("A", "B", State{})
	wantRead(t, b, "onetwo")
	n.wantTold("arrived A>B one", "arrived A>B two")
}

// A message that is slow does not let the next one pass.
func TestDelay(t *testing.T) {
	n := newTestNet(t, 1)
	a, b := n.connect()
	n.Set("A", "B", State{Delay: 30 * time.Millisecond})
	began := time.Now()
	write(t, a, "slow")
	n.Set("A", "B", State{})
	write(t, a, "quick")
	wantRead(t, b, "slowquick")
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Errorf("both were there after %s", took)
	}
}

// Over TCP nothing gets lost: it comes later.
func TestLossOverTCP(t *testing.T) {
	n := newTestNet(t, 1)
	a, b := n.connect()
	n.Set("A", "B", State{Loss: 0.4})
	for range 3 {
		write(t, a, "text")
		wantRead(t, b, "text")
	}
}

// The pause holds what comes, in both directions; a step lets the oldest through.
func TestPauseAndStep(t *testing.T) {
	n := newTestNet(t, 1)
	a, b := n.connect()
	if _, ok := n.Step(); ok {
		t.Error("a step without a pause")
	}
	n.Pause()
	n.Pause() // as good as one
	write(t, a, "one")
	write(t, b, "two")
	write(t, a, "three")
	if got := n.InFlight(); len(got) != 3 || string(got[0].Bytes) != "one" || string(got[2].Bytes) != "three" {
		t.Errorf("in flight: %v", got)
	}
	n.told()

	for _, want := range []struct {
		reader io.Reader
		text   string
	}{{b, "one"}, {a, "two"}, {b, "three"}} {
		if m, ok := n.Step(); !ok || string(m.Bytes) != want.text {
			t.Errorf("step lets %q through, %v, want %q", m.Bytes, ok, want.text)
		}
		wantRead(t, want.reader, want.text)
	}
	if m, ok := n.Step(); ok {
		t.Errorf("step lets %q through", m.Bytes)
	}
	n.wantTold("arrived A>B one", "arrived B>A reply two", "arrived A>B three")

	write(t, a, "four")
	n.Resume()
	n.Resume()
	wantRead(t, b, "four")
}

// What is held at a cut no step lets through.
func TestStepAtCut(t *testing.T) {
	n := newTestNet(t, 1)
	a, b := n.connect()
	n.Pause()
	n.Set("A", "B", State{Cut: true})
	write(t, a, "one")
	write(t, b, "two")
	if m, ok := n.Step(); !ok || string(m.Bytes) != "two" {
		t.Errorf("step lets %q through, %v", m.Bytes, ok)
	}
	if _, ok := n.Step(); ok {
		t.Error("a step through a cut")
	}
}

// While a wire is cut, or all is paused, the clocks of a connection stand still.
func TestDeadlinesStandStill(t *testing.T) {
	tests := []struct {
		name       string
		stop, goOn func(*Network)
	}{
		{"cut", func(n *Network) { n.Set("B", "A", State{Cut: true}) }, func(n *Network) { n.Set("B", "A", State{}) }},
		{"pause", (*Network).Pause, (*Network).Resume},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := newTestNet(t, 1)
			a, b := n.connect()
			const patience = 20 * time.Millisecond

			// Set before, and set meanwhile.
			a.SetReadDeadline(time.Now().Add(patience))
			tt.stop(n.Network)
			b.SetReadDeadline(time.Now().Add(patience))
			stopped := make(chan error, 2)
			for _, end := range []net.Conn{a, b} {
				go func() {
					_, err := end.Read(make([]byte, 1))
					stopped <- err
				}()
			}
			select {
			case err := <-stopped:
				t.Fatalf("read ended: %v", err)
			case <-time.After(2 * patience):
			}

			tt.goOn(n.Network)
			for range 2 {
				if err := <-stopped; !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("read ended: %v", err)
				}
			}
		})
	}
}

// A deadline that is past ends a Read even then.
func TestPastDeadline(t *testing.T) {
	n := newTestNet(t, 1)
	a, _ := n.connect()
	n.Pause()
	a.SetReadDeadline(time.Unix(1, 0))
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

// Whoever dials over a cut is through when it is mended.
func TestDialOverCut(t *testing.T) {
	n := newTestNet(t, 1)
	ln := n.listen("B")
	n.Set("B", "A", State{Cut: true})
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond) // that clock stands still, too
	defer cancel()
	dialled := make(chan error, 1)
	go func() {
		nc, err := n.Host("A").Dial(ctx, ln.Addr().(*net.TCPAddr).AddrPort())
		if err == nil {
			nc.Close()
		}
		dialled <- err
	}()
	<-ctx.Done()
	select {
	case err := <-dialled:
		t.Fatalf("dialled: %v", err)
	default:
	}
	n.Set("B", "A", State{})
	if err := <-dialled; err != nil {
		t.Error(err)
	}
}

func TestDialErrors(t *testing.T) {
	n := newTestNet(t, 1)
	ln := n.listen("B")
	addr := ln.Addr().(*net.TCPAddr).AddrPort()

	if _, err := n.Host("A").Dial(t.Context(), netip.MustParseAddrPort("127.0.0.1:1")); err == nil {
		t.Error("dialled where no host is")
	}

	n.Set("A", "B", State{Cut: true})
	a := n.Host("A")
	dialled := make(chan error, 1)
	go func() {
		_, err := a.Dial(t.Context(), addr)
		dialled <- err
	}()
	a.Close()
	if err := <-dialled; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the host is gone: %v", err)
	}

	n.Set("A", "B", State{})
	ln.Close()
	if _, err := n.Host("A").Dial(t.Context(), addr); err == nil {
		t.Error("dialled a host that does not listen")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Host("A").Dial(ctx, addr); !errors.Is(err, context.Canceled) {
		t.Errorf("called off: %v", err)
	}
	if _, err := a.Dial(t.Context(), addr); err == nil {
		t.Error("dialled from a host that is gone")
	}
}

// The end of a connection comes after all that was written, and over a whole wire
// only.
func TestClose(t *testing.T) {
	n := newTestNet(t, 1)
	a, b := n.connect()
	n.Set("A", "B", State{Cut: true})
	write(t, a, "last words")
	a.Close()
	a.Close()
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read of a closed connection: %v", err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write to a closed connection: %v", err)
	}
	if err := a.SetDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("deadline of a closed connection: %v", err)
	}

	b.SetReadDeadline(time.Now().Add(time.Minute))
	n.Set("A", "B", State{})
	got, err := io.ReadAll(b)
	if string(got) != "last words" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

// A host that goes ends its connections, and one of the same name can come.
func TestHostGoes(t *testing.T) {
	n := newTestNet(t, 1)
	a := n.Host("A")
	ln := n.listen("B")
	addr := ln.Addr().(*net.TCPAddr).AddrPort()
	if _, err := a.Dial(t.Context(), addr); err != nil {
		t.Fatal(err)
	}
	b, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	a.Close()
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read: %v", err)
	}
	if _, err := n.Host("A").Dial(t.Context(), addr); err != nil {
		t.Error(err)
	}
}

// Messages that are on their way when all ends are lost, and nothing hangs.
func TestNetworkCloses(t *testing.T) {
	n := newTestNet(t, 1)
	a, b := n.connect()
	n.Pause()
	write(t, a, "on its way")
	n.told()
	n.Network.Close()
	n.wantTold("lost A>B on its way")
	if _, err := io.ReadAll(b); err == nil {
		t.Error("the other end hears nothing")
	}
	if _, err := a.Write([]byte("x")); err == nil {
		t.Error("wrote to a network that is closed")
	}
}

// Datagrams get lost at a cut and by chance, of the same the same ones.
func TestDatagrams(t *testing.T) {
	lost := func(seed uint64, s State) (lost string) {
		n := newTestNet(t, seed)
		a, err := n.Host("A").ListenUDP(loopback)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		b, err := n.Host("B").ListenUDP(loopback)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		n.Set("A", "B", s)

		for range 30 {
			if _, err := a.WriteToUDPAddrPort([]byte("x"), b.LocalAddr().(*net.UDPAddr).AddrPort()); err != nil {
				t.Fatal(err)
			}
		}
		n.wg.Wait() // the slow ones
		for _, event := range n.told() {
			switch event {
			case "lost A>B x":
				lost += "-"
			case "arrived A>B x":
				lost += "+"
				if k, _, err := b.ReadFromUDPAddrPort(make([]byte, 9)); k != 1 || err != nil {
					t.Errorf("read %d bytes, %v", k, err)
				}
			}
		}
		return lost
	}

	all, none := strings.Repeat("-", 30), strings.Repeat("+", 30)
	if got := lost(1, State{}); got != none {
		t.Errorf("whole: %s", got)
	}
	if got := lost(1, State{Cut: true}); got != all {
		t.Errorf("cut: %s", got)
	}
	if got := lost(1, State{Delay: time.Millisecond}); got != none {
		t.Errorf("slow: %s", got)
	}
	some := lost(1, State{Loss: 0.5})
	if some == all || some == none || some != lost(1, State{Loss: 0.5}) || some == lost(2, State{Loss: 0.5}) {
		t.Errorf("lossy: %s", some)
	}
	if got := lost(1, State{Loss: 7}); got == all {
		t.Error("loss has no bound")
	}
}
