package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var floods = flag.Int("floods", 1, "how often each peer of TestHostileBlocksMemory sends its transaction; 1: the node is let read 8 of the 32 blocks, more: all")

const memoryLimit = 200 << 20 // bytes: what a node may have resident, whatever peers do

// skipUnderRace skips a test that is about memory alone under the race detector,
// which takes several times as much itself, and minutes for these.
func skipUnderRace(t *testing.T) {
	if raceDetector {
		t.Skip("memory is not the program's own")
	}
}

// checkMemory checks that a node has stayed within its bound, where the system
// tells. The race detector's own memory would count too.
func (n *node) checkMemory() {
	n.net.t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	got := n.memory("VmHWM")
	if got > memoryLimit && !raceDetector {
		n.net.t.Errorf("%d MiB resident, want below %d", got>>20, memoryLimit>>20)
	}
	n.net.t.Logf("%d MiB resident", got>>20)
}

// A stranger sends a transaction that is nearly as long as a block may be. To look
// at its 2,600 signatures would take the node a while, so it doesn't: it says why,
// hangs up, and goes on with the others.
func TestHugeTransaction(t *testing.T) {
	full(t)
	net := newNetwork(t)
	a := net.Start("A")
	genesis := a.Address("genesis_block")
	b := net.Start("B", a)

	inputs := make([]string, 2600)
	for i := range inputs {
		hex := fmt.Sprintf("%064x", i)
		inputs[i] = fmt.Sprintf(`{"txid": "%s", "vout": 0, "signature": "%s", "pub_key": "%s"}`, hex, hex+hex, hex+hex)
	}
	huge := fmt.Sprintf(`{"txid": "%064x", "vins": [%s], "vouts": [{"value": 1, "pub_key_hash": "%s"}]}`, 0, strings.Join(inputs, ", "), genesis)
	reply := sendUntilClosed(t, a.addr, fmt.Sprintf(`{"code": %d, "data": [%s]}`, transactionMsg, huge))
	if reply != string(noAnswer) {
		t.Errorf("the stranger hears %q, want %q", reply, noAnswer)
	}
	line := a.AwaitLog("connection closed: bad transaction")
	if want := fmt.Sprintf("transaction too large for a pool: %d bytes, at most 100000", len(huge)); !strings.Contains(line, want) {
		t.Errorf("the log has %s, without %q", line, want)
	}

	a.Run("send", "--from", genesis, "--to", b.Address("createwallet"), "--amount", "100")
	a.Run("mine")
	net.Agree()
}

// sendUntilClosed sends a message and returns what comes until the node hangs up.
func sendUntilClosed(t *testing.T, addr, message string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, message); err != nil {
		t.Fatal(err)
	}
	reply, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(reply)
}

