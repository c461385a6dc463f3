package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/network"
)

// A pythonPeer has the habits of the article's Python program that matter to a
// network: it pools a transaction as often as it gets it, mines at once when two
// stand in its pool, whatever others have confirmed, and takes any block that
// follows its last. A block of other than 1, 2 or 4 transactions ends the thread
// that reads it, and so does a request of more than 4096 bytes. It dials a node
// once, when its ID is new.
type pythonPeer struct {
	t         testing.TB
	wallet    *Wallet
	heartbeat time.Duration
	ln        net.Listener
	discovery *kademlia.Server
	threads   sync.WaitGroup

	mu     sync.Mutex // guards all below
	blocks []*Block
	pool   []*Transaction
	queues []*[]*Transaction // one for each node that it dials
	died   []string          // threads, and of what
	moved  chan struct{}     // closed and replaced when the chain moves
}

// startPython runs a pythonPeer, which joins the network of seed, until the test
// ends.
func startPython(t testing.TB, wallet *Wallet, seed netip.AddrPort) *pythonPeer {
	t.Helper()
	p := &pythonPeer{t: t, wallet: wallet, heartbeat: 2 * testHeartbeat, moved: make(chan struct{})}
	p.listen()
	must(0, p.discovery.Bootstrap(t.Context(), seed))(t)

	p.threads.Go(p.serve)
	p.threads.Go(p.findNodes)
	t.Cleanup(func() {
		p.ln.Close()
		p.discovery.Close()
		p.threads.Wait()
	})
	return p
}

// listen opens UDP and TCP at one port.
func (p *pythonPeer) listen() {
	for range 10 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			p.t.Fatal(err)
		}
		p.discovery, err = kademlia.Listen(ln.Addr().(*net.TCPAddr).AddrPort(), kademlia.Config{})
		if err == nil {
			p.ln = ln
			return
		}
		ln.Close()
	}
	p.t.Fatal("no port is free for UDP and TCP")
}

// serve is the article's listen_loop.
func (p *pythonPeer) serve() {
	for {
		conn, err := p.ln.Accept()
		if err != nil {
			return
		}
		p.threads.Go(func() {
			defer p.closeAtEnd(conn)()
			p.answer(conn)
		})
	}
}

// closeAtEnd closes a connection when the test ends, or when the function that
// it returns is called.
func (p *pythonPeer) closeAtEnd(conn net.Conn) (closeNow func()) {
	stop := context.AfterFunc(p.t.Context(), func() { conn.Close() })
	return func() {
		stop()
		conn.Close()
	}
}

// answer is handle_loop, a thread of its own.
func (p *pythonPeer) answer(conn net.Conn) {
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		var m network.Msg
		if err := json.Unmarshal(buf[:n], &m); err != nil {
			p.die("a request is no JSON: %.60q", buf[:n])
			return
		}
		reply, err := p.handle(m)
		if err != nil {
			p.die("%v", err)
			return
		}
		if _, err := conn.Write(reply); err != nil {
			return
		}
	}
}

func (p *pythonPeer) die(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.died = append(p.died, fmt.Sprintf(format, args...))
}

// handle returns the reply to a request.
func (p *pythonPeer) handle(m network.Msg) (reply []byte, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch m.Code {
	case network.HandShakeMsg:
		return p.handshake(), nil

	case network.GetBlockMsg:
		height, err := strconv.Atoi(string(m.Data))
		if err != nil || height < 0 || height >= len(p.blocks) {
			return nil, fmt.Errorf("no block %s", m.Data)
		}
		return network.Msg{Code: network.GetBlockMsg, Data: p.blocks[height].AppendJSON(nil)}.Append(nil), nil

	case network.TransactionMsg:
		var txs []json.RawMessage
		if err := json.Unmarshal(m.Data, &txs); err != nil {
			return nil, err
		}
		for _, raw := range txs {
			tx, err := DecodeTransaction(raw)
			if err != nil {
				return nil, err
			}
			p.pool = append(p.pool, tx)
		}
		return network.Msg{}.Append(nil), p.mineIfFull()
	}
	return []byte(`{"code": 0, "data":""}`), nil
}

