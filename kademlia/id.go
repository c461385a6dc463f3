package kademlia

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"math/bits"
	"net/netip"
)

// An ID names a node or a key: 160 bits, read as one big-endian number. The
// protocol binds a node's ID to nothing: whoever answers with it has it.
type ID [20]byte

// idBits is the length of an ID and the number of buckets of a [Table].
const idBits = len(ID{}) * 8

// KeyID returns the ID under which the value of key is stored: its SHA-1.
func KeyID(key string) ID { return sha1.Sum([]byte(key)) }

// Distance returns how far b is from a: a XOR b. It is 0 only if a is b, the
// same in both directions, and no detour is shorter.
func (a ID) Distance(b ID) ID {
	for i := range a {
		a[i] ^= b[i]
	}
	return a
}

// Compare orders IDs as numbers: -1 if a < b, 0 if a is b, +1 if a > b.
func (a ID) Compare(b ID) int { return bytes.Compare(a[:], b[:]) }

// CommonPrefix returns how many leading bits a and b share, 0 to 160. In the
// table of node a it is the index of the bucket that b belongs in.
func (a ID) CommonPrefix(b ID) int {
	for i := range a {
		if x := a[i] ^ b[i]; x != 0 {
			return i*8 + bits.LeadingZeros8(x)
		}
	}
	return idBits
}

// highestDifference returns the index of the highest bit in which a and b differ,
// 159 for the first bit, 0 for the last, or -1 if they are equal: their distance
// is from 2^i up to, and without, 2^(i+1).
func (a ID) highestDifference(b ID) int { return idBits - 1 - a.CommonPrefix(b) }

// String returns the ID as 40 lower-case hex digits.
func (a ID) String() string { return hex.EncodeToString(a[:]) }

// compareDistance orders a and b by their distance to target.
func compareDistance(target, a, b ID) int {
	for i := range target {
		if x, y := target[i]^a[i], target[i]^b[i]; x != y {
			return int(x) - int(y)
		}
	}
	return 0
}

// randomID reads an ID from rnd that shares exactly prefix leading bits with
// a, prefix below 160.
func (a ID) randomID(prefix int, rnd io.Reader) (ID, error) {
	var id ID
	if _, err := io.ReadFull(rnd, id[:]); err != nil {
		return ID{}, err
	}
	whole, rest := prefix/8, prefix%8
	copy(id[:whole], a[:whole])
	keep := byte(0xff) << (8 - rest) // the bits of a to keep in the byte of the first difference
	flip := byte(0x80) >> rest       // the first difference
	id[whole] = a[whole]&keep | ^a[whole]&flip | id[whole]&^keep&^flip
	return id, nil
}

// A Node is a contact: the paper's triple of IP address, UDP port and node ID.
// Nodes are comparable and serve as map keys; an IPv4 address is never in its
// IPv6-mapped form.
type Node struct {
	ID   ID
	Addr netip.AddrPort
}
