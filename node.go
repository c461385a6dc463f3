package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/network"
	"gosimpleblockchain/rpc"
)

// A NodeConfig says where a node listens and what it keeps.
type NodeConfig struct {
	Listen       string   // HOST:PORT for other nodes, UDP and TCP alike
	RPC          string   // HOST:PORT for commands, on a loopback address
	Bootstrap    []string // HOST:PORT of nodes to join
	Data         string   // directory
	PoolSize     int      // transactions
	SpendPending bool     // whether send may spend unconfirmed change
	Check        bool     // whether to check all of the chain on disk at start
	Verbose      bool
	Heartbeat    time.Duration // between two handshakes with a peer; 0: 5 s
}

// A Node is a running whole: the chain and its pool, discovery, peers, and the
// port for commands.
type Node struct {
	config    NodeConfig
	log       *slog.Logger
	chain     *Blockchain
	wallets   *Wallets
	pool      *TxPool
	discovery *kademlia.Server
	peers     *network.PeerServer
	listener  net.Listener // for peers, at Addr
	commands  net.Listener // for the command line
}

// ledger is the chain and the pool as package network wants them.
type ledger struct {
	*Blockchain
	*TxPool
}

// OpenNode opens everything that a node needs, or nothing. When ctx is done it
// gives up: see [OpenBlockchain].
func OpenNode(ctx context.Context, config NodeConfig, log *slog.Logger) (*Node, error) {
	n := &Node{config: config, log: log}
	if err := n.open(ctx); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *Node) open(ctx context.Context) (err error) {
	config := n.config
	if config.PoolSize < 1 || config.PoolSize > maxPoolTxs { // or it would never be full
		return fmt.Errorf("pool size is %d: give 1 to %d", config.PoolSize, maxPoolTxs)
	}

	n.commands, err = rpc.Listen(config.RPC)
	if err != nil {
		return fmt.Errorf("-rpc %s: %w%s", config.RPC, err, n.advice(ctx, err))
	}

	if err = os.MkdirAll(config.Data, 0o700); err != nil {
		return err
	}
	n.chain, err = OpenBlockchain(ctx, filepath.Join(config.Data, "chain.db"), n.log)
	if err != nil {
		return fmt.Errorf("%w%s", err, n.advice(ctx, err))
	}
	if err := n.chain.verify(ctx, config.Check); err != nil {
		return err
	}
	n.wallets, err = OpenWallets(filepath.Join(config.Data, "wallet.dat"))
	if err != nil {
		return err
	}

	if err = n.listen(); err != nil {
		return fmt.Errorf("-listen %s: %w%s", config.Listen, err, n.advice(ctx, err))
	}
	if err = n.noteAddr(); err != nil {
		return err
	}

	heartbeat := cmp.Or(config.Heartbeat, 5*time.Second)
	n.pool = NewTxPool(n.chain, n.wallets, config.PoolSize, heartbeat, config.SpendPending, n.log)
	if err := n.pool.Restore(ctx); err != nil {
		return err
	}
	n.peers = &network.PeerServer{
		Ledger:    ledger{n.chain, n.pool},
		Discovery: n.discovery,
		Log:       n.log,
		Heartbeat: heartbeat,
	}
	n.chain.onChange = func(c Change) {
		n.pool.Update(c)
		n.peers.Announce()
	}
	return nil
}

// listen opens TCP and UDP at one port. If the system chooses the port, the
// one that it gives for TCP may be taken for UDP: then it chooses again.
func (n *Node) listen() error {
	id, err := n.chain.nodeID()
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(n.config.Listen)

	for range 10 {
		n.listener, err = net.Listen("tcp", n.config.Listen)
		if err != nil {
			return err
		}

		addr := n.Addr()
		if addr.Addr().IsUnspecified() {
			addr = netip.AddrPortFrom(netip.Addr{}, addr.Port())
		}
		n.discovery, err = kademlia.Listen(addr, kademlia.Config{ID: id, Log: n.log})
		if err == nil || port != "0" {
			return err
		}
		n.listener.Close()
	}
	return err
}

// Addr returns the address for other nodes, UDP and TCP.
func (n *Node) Addr() netip.AddrPort {
	addr, _ := netip.ParseAddrPort(n.listener.Addr().String())
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}

// RPCAddr returns the address for commands.
func (n *Node) RPCAddr() string { return n.commands.Addr().String() }

// Run runs the node until ctx is done, or a part of it fails. When it returns
// everything is closed, and no goroutine of the node is left.
func (n *Node) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)

	var parts sync.WaitGroup
	parts.Go(func() { stop(n.peers.Run(ctx, n.listener)) })
	parts.Go(func() { stop(rpc.Serve(ctx, n.commands, &Cli{n})) })
	parts.Go(func() { n.pool.Run(ctx) })
	for _, seed := range n.config.Bootstrap {
		parts.Go(func() { n.join(ctx, seed) })
	}

	<-ctx.Done()
	parts.Wait()
	err := n.close()

	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// join looks up a seed's host name, again and again until it has an address,
// and joins its network. Discovery itself tries addresses again.
func (n *Node) join(ctx context.Context, seed string) {
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		addrs, err := resolve(ctx, seed)
		if err == nil {
			if err := n.discovery.Bootstrap(ctx, addrs...); err != nil && ctx.Err() == nil {
				n.log.Info("no node answers at the bootstrap address yet", "peer", seed)
			}
			return
		}

		n.log.Warn("bootstrap address is unknown", "peer", seed, "err", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// resolve returns the addresses of HOST:PORT.
func resolve(ctx context.Context, seed string) (addrs []netip.AddrPort, err error) {
	host, service, err := net.SplitHostPort(seed)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "udp", service)
	if err != nil {
		return nil, err
	}

	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for _, ip := range ips {
		addrs = append(addrs, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
	return addrs, err
}

// close closes what is open, the database last.
func (n *Node) close() (err error) {
	for _, c := range []net.Listener{n.commands, n.listener} {
		if c != nil {
			c.Close()
		}
	}
	if n.discovery != nil {
		err = n.discovery.Close()
	}
	if n.chain != nil {
		os.Remove(n.config.addrFile()) // it may not be there yet
		err = errors.Join(err, n.chain.Close())
	}
	return err
}
