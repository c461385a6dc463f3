package e2e

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcutil/base58"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old and slow, and what addresses are made of

	"gosimpleblockchain/kademlia"
)

// What a peer of another make has to know: the messages, and how blocks and
// transactions are written and hashed. Only to be found it borrows the
// program's own Kademlia.

const (
	handshakeMsg   = 1
	getBlockMsg    = 2
	transactionMsg = 3
)

var noAnswer = []byte(`{"code": 0, "data": ""}`)

// A stranger is a peer that the test plays.
type stranger struct {
	addr      string
	discovery *kademlia.Server
}

// flag makes a stranger the option to join it.
func (s stranger) flag() string { return "-bootstrap=" + s.addr }

// Join makes a node discover the stranger.
func (s stranger) Join(n *node) {
	s.discovery.Bootstrap(n.net.t.Context(), netip.MustParseAddrPort(n.addr)) // and if the node is busy, again and again
}

// newStranger plays a peer, until the test ends: it answers pings, and each
// request as answer says.
func newStranger(t testing.TB, answer func(code int, data json.RawMessage) []byte) stranger {
	t.Helper()
	return newStrangerAt(t, "127.0.0.1", answer)
}

// newStrangerAt is newStranger at another address of this machine.
func newStrangerAt(t testing.TB, ip string, answer func(code int, data json.RawMessage) []byte) stranger {
	t.Helper()
	ln, discovery := listen(t, ip)
	t.Cleanup(func() {
		ln.Close()
		discovery.Close()
	})

	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go converse(conn, answer)
		}
	}()
	return stranger{ln.Addr().String(), discovery}
}

// listen opens TCP and UDP at one port. The one that the system gives for TCP
// may be taken for UDP: then it chooses again.
func listen(t testing.TB, ip string) (net.Listener, *kademlia.Server) {
	t.Helper()
	var err error
	for range 10 {
		var ln net.Listener
		if ln, err = net.Listen("tcp", ip+":0"); err != nil {
			break
		}
		var discovery *kademlia.Server
		if discovery, err = kademlia.Listen(ln.Addr().(*net.TCPAddr).AddrPort(), kademlia.Config{}); err == nil {
			return ln, discovery
		}
		ln.Close()
	}
	t.Fatal(err)
	return nil, nil
}

// converse answers the requests on one connection.
func converse(conn net.Conn, answer func(code int, data json.RawMessage) []byte) {
	defer conn.Close()
	var request struct {
		Code int             `json:"code"`
		Data json.RawMessage `json:"data"`
	}
	for in := json.NewDecoder(conn); in.Decode(&request) == nil; {
		if _, err := conn.Write(answer(request.Code, request.Data)); err != nil {
			return
		}
	}
}

// handshake is the message that says how high a chain is, and what it begins with.
func handshake(height int, genesis []byte) []byte {
	return fmt.Appendf(nil, `{"code": %d, "data": {"last_height": %d, "genesis_block": %s}}`, handshakeMsg, height, genesis)
}

// blockReply is the answer that has a block.
func blockReply(block []byte) []byte {
	return fmt.Appendf(nil, `{"code": %d, "data": %s}`, getBlockMsg, block)
}

// A block is one that the test has mined, or fetched.
type block struct {
	height     int
	hash, prev string
	json       []byte
}

// fetchBlock asks a node for a block of its chain.
func fetchBlock(addr string, height int) (block, error) {
	blocks, err := fetchBlocks(addr, height, height)
	if err != nil {
		return block{}, err
	}
	return blocks[0], nil
}

// fetchBlocks asks a node for the blocks from … to of its chain.
func fetchBlocks(addr string, from, to int) (blocks []block, err error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))

	in := json.NewDecoder(conn)
	for height := from; height <= to; height++ {
		if _, err := fmt.Fprintf(conn, `{"code": %d, "data": %d}`, getBlockMsg, height); err != nil {
			return nil, err
		}
		var reply struct {
			Data json.RawMessage `json:"data"`
		}
		if err := in.Decode(&reply); err != nil {
			return nil, err
		}
		var fields struct {
			Header struct {
				Hash string `json:"hash"`
				Prev string `json:"prev_block_hash"`
			} `json:"block_header"`
		}
		if err := json.Unmarshal(reply.Data, &fields); err != nil {
			return nil, fmt.Errorf("block %d: %w", height, err)
		}
		blocks = append(blocks, block{height, fields.Header.Hash, fields.Header.Prev, reply.Data})
	}
	return blocks, nil
}

