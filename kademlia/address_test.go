package kademlia

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestUsable(t *testing.T) {
	tests := []struct {
		addr string
		want bool
	}{
		{"8.8.8.8:5678", true},
		{"127.0.0.1:1", true},
		{"10.0.0.1:65535", true},
		{"[2001:db8::1]:5678", true},
		{"[fe80::1]:5678", true},
		{"[::1]:5678", true},
		{"8.8.8.8:0", false},
		{"0.0.0.0:5678", false},
		{"[::]:5678", false},
		{"224.0.0.1:5678", false},
		{"255.255.255.255:5678", false},
		{"[ff02::1]:5678", false},
		{"[fe80::1%eth0]:5678", false},
		{"[64:ff9b::808:808]:5678", true},
		{"[64:ff9b::]:5678", false},
		{"[64:ff9b::e000:1]:5678", false},
		{"[2002:808:808::1]:5678", true},
		{"[2002:e000:1::1]:5678", false},
	}

	for _, tt := range tests {
		if got := usable(netip.MustParseAddrPort(tt.addr)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.addr, got, tt.want)
		}
	}

	if usable(netip.AddrPort{}) {
		t.Error("the zero AddrPort is usable")
	}
}

func TestRelayable(t *testing.T) {
	tests := []struct {
		peer, contact string
		want          bool
	}{
		{"8.8.8.8", "9.9.9.9", true},
		{"8.8.8.8", "10.0.0.1", false},
		{"8.8.8.8", "127.0.0.1", false},
		{"8.8.8.8", "fe80::1", false},
		{"10.0.0.1", "127.0.0.1", false},
		{"10.0.0.1", "192.168.1.1", true},
		{"10.0.0.1", "9.9.9.9", true},
		{"127.0.0.1", "127.0.0.2", true},
		{"127.0.0.1", "10.0.0.1", true},
		{"::1", "::1", true},
		{"8.8.8.8", "64:ff9b::909:909", true},    // 9.9.9.9
		{"8.8.8.8", "64:ff9b::a00:1", false},     // 10.0.0.1
		{"10.0.0.1", "64:ff9b::a00:1", true},     //
		{"8.8.8.8", "64:ff9b::a9fe:1", false},    // 169.254.0.1
		{"10.0.0.1", "64:ff9b::7f00:1", false},   // 127.0.0.1
		{"8.8.8.8", "64:ff9b:1::909:909", false}, // wherever it leads, it's a private network's
		{"10.0.0.1", "64:ff9b:1::909:909", true},
		{"8.8.8.8", "2002:909:909::1", true},
		{"8.8.8.8", "2002:c0a8:101::1", false}, // 192.168.1.1
		{"10.0.0.1", "2002:c0a8:101::1", true},
		{"10.0.0.1", "2002:7f00:1::1", false},
		{"64:ff9b::a00:1", "192.168.1.1", true},
	}

	for _, tt := range tests {
		got := relayable(netip.MustParseAddr(tt.peer), netip.MustParseAddr(tt.contact))
		if got != tt.want {
			t.Errorf("%s names %s: got %v, want %v", tt.peer, tt.contact, got, tt.want)
		}
	}
}