// classroomAttacks is what hostile students send, each from an address of
// their own.
var classroomAttacks = []struct {
	name, network string
	rounds        int
	text          func() []byte
}{
	{"noise", "tcp", 200, func() []byte { return random(4096) }},
	{"four bytes", "tcp", 200, func() []byte { return []byte("addr") }},
	{"deep JSON", "tcp", 50, func() []byte { return bytes.Repeat([]byte("["), 1<<20) }},
	{"giant JSON", "tcp", 50, func() []byte { return append([]byte(`{"code": 3, "data": "`), bytes.Repeat([]byte("x"), 4<<20)...) }},
	{"many transactions", "tcp", 50, func() []byte {
		return []byte(`{"code": 3, "data": [` + strings.Repeat(`{"txid": "", "vins": [], "vouts": []}, `, 20_000) + `{}]}`)
	}},
	{"false height", "tcp", 200, func() []byte {
		return handshake(math.MaxInt, []byte(`{"block_header": {"hash": "aa"}}`))
	}},
	{"half a message", "tcp", 100, func() []byte { return []byte(`{"code": 1, "data": {"last_`) }},
	{"datagrams of noise", "udp", 20_000, func() []byte { return random(200) }},
	{"pings of nobody", "udp", 20_000, func() []byte {
		// A request, its number, and ["ping", [sender's ID]] as msgpack.
		m := append([]byte{0}, random(20)...)
		m = append(m, "\x92\xa4ping\x91\xc4\x14"...)
		return append(m, random(20)...)
	}},
	{"stores of nobody", "udp", 5_000, func() []byte {
		// ["store", [sender's ID, key, value]].
		m := append([]byte{0}, random(20)...)
		m = append(m, "\x92\xa5store\x93\xc4\x14"...)
		m = append(m, random(20)...)
		m = append(m, "\xc4\x14"...)
		m = append(m, random(20)...)
		m = append(m, "\xc5\x04\x00"...)
		return append(m, bytes.Repeat([]byte{1}, 1024)...)
	}},
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// A node in a hostile classroom: all of that at once. An honest node joins,
// syncs and is paid meanwhile; memory and log stay within bounds.
func TestHostileClassroom(t *testing.T) {
	full(t)
	net := newNetwork(t)
	a := net.Start("A")
	genesis := a.Address("genesis_block")

	var attacks sync.WaitGroup
	for i, attack := range classroomAttacks {
		from := fmt.Sprintf("127.0.0.%d", 100+i)
		attacks.Go(func() { flood(a.addr, attack.network, from, attack.rounds, attack.text) })
	}

	honest := net.Start("H", a)
	net.Agree()
	payee := honest.Address("createwallet")
	for range 2 {
		a.Run("send", "--from", genesis, "--to", payee, "--amount", "100")
	}
	net.Await("block with the payment", func() bool { return honest.Balance(payee) == 100 })
	attacks.Wait()

	if got := a.Balance(genesis); got != 1900 {
		t.Errorf("afterwards the balance is %d, want 1900", got)
	}
	a.checkMemory()
	a.Interrupt()
	if lines := a.Logged(""); len(lines) > 200 {
		t.Errorf("%d lines of log, the last %s", len(lines), lines[len(lines)-1])
	}
}

// flood sends one message after another to a node from some address. Over TCP
// each has a connection of its own, over UDP a hundred share one.
func flood(addr, network, from string, rounds int, text func() []byte) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 5 * time.Second}
	each := 1
	if network == "udp" {
		dialer.LocalAddr = &net.UDPAddr{IP: net.ParseIP(from)}
		each = 100
	}

	for round := 0; round < rounds; round += each {
		conn, err := dialer.Dial(network, addr)
		if err != nil {
			continue // turned away
		}
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		for range each {
			conn.Write(text()) // cut off, or not
		}
		conn.Close()
	}
}

// Thirty-two peers at one address serve blocks, and send transactions, that
// are as long as a message may be, and take the most memory to decode.
func TestHostileBlocksMemory(t *testing.T) {
	skipUnderRace(t)
	full(t)
	const peers = 32
	blocks := peers
	if *floods == 1 { // all wait to be read from the start, so the peak comes early
		blocks = 8
	}
	tests := []struct{ name, vins, rest string }{
		{"more parts than a block has", strings.Repeat("{},", 600_000) + "{}", ""},
		{"as many parts as may be", strings.Repeat("0,", 60_000) + "0", strings.Repeat(" ", 1_900_000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			net := newNetwork(t)
			a := net.Start("A")
			a.Run("genesis_block")
			genesis, err := fetchBlock(a.addr, 0)
			if err != nil {
				t.Fatal(err)
			}

			tx := fmt.Sprintf(`{"txid": "", "vouts": [], "vins": [%s]%s}`, tt.vins, tt.rest)
			served := blockReply(fmt.Appendf(nil, `{"magic_no": 3166485692, "block_header": {"timestamp": "1", "prev_block_hash": "%s", `+
				`"hash": "%064x", "hash_merkle_root": "%064x", "height": 1, "nonce": 3}, "transactions": [%s]}`, genesis.hash, 1, 1, tx))
			sent := fmt.Sprintf(`{"code": %d, "data": [%s]}`, transactionMsg, tx)
			greeting := handshake(9, genesis.json)

			var sending sync.WaitGroup
			for range peers {
				peer := newStranger(t, func(code int, _ json.RawMessage) []byte {
					if code == handshakeMsg {
						return greeting
					}
					return served
				})
				sending.Go(func() {
					for range *floods {
						sendAndListen(a.addr, sent)
					}
				})
				peer.Join(a)
			}
			sending.Wait()

			// The node has asked each for a block, and takes them one by one.
			for range blocks {
				a.AwaitLog("peer disconnected")
				a.Run("peers") // takes no longer than a command may
			}

			a.checkMemory()
			a.Interrupt()
		})
	}
}

