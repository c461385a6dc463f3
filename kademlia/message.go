package kademlia

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// A datagram holds one message:
//
//	offset 0      1 byte   0x00 request, 0x01 response
//	offset 1     20 bytes  message ID: chosen by the caller, echoed in the response
//	offset 21    n bytes   one MessagePack value: the payload
const (
	requestByte  = 0x00
	responseByte = 0x01
	headerSize   = 21
	maxDatagram  = headerSize + 8192 // a Python node sends no longer request
)

// A messageID pairs a response with its request. It is no node's ID.
type messageID [20]byte

// The names of the remote procedures, on the wire and in our logs.
const (
	ping      = "ping"
	findNode  = "find_node"
	findValue = "find_value"
	store     = "store"
	stun      = "stun"
)

var errMalformed = errors.New("malformed message")

// A request is [name, [arguments]] on the wire:
//
//	ping        [caller's ID]              -> [idReply]
//	find_node   [caller's ID, target]      -> [nodesReply]
//	find_value  [caller's ID, key]         -> [valueReply], or [nodesReply] for a miss
//	store       [caller's ID, key, value]  -> [storedReply]
//	stun        []                         -> [addrReply]
type request struct {
	method string
	from   ID     // who asks, by its own word
	target ID     // find_node: the ID to get near to; find_value, store: the key
	value  []byte // store: one MessagePack scalar as it came
}

// A replyKind says which field of a response counts. It is not on the wire:
// the MessagePack types tell the kinds apart.
type replyKind byte

const (
	idReply     replyKind = iota // bin 20
	nodesReply                   // array of [ID bin 20, IP str, port int], nearest first
	valueReply                   // map {"value": scalar}
	storedReply                  // true
	addrReply                    // [IP str, port int]
)

type response struct {
	kind  replyKind
	id    ID
	nodes []Node
	value []byte // one MessagePack scalar
	addr  netip.AddrPort
}

// splitDatagram returns the parts of a datagram, which they share.
func splitDatagram(b []byte) (kind byte, id messageID, payload []byte, err error) {
	if len(b) <= headerSize || len(b) > maxDatagram || b[0] > responseByte {
		return 0, id, nil, errMalformed
	}
	return b[0], messageID(b[1:headerSize]), b[headerSize:], nil
}

// encode returns the datagram of q. Every value is in its shortest form, as
// Python's u-msgpack writes it.
func (q request) encode(id messageID) []byte {
	w := newWriter(requestByte, id)
	w.array(2)
	w.str(q.method)
	switch q.method {
	case ping:
		w.array(1)
		w.id(q.from)
	case findNode, findValue:
		w.array(2)
		w.id(q.from)
		w.id(q.target)
	case store:
		w.array(3)
		w.id(q.from)
		w.id(q.target)
		w.buf.Write(q.value)
	case stun:
		w.array(0)
	}
	return w.finish()
}

// encode returns the datagram of p.
func (p response) encode(id messageID) []byte {
	w := newWriter(responseByte, id)
	switch p.kind {
	case idReply:
		w.id(p.id)
	case nodesReply:
		w.array(len(p.nodes))
		for _, n := range p.nodes {
			w.array(3)
			w.id(n.ID)
			w.addr(n.Addr)
		}
	case valueReply:
		_ = w.enc.EncodeMapLen(1)
		w.str("value")
		w.buf.Write(p.value)
	case storedReply:
		_ = w.enc.EncodeBool(true)
	case addrReply:
		w.array(2)
		w.addr(p.addr)
	}
	return w.finish()
}

// decodeRequest reads the payload of a request. Its value is a copy.
func decodeRequest(payload []byte) (request, error) {
	r := newReader(payload)
	defer r.close()
	r.array(2)
	var q request
	args := 2
	switch name := r.bytes(msgpcode.IsString); string(name) {
	case ping:
		q.method, args = ping, 1
	case findNode:
		q.method = findNode
	case findValue:
		q.method = findValue
	case store:
		q.method, args = store, 3
	case stun:
		q.method, args = stun, 0
	default:
		r.fail()
	}
	r.array(args)
	if args >= 1 {
		q.from = r.id()
	}
	if args >= 2 {
		q.target = r.id()
	}
	if args >= 3 {
		q.value = bytes.Clone(r.scalar())
	}
	return q, r.finish()
}

// decodeResponse reads the payload of a response, of whatever kind. It leaves
// out contacts that nobody could ask: those whose ID is not 20 bytes or whose
// address is not that of one host; it takes no more than limit of the others.
func decodeResponse(payload []byte, limit int) (response, error) {
	r := newReader(payload)
	defer r.close()
	var p response
	switch code := r.peek(); {
	case msgpcode.IsBin(code):
		p.kind, p.id = idReply, r.id()
	case code == msgpcode.True:
		p.kind = storedReply
		r.skip()
	case msgpcode.IsFixedMap(code), code == msgpcode.Map16, code == msgpcode.Map32:
		p.kind, p.value = valueReply, bytes.Clone(r.found())
	default:
		n := r.arrayLen()
		if msgpcode.IsString(r.peek()) && n == 2 {
			p.kind, p.addr = addrReply, r.addr()
			if !p.addr.IsValid() {
				r.fail()
			}
			break
		}
		p.kind = nodesReply
		p.nodes = make([]Node, 0, min(n, limit))
		for range n {
			if c, ok := r.contact(); ok && len(p.nodes) < limit {
				p.nodes = append(p.nodes, c)
			}
		}
	}
	return p, r.finish()
}