// handshake returns the message that tells how high the chain is. p.mu is held.
func (p *pythonPeer) handshake() []byte {
	status := network.Status{Height: len(p.blocks) - 1}
	if len(p.blocks) > 0 {
		status.Genesis = p.blocks[0].AppendJSON(nil)
	}
	return status.Msg().Append(nil)
}

// mineIfFull is add_block. Like that, it leaves the coinbase in the pool if the
// block fails. p.mu is held.
func (p *pythonPeer) mineIfFull() error {
	if len(p.pool) < 2 || len(p.blocks) == 0 {
		return nil
	}
	parent, now := p.tip(), time.Now()
	p.pool = slices.Insert(p.pool, 0, NewCoinbase(p.wallet.Address(), now))

	var txs []*Transaction
	used := make(map[OutPoint]bool)
	for _, tx := range p.pool {
		for i := range tx.Vins { // once for each input
			if o := tx.Vins[i].OutPoint(); !used[o] {
				used[o] = true
				txs = append(txs, tx)
			}
		}
	}
	if !hasPythonRoot(len(txs)) {
		return fmt.Errorf("no Merkle root of %d transactions", len(txs))
	}
	p.pool = nil
	p.push(work(p.t, NewBlock(&parent.Header, txs, now)))
	return nil
}

// hasPythonRoot reports whether the article's Merkle tree can be built.
func hasPythonRoot(leaves int) bool { return leaves == 1 || leaves == 2 || leaves == 4 }

// tip returns the last block. p.mu is held.
func (p *pythonPeer) tip() *Block { return p.blocks[len(p.blocks)-1] }

// push puts a block on the chain. p.mu is held.
func (p *pythonPeer) push(b *Block) {
	p.blocks = append(p.blocks, b)
	close(p.moved)
	p.moved = make(chan struct{})
}

// findNodes is nodes_find: it starts a thread for each node whose ID is new.
func (p *pythonPeer) findNodes() {
	known := make(map[kademlia.ID]bool)
	for p.wait(p.heartbeat / 4) {
		for _, n := range p.discovery.Nodes() {
			if known[n.ID] {
				continue
			}
			known[n.ID] = true
			conn, err := net.Dial("tcp", n.Addr.String())
			if err != nil {
				continue
			}
			queue := new([]*Transaction)
			p.mu.Lock()
			p.queues = append(p.queues, queue)
			p.mu.Unlock()
			p.threads.Go(func() {
				defer p.closeAtEnd(conn)()
				p.ask(conn, queue)
			})
		}
	}
}

// ask is shake_loop, a thread of its own.
func (p *pythonPeer) ask(conn net.Conn, queue *[]*Transaction) {
	var pause time.Duration
	for p.wait(pause) {
		var request []byte
		request, pause = p.nextRequest(queue)
		reply, err := p.exchange(conn, request)
		if err == nil && reply.Code == network.HandShakeMsg {
			err = p.sync(conn, reply)
		}
		if err != nil {
			p.die("%v", err)
			return
		}
	}
}

// nextRequest returns what stands in the queue or, if that is empty, a handshake,
// and how long the thread sleeps after it.
func (p *pythonPeer) nextRequest(queue *[]*Transaction) (request []byte, pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(*queue) == 0 {
		return p.handshake(), p.heartbeat
	}

	var data []byte
	for _, tx := range *queue {
		data = tx.AppendJSON(append(data, ", "...))
	}
	*queue = nil
	return network.Msg{Code: network.TransactionMsg, Data: fmt.Appendf(nil, "[%s]", data[2:])}.Append(nil), 0
}

