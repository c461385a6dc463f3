package kademlia

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
)

// testdata/vectors.json holds datagrams that unmodified nodes of Python's
// kademlia 2.2 sent each other, odd requests with what that node did about
// them, and digests of keys.
type vectorFile struct {
	Vectors     []vector `json:"vectors"`
	OddRequests []struct {
		Name      string  `json:"name"`
		Hex       string  `json:"hex"`
		Truncated bool    `json:"hex_truncated"`
		Length    int     `json:"length"`
		Reply     *string `json:"python_reply_hex"`
	} `json:"odd_requests"`
	KeyDigests []struct {
		Python string `json:"python"`
		Digest string `json:"digest"`
	} `json:"key_digests"`
}

type vector struct {
	Name string `json:"name"`
	Hex  string `json:"hex"`
}

func readVectors(t testing.TB) vectorFile {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var f vectorFile
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// oddDatagram returns odd request i; two are too long for the file.
func oddDatagram(t testing.TB, f vectorFile, i int) []byte {
	o := f.OddRequests[i]
	if !o.Truncated {
		return unhex(t, o.Hex)
	}
	b := unhex(t, strings.TrimRight(o.Hex, "."))
	last := b[len(b)-1]
	for len(b) < o.Length {
		b = append(b, last)
	}
	if last == 0x91 { // the arrays are around a nil
		b[len(b)-1] = 0xc0
	}

	return b
}

// TestVectors takes each captured datagram apart and puts it together again.
func TestVectors(t *testing.T) {
	f := readVectors(t)
	if len(f.Vectors) != 96 {
		t.Fatalf("%d vectors, want 96", len(f.Vectors))
	}
	for _, v := range f.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			want := unhex(t, v.Hex)
			kind, id, payload, err := splitDatagram(want)
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			if kind == requestByte {
				q, err := decodeRequest(payload)
				if err != nil {
					t.Fatal(err)
				}
				got = q.encode(id)
			} else {
				p, err := decodeResponse(payload, defaultK)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasSuffix(v.Name, "_hostname") {
					// The one datagram that we do not repeat: we leave out a
					// contact whose address is a host name.
					if p.kind != nodesReply || len(p.nodes) != 0 {
						t.Errorf("got %+v, want no nodes", p)
					}
					return
				}
				got = p.encode(id)
			}

			if !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}

// seeds returns every datagram of the vector file.
func seeds(tb testing.TB) (datagrams [][]byte) {
	f := readVectors(tb)
	for _, v := range f.Vectors {
		datagrams = append(datagrams, unhex(tb, v.Hex))
	}
	for i := range f.OddRequests {
		datagrams = append(datagrams, oddDatagram(tb, f, i))
	}
	return datagrams
}

// FuzzMessage decodes what may come over the network. What decodes, encodes to
// something that decodes to the same; nothing makes us allocate much more than
// it holds.
func FuzzMessage(f *testing.F) {
	for _, datagram := range seeds(f) {
		f.Add(datagram)
	}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		kind, id, payload, err := splitDatagram(datagram)
		if err != nil {
			return
		}
		var first, second []byte
		if kind == requestByte {
			var q request
			if q, err = decodeRequest(payload); err == nil {
				first = q.encode(id)
				if q, err = decodeRequest(first[headerSize:]); err == nil {
					second = q.encode(id)
				}
			}
		} else {
			var p response
			if p, err = decodeResponse(payload, defaultK); err == nil {
				first = p.encode(id)
				if p, err = decodeResponse(first[headerSize:], defaultK); err == nil {
					second = p.encode(id)
				}
			}
		}

		if first == nil {
			return // malformed
		}
		if err != nil || !bytes.Equal(first, second) || first[0] != kind || !bytes.Equal(first[1:headerSize], id[:]) {
			t.Errorf("%v: %x became\n%x, then\n%x", err, datagram, first, second)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 1<<18 {
			t.Errorf("%d bytes allocated for %d", got, len(datagram))
		}
	})
}

// FuzzServer gives a server what may come over the network. None of it brings
// anybody into the table, and all that is remembered of it is bounded.
func FuzzServer(f *testing.F) {
	for _, datagram := range seeds(f) {
		f.Add(datagram, uint32(0x7f000001), uint16(5678))
	}
	net := newMemNet(1)
	s := net.start(f, named("s", 0), Config{})
	f.Fuzz(func(t *testing.T, datagram []byte, ip uint32, port uint16) {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], ip)
		s.handle(netip.AddrPortFrom(netip.AddrFrom4(a), port), datagram)
		if got := s.load(); got[0] > maxOpenProofs || got[1] > maxHeld || got[2] > maxOpenProofs {
			t.Errorf("open, held, pending: %v", got)
		}
		if got := s.Nodes(); len(got) > 0 {
			t.Errorf("in the table: %v", got)
		}
	})
}

