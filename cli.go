package main

import (
	"context"
	"errors"
	"fmt"

	"gosimpleblockchain/view"
)

// Cli is what net/rpc exports of a node: one method a command, safe for
// concurrent use.
type Cli struct{ node *Node }

// CreateGenesisBlock starts a chain, whose first coins go to a new wallet, which
// may have a name.
func (c *Cli) CreateGenesisBlock(name string, address *string) error {
	exists := fmt.Errorf("%w: see it with `go run . print 0`; to start another, stop this node and type `%s`",
		ErrChainExists, c.node.config.again(" -fresh"))
	if _, err := c.node.chain.Tip(); err == nil {
		return exists
	}
	if genesis := c.node.config.Genesis; genesis != "" {
		return fmt.Errorf("this node waits for the chain of -genesis %s: to start one, start it without -genesis", genesis)
	}

	w, err := c.node.wallets.Create(name)
	if err != nil {
		return err
	}

	now := c.node.chain.now()
	b := NewBlock(nil, []*Transaction{NewCoinbase(w.Address(), now)}, now)
	err = c.node.chain.add(context.Background(), []*candidate{{Block: b}})
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

// CreateWallet makes a wallet, which may have a name, and returns its address.
func (c *Cli) CreateWallet(name string, address *string) error {
	w, err := c.node.wallets.Create(name)
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

// Balance returns the confirmed coins of an address or a wallet's name.
func (c *Cli) Balance(address string, coins *int64) error {
	owner, err := c.node.wallets.Resolve(address)
	if err != nil {
		return err
	}
	return c.node.chain.UTXO(func(s UTXOSet) error {
		*coins = s.Balance(owner)
		return nil
	})
}

// SendArgs says who pays whom, and how many coins.
type SendArgs struct {
	From, To string // addresses, or names of wallets
	Amount   int64
}

// Send makes a payment, pools it and hands it to the peers. If it fills the
// pool, Send mines a block and waits for it. The hint tells what became of the
// payment; if it was not made, the error says why.
func (c *Cli) Send(args SendArgs, hint *string) error {
	payment, mined, err := c.pay(args)
	if err != nil {
		return err
	}

	*hint = fmt.Sprintf("pool %d of %d: ", payment.Pool, c.node.pool.size)
	if mined != "" {
		*hint += mined
	} else {
		*hint += "a block is mined when it is full"
	}

	switch {
	case payment.Equal:
		*hint += "; two equal payments are one transaction, made once"
	case payment.Rival != "":
		*hint += fmt.Sprintf("; it spends a coin that %s spends, too: only one of the two can be made", payment.Rival)
	}
	*hint += fmt.Sprintf("; see `go run . tx %.8s`", payment.Tx.TxID)
	if peers := c.otherChains(); len(peers) > 0 {
		*hint += fmt.Sprintf("; it does not reach %s, on another chain: see `go run . peers`", joinWords(peers))
	}
	return nil
}

// pay is Send without the hint. If the payment has filled the pool, mined tells
// what came of that.
func (c *Cli) pay(args SendArgs) (payment Payment, mined string, err error) {
	if args.Amount < 1 {
		return Payment{}, "", fmt.Errorf("amount is %d: send 1 coin or more", args.Amount)
	}
	from, err := c.node.wallets.Resolve(args.From)
	if err != nil {
		return Payment{}, "", err
	}
	to, err := c.node.wallets.Resolve(args.To)
	if err != nil {
		return Payment{}, "", err
	}
	w, err := c.node.wallets.Find(from.Address())
	if err != nil {
		return Payment{}, "", fmt.Errorf("%w: `go run . wallet` lists those that are", err)
	}

	pool := c.node.pool
	payment, err = pool.Pay(context.Background(), w, to.Address(), args.Amount)
	if errors.Is(err, ErrNotEnough) {
		return Payment{}, "", fmt.Errorf("%w: see `go run . balance %s`", err, args.From)
	}
	if err != nil {
		return Payment{}, "", err
	}
	if !payment.Equal { // otherwise peers have it already
		c.node.peers.Broadcast(payment.Tx.AppendJSON(nil))
	}
	payment.Pool = pool.Len()
	if !pool.Full() {
		return payment, "", nil
	}

	mined, err = pool.fate(payment, pool.Mine())
	if errors.Is(err, ErrNotMade) {
		err = fmt.Errorf("%w: send it again", err)
	}
	return payment, mined, err
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
			return c.node.noChain()
		}
		return fmt.Errorf("%w at height %d: the last one is `go run . print %d`", ErrNoBlock, height, tip.Header.Height)
	}
	if err != nil {
		return err
	}

	*header = string(b.Header.AppendJSON(nil))
	return nil
}