// A writer builds a datagram. The errors it drops are those of a
// bytes.Buffer, which has none.
type writer struct {
	buf bytes.Buffer
	enc *msgpack.Encoder
}

func newWriter(kind byte, id messageID) *writer {
	w := &writer{enc: msgpack.GetEncoder()}
	w.enc.Reset(&w.buf)
	w.buf.Grow(128) // all but lists of contacts and long values
	w.buf.WriteByte(kind)
	w.buf.Write(id[:])
	return w
}

func (w *writer) finish() []byte {
	msgpack.PutEncoder(w.enc)
	return w.buf.Bytes()
}

func (w *writer) array(n int)  { _ = w.enc.EncodeArrayLen(n) }
func (w *writer) str(s string) { _ = w.enc.EncodeString(s) }

func (w *writer) id(id ID) {
	_ = w.enc.EncodeBytesLen(len(id))
	w.buf.Write(id[:])
}

func (w *writer) addr(a netip.AddrPort) {
	w.str(a.Addr().String())
	_ = w.enc.EncodeUint(uint64(a.Port()))
}

// A reader takes one payload apart. It allocates nothing that the payload
// asks for: a length is checked against the bytes that are there. The first
// error stays; later reads then return zero values.
type reader struct {
	payload []byte
	rest    bytes.Reader
	dec     *msgpack.Decoder
	err     error
}

func newReader(payload []byte) *reader {
	r := &reader{payload: payload, dec: msgpack.GetDecoder()}
	r.rest.Reset(payload)
	r.dec.Reset(&r.rest)
	return r
}

func (r *reader) close() { msgpack.PutDecoder(r.dec) }

func (r *reader) fail() { r.err = errMalformed }

// finish returns the first error; bytes that are left over are one.
func (r *reader) finish() error {
	if r.err == nil && r.rest.Len() > 0 {
		r.fail()
	}
	return r.err
}

// peek returns the type code of the next value, or Nil at the end.
func (r *reader) peek() byte {
	code, err := r.dec.PeekCode()
	if err != nil {
		return msgpcode.Nil
	}
	return code
}

// skip passes over one value that is neither array nor map, string nor bytes.
func (r *reader) skip() {
	if r.err == nil && r.dec.Skip() != nil {
		r.fail()
	}
}

func (r *reader) arrayLen() int {
	if r.err != nil {
		return 0
	}
	n, err := r.dec.DecodeArrayLen()
	if err != nil || n < 0 || n > r.rest.Len() { // an element has at least one byte
		r.fail()
		return 0
	}
	return n
}

func (r *reader) array(want int) {
	if r.arrayLen() != want {
		r.fail()
	}
}

// bytes returns the contents of the string or bytes that come next. They
// share the payload. is tells the two types apart, which msgpack would not.
func (r *reader) bytes(is func(code byte) bool) []byte {
	if r.err != nil || !is(r.peek()) {
		r.fail()
		return nil
	}
	n, err := r.dec.DecodeBytesLen()
	if err != nil || n < 0 || n > r.rest.Len() {
		r.fail()
		return nil
	}
	at := len(r.payload) - r.rest.Len()
	if _, err := r.rest.Seek(int64(n), io.SeekCurrent); err != nil {
		r.fail()
		return nil
	}
	return r.payload[at : at+n]
}

func (r *reader) id() ID {
	b := r.bytes(msgpcode.IsBin)
	if len(b) != len(ID{}) {
		r.fail()
		return ID{}
	}
	return ID(b)
}

// addr returns the IP and port that come next, or the zero AddrPort if they
// are no such thing (Python nodes also send host names: we resolve none).
func (r *reader) addr() netip.AddrPort {
	host := r.bytes(msgpcode.IsString)
	if r.err != nil {
		return netip.AddrPort{}
	}
	port, err := r.dec.DecodeInt64()
	if err != nil {
		r.fail()
	}
	ip, err := netip.ParseAddr(string(host))
	if err != nil || port < 0 || port > 0xffff {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(port))
}

func (r *reader) contact() (n Node, ok bool) {
	r.array(3)
	id := r.bytes(msgpcode.IsBin)
	addr := r.addr()
	if r.err != nil || len(id) != len(ID{}) || !usable(addr) {
		return Node{}, false
	}
	return Node{ID(id), addr}, true
}

// found returns the value of the map {"value": scalar}.
func (r *reader) found() []byte {
	if n, err := r.dec.DecodeMapLen(); err != nil || n != 1 {
		r.fail()
	}
	if string(r.bytes(msgpcode.IsString)) != "value" {
		r.fail()
	}
	return r.scalar()
}

// scalar returns the MessagePack bytes of a number, bool, string or bytes.
// They share the payload. Python nodes store these types only; others would
// crash the Python node that asks for them.
func (r *reader) scalar() []byte {
	start := len(r.payload) - r.rest.Len()
	switch code := r.peek(); {
	case msgpcode.IsString(code):
		if !utf8.Valid(r.bytes(msgpcode.IsString)) {
			r.fail()
		}
	case msgpcode.IsBin(code):
		r.bytes(msgpcode.IsBin)
	case msgpcode.IsFixedNum(code),
		code == msgpcode.True, code == msgpcode.False,
		code >= msgpcode.Float && code <= msgpcode.Int64: // ca to d3: floats and integers
		r.skip()
	default:
		r.fail()
	}
	if r.err != nil {
		return nil
	}
	return r.payload[start : len(r.payload)-r.rest.Len()]
}
