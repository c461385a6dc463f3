package kademlia

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The log tells of peers found and lost, and of each kind of nonsense once a
// minute, however much of it arrives.
func TestLog(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.start(t, named("s", 0), Config{Log: logTo(&log)})
		n := named("peer", 1)
		p := m.peer(t, n, honest(n.ID))
		mustBootstrap(t, s, n.Addr)
		for range 3 {
			for range 1000 {
				s.handle(n.Addr, []byte("nonsense"))
				s.handle(netip.AddrPortFrom(n.Addr.Addr(), 0), request{method: ping}.encode(messageID{}))
			}
			sleep(time.Minute)
		}

		p.Close()
		sleep(time.Minute)
		s.Close()
		for text, want := range map[string]int{
			`level=INFO msg="peer found" peer=10.0.0.2:5678`:                  1,
			`level=INFO msg="peer lost" peer=10.0.0.2:5678`:                   1,
			`level=WARN msg="datagram ignored" cause="not a message" peer=10`: 3,
			`level=WARN msg="datagram ignored" cause="address of no node" pe`: 3,
		} {
			if got := strings.Count(log.String(), text); got != want {
				t.Errorf("%d times %s, want %d:\n%s", got, text, want, &log)
			}
		}
	})
}

// One address that changes its ID all the time is a peer found and lost each
// time, and some lines of log in all.
func TestLogOfChangingIDs(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.start(t, named("s", 0), Config{Log: logTo(&log)})
		var changes atomic.Int64
		claimed := func() ID { return KeyID(fmt.Sprint(changes.Load())) }
		p := m.peer(t, named("", 1), func(from netip.AddrPort, id messageID, q request) [][]byte {
			return honest(claimed())(from, id, q)
		})
		for range 1000 {
			changes.Add(1)
			p.send(t, s.Self().Addr, request{method: ping, from: claimed()}.encode(messageID{}))
			sleep(300 * time.Millisecond)
		}

		s.Close()
		if lines := strings.Count(log.String(), "\n"); lines > 500 {
			t.Errorf("%d lines of log for 1000 datagrams, the last: %s", lines, log.String()[log.Len()-200:])
		}
	})
}

// A Python node resolves host names and hands them on, and logs each bad packet
// with a stack trace. Here names are skipped, and the log stays short.
func TestHostNamesAndLog(t *testing.T) {
	f := readVectors(t)
	i := slices.IndexFunc(f.Vectors, func(v vector) bool { return v.Name == "find_node_response_hostname" })
	bubble(t, func(t *testing.T, m *memNet) {
		var log bytes.Buffer
		s := m.start(t, named("s", 0), Config{Log: logTo(&log)})
		n := named("peer", 1)
		m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			if q.method == ping {
				return honest(n.ID)(from, id, q)
			}
			hostname := unhex(t, f.Vectors[i].Hex)
			copy(hostname[1:], id[:])
			return [][]byte{hostname}
		})

		mustBootstrap(t, s, n.Addr)
		if got, want := s.Nodes(), []Node{n}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for i := range f.OddRequests {
			for range 100 {
				s.handle(n.Addr, oddDatagram(t, f, i))
			}
		}

		s.Close()
		if lines := strings.Count(log.String(), "\n"); lines > 6 {
			t.Errorf("%d lines of log for %d datagrams:\n%s", lines, 100*len(f.OddRequests), &log)
		}
	})
}
