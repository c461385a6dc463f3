package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/boltdb/bolt"

	"gosimpleblockchain/view"
)

// Where the attacks take place. The world is a copy of the student's chain, with
// a few more blocks on top, which give the people of the story their coins. Each
// attack has a stage of its own: a node with a copy of the world's chain, and two
// peers that it finds and talks to over UDP and TCP, Mallory and an honest one.

const (
	stageHeartbeat = 200 * time.Millisecond // between a node's handshakes: nobody wants to wait for 5 s
	answerTime     = 30 * time.Second       // in which a node says what it thinks of something
	introductions  = 10                     // to a node, in that time
	playTime       = 4 * answerTime         // for all of an attack
)

// A world is what all attacks begin with.
type world struct {
	chain               *Blockchain // no node's: the peers serve it
	alice, bob, mallory *Wallet
	founder             *Wallet  // whom block 0 pays, if it was made here
	blocks              []*Block // the three that were made here, the last the tip
	clock               time.Time
}

// What the people have, in coins.
const (
	aliceHas  = 900 // of 1000 that she has mined, after she has paid bob
	paidToBob = 100
	bought    = 300 // what Mallory has paid bob
	changeHas = 700 // what came back to Mallory
)

// openWorld opens the chain in the file at path, or begins one if there is none,
// and mines three blocks on top.
func openWorld(ctx context.Context, path string) (*world, error) {
	w := &world{clock: time.Now()}
	for _, person := range []**Wallet{&w.alice, &w.bob, &w.mallory, &w.founder} {
		var err error
		if *person, err = NewWallet(); err != nil {
			return nil, err
		}
	}

	bc, err := OpenBlockchain(ctx, path, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, fmt.Errorf("open the copy: %w", err)
	}
	w.chain = bc
	bc.db.NoSync = true // a copy need not survive a power cut
	if err := w.prepare(ctx); err != nil {
		return nil, errors.Join(err, bc.Close())
	}
	return w, nil
}

// prepare makes the copy one that belongs to nobody else, and mines the blocks.
func (w *world) prepare(ctx context.Context) error {
	if err := w.chain.forgetOwner(); err != nil {
		return err
	}

	f := w.forger()
	parent, err := w.chain.Tip()
	var blocks []*Block
	if errors.Is(err, ErrNoBlock) {
		parent = f.genesis(w.founder)
		blocks = append(blocks, parent)
	} else if err != nil {
		return err
	}

	// Alice mines a block, and pays bob in the next; then Mallory pays bob.
	first := f.mine(parent, w.alice)
	second := f.mine(first, w.mallory, f.pay(w.alice, w.bob, paidToBob, coinOf(first, 0, 0)))
	third := f.mine(second, w.mallory, f.pay(w.mallory, w.bob, bought, coinOf(second, 0, 0)))
	if f.err != nil {
		return f.err
	}
	w.clock = f.clock
	w.blocks = []*Block{first, second, third}

	var raws []json.RawMessage
	for _, b := range append(blocks, w.blocks...) {
		raws = append(raws, b.AppendJSON(nil))
	}
	return w.chain.AddBlocks(ctx, raws)
}

