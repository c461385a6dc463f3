package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Cli is what net/rpc exports of a node: one method a command, safe for
// concurrent use.
type Cli struct{ node *Node }

// CreateGenesisBlock starts a chain, whose first coins go to a new wallet.
func (c *Cli) CreateGenesisBlock(_ string, address *string) error {
	exists := fmt.Errorf("%w: see it with `go run . print 0`; to start another, stop this node and type `%s`",
		ErrChainExists, c.node.config.again(" -fresh"))
	if _, err := c.node.chain.Tip(); err == nil {
		return exists
	}
	if genesis := c.node.config.Genesis; genesis != "" {
		return fmt.Errorf("this node waits for the chain of -genesis %s: to start one, start it without -genesis", genesis)
	}

	w, err := c.node.wallets.Create()
	if err != nil {
		return err
	}

	now := c.node.chain.now()
	b := NewBlock(nil, []*Transaction{NewCoinbase(w.Address(), now)}, now)
	_, err = c.node.chain.add(context.Background(), []*candidate{{Block: b}})
	first, firstErr := c.node.chain.Hash(0)
	lost := errors.Is(firstErr, ErrNoBlock) || firstErr == nil && first != b.Header.Hash
	if err != nil && lost { // another genesis block came first, say
		if err := c.node.wallets.remove(w); err != nil {
			return err
		}
	}
	if errors.Is(err, ErrChainExists) {
		return exists
	}
	if err != nil {
		return err
	}

	*address = w.Address()
	return nil
}

// CreateWallet makes a wallet and returns its address.
func (c *Cli) CreateWallet(_ string, address *string) error {
	w, err := c.node.wallets.Create()
	if err != nil {
		return err
	}

	*address = w.Address()
	return nil
}

// PrintAllWallet returns the addresses of all wallets, in the order they were made.
func (c *Cli) PrintAllWallet(_ string, addresses *[]string) error {
	*addresses = c.node.wallets.Addresses()
	return nil
}

// Balance returns the confirmed coins of an address.
func (c *Cli) Balance(address string, coins *int64) error {
	owner, err := parseTyped(address)
	if err != nil {
		return err
	}
	return c.node.chain.UTXO(func(s UTXOSet) error {
		*coins = s.Balance(owner)
		return nil
	})
}

// parseTyped is ParseAddress for an address that a person typed.
func parseTyped(address string) (PubKeyHash, error) {
	owner, err := ParseAddress(address)
	if err != nil {
		err = fmt.Errorf("%w: copy one from `go run . printwallet`", err)
	}
	return owner, err
}

// SendArgs says who pays whom, and how many coins.
type SendArgs struct {
	From, To string // addresses
	Amount   int64
}

// Send makes a payment, pools it and hands it to every peer. If it fills the
// pool, Send mines a block and waits for it. The hint tells what became of the
// payment; if it was not made, the error says why.
func (c *Cli) Send(args SendArgs, hint *string) error {
	if args.Amount < 1 {
		return fmt.Errorf("amount is %d: send 1 coin or more", args.Amount)
	}
	for _, address := range []string{args.From, args.To} {
		if _, err := parseTyped(address); err != nil {
			return err
		}
	}
	w, err := c.node.wallets.Find(args.From)
	if err != nil {
		return fmt.Errorf("%w: `go run . printwallet` lists those that are", err)
	}

	pool := c.node.pool
	payment, err := pool.Pay(context.Background(), w, args.To, args.Amount)
	if errors.Is(err, ErrNotEnough) {
		return fmt.Errorf("%w: see `go run . balance %s`", err, args.From)
	}
	if err != nil {
		return err
	}
	if !payment.Equal { // peers have it, and a Python node would pool it twice
		c.node.peers.Broadcast(payment.Tx.AppendJSON(nil))
	}

	*hint = fmt.Sprintf("pool %d of %d: ", pool.Len(), pool.size)
	if pool.Full() {
		fate, err := pool.fate(payment, pool.Mine())
		if errors.Is(err, ErrNotMade) {
			return fmt.Errorf("%w: send it again", err)
		}
		if err != nil {
			return err
		}
		*hint += fate
	} else {
		*hint += "a block is mined when it is full"
	}

	switch {
	case payment.Equal:
		*hint += "; two equal payments are one transaction, made once"
	case payment.Rival != "":
		*hint += fmt.Sprintf("; it spends a coin that %s spends, too: only one of the two can be made", payment.Rival)
	}
	if peers := c.otherChains(); len(peers) > 0 {
		*hint += fmt.Sprintf("; it does not reach %s, on another chain: see `go run . peers`",
			strings.Join(peers, " and "))
	}
	return nil
}

