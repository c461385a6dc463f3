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

// The article's third problem, with and without its cure.
func Example_chapter8() {
	if err := chapter8(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// start -spend-pending=false
	// Alice pays Bob 100: transaction eaff2153… spends a06c1c35…:0, pooled before: false
	// Alice pays Bob 100: transaction eaff2153… spends a06c1c35…:0, pooled before: true
	// mined block 1; dropped 1 transaction that spends the same output
	//   tip: block 1   pool: 0 of 2
	//   Alice has 1900:  1000 in 28e8e92d…:0  900 in eaff2153…:1
	//   Bob   has  100:  100 in eaff2153…:0
	//
	// start -spend-pending=true
	// Alice pays Bob 100: transaction eaff2153… spends a06c1c35…:0, pooled before: false
	// Alice pays Bob 100: transaction 30d8880b… spends eaff2153…:1, pooled before: false
	// mined block 1
	//   tip: block 1   pool: 0 of 2
	//   Alice has 1800:  1000 in 28e8e92d…:0  800 in 30d8880b…:1
	//   Bob   has  200:  100 in 30d8880b…:0  100 in eaff2153…:0
}

func chapter8() error {
	for _, pending := range []bool{false, true} {
		fmt.Printf("start -spend-pending=%t\n", pending)
		s, err := newStory(pending)
		if err != nil {
			return err
		}
		defer s.close()
		for range 2 {
			if err := s.pay("Alice", "Bob", 100); err != nil {
				return err
			}
		}
		fmt.Println(s.pool.Mine())
		s.show("Alice", "Bob")
		fmt.Println()
	}
	return nil
}

// A story is a chain and a pool of 2 with the keys and the time of the course's
// steps: a private key is the SHA-256 of a name. The node's wallet is Alice's.
type story struct {
	bc     *Blockchain
	pool   *TxPool
	people map[string]*Wallet
	now    time.Time
	close  func()
}

// newStory makes a chain whose genesis block pays Alice. It is that of the steps.
func newStory(pending bool) (*story, error) {
	s := &story{people: make(map[string]*Wallet), now: time.Unix(1_231_006_505, 0)}
	for _, name := range []string{"Alice", "Bob"} {
		w, err := ParseWallet(sha256Hex([]byte(name)))
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
	if err := s.begin(); err != nil {
		s.close()
		return nil, err
	}
	s.now = s.now.Add(time.Minute)
	return s, nil
}

// begin adds block 0, which pays Alice.
func (s *story) begin() error {
	b := NewBlock(nil, []*Transaction{NewCoinbase(s.people["Alice"].Address(), s.now)}, s.now)
	return s.bc.AddBlocks(context.Background(), []json.RawMessage{b.AppendJSON(nil)})
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