// forgetOwner forgets the payments that the student's node waits for, and its
// peers: it is not for the copy to make the ones, nor to meet the others.
func (bc *Blockchain) forgetOwner() error {
	return bc.update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketOwn, bucketPeers} {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// names has the names of the people in place of their addresses.
func (w *world) names() *strings.Replacer {
	return strings.NewReplacer(w.alice.Address(), "alice", w.bob.Address(), "bob", w.mallory.Address(), "Mallory")
}

// A stage is where one attack takes place.
type stage struct {
	*world
	node         *Node
	liar, honest *falsePeer // the liar is Mallory's
	ran          bool       // then Run closes the node
	running      sync.WaitGroup

	told    []record // by the node, and not looked at yet
	lastOne uint64   // number of the last that it has told
}

// openStage opens a stage in a directory, which must be closed.
func openStage(ctx context.Context, w *world, dir string) (s *stage, err error) {
	s = &stage{world: w}
	for _, peer := range []**falsePeer{&s.liar, &s.honest} {
		if *peer, err = openFalsePeer(w.chain); err != nil {
			return s, err
		}
	}

	if err := os.MkdirAll(dir, 0o700); err != nil {
		return s, err
	}
	err = w.chain.view(func(tx *bolt.Tx) error { return tx.CopyFile(filepath.Join(dir, "chain.db"), 0o600) })
	if err != nil {
		return s, err
	}
	s.node, err = OpenNode(ctx, NodeConfig{
		Listen:    "127.0.0.1:0",
		RPC:       "127.0.0.1:0",
		PoolSize:  maxPoolTxs, // so that it mines nothing meanwhile
		Data:      dir,
		Heartbeat: stageHeartbeat,
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		return s, err
	}
	s.node.chain.db.NoSync = true
	return s, nil
}

// run runs the node, until ctx is done, and waits until it talks to both peers.
func (s *stage) run(ctx context.Context) error {
	s.node.events.watching.Add(1) // we want to see the messages, too
	peers := []*falsePeer{s.liar, s.honest}
	for _, p := range peers {
		if err := s.introduce(ctx, p); err != nil {
			return err
		}
	}

	s.ran = true
	s.running.Go(func() { s.node.Run(ctx) })
	for range peers {
		if _, err := s.await(ctx, nil, "peer connected"); err != nil {
			return err
		}
	}
	return nil
}

// introduce has a peer ping the node, which pings it back, and so has found it
// before it runs: it need not look for it then. A datagram may get lost.
func (s *stage) introduce(ctx context.Context, p *falsePeer) error {
	for range introductions {
		_, _ = p.discovery.Ping(ctx, s.node.Addr()) // that it has asked is what counts
		foundCtx, cancel := context.WithTimeout(ctx, answerTime/introductions)
		_, err := s.await(foundCtx, p, "peer found")
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	return fmt.Errorf("the node does not find the peer at %s", p.addr())
}

// close closes what is open, once the context of run is done.
func (s *stage) close() {
	for _, p := range []*falsePeer{s.liar, s.honest} {
		if p != nil {
			p.close()
		}
	}
	if s.node != nil && !s.ran {
		s.node.close()
	}
	s.running.Wait()
}

// await waits until the node tells one of these messages, of a peer if that is
// not nil, and returns it.
func (s *stage) await(ctx context.Context, peer *falsePeer, messages ...string) (record, error) {
	for {
		for i, rec := range s.told {
			ofPeer := peer == nil || rec.factTexts()["peer"] == peer.addr().String()
			if ofPeer && slices.Contains(messages, rec.message) {
				s.told = s.told[i+1:]
				return rec, nil
			}
		}

		b, err := s.node.events.read(ctx, s.lastOne)
		if err != nil {
			return record{}, err
		}
		s.told, s.lastOne = b.records, b.next
	}
}

// find returns the message that the node has told of a peer at an address, or
// of none if that is "".
func (s *stage) find(addr, message string) (found record, ok bool) {
	events := s.node.events
	events.mu.Lock()
	defer events.mu.Unlock()

	for _, rec := range merge(events.changes.newest(keptRecords), events.messages.newest(keptRecords)) {
		if rec.message == message && rec.factTexts()["peer"] == addr {
			return rec, true
		}
	}
	return record{}, false
}

// A snapshot is all of a node that an attack must leave as it is. It is
// comparable.
type snapshot struct {
	tip                 blockRef
	coins               coinSum // of all unspent coins
	alice, bob, mallory int64   // coins that they have
	pool                string  // txids
}

func (s *stage) snapshot() (now snapshot, err error) {
	now.pool = strings.Join(txidsOf(s.node.pool.Transactions()), " ")
	err = s.node.chain.UTXO(func(u UTXOSet) error {
		now.tip = chain(u).tip()
		now.alice = u.Balance(hash160(s.alice.pubKey))
		now.bob = u.Balance(hash160(s.bob.pubKey))
		now.mallory = u.Balance(hash160(s.mallory.pubKey))
		return u.tx.Bucket(bucketCoins).ForEach(func(k, v []byte) error {
			now.coins.add(decodeCoin(k, v))
			return nil
		})
	})
	return now, err
}

func (s snapshot) String() string {
	return fmt.Sprintf("block %d, %.8s, is its last; alice has %s, bob %d, Mallory %d; %s in its pool",
		s.tip.height, s.tip.hash, plural(int(s.alice), "coin"), s.bob, s.mallory, plural(len(strings.Fields(s.pool)), "payment"))
}

func txidsOf(txs []*Transaction) (ids []string) {
	for _, tx := range txs {
		ids = append(ids, tx.TxID)
	}
	return ids
}

// An outcome is what became of an attack.
type outcome struct {
	attack  attack
	forgery forgery
	to      string     // address of the node
	answer  view.Words // what the node said
	after   snapshot
	failure string // why it is not refused; "": it is
}

// play carries out an attack on a stage of its own, in a directory. The error is
// one of the stage: it says nothing of the attack.
func (a attack) play(ctx context.Context, w *world, dir string) (done outcome, err error) {
	ctx, cancel := context.WithTimeout(ctx, playTime)
	s, err := openStage(ctx, w, dir)
	defer s.close()
	defer cancel() // runs first
	if err != nil {
		return done, err
	}
	if err := s.run(ctx); err != nil {
		return done, err
	}

	f := w.forger()
	done = outcome{attack: a, forgery: a.forge(f), to: s.node.Addr().String()}
	if f.err != nil {
		return done, f.err
	}

	// That the node refuses the lie, and keeps all that it has, is one half.
	before, err := s.snapshot()
	if err != nil {
		return done, err
	}
	said, err := s.throw(ctx, done.forgery)
	if err != nil {
		return done, err
	}
	if done.after, err = s.snapshot(); err != nil {
		return done, err
	}
	done.answer = s.tell(said)
	done.failure = a.fault(said, before, done.after)
	if done.failure == "" && done.forgery.tx != nil {
		done.failure, err = s.throwInBlock(ctx, a, f, done.forgery.tx, before)
	}
	if err != nil || done.failure != "" {
		return done, err
	}

	// The other is that it takes the same without the lie, by the same way.
	accepted, err := s.acceptsTwin(ctx, done.forgery)
	if err == nil && !accepted {
		done.failure = "the same without the lie was refused as well, so this proves nothing"
	}
	return done, err
}

// Messages by which a node says that it has taken something, of one kind and the
// other.
const (
	tookPayment = "transaction pooled"
	tookBlocks  = "blocks synced"
)

// fault returns why what the node said, and how it stood before and after, do not
// show that the attack was refused, or "" if they do.
func (a attack) fault(said record, before, after snapshot) string {
	switch {
	case said.message == "":
		return "the node said nothing of it"
	case said.message == tookPayment, said.message == tookBlocks:
		return "the node took it"
	case !strings.Contains(said.factTexts()["err"], a.rule.says):
		return fmt.Sprintf("it was refused, but not for %q", a.rule.says)
	case after != before:
		return fmt.Sprintf("it changed the node. Before, %s. Now %s", before, after)
	}
	return ""
}

// throw has Mallory send what she has forged, and returns what the node said, if
// anything.
func (s *stage) throw(ctx context.Context, f forgery) (said record, err error) {
	if f.tx == nil {
		s.liar.claim(f.genesis, f.blocks)
		return s.awaitAnswer(ctx, s.liar)
	}

	// The node answers a payment after it has said what it thinks of it.
	from, err := sendPayment(ctx, s.node.Addr(), f.tx)
	if err != nil {
		return said, err
	}
	said, refused := s.find(from, "request refused")
	if !refused {
		said, _ = s.find("", tookPayment)
	}
	return said, nil
}

// throwInBlock has Mallory mine a payment that the pool has refused: what is in a
// block is checked elsewhere. It returns why that is not refused, or "".
func (s *stage) throwInBlock(ctx context.Context, a attack, f *forger, tx *Transaction, before snapshot) (failure string, err error) {
	block := f.mine(f.tip(), f.mallory, tx)
	if f.err != nil {
		return "", f.err
	}
	said, err := s.throw(ctx, forgery{blocks: []*Block{block}})
	if err != nil {
		return "", err
	}
	after, err := s.snapshot()
	if err != nil {
		return "", err
	}

	failure = a.fault(said, before, after)
	if failure != "" {
		failure = fmt.Sprintf("in a block that Mallory has mined, %s", failure)
	}
	return failure, nil
}

// acceptsTwin has the honest peer send the same without the forgery, and reports
// whether the node has taken that.
func (s *stage) acceptsTwin(ctx context.Context, f forgery) (bool, error) {
	if f.honestTx != nil {
		_, err := sendPayment(ctx, s.node.Addr(), f.honestTx)
		return s.node.pool.Has(f.honestTx.TxID), err
	}

	s.honest.claim(nil, f.honest)
	_, err := s.awaitAnswer(ctx, s.honest)
	return s.node.chain.tip() == f.honest[len(f.honest)-1].ref(), err
}

// awaitAnswer waits until the node says whether it takes the chain that a peer
// claims to have. If it says nothing, there is no message.
func (s *stage) awaitAnswer(ctx context.Context, peer *falsePeer) (said record, err error) {
	answerCtx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	said, err = s.await(answerCtx, peer, tookBlocks, "peer left alone", "blocks of peer not taken yet", "chain of peer not taken")
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return record{}, nil
	}
	return said, err
}

// tell tells what the node said, with the names of people. That Mallory has
// another chain comes with advice, which is for a node of one's own.
func (s *stage) tell(rec record) (words view.Words) {
	if rec.message == "" {
		return words
	}
	facts := rec.factTexts()
	if rec.message == "request refused" || facts["peer"] == s.liar.addr().String() {
		facts["peer"] = "Mallory"
	}
	if err, _, cut := strings.Cut(facts["err"], ": to take its chain"); cut {
		facts["err"] = err
	}
	words = sentence(rec.message, facts)
	return view.Words{EN: s.names().Replace(words.EN), ZH: s.names().Replace(words.ZH)}
}

// A forger makes payments and blocks, honest ones and others. The first error is
// kept.
type forger struct {
	*world
	clock time.Time // of the last block
	err   error
}

func (w *world) forger() *forger { return &forger{world: w, clock: w.clock} }

// block returns a block on top of parent that lacks its proof of work.
func (f *forger) block(parent *Block, reward *Wallet, txs ...*Transaction) *Block {
	f.clock = f.clock.Add(time.Millisecond) // no two coinbases have the same text
	coinbase := NewCoinbase(reward.Address(), f.clock)
	return NewBlock(&parent.Header, slices.Concat([]*Transaction{coinbase}, txs), f.clock)
}

// mine returns a block on top of parent.
func (f *forger) mine(parent *Block, reward *Wallet, txs ...*Transaction) *Block {
	return f.work(f.block(parent, reward, txs...))
}

// genesis returns a block on which another chain can stand.
func (f *forger) genesis(reward *Wallet) *Block {
	return NewBlock(nil, []*Transaction{NewCoinbase(reward.Address(), f.clock)}, f.clock)
}

// work makes the header of a block fit its transactions, and does the work.
func (f *forger) work(b *Block) *Block {
	b.Header.HashMerkleRoot = b.merkleRoot()
	err := ProofOfWork{&b.Header}.Run(context.Background()) // which is done in no time
	f.err = cmp.Or(f.err, err)
	return b
}

// pay returns a payment that its payer has signed.
func (f *forger) pay(from, to *Wallet, amount int64, c Coin) *Transaction {
	tx, err := NewTransaction(from, to.Address(), amount, slices.Values([]Coin{c}))
	if err != nil {
		f.err = cmp.Or(f.err, err)
		return &Transaction{}
	}
	return tx
}

// spend returns a transaction, not signed yet, that spends coins.
func spend(coins []Coin, outs ...TXOutput) *Transaction {
	tx := &Transaction{Vouts: outs}
	for _, c := range coins {
		tx.Vins = append(tx.Vins, TXInput{TxID: c.TxID, Vout: c.Vout})
	}
	return tx
}

func signedBy(w *Wallet, tx *Transaction) *Transaction {
	tx.Sign(w)
	return tx
}

// coinOf returns output i of a transaction of a block.
func coinOf(b *Block, position, i int) Coin {
	tx := b.Transactions[position]
	owner, _ := ParseAddress(tx.Vouts[i].PubKeyHash) // an address of ours
	return Coin{OutPoint: OutPoint{tx.TxID, i}, Owner: owner, Value: tx.Vouts[i].Value}
}

func (w *world) tip() *Block { return w.blocks[2] }

// aliceCoin is what came back to alice when she paid bob.
func (w *world) aliceCoin() Coin { return coinOf(w.blocks[1], 1, 1) }

// malloryCoin is what came back to Mallory when she paid bob.
func (w *world) malloryCoin() Coin { return coinOf(w.blocks[2], 1, 1) }

// spentCoin is the coin of Mallory's that she paid bob with.
func (w *world) spentCoin() Coin { return coinOf(w.blocks[1], 0, 0) }
