package kademlia

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/quick"
)

// newRand returns a source of the same random bytes in every run.
func newRand(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func number(id ID) *big.Int { return new(big.Int).SetBytes(id[:]) }

// The three laws of a distance, and XOR's own: distances are numbers.
func TestIDDistance(t *testing.T) {
	laws := func(a, b, c ID) bool {
		ab, bc, ac := a.Distance(b), b.Distance(c), a.Distance(c)
		detour := new(big.Int).Add(number(ab), number(bc))
		return ab == b.Distance(a) &&
			a.Distance(a) == ID{} &&
			number(ac).Cmp(detour) <= 0 &&
			number(ab).Cmp(new(big.Int).Xor(number(a), number(b))) == 0 &&
			a.Compare(b) == number(a).Cmp(number(b)) &&
			sign(compareDistance(a, b, c)) == number(ab).Cmp(number(ac)) &&
			a.CommonPrefix(b) == idBits-number(ab).BitLen()
	}
	if err := quick.Check(laws, nil); err != nil {
		t.Error(err)
	}
}

func sign(n int) int { return big.NewInt(int64(n)).Sign() }

func TestCommonPrefix(t *testing.T) {
	for i := range idBits {
		var a, b ID
		b[i/8] = 0x80 >> (i % 8)
		b[len(b)-1] |= 1
		if got := a.CommonPrefix(b); got != i {
			t.Errorf("bit %d: got %d", i, got)
		}
	}
	if got := (ID{1}).CommonPrefix(ID{1}); got != 160 {
		t.Errorf("equal: got %d, want 160", got)
	}
}

func TestRandomID(t *testing.T) {
	rnd := newRand(1)
	for prefix := range idBits {
		for range 20 {
			var self ID
			rnd.Read(self[:])
			id, err := self.randomID(prefix, rnd)
			if err != nil {
				t.Fatal(err)
			}
			if got := self.CommonPrefix(id); got != prefix {
				t.Fatalf("got %d shared bits, want %d: %v %v", got, prefix, self, id)
			}
		}
	}
	if _, err := (ID{}).randomID(3, bytes.NewReader(nil)); err == nil {
		t.Error("no error for a source without bytes")
	}
}

// Python hashes a str as its UTF-8 and anything but bytes as the text that
// str() gives.
func TestKeyID(t *testing.T) {
	texts := map[string]string{
		"'key'": "key", "'missing'": "missing", "''": "", "'区块链'": "区块链", "b'key'": "key", `b'\x00\xff'`: "\x00\xff",
		"1": "1", "-1": "-1", "1.5": "1.5", "True": "True", "None": "None",
	}
	digests := readVectors(t).KeyDigests
	if len(digests) != 11 {
		t.Fatalf("%d digests, want 11", len(digests))
	}
	for _, d := range digests {
		text, ok := texts[d.Python]
		if !ok {
			t.Errorf("unknown key %s", d.Python)
			continue
		}
		want := ID(unhex(t, d.Digest))
		if got := KeyID(text); got != want {
			t.Errorf("%s: got %v, want %v", d.Python, got, want)
		}
		if got := want.String(); got != hex.EncodeToString(want[:]) || got != d.Digest {
			t.Errorf("String: got %s, want %s", got, d.Digest)
		}
	}
}

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
	}
	for _, tt := range tests {
		got := relayable(netip.MustParseAddr(tt.peer), netip.MustParseAddr(tt.contact))
		if got != tt.want {
			t.Errorf("%s names %s: got %v, want %v", tt.peer, tt.contact, got, tt.want)
		}
	}
}
