package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/network"
)

// A peer serves a chain to other nodes, over the real network. It takes part in
// discovery, and answers over TCP on the same port.
type peer struct {
	discovery *kademlia.Server
	listener  net.Listener
	stop      context.CancelFunc
	serving   sync.WaitGroup
}

// openPeer opens a peer that has these blocks, on a port of its own on this machine.
func openPeer(blocks []finaleBlock) (*peer, error) {
	p := new(peer)
	var err error
	for range 10 { // the port that the system gives for TCP may be taken for UDP
		if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, err
		}
		if p.discovery, err = kademlia.Listen(p.addr(), kademlia.Config{}); err == nil {
			break
		}
		p.listener.Close()
	}
	if err != nil {
		return nil, err
	}

	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	server := &network.TCPServer{Ledger: chainLedger{blocks: blocks}, Log: slog.New(slog.DiscardHandler)}
	p.serving.Go(func() { _ = server.Serve(ctx, p.listener) }) // ends when it is stopped
	return p, nil
}

// addr returns the peer's address, UDP and TCP.
func (p *peer) addr() netip.AddrPort {
	addr, _ := netip.ParseAddrPort(p.listener.Addr().String())
	return addr
}

// close closes all. No goroutine of the peer is left.
func (p *peer) close() {
	p.stop()
	p.discovery.Close()
	p.serving.Wait()
}

// A chainLedger serves blocks that it has, and takes none.
type chainLedger struct {
	network.Ledger // nil: methods that a challenge gives to the interface, so that learn compiles meanwhile
	blocks         []finaleBlock
}

// Status implements [network.Ledger].
func (l chainLedger) Status() (network.Status, error) {
	genesis := l.blocks[0]
	return network.Status{Height: len(l.blocks) - 1, Genesis: genesis.raw, GenesisHash: genesis.Header.Hash}, nil
}

// Hash implements [network.Ledger].
func (l chainLedger) Hash(height int) (string, error) {
	if height < 0 || height >= len(l.blocks) {
		return "", fmt.Errorf("no block %d", height)
	}
	return l.blocks[height].Header.Hash, nil
}

// Block implements [network.Ledger].
func (l chainLedger) Block(height int) (json.RawMessage, error) {
	if height < 0 || height >= len(l.blocks) {
		return nil, fmt.Errorf("no block %d", height)
	}
	return l.blocks[height].raw, nil
}

// AddBlocks implements [network.Ledger]. The chain stays as it is.
func (l chainLedger) AddBlocks(context.Context, []json.RawMessage) error { return nil }

// AddTransactions implements [network.Ledger]. There is no pool.
func (l chainLedger) AddTransactions(context.Context, []json.RawMessage) ([]json.RawMessage, error) {
	return nil, nil
}

// Waiting implements [network.Ledger].
func (l chainLedger) Waiting() []json.RawMessage { return nil }