// mineOn returns a block on top of parent (nil: a genesis block) with a
// coinbase that pays an address, and some transactions. The salt tells blocks
// apart that are alike otherwise.
func mineOn(parent *block, payee, salt string, txs ...string) block {
	var b block
	if parent != nil {
		b.height, b.prev = parent.height+1, parent.hash
	}
	timestamp := fmt.Sprintf("%d.5", 1_700_000_000+b.height)
	txs = append([]string{coinbase(payee, fmt.Sprint(b.height, " ", salt))}, txs...)
	root := merkleRoot(txs)

	// The genesis block has no work. In Python its nonce is None, in JSON null.
	nonce, nonceJSON := "None", "null"
	for try := 0; parent != nil; try++ {
		nonce = fmt.Sprint(try)
		nonceJSON = nonce
		if sha256Hex(fmt.Sprint(b.prev+root+timestamp, b.height, nonce))[0] == '0' {
			break
		}
	}

	b.hash = sha256Hex(fmt.Sprint(timestamp+b.prev+root, b.height, nonce))
	b.json = fmt.Appendf(nil, `{"magic_no": 3166485692, "block_header": {"timestamp": "%s", "prev_block_hash": "%s", "hash": "%s", `+
		`"hash_merkle_root": "%s", "height": %d, "nonce": %s}, "transactions": [%s]}`,
		timestamp, b.prev, b.hash, root, b.height, nonceJSON, strings.Join(txs, ", "))
	return b
}

// coinbase returns the transaction that pays a block's reward.
func coinbase(payee, text string) string {
	id := sha256Hex(fmt.Sprintf("{'txid': '', 'vout': -1, 'signature': '', 'pub_key': '%s'}{'value': 1000, 'pub_key_hash': '%s'}", text, payee))
	return fmt.Sprintf(`{"txid": "%s", "vins": [{"txid": "", "vout": -1, "signature": "", "pub_key": "%s"}], `+
		`"vouts": [{"value": 1000, "pub_key_hash": "%s"}]}`, id, text, payee)
}

// coinbaseID returns the ID of the coinbase that mineOn makes.
func coinbaseID(height int, payee, salt string) string {
	return coinbase(payee, fmt.Sprint(height, " ", salt))[len(`{"txid": "`):][:64]
}

func merkleRoot(txs []string) string {
	var level []string
	for _, tx := range txs {
		level = append(level, sha256Hex(tx))
	}
	for len(level) > 1 {
		if len(level)%2 == 1 {
			level = append(level, level[len(level)-1])
		}
		var above []string
		for i := 0; i < len(level); i += 2 {
			above = append(above, sha256Hex(level[i]+level[i+1]))
		}
		level = above
	}
	return level[0]
}

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// A key is a wallet of the test.
type key struct {
	private *secp256k1.PrivateKey
	public  string // X‖Y in hex
	address string
}

func newKey(t testing.TB) key {
	t.Helper()
	private, err := secp256k1.GeneratePrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	public := private.PubKey().SerializeUncompressed()[1:]
	sum := sha256.Sum256(public)
	short := ripemd160.New()
	short.Write(sum[:])
	return key{private, hex.EncodeToString(public), base58.CheckEncode(short.Sum(nil), 0)}
}

// shatter returns a transaction that makes a thousand coins of value 1 out of
// one coinbase's.
func (k key) shatter(txid string) string {
	ids := strings.Repeat(fmt.Sprintf("{'value': 1, 'pub_key_hash': '%s'}", k.address), 1000)
	outputs := strings.Repeat(fmt.Sprintf(`, {"value": 1, "pub_key_hash": "%s"}`, k.address), 1000)[2:]

	input := fmt.Sprintf("{'txid': '%s', 'vout': 0, 'signature': ", txid)
	signed := sha256Hex(input + "None, 'pub_key': '" + k.address + "'}" + ids)
	digest := sha1.Sum([]byte(signed))
	signature := ecdsa.Sign(k.private, digest[:])
	r, s := signature.R(), signature.S()
	rs := fmt.Sprintf("%x%x", r.Bytes(), s.Bytes())

	id := sha256Hex(input + "'', 'pub_key': '" + k.public + "'}" + ids)
	return fmt.Sprintf(`{"txid": "%s", "vins": [{"txid": "%s", "vout": 0, "signature": "%s", "pub_key": "%s"}], "vouts": [%s]}`,
		id, txid, rs, k.public, outputs)
}