// Addr returns the address at which the node listens for others.
func (c *Cli) Addr(_ string, addr *string) error {
	*addr = c.node.Addr().String()
	return nil
}

// A MineReply is what mining one block did.
type MineReply struct {
	Block   view.Row
	Dropped []string // which transactions were dropped, and why
}

// Mine mines one block of what waits, or an empty one, now.
func (c *Cli) Mine(_ string, reply *MineReply) error {
	if c.node.chain.tip().height < 0 {
		return c.node.noChain()
	}

	m := c.node.pool.mineNow()
	for _, d := range m.Dropped {
		facts := map[string]string{"tx": d.Tx.TxID, "err": d.Err.Error()}
		reply.Dropped = append(reply.Dropped, fmt.Sprintf("%.8s: %s", d.Tx.TxID, factText("err", facts)))
	}
	switch {
	case errors.Is(m.Err, ErrNoWallet):
		return fmt.Errorf("%w: make one with `go run . createwallet`", m.Err)
	case errors.Is(m.Err, context.Canceled):
		return ErrStopped
	case m.Err != nil:
		return m.Err
	case m.Block == nil:
		return errors.New("not mined: other nodes' blocks came first, again and again: `go run . chain` shows them")
	}

	reply.Block = inspector{c.node}.row(m.Block, true)
	return nil
}

// Status returns how the node stands.
func (c *Cli) Status(_ string, reply *view.Status) (err error) {
	*reply, err = inspector{c.node}.Status()
	return err
}

// Wallets returns the node's wallets, in the order they were made.
func (c *Cli) Wallets(_ string, reply *[]view.Wallet) (err error) {
	*reply, err = inspector{c.node}.Wallets()
	return err
}

// Pool returns the transactions that wait for a block, in order of arrival.
func (c *Cli) Pool(_ string, reply *[]view.PoolTx) (err error) {
	*reply, err = inspector{c.node}.Pool()
	return err
}

// Peers returns the other nodes, in the order of their addresses.
func (c *Cli) Peers(_ string, reply *[]view.Peer) (err error) {
	*reply, err = inspector{c.node}.Peers()
	return err
}

// ChainArgs says which part of the chain: see [view.Node].
type ChainArgs struct{ Highest, Count int }

// Chain returns a part of the chain, and what stands beside it.
func (c *Cli) Chain(args ChainArgs, reply *view.Chain) (err error) {
	*reply, err = inspector{c.node}.Chain(args.Highest, args.Count)
	if err == nil && reply.Height < 0 {
		err = c.node.noChain()
	}
	return err
}

// Block returns all of a block.
func (c *Cli) Block(ref string, reply *view.Block) (err error) {
	*reply, err = inspector{c.node}.Block(ref)
	return err
}

// Tx returns all of a transaction.
func (c *Cli) Tx(txid string, reply *view.TxDetail) (err error) {
	*reply, err = inspector{c.node}.Tx(txid)
	return err
}

// HistoryArgs says whose history, and how many blocks of it; 0: all.
type HistoryArgs struct {
	Address string // or the name of a wallet
	Count   int
}

// History returns what an address got and paid.
func (c *Cli) History(args HistoryArgs, reply *view.History) (err error) {
	*reply, err = inspector{c.node}.History(args.Address, args.Count)
	return err
}
