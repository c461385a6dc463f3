package kademlia

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
)

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

// Four nodes that know only the first find each other, on one IP address.
func TestFourNodesFindEachOther(t *testing.T) {
	var servers []*Server
	for range 4 {
		s := listen(t, Config{})
		servers = append(servers, s)
		err := s.Bootstrap(t.Context(), servers[0].Self().Addr)
		if first := len(servers) == 1; first != errors.Is(err, ErrNoContacts) || !first && err != nil {
			t.Fatalf("node %d: %v", len(servers), err)
		}
	}
	for i, s := range servers {
		for _, other := range servers {
			found, err := s.Lookup(t.Context(), other.Self().ID)
			if err != nil {
				t.Fatal(err)
			}
			if want := other != s; slices.Contains(found, other.Self()) != want {
				t.Errorf("node %d looks for %v: %v", i, other.Self(), found)
			}
		}
	}
}
