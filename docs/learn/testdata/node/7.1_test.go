// dir: kademlia

package kademlia

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

// stunFor asks, and complains if the answer takes longer than any should.
func stunFor(t *testing.T, ctx context.Context, s *Server, addr netip.AddrPort) (netip.AddrPort, error) {
	t.Helper()
	type answer struct {
		addr netip.AddrPort
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		got, err := s.Stun(ctx, addr)
		answers <- answer{got, err}
	}()
	select {
	case a := <-answers:
		return a.addr, a.err
	case <-time.After(20 * time.Second):
		t.Fatal("Stun still waits after 20 s: a node that doesn't answer should be given up after one")
		return netip.AddrPort{}, nil
	}
}

func startStun(t *testing.T) *Server {
	t.Helper()
	s, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Two nodes, with nothing between them: each sees the other where that listens.
func TestHole7_1(t *testing.T) {
	asker, other := startStun(t), startStun(t)
	got, err := stunFor(t, t.Context(), asker, other.Self().Addr)
	if err != nil || got != asker.Self().Addr {
		t.Errorf("we listen at %v, and nothing is between us and %v. Stun says %v, %v", asker.Self().Addr, other.Self().Addr, got, err)
	}
}

// A router stands in between, as in most homes: the other node sees its address.
func TestHole7_1Router(t *testing.T) {
	asker, other := startStun(t), startStun(t)
	inside, outside := udpSocket(t), udpSocket(t)
	to := net.UDPAddrFromAddrPort(other.Self().Addr)
	home := net.UDPAddrFromAddrPort(asker.Self().Addr)
	go relayUDP(inside, func(b []byte) { outside.WriteTo(b, to) })
	go relayUDP(outside, func(b []byte) { inside.WriteTo(b, home) })

	want := outside.LocalAddr().(*net.UDPAddr).AddrPort()
	got, err := stunFor(t, t.Context(), asker, inside.LocalAddr().(*net.UDPAddr).AddrPort())
	if err != nil || got != want {
		t.Errorf("we listen at %v behind a router, and the other node sees the router's address, %v. Stun says %v, %v", asker.Self().Addr, want, got, err)
	}
}

func udpSocket(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// relayUDP passes on what a socket receives, until it is closed.
func relayUDP(from *net.UDPConn, pass func([]byte)) {
	buf := make([]byte, 1<<16)
	for {
		n, _, err := from.ReadFromUDP(buf)
		if err != nil {
			return
		}
		pass(buf[:n])
	}
}

// Where nobody is there's no answer, and the errors are those of Ping.
func TestHole7_1Errors(t *testing.T) {
	asker, gone, other := startStun(t), startStun(t), startStun(t)
	addr := gone.Self().Addr
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := stunFor(t, t.Context(), asker, addr); !errors.Is(err, ErrTimeout) || got.IsValid() {
		t.Errorf("nobody is at that address: Stun says %v, %v, want no address, and ErrTimeout", got, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := stunFor(t, ctx, asker, addr); !errors.Is(err, context.Canceled) {
		t.Errorf("the context is done before: Stun says %v, %v, want its error, context.Canceled", got, err)
	}

	if err := asker.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := stunFor(t, t.Context(), asker, other.Self().Addr); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: Stun says %v, %v, want ErrClosed", got, err)
	}
}

// What isn't an address is no answer, even from a node that's there.
func TestHole7_1OtherAnswer(t *testing.T) {
	asker, liar := startStun(t), udpSocket(t)
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := liar.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if kind, id, _, err := splitDatagram(buf[:n]); err == nil && kind == requestByte {
				liar.WriteToUDPAddrPort(response{kind: idReply, id: KeyID("liar")}.encode(id), from)
			}
		}
	}()
	got, err := stunFor(t, t.Context(), asker, liar.LocalAddr().(*net.UDPAddr).AddrPort())
	if err == nil {
		t.Errorf("the node answers with its ID, which is no answer to stun: Stun says %v, and no error", got)
	}
}
