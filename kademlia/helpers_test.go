package kademlia

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// newRand returns a source of the same random bytes in every run.
func newRand(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

// testNode returns the node with the i-th address of 10.0.0.0/8.
func testNode(id ID, i int) Node {
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], uint32(10<<24+i+1))
	return Node{id, netip.AddrPortFrom(netip.AddrFrom4(ip), 5678)}
}

// named returns a node with an ID made from name, at the i-th test address.
func named(name string, i int) Node { return testNode(KeyID(name), i) }

// inBucket returns a node for bucket i of the table of the zero ID.
func inBucket(i, nr int) Node {
	var id ID
	id[i/8] = 0x80 >> (i % 8)
	binary.BigEndian.PutUint32(id[16:], uint32(nr))
	return testNode(id, nr)
}

func number(id ID) *big.Int { return new(big.Int).SetBytes(id[:]) }

// listen starts a server on a free port of the loopback address.
func listen(t testing.TB, c Config) *Server {
	t.Helper()
	s, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// bubble runs f with a network in memory and under a virtual clock.
func bubble(t *testing.T, f func(t *testing.T, m *memNet)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newMemNet(1)) })
}

// serveOn starts a node on conn, until the test ends.
func serveOn(tb testing.TB, conn Conn, c Config) *Server {
	tb.Helper()
	s, err := Serve(conn, c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// logTo returns a logger that writes to log, without its debug lines.
func logTo(log *bytes.Buffer) *slog.Logger { return slog.New(slog.NewTextHandler(log, nil)) }

// sleep waits for d on the virtual clock, and until all that was to happen by
// then has happened.
func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// mustBootstrap joins through seeds, one of which must answer.
func mustBootstrap(t *testing.T, s *Server, seeds ...netip.AddrPort) {
	t.Helper()
	if err := s.Bootstrap(t.Context(), seeds...); err != nil {
		t.Fatalf("bootstrap: %v", err)
	}
}

// load returns how many proofs are under way, requests held, calls pending.
func (s *Server) load() [3]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return [3]int{len(s.proofs.open), s.proofs.held, len(s.pending)}
}
