package main

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"gosimpleblockchain/view"
)

// How the node stands: what an [inspector] tells beside the chain.

// Status implements [view.Node].
func (i inspector) Status() (view.Status, error) {
	n := i.node
	status := view.Status{
		Pool:      n.pool.Len(),
		PoolSize:  n.pool.size,
		ID:        n.discovery.Self().ID.String(),
		Listen:    n.Addr().String(),
		RPC:       n.RPCAddr(),
		Data:      n.config.Data,
		Bootstrap: n.config.Bootstrap,
		Page:      n.pageURL(),
		Start:     n.config.restart(),
		Flags:     addRPC("", n.RPCAddr()),
	}

	for _, p := range n.peers.Peers() {
		status.Peers++
		if p.InStep {
			status.InStep++
		}
	}

	wallets := n.wallets.all()
	status.Wallets = len(wallets)
	err := n.chain.UTXO(func(s UTXOSet) error {
		tip := chain(s).tip()
		status.Height, status.Tip = tip.height, tip.hash
		status.Genesis = chain(s).at(0).hash
		for _, w := range wallets {
			status.Coins += s.Balance(hash160(w.pubKey))
		}
		return nil
	})
	if err != nil {
		return view.Status{}, err
	}

	if status.Peers == 0 {
		status.Second = n.config.second(status.Listen)
		status.Hint = noPeers(status)
	}
	if status.Height < 0 {
		status.Hint = n.noChain().Error()
	}
	return status, nil
}

// noPeers says what to do about a node without peers.
func noPeers(s view.Status) string {
	if len(s.Bootstrap) > 0 {
		return fmt.Sprintf("no peer answers: see whether a node runs at %s, and whether UDP gets there", strings.Join(s.Bootstrap, " or "))
	}
	return fmt.Sprintf("no peer answers: start another node with `%s`", s.Second)
}

// Wallets implements [view.Node].
func (i inspector) Wallets() (shown []view.Wallet, err error) {
	wallets, pooled := i.node.wallets.all(), i.node.pool.Transactions()
	err = i.node.chain.UTXO(func(s UTXOSet) error {
		waiting := s.waiting(pooled)
		for _, w := range wallets {
			owner := hash160(w.pubKey)
			confirmed := s.Balance(owner)
			shown = append(shown, view.Wallet{
				Address:   w.address,
				Name:      w.name,
				Confirmed: confirmed,
				Waiting:   waiting[owner],
				Total:     confirmed + waiting[owner],
			})
		}
		return nil
	})
	return shown, err
}

// Pool implements [view.Node].
func (i inspector) Pool() ([]view.PoolTx, error) {
	pooled, own := i.node.pool.Transactions(), i.node.pool.ownTxIDs()
	waits := i.node.pool.waits(pooled)
	return read(i.node.chain, func(c chain) (shown []view.PoolTx, err error) {
		coin := c.coinsWith(pooled)
		for n, tx := range pooled {
			shown = append(shown, view.PoolTx{Tx: i.tx(tx, coin), Own: own[tx.TxID], Waits: waits[n]})
		}
		return shown, nil
	})
}

// Peers implements [view.Node].
func (i inspector) Peers() (shown []view.Peer, err error) {
	ids := make(map[netip.AddrPort]string)
	for _, n := range i.node.discovery.Nodes() {
		ids[n.Addr] = n.ID.String()
	}

	for _, p := range i.node.peers.Peers() {
		shown = append(shown, view.Peer{
			Addr:       p.Addr.String(),
			ID:         ids[p.Addr],
			Height:     p.Height,
			State:      ownCommands(p.State),
			InStep:     p.InStep,
			OtherChain: p.OtherChain,
		})
	}
	return shown, nil
}

// Table implements [view.Node].
func (i inspector) Table() (view.Table, error) {
	discovery := i.node.discovery
	table := view.Table{ID: discovery.Self().ID.String(), K: discovery.BucketSize()}
	for _, c := range discovery.Contacts() {
		table.Contacts = append(table.Contacts, view.Contact{
			ID:      c.ID.String(),
			Addr:    c.Addr.String(),
			Bucket:  c.Bucket,
			Strikes: c.Strikes,
			Silent:  time.Since(c.LastAnswer).Seconds(),
		})
	}
	return table, nil
}