// Datagrams that claim to hold more than they do cost no more than others.
func TestDecodeAllocatesLittle(t *testing.T) {
	for name, payload := range map[string]string{
		"array":  "\xdd\xff\xff\xff\xff",
		"str":    "\xdb\xff\xff\xff\xff",
		"bin":    "\xc6\xff\xff\xff\xff",
		"map":    "\xdf\xff\xff\xff\xff",
		"ext":    "\xc9\xff\xff\xff\xff\x01",
		"args":   "\x92\xa4ping\xdd\xff\xff\xff\xff",
		"id":     "\x92\xa4ping\x91\xc6\xff\xff\xff\xff",
		"value":  "\x81\xa5value\xc6\xff\xff\xff\xff",
		"nested": strings.Repeat("\x91", maxDatagram-headerSize),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 100 {
			if q, err := decodeRequest([]byte(payload)); err == nil {
				t.Errorf("%s: decoded to %+v", name, q)
			}
			if p, err := decodeResponse([]byte(payload), defaultK); err == nil {
				t.Errorf("%s: decoded to %+v", name, p)
			}
		}

		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) / 200; got > 20<<10 {
			t.Errorf("%s: %d bytes allocated", name, got)
		}
	}
}

// Integers, strings and arrays may come in longer forms than u-msgpack's.
func TestDecodeLongForms(t *testing.T) {
	id := "\xc6\x00\x00\x00\x1412345678901234567890"
	want := ID([]byte("12345678901234567890"))
	q, err := decodeRequest([]byte("\xdd\x00\x00\x00\x02\xd9\x04ping\xdc\x00\x01" + id))
	if err != nil || q.method != ping || q.from != want {
		t.Errorf("got %+v, %v", q, err)
	}
	for _, port := range []string{"\xcd\x16\x2e", "\xce\x00\x00\x16\x2e", "\xcf\x00\x00\x00\x00\x00\x00\x16\x2e", "\xd1\x16\x2e", "\xd2\x00\x00\x16\x2e"} {
		p, err := decodeResponse([]byte("\xdd\x00\x00\x00\x01\x93"+id+"\xda\x00\x0f::ffff:10.0.0.1"+port), defaultK)
		if want := (Node{want, netip.MustParseAddrPort("10.0.0.1:5678")}); err != nil || len(p.nodes) != 1 || p.nodes[0] != want {
			t.Errorf("port % x: got %+v, %v, want %v", port, p, err, want)
		}
	}

	p, err := decodeResponse([]byte("\xde\x00\x01\xa5value\xca\x00\x00\x00\x00"), defaultK)
	if err != nil || p.kind != valueReply || string(p.value) != "\xca\x00\x00\x00\x00" {
		t.Errorf("got %+v, %v", p, err)
	}
}

// Contacts that nobody can ask are left out; the others of the list count.
func TestDecodeSkipsContacts(t *testing.T) {
	const id = "\xc4\x1412345678901234567890"
	contacts := []string{
		"\x93" + id + "\xa9localhost\xcd\x16\x2e",
		"\x93" + id + "\xabfe80::1%eth\xcd\x16\x2e",
		"\x93" + id + "\xa70.0.0.0\xcd\x16\x2e",
		"\x93" + id + "\xa9224.0.0.1\xcd\x16\x2e",
		"\x93" + id + "\xaf255.255.255.255\xcd\x16\x2e",
		"\x93" + id + "\xa810.0.0.1\x00",
		"\x93" + id + "\xa810.0.0.1\xff",
		"\x93" + id + "\xa810.0.0.1\xce\x00\x01\x00\x00",
		"\x93" + id + "\xa810.0.0.1\xce\x00\x01\x16\x2e", // 65536 too many
		"\x93\xc4\x041234\xa810.0.0.1\xcd\x16\x2e",
		"\x93" + id + "\xa810.0.0.1\xcd\x16\x2e", // the good one
	}

	p, err := decodeResponse([]byte("\x9b"+strings.Join(contacts, "")), defaultK)
	want := Node{ID([]byte("12345678901234567890")), netip.MustParseAddrPort("10.0.0.1:5678")}
	if err != nil || len(p.nodes) != 1 || p.nodes[0] != want {
		t.Errorf("got %+v, %v, want %v", p, err, want)
	}
	many := response{kind: nodesReply}
	for i := range 50 {
		many.nodes = append(many.nodes, testNode(KeyID("x"), i))
	}
	p, err = decodeResponse(many.encode(messageID{})[headerSize:], defaultK)
	if err != nil || len(p.nodes) != defaultK || p.nodes[0] != many.nodes[0] {
		t.Errorf("got %d of 50 contacts, %v, want %d", len(p.nodes), err, defaultK)
	}
}

func TestAllocations(t *testing.T) {
	if raceEnabled() {
		t.Skip("the race detector allocates, too")
	}
	table, nodes := randomTable(1, 5000)
	find := request{method: findNode, from: nodes[0].ID, target: nodes[1].ID}
	findPayload := find.encode(messageID{})[headerSize:]
	found := response{kind: nodesReply, nodes: table.Closest(nodes[0].ID, defaultK)}
	foundPayload := found.encode(messageID{})[headerSize:]
	for _, tt := range []struct {
		name string
		want float64
		f    func()
	}{
		{"Closest", 2, func() { table.Closest(nodes[2].ID, defaultK) }},
		{"Seen a contact", 0, func() { table.RecordAnswer(nodes[3], epoch) }},
		{"decode a find_node", 1, func() { decodeRequest(findPayload) }},
		{"decode its answer", 2 + defaultK, func() { decodeResponse(foundPayload, defaultK) }},
		{"encode a find_node", 3, func() { find.encode(messageID{}) }},
		{"encode its answer", 6 + defaultK, func() { found.encode(messageID{}) }},
	} {
		if got := testing.AllocsPerRun(100, tt.f); got > tt.want {
			t.Errorf("%s: %v allocations, want %v", tt.name, got, tt.want)
		}
	}
}
