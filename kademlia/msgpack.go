package kademlia

import (
	"bytes"
	"io"
	"net/netip"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// A writer builds a datagram. The errors it drops are those of a
// bytes.Buffer, which has none.
type writer struct {
	buf bytes.Buffer
	enc *msgpack.Encoder
}

// newWriter returns a writer that has written the header of a datagram.
func newWriter(kind byte, id messageID) *writer {
	w := &writer{enc: msgpack.GetEncoder()}
	w.enc.Reset(&w.buf)
	w.buf.Grow(128) // all but lists of contacts and long values
	w.buf.WriteByte(kind)
	w.buf.Write(id[:])
	return w
}

// finish returns the datagram. The writer is of no more use.
func (w *writer) finish() []byte {
	msgpack.PutEncoder(w.enc)
	return w.buf.Bytes()
}

// array begins an array of n values.
func (w *writer) array(n int) { _ = w.enc.EncodeArrayLen(n) }

// str writes a text.
func (w *writer) str(s string) { _ = w.enc.EncodeString(s) }

// id writes an ID as 20 bytes.
func (w *writer) id(id ID) {
	_ = w.enc.EncodeBytesLen(len(id))
	w.buf.Write(id[:])
}

// addr writes an IP address as text and a port as an integer.
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

// close gives the decoder back.
func (r *reader) close() { msgpack.PutDecoder(r.dec) }

// fail makes the payload a malformed one.
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

// arrayLen returns the length of the array that comes next.
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

// array begins an array that must have this length.
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

// id returns the ID that comes next: exactly 20 bytes.
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

// contacts returns those of the n contacts that come next which can be asked,
// but no more than limit.
func (r *reader) contacts(n, limit int) []Node {
	nodes := make([]Node, 0, min(n, limit))
	for range n {
		if c, ok := r.contact(); ok && len(nodes) < limit {
			nodes = append(nodes, c)
		}
	}
	return nodes
}

// contact returns the contact that comes next, and whether it can be asked.
func (r *reader) contact() (n Node, ok bool) {
	r.array(3)
	id := r.bytes(msgpcode.IsBin)
	addr := r.addr()
	if r.err != nil || len(id) != len(ID{}) || !usable(addr) {
		return Node{}, false
	}
	return Node{ID(id), addr}, true
}

// mapValue returns the value of the map {"value": scalar}.
func (r *reader) mapValue() []byte {
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