// A node of the Internet is not told of contacts in private networks, nor a
// node of those of what runs on this machine.
func TestReplyRelayRule(t *testing.T) {
	addrs := []string{"9.9.9.9:1", "10.0.0.9:1", "127.0.0.1:1"}
	for from, want := range map[string][]string{
		"8.8.8.8:1":   addrs[:1],
		"10.0.0.1:1":  addrs[:2],
		"127.0.0.1:2": addrs,
	} {
		t.Run(from, func(t *testing.T) {
			bubble(t, func(t *testing.T, m *memNet) {
				s := m.start(t, named("s", 0), Config{})
				for _, addr := range addrs {
					s.recordPong(Node{KeyID(addr), netip.MustParseAddrPort(addr)})
				}
				var got []string
				p, _ := s.carryOut(netip.MustParseAddrPort(from), request{method: findNode})
				for _, n := range p.nodes {
					got = append(got, n.Addr.String())
				}
				slices.SortFunc(got, func(a, b string) int { return slices.Index(addrs, a) - slices.Index(addrs, b) })
				if !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		})
	}
}

// Contacts that make no sense at the other end of the line are not asked.
func TestLookupRelayRule(t *testing.T) {
	tests := []struct {
		from  string
		named map[string]bool
	}{
		{"8.8.8.8:1", map[string]bool{"9.9.9.9:1": true, "10.0.0.9:1": false, "127.0.0.1:1": false, "[fe80::1]:1": false}},
		{"10.0.0.1:1", map[string]bool{"9.9.9.9:1": true, "10.0.0.9:1": true, "127.0.0.1:1": false}},
		{"127.0.0.1:1", map[string]bool{"9.9.9.9:1": true, "10.0.0.9:1": true, "127.0.0.2:1": true}},
	}

	for _, tt := range tests {
		t.Run(tt.from, func(t *testing.T) {
			bubble(t, func(t *testing.T, m *memNet) {
				asked := map[string]bool{}
				m.watch(func(_, to netip.AddrPort, _ []byte) { asked[to.String()] = true })
				var nodes []Node
				for addr := range tt.named {
					nodes = append(nodes, Node{KeyID(addr), netip.MustParseAddrPort(addr)})
				}
				n := Node{KeyID("peer"), netip.MustParseAddrPort(tt.from)}
				m.peer(t, n, honest(n.ID, nodes...))
				s := m.start(t, named("s", 0), Config{})
				mustBootstrap(t, s, n.Addr)
				sleep(time.Second)
				for addr, want := range tt.named {
					if asked[addr] != want {
						t.Errorf("%s asked: %v, want %v", addr, asked[addr], want)
					}
				}
			})
		})
	}
}

func TestTableNetLimit(t *testing.T) {
	tests := []struct {
		name           string
		addr           string // of contact i; %d is i
		bucket, tables int    // how many of 30 enter
	}{
		{"public IPv4", "11.22.33.%d:5678", 2, 10},
		{"public IPv6", "[2001:db8:1:2::%d]:5678", 2, 10},
		{"different IPv4 networks", "11.22.%d.33:5678", 30, 30},
		{"loopback", "127.0.0.%d:5678", 30, 30},
		{"one private IPv4", "10.0.0.1:%d", 2, 10},
		{"one private IPv6", "[fd00::1]:%d", 2, 10},
		{"one local NAT64", "[64:ff9b:1::a00:1]:%d", 2, 10},
		{"one of loopback", "127.0.0.1:%d", 30, 30},
		{"NAT64 of one IPv4 network", "[64:ff9b::b16:21%02x]:5678", 2, 10},
		{"NAT64 of different ones", "[64:ff9b::b16:%02x21]:5678", 30, 30},
		{"6to4 of one IPv4 address", "[2002:b16:2121:%d::1]:5678", 2, 10},
		{"10/8", "10.0.0.%d:5678", 30, 30},
		{"172.16/12", "172.16.0.%d:5678", 30, 30},
		{"192.168/16", "192.168.0.%d:5678", 30, 30},
		{"unique local IPv6", "[fd00::%d]:5678", 30, 30},
		{"link-local IPv4", "169.254.0.%d:5678", 30, 30},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			one, spread := NewTable(ID{}, 100), NewTable(ID{}, 100)
			addr := func(i int) netip.AddrPort { return netip.MustParseAddrPort(fmt.Sprintf(tt.addr, i+1)) }
			for i := range 30 {
				one.RecordAnswer(Node{inBucket(9, i).ID, addr(i)}, epoch)
				spread.RecordAnswer(Node{inBucket(i, i).ID, addr(i)}, epoch)
			}
			if got := one.Len(); got != tt.bucket {
				t.Errorf("one bucket: got %d, want %d", got, tt.bucket)
			}
			if got := spread.Len(); got != tt.tables {
				t.Errorf("whole table: got %d, want %d", got, tt.tables)
			}
			for range maxStrikes { // who leaves makes room
				one.RecordFailure(one.buckets[9].contacts[0].Node, epoch)
			}

			one.RecordAnswer(Node{inBucket(9, 99).ID, addr(99)}, epoch)
			if got := one.Len(); got != tt.bucket {
				t.Errorf("after one left: got %d, want %d", got, tt.bucket)
			}
		})
	}
}

// The limits hold for spares, too, which may move in; nobody asks for a ping where the limit would keep the answer out.
func TestTableNetLimitEverywhere(t *testing.T) {
	from := func(i, network, host int) Node {
		return Node{inBucket(0, i).ID, netip.MustParseAddrPort(fmt.Sprintf("11.22.%d.%d:5678", network, host))}
	}
	table := NewTable(ID{}, 4)
	for i, n := range []Node{from(0, 33, 0), from(1, 33, 1), from(2, 44, 2), from(3, 55, 3)} {
		table.RecordAnswer(n, epoch.Add(time.Duration(i)))
	}
	for i := range 4 {
		table.RecordAnswer(from(10+i, 55, 10+i), epoch.Add(time.Minute))
	}
	if got := table.buckets[0].spares; len(got) != 1 { // the contact is the other of the two
		t.Errorf("spares of one network: %v", got)
	}

	roomy := NewTable(ID{}, 4)
	roomy.RecordAnswer(from(0, 33, 0), epoch)
	if !roomy.HasRoom(from(1, 33, 1)) {
		t.Error("no room for the second of a network")
	}
	roomy.RecordAnswer(from(1, 33, 1), epoch)
	if roomy.HasRoom(from(2, 33, 2)) || !roomy.HasRoom(from(2, 44, 2)) {
		t.Error("room for a third of a network, or for nobody")
	}
}