// wait waits for d, and reports whether the test still runs.
func (p *pythonPeer) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
	case <-p.t.Context().Done():
	}
	return p.t.Context().Err() == nil
}

// exchange sends a request and reads the reply in one go. One that isn't whole is
// passed over.
func (p *pythonPeer) exchange(conn net.Conn, request []byte) (reply network.Msg, err error) {
	if _, err := conn.Write(request); err != nil {
		return network.Msg{}, err
	}
	buf := make([]byte, 4096)
	n, err := conn.Read(buf)
	if err != nil {
		return network.Msg{}, err
	}
	if json.Unmarshal(buf[:n], &reply) != nil {
		return network.Msg{}, nil
	}
	return reply, nil
}

// sync is handle_shake: it asks for all blocks from its own height on.
func (p *pythonPeer) sync(conn net.Conn, handshake network.Msg) error {
	theirs, err := network.ParseHandshake(handshake.Data)
	if err != nil {
		return err
	}
	p.mu.Lock()
	ours := len(p.blocks) - 1
	p.mu.Unlock()
	if ours >= theirs.Height {
		return nil
	}

	for height := max(ours, 0); height <= theirs.Height; height++ {
		reply, err := p.exchange(conn, network.Msg{Code: network.GetBlockMsg, Data: fmt.Append(nil, height)}.Append(nil))
		if err != nil {
			return err
		}
		if reply.Code != network.GetBlockMsg {
			continue
		}
		b, err := DecodeBlock(reply.Data)
		if err != nil {
			return err
		}
		if n := len(b.Transactions); !hasPythonRoot(n) {
			return fmt.Errorf("no Merkle root of %d transactions", n)
		}
		p.take(b)
	}
	return nil
}

// take is add_block_from_peers: another block at the height of the last one makes
// it drop its own, and no more.
func (p *pythonPeer) take(b *Block) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.blocks) == 0 {
		p.push(b)
		return
	}
	last := p.tip()
	switch {
	case b.Header.Height == last.Header.Height && b.Header.Hash != last.Header.Hash:
		p.blocks = p.blocks[:len(p.blocks)-1]
	case b.Header.parent() == last.ref():
		p.push(b)
	}
}

// pay pays from the wallet's first coins, and queues the payment for every node
// that it has dialled.
func (p *pythonPeer) pay(to string, amount int64) *Transaction {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	tx := pay(p.t, p.wallet, to, amount, p.coins()...)
	p.pool = append(p.pool, tx)
	for _, queue := range p.queues {
		*queue = append(*queue, tx)
	}
	_ = p.mineIfFull() // the article's send hides that it fails
	return tx
}

// coins returns the wallet's coins, which it looks for in all blocks. p.mu is held.
func (p *pythonPeer) coins() (coins []Coin) {
	spent := make(map[OutPoint]bool)
	for _, b := range p.blocks {
		for _, tx := range b.Transactions {
			for i := range tx.Vins {
				spent[tx.Vins[i].OutPoint()] = true
			}
		}
	}
	for _, b := range p.blocks {
		for _, tx := range b.Transactions {
			for i, out := range tx.Vouts {
				if c := coin(p.t, tx, i); out.PubKeyHash == p.wallet.Address() && !spent[c.OutPoint] {
					coins = append(coins, c)
				}
			}
		}
	}

	return coins
}

// deaths returns what threads died of.
func (p *pythonPeer) deaths() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.died)
}

// awaitTip waits until the last block is that of the node.
func (p *pythonPeer) awaitTip(n *testNode) {
	p.t.Helper()
	limit := time.After(time.Minute)
	for {
		p.mu.Lock()
		moved := p.moved
		same := len(p.blocks) > 0 && p.tip().ref() == n.chain.tip()
		p.mu.Unlock()
		if same {
			return
		}
		select {
		case <-moved:
		case <-n.chain.Changed():
		case <-limit:
			p.t.Fatal("the Python peer does not get the node's last block")
		}
	}
}
