package kademlia

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestStoreFindValue(t *testing.T) {
	check := func(t *testing.T, a, b *Server) {
		if err := b.Bootstrap(t.Context(), a.Self().Addr); err != nil {
			t.Fatal(err)
		}
		if _, err := b.FindValue(t.Context(), "key"); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		for _, value := range []string{"value", "another", "", strings.Repeat("m", 8137)} {
			if err := b.Store(t.Context(), "key", value); err != nil {
				t.Fatal(err)
			}
			for _, s := range []*Server{a, b} {
				s.mu.Lock()
				stored, _ := s.values.get(KeyID("key"), time.Now())
				s.mu.Unlock()
				if !strings.HasSuffix(string(stored), value) {
					t.Errorf("stored %x, want %q", stored, value)
				}
				if got, err := s.FindValue(t.Context(), "key"); err != nil || got != value {
					t.Errorf("got %q, %v, want %q", got, err, value)
				}
			}

			b.mu.Lock()
			b.values.remove(KeyID("key")) // so that it must ask
			b.mu.Unlock()
			if got, err := b.FindValue(t.Context(), "key"); err != nil || got != value {
				t.Errorf("asked: got %q, %v, want %q", got, err, value)
			}
		}

		if err := b.Store(t.Context(), "key", strings.Repeat("m", 8138)); !errors.Is(err, ErrTooLong) {
			t.Errorf("got %v, want ErrTooLong", err)
		}
		a.mu.Lock()
		a.values.put(KeyID("number"), []byte{7}, time.Now())
		a.mu.Unlock()
		if got, err := b.FindValue(t.Context(), "number"); err == nil {
			t.Errorf("a number reads as %q", got)
		}
	}

	t.Run("UDP", func(t *testing.T) { check(t, listen(t, Config{}), listen(t, Config{})) })
	t.Run("memory", func(t *testing.T) {
		bubble(t, func(t *testing.T, m *memNet) {
			check(t, m.start(t, named("a", 0), Config{}), m.start(t, named("b", 1), Config{}))
		})
	})
}

// A node keeps what it stores only if it is among the k nearest to the key.
func TestStoreKeepsOwnShare(t *testing.T) {
	for _, far := range []bool{true, false} {
		bubble(t, func(t *testing.T, m *memNet) {
			self, other := KeyID("key"), KeyID("key")
			self[0] ^= 0x40
			other[0] ^= 0x80
			if far {
				self, other = other, self
			}
			s := m.start(t, Node{self, named("s", 0).Addr}, Config{K: 1})
			n := Node{other, named("n", 1).Addr}
			m.peer(t, n, honest(n.ID))
			s.recordPong(n)
			if err := s.Store(t.Context(), "key", "value"); err != nil {
				t.Fatal(err)
			}
			if got, want := s.values.len() == 1, !far; got != want {
				t.Errorf("farther %v: kept %v, want %v", far, got, want)
			}
		})
	}
}

// A value that nobody has taken is not stored. Python's set returns True though
// every store timed out.
func TestStoreReportsFailure(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("peer", 1)
		m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			if q.method == store {
				return nil
			}
			return honest(n.ID)(from, id, q)
		})

		mustBootstrap(t, s, n.Addr)
		if err := s.Store(t.Context(), "key", "value"); !errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", err)
		}
		lone := m.start(t, named("lone", 2), Config{})
		if err := lone.Store(t.Context(), "key", "value"); !errors.Is(err, ErrNoContacts) {
			t.Errorf("nobody there: got %v, want ErrNoContacts", err)
		}
	})
}

// A Python node sends stored values to newcomers unasked: to the wrong ones, since
// it hashes a key twice, and to whoever makes a newcomer up, 200 of them for one
// ping.
func TestNewcomersGetNoStores(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		for i := range 200 {
			s.values.put(KeyID(fmt.Sprint(i)), bytes.Repeat([]byte{1}, 1000), time.Now())
		}
		n := named("newcomer", 1)
		m.peer(t, n, func(from netip.AddrPort, id messageID, q request) [][]byte {
			if q.method == store {
				t.Error("newcomer got a store")
			}
			return honest(n.ID)(from, id, q)
		}).send(t, s.Self().Addr, request{method: ping, from: n.ID}.encode(messageID{}))
		sleep(time.Minute)
		if !slices.Contains(s.Nodes(), n) {
			t.Error("newcomer is not in the table")
		}
	})
}

