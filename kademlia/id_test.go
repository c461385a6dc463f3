package kademlia

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"testing"
	"testing/quick"
)

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
