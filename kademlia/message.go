package kademlia

import (
	"bytes"
	"errors"
	"net/netip"

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

// A messageID pairs a response with its request. It has nothing to do with the
// IDs of nodes.
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

	var q request
	r.array(2)
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

	// The caller's ID, the target and the value come in this order.
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
		p.kind, p.value = valueReply, bytes.Clone(r.mapValue())

	default:
		// An array of two that begins with a text is an address; of any other,
		// each element is a contact.
		n := r.arrayLen()
		if n == 2 && msgpcode.IsString(r.peek()) {
			p.kind, p.addr = addrReply, r.addr()
			if !p.addr.IsValid() {
				r.fail()
			}
		} else {
			p.kind, p.nodes = nodesReply, r.contacts(n, limit)
		}
	}

	return p, r.finish()
}
