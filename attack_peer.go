package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/network"
)

// A falsePeer is a peer whose chain is what it says it is: it takes part in
// discovery, answers handshakes, and serves blocks that it has made up. Its
// methods are safe for concurrent use.
type falsePeer struct {
	honest    *Blockchain // which it serves where it has made nothing up
	discovery *kademlia.Server
	listener  net.Listener
	serving   sync.WaitGroup

	mu      sync.Mutex // guards all below
	genesis json.RawMessage
	height  int
	made    map[int]json.RawMessage // made up, by height
	conns   map[net.Conn]bool       // nil: it is closed
}

// openFalsePeer opens a peer that has the chain honest, on a port of its own on
// this machine, UDP and TCP.
func openFalsePeer(honest *Blockchain) (*falsePeer, error) {
	status, err := honest.Status()
	if err != nil {
		return nil, err
	}
	p := &falsePeer{honest: honest, genesis: status.Genesis, height: status.Height, conns: make(map[net.Conn]bool)}

	// The port that the system gives for TCP may be taken for UDP.
	for range 10 {
		p.listener, err = net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		p.discovery, err = kademlia.Listen(p.addr(), kademlia.Config{})
		if err == nil {
			p.serving.Go(p.serve)
			return p, nil
		}
		p.listener.Close()
	}
	return nil, err
}

// addr returns the peer's address, UDP and TCP.
func (p *falsePeer) addr() netip.AddrPort {
	addr, _ := netip.ParseAddrPort(p.listener.Addr().String())
	return addr
}

// close closes all. No goroutine of the peer is left.
func (p *falsePeer) close() {
	p.listener.Close()
	p.mu.Lock()
	for conn := range p.conns {
		conn.Close()
	}
	p.conns = nil
	p.mu.Unlock()

	p.discovery.Close()
	p.serving.Wait()
}

// claim makes the peer's chain one that ends with these blocks. If genesis is not
// nil, it begins with that.
func (p *falsePeer) claim(genesis *Block, blocks []*Block) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made = make(map[int]json.RawMessage)
	if genesis != nil {
		p.genesis = genesis.AppendJSON(nil)
		p.made[0] = p.genesis
	}

	// A block may lie about its height: what counts is where it stands.
	for i, b := range blocks {
		p.made[blocks[0].Header.Height+i] = b.AppendJSON(nil)
	}
	p.height = blocks[0].Header.Height + len(blocks) - 1
}

// serve answers whoever dials, until the listener is closed.
func (p *falsePeer) serve() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		if p.conns == nil {
			conn.Close()
		} else {
			p.conns[conn] = true
			p.serving.Go(func() { p.converse(conn) })
		}
		p.mu.Unlock()
	}
}

func (p *falsePeer) converse(conn net.Conn) {
	defer conn.Close()
	decoder := json.NewDecoder(io.LimitReader(conn, maxCopyBytes)) // any program on this machine may dial
	for {
		var request network.Msg
		if err := decoder.Decode(&request); err != nil {
			break
		}
		if _, err := conn.Write(p.reply(request).Append(nil)); err != nil {
			break
		}
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
}

func (p *falsePeer) reply(request network.Msg) network.Msg {
	p.mu.Lock()
	defer p.mu.Unlock()

	switch request.Code {
	case network.HandShakeMsg:
		return network.Status{Height: p.height, Genesis: p.genesis}.Msg()

	case network.GetBlockMsg:
		var height int
		if json.Unmarshal(request.Data, &height) != nil {
			break
		}
		if block, ok := p.made[height]; ok {
			return network.Msg{Code: network.GetBlockMsg, Data: block}
		}
		if block, err := p.honest.Block(height); err == nil {
			return network.Msg{Code: network.GetBlockMsg, Data: block}
		}
	}
	return network.Msg{Code: network.NoneMsg}
}

// sendPayment dials the node at an address, and hands it a payment as any peer
// would. It returns the address that it did so from, once the node has answered,
// which it does in the same way whatever it thinks of it.
func sendPayment(ctx context.Context, to netip.AddrPort, tx *Transaction) (from string, err error) {
	conn, err := dialPeer(ctx, to)
	if err != nil {
		return "", err
	}
	defer conn.Close()

	payment := network.Msg{Code: network.TransactionMsg, Data: fmt.Appendf(nil, "[%s]", tx.AppendJSON(nil))}
	_, err = conn.ask(payment)
	return conn.LocalAddr().String(), err
}