// As many peers as we have places for, each with blocks of 1 MiB, or with a
// handshake as long as a message may be, all at once: what is held of them does
// not grow with their number, wherever they are.
func TestWaitingBlocksMemory(t *testing.T) {
	skipUnderRace(t)
	full(t)
	const (
		peers      = 128 // of which not all find a place in our table
		enough     = 50
		blockSize  = 1<<20 - 1000
		mostMemory = 100 << 20 // bytes above those of a node without peers
	)
	tests := []struct {
		name      string
		addresses int
		greeting  int // bytes of padding in the handshake
	}{
		{"two addresses", 2, 0},
		{"an address each", peers, 0},
		{"long handshakes", peers, 2_000_000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			nodes := newNetwork(t)
			a := nodes.Start("A")
			a.Run("genesis_block")
			genesis, err := fetchBlock(a.addr, 0)
			if err != nil {
				t.Fatal(err)
			}
			inStep := handshake(0, genesis.json)
			ahead := handshake(9, append(bytes.Repeat([]byte(" "), tt.greeting), genesis.json...))
			var begun atomic.Bool
			var asked atomic.Int64 // peers that were asked for a block
			allAsked := make(chan struct{})
			if runtime.GOOS != "linux" {
				t.Skip("the system does not tell")
			}
			before := a.memory("VmHWM")

			for i := range peers {
				prev := genesis.hash
				padding := strings.Repeat("x", blockSize)
				askedOnce := sync.OnceFunc(func() {
					if asked.Add(1) == enough {
						close(allAsked)
					}
				})
				peer := newStrangerAt(t, fmt.Sprintf("127.0.1.%d", 1+i%tt.addresses), func(code int, data json.RawMessage) []byte {
					switch {
					case code == handshakeMsg && begun.Load():
						return ahead
					case code == handshakeMsg:
						return inStep
					}
					askedOnce()
					<-allAsked
					return blockReply(fmt.Appendf(nil, `{"magic_no": 3166485692, "block_header": {"timestamp": "1", "prev_block_hash": "%s", `+
						`"hash": "%064x", "hash_merkle_root": "%064x", "height": %s, "nonce": 3}, "transactions": [{"txid": "%s"}]}`, prev, i+1, 1, data, padding))
				})
				peer.Join(a)
			}
			for range enough {
				a.AwaitLog("peer connected")
			}
			begun.Store(true)
			for range enough {
				a.AwaitLog("peer left alone")
			}

			got := a.memory("VmHWM") - before
			t.Logf("%d MiB more than without peers", got>>20)
			if got > mostMemory {
				t.Errorf("%d MiB more than without peers, want at most %d", got>>20, mostMemory>>20)
			}
			a.Interrupt()
		})
	}
}

// sendAndListen sends a message and waits for an answer, or for the end.
func sendAndListen(addr, message string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return // turned away
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprint(conn, message)
	conn.Read(make([]byte, 100))
}

// As many connections as there may be ask for blocks of nearly 1 MiB, again
// and again, and do not read the answers.
func TestUnreadBlocksMemory(t *testing.T) {
	skipUnderRace(t)
	full(t)
	nodes := newNetwork(t)
	chain := fatChain(t)
	a := nodes.Start("A", newStranger(t, serveChain(chain)))
	a.AwaitLog("blocks synced")

	last := len(chain) - 1
	ask := strings.Repeat(fmt.Sprintf(`{"code": %d, "data": %d}`, getBlockMsg, last), 40)
	var conns []net.Conn
	for i := range 128 {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(10+i%4))}}
		conn, err := dialer.Dial("tcp", a.addr)
		if err != nil {
			t.Skip(err) // a system with one loopback address
		}
		defer conn.Close()
		conn.(*net.TCPConn).SetReadBuffer(4096)
		fmt.Fprint(conn, ask)
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 { // until the system's buffers are full, too
		a.Run("print", fmt.Sprint(last))
	}

	a.checkMemory()
	a.Interrupt()
}

// fatChain returns a chain whose last block has a transaction for each of the
// blocks below, with a thousand outputs: nearly as long as a block may be.
func fatChain(t *testing.T) (chain []block) {
	t.Helper()
	const fatTxs = 15
	owner := newKey(t)
	var txs []string
	for height := range fatTxs {
		var parent *block
		if height > 0 {
			parent = &chain[height-1]
		}
		chain = append(chain, mineOn(parent, owner.address, ""))
		txs = append(txs, owner.shatter(coinbaseID(height, owner.address, "")))
	}
	chain = append(chain, mineOn(&chain[fatTxs-1], owner.address, "", txs...))

	size := len(chain[fatTxs].json)
	if size < 1_000_000 || size > 1<<20 {
		t.Fatalf("the last block has %d bytes", size)
	}
	return chain
}

// serveChain plays a peer that has a chain.
func serveChain(chain []block) func(code int, data json.RawMessage) []byte {
	return func(code int, data json.RawMessage) []byte {
		var height int
		switch {
		case code == handshakeMsg:
			return handshake(len(chain)-1, chain[0].json)
		case code == getBlockMsg && json.Unmarshal(data, &height) == nil && height >= 0 && height < len(chain):
			return blockReply(chain[height].json)
		}
		return noAnswer
	}
}
