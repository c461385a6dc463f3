package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// Alice pays Bob twice with one coin; the pool fills and is mined; then a
// longer branch takes it all back.
func Example_chapter6() {
	if err := chapter6(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// The genesis block pays Alice.
	//   tip: block 0   pool: 0 of 2
	//   Alice has 1000:  1000 in 5fa0fba4…:0
	//   Bob   has    0:
	// Alice pays Bob 100: transaction d3a5d44b… spends 5fa0fba4…:0, pooled before: false
	// Alice pays Bob 100: transaction d3a5d44b… spends 5fa0fba4…:0, pooled before: true
	// mined block 1; dropped 1 transaction that spends the same output
	//   tip: block 1   pool: 0 of 2
	//   Alice has 1900:  1000 in 802de08e…:0  900 in d3a5d44b…:1
	//   Bob   has  100:  100 in d3a5d44b…:0
	//
	// Carol has mined two blocks of her own on the genesis block.
	// she sends block 1
	//   tip: block 1   pool: 0 of 2
	//   Carol has    0:
	// she sends block 2
	//   tip: block 2   pool: 1 of 2
	//   Alice has 1000:  1000 in 5fa0fba4…:0
	//   Bob   has    0:
	//   Carol has 2000:  1000 in a5af51f8…:0  1000 in 97c132dc…:0
}

func chapter6() error {
	s, err := newStory(false)
	if err != nil {
		return err
	}
	defer s.close()
	fmt.Println("The genesis block pays Alice.")
	s.show("Alice", "Bob")
	for range 2 {
		if err := s.pay("Alice", "Bob", 100); err != nil {
			return err
		}
	}
	fmt.Println(s.pool.Mine())
	s.show("Alice", "Bob")

	fmt.Println("\nCarol has mined two blocks of her own on the genesis block.")
	parent, err := s.bc.BlockAt(0)
	if err != nil {
		return err
	}
	for _, names := range [][]string{{"Carol"}, {"Alice", "Bob", "Carol"}} {
		if parent, err = s.mine(parent, "Carol"); err != nil {
			return err
		}
		fmt.Printf("she sends block %d\n", parent.Header.Height)
		s.show(names...)
	}
	return nil
}

// A story is a chain and a pool of 2 with fixed keys and times. Each key is
// a number: 1 is Alice's, 2 Bob's, 3 Carol's. The node's wallet is Alice's.
type story struct {
	bc     *Blockchain
	pool   *TxPool
	people map[string]*Wallet
	now    time.Time
	close  func()
}

// newStory makes a chain whose genesis block pays Alice.
func newStory(pending bool) (*story, error) {
	s := &story{people: make(map[string]*Wallet), now: time.Unix(1_700_000_000, 0)}
	for i, name := range []string{"Alice", "Bob", "Carol"} {
		w, err := ParseWallet(fmt.Sprintf("%064x", i+1))
		if err != nil {
			return nil, err
		}
		s.people[name] = w
	}
	dir, err := os.MkdirTemp("", "story-")
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	if s.bc, err = OpenBlockchain(context.Background(), filepath.Join(dir, "chain.db"), log); err != nil {
		return nil, err
	}
	s.bc.now = func() time.Time { return s.now }
	s.pool = NewTxPool(s.bc, &Wallets{list: []*Wallet{s.people["Alice"]}}, 2, time.Hour, pending, log)
	s.bc.onChange = s.pool.Update
	ctx, cancel := context.WithCancel(context.Background())
	go s.pool.Run(ctx)
	s.close = func() {
		cancel()
		<-s.pool.stopped
		s.bc.Close()
		os.RemoveAll(dir)
	}
	if _, err := s.mine(nil, "Alice"); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// mine adds a block that pays name to the chain, on top of parent.
func (s *story) mine(parent *Block, name string) (*Block, error) {
	s.now = s.now.Add(time.Minute)
	var header *BlockHeader
	if parent != nil {
		header = &parent.Header
	}
	b := NewBlock(header, []*Transaction{NewCoinbase(s.people[name].Address(), s.now)}, s.now)
	if parent != nil {
		if err := (ProofOfWork{&b.Header}).Run(context.Background()); err != nil {
			return nil, err
		}
	}
	return b, s.bc.AddBlocks(context.Background(), []json.RawMessage{b.AppendJSON(nil)})
}

// pay pools a payment.
func (s *story) pay(from, to string, amount int64) error {
	tx, err := s.pool.NewTransaction(s.people[from], s.people[to].Address(), amount)
	if err != nil {
		return err
	}
	again := s.pool.Has(tx.TxID)
	if err := s.pool.Add(context.Background(), tx, true); err != nil {
		return err
	}
	fmt.Printf("%s pays %s %d: transaction %.8s… spends %.8s…:%d, pooled before: %t\n",
		from, to, amount, tx.TxID, tx.Vins[0].TxID, tx.Vins[0].Vout, again)
	s.now = s.now.Add(time.Minute)
	return nil
}

// show prints the tip, the pool and everyone's coins.
func (s *story) show(names ...string) {
	err := s.bc.UTXO(func(set UTXOSet) error {
		height := chain(set).tip().height
		fmt.Printf("  tip: block %d   pool: %d of 2\n", height, len(s.pool.Transactions()))
		for _, name := range names {
			owner, err := ParseAddress(s.people[name].Address())
			if err != nil {
				return err
			}
			fmt.Printf("  %-5s has %4d:", name, set.Balance(owner))
			for c := range set.Coins(owner) {
				fmt.Printf("  %d in %.8s…:%d", c.Value, c.TxID, c.Vout)
			}
			fmt.Println()
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
}