// otherChains returns the addresses of the peers that have another chain.
func (c *Cli) otherChains() (addrs []string) {
	for _, p := range c.node.peers.Peers() {
		if p.OtherChain {
			addrs = append(addrs, p.Addr.String())
		}
	}
	return addrs
}

// PrintChain returns the header of the block at height, as one line of JSON.
func (c *Cli) PrintChain(height int, header *string) error {
	b, err := c.node.chain.BlockAt(height)
	if errors.Is(err, ErrNoBlock) {
		tip, err := c.node.chain.Tip()
		if err != nil {
			return c.noChain()
		}
		return fmt.Errorf("%w at height %d: the last one is `go run . print %d`", ErrNoBlock, height, tip.Header.Height)
	}
	if err != nil {
		return err
	}

	*header = string(b.Header.AppendJSON(nil))
	return nil
}

// noChain says where a chain is to be had. Only where nobody may have one yet
// does it tell to start one: a second is hard to get rid of.
func (c *Cli) noChain() error {
	for _, p := range c.node.peers.Peers() {
		if p.Height >= 0 {
			return fmt.Errorf("no chain yet, but %s has one: `go run . peers` tells why it is not here", p.Addr)
		}
	}
	if seeds := c.node.config.Bootstrap; len(seeds) > 0 {
		return fmt.Errorf("no chain yet: it comes from %s: see `go run . peers`", strings.Join(seeds, " or "))
	}
	return errors.New("no chain yet: start one with `go run . genesis_block`")
}

// Pool returns one line a pooled transaction: txid, from, to, amount, and what
// it waits for.
func (c *Cli) Pool(_ string, lines *[]string) error {
	txs, size := c.node.pool.Transactions(), c.node.pool.size
	spender := make(map[OutPoint]string)
	for _, tx := range txs {
		waits := fmt.Sprintf("waits for %d more in the pool", size-len(txs))
		if len(txs) >= size {
			waits = "waits for a peer's block"
		}

		for i := range tx.Vins {
			o := tx.Vins[i].OutPoint()
			if first, ok := spender[o]; ok {
				waits = "will be dropped: spends the same output as " + first
			} else {
				spender[o] = tx.TxID
			}
		}

		key, _ := hex.DecodeString(tx.Vins[0].PubKey)
		*lines = append(*lines, fmt.Sprintf("%s  from %s  to %s  amount %d  %s", tx.TxID, hash160(key).Address(),
			tx.Vouts[0].PubKeyHash, tx.Vouts[0].Value, waits))
	}
	return nil
}

// Addr returns the address at which the node listens for others.
func (c *Cli) Addr(_ string, addr *string) error {
	*addr = c.node.Addr().String()
	return nil
}

// Peers returns one line a peer.
func (c *Cli) Peers(_ string, lines *[]string) error {
	ids := make(map[netip.AddrPort]string)
	for _, n := range c.node.discovery.Nodes() {
		ids[n.Addr] = n.ID.String()
	}

	for _, p := range c.node.peers.Peers() {
		id := cmp.Or(ids[p.Addr], "-") // discovery has lost the peer
		*lines = append(*lines, fmt.Sprintf("%s  %s  height %d  %s", p.Addr, id, p.Height, p.State))
	}
	return nil
}