// A value lives for a day and is stored once. In Python every holder stores its
// values again each hour, so none ever dies and old ones win over new ones.
func TestValuesDie(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		a, b := m.start(t, named("a", 0), Config{}), m.start(t, named("b", 1), Config{})
		mustBootstrap(t, a, b.Self().Addr)
		stores := 0
		m.watch(func(_, _ netip.AddrPort, datagram []byte) {
			if bytes.Contains(datagram, []byte(store)) {
				stores++
			}
		})

		if err := a.Store(t.Context(), "key", "value"); err != nil {
			t.Fatal(err)
		}
		sleep(24*time.Hour - time.Minute)
		if got, err := b.FindValue(t.Context(), "key"); err != nil || got != "value" {
			t.Errorf("got %q, %v, want value", got, err)
		}
		sleep(time.Minute)
		if got, err := b.FindValue(t.Context(), "key"); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %q, %v, want ErrNotFound", got, err)
		}
		if stores != 1 {
			t.Errorf("stored %d times, want once", stores)
		}
	})
}

// A Python node keeps values of any type, size and number, from anyone.
func TestStorageIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		s := m.start(t, named("s", 0), Config{})
		n := named("peer", 1)
		m.peer(t, n, honest(n.ID))
		put := func(from Node, i int, value []byte) {
			s.handle(from.Addr, request{method: store, from: from.ID, target: KeyID(fmt.Sprint(i)), value: value}.encode(messageID{}))
		}
		unknown := named("unknown", 2)
		put(unknown, 0, []byte{1})
		sleep(5 * time.Second)
		if s.values.len() != 0 {
			t.Error("stored for a node that does not answer")
		}
		mustBootstrap(t, s, n.Addr)
		const limit = 8192
		for i := range limit + 1000 {
			put(n, i, []byte{1})
		}
		if got := s.values.len(); got > limit || got < limit/2 {
			t.Errorf("%d values, want at most %d, and half of it", got, limit)
		}
		for name, value := range map[string][]byte{
			"nil":          {0xc0},
			"map":          {0x81, 1, 2},
			"list":         {0x91, 1},
			"ext":          {0xd4, 1, 2},
			"broken UTF-8": {0xa1, 0xff},
			"too long":     append([]byte{0xc5, 0x20, 0x00}, make([]byte, 0x2000)...),
		} {
			put(n, -1, value)
			if _, ok := s.values.get(KeyID("-1"), time.Now()); ok {
				t.Errorf("stored: %s", name)
			}
		}
	})
}

func TestCache(t *testing.T) {
	c := newCache[int, string](6, time.Hour)
	has := func(key int, after time.Duration) bool {
		got, ok := c.get(key, epoch.Add(after))
		if ok && got != fmt.Sprint("value ", key) {
			t.Errorf("%d: got %q", key, got)
		}
		return ok
	}

	for i := range 20 {
		c.put(i, fmt.Sprint("value ", i), epoch.Add(time.Duration(i)*time.Minute))
		if c.len() > 6 {
			t.Fatalf("%d entries, want 6 at most", c.len())
		}
		for j := range 20 {
			if newest := j <= i && j > i-3; newest && !has(j, 20*time.Minute) || j > i && has(j, 0) {
				t.Errorf("after %d: has %d: %v", i, j, !newest)
			}
		}
	}

	if has(0, 0) || has(13, 0) {
		t.Error("the oldest are still there")
	}
	if !has(19, 78*time.Minute) || has(19, 79*time.Minute) {
		t.Error("an entry lives for something else than an hour")
	}
	c.put(19, "value 19", epoch.Add(time.Hour)) // renewed
	if !has(19, 119*time.Minute) {
		t.Error("a renewed entry died of its old age")
	}
	c.put(20, "value 20", epoch)
	for range 10 { // when there is room for no more in the younger half
		c.put(19, "value 19", epoch.Add(time.Hour))
	}

	for i := 17; i < 20; i++ {
		if !has(i, 20*time.Minute) {
			t.Errorf("renewing one entry forgot %d", i)
		}
		c.remove(i) // whatever generation it is in
		if has(i, 20*time.Minute) {
			t.Errorf("%d removed, and still there", i)
		}
	}
}
