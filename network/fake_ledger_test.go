package network

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeLedger is a chain and a pool in memory. It believes the hashes that
// blocks claim, save those of blocks that say they are bad.
type fakeLedger struct {
	mu       sync.Mutex // guards all below
	chain    []json.RawMessage
	known    map[string]json.RawMessage // by hash, those beside the chain too
	pool     []string                   // txids
	waiting  []json.RawMessage          // transactions of its own
	asked    []int                      // heights that Block was asked for
	batches  []int                      // sizes of the batches that AddBlocks was given
	noReply  error                      // of Status
	diskFull bool                       // AddBlocks fails
	onAdd    func()                     // called by AddBlocks before it starts
	clock    time.Time                  // until then blocks that say they are early are
	rollback int                        // switches to another branch
	changed  chan struct{}              // closed at the next change of chain or pool
}

// testBlock makes a block of about 400 bytes, as json.dumps writes it. Blocks
// of different branches differ in hash.
func testBlock(height int, prev, branch string) json.RawMessage {
	sum := sha256.Sum256(fmt.Append(nil, height, prev, branch))
	return fmt.Appendf(nil, `{"magic_no": 3166485692, "block_header": {"timestamp": "1551347915.3271294", "prev_block_hash": "%s", "hash": "%s", "hash_merkle_root": "%064x", "height": %d, "nonce": 3}, "transactions": [{"txid": "%s-%d"}]}`,
		prev, hex.EncodeToString(sum[:]), 1, height, branch, height)
}

func blockHash(block json.RawMessage) string {
	h, err := parseHeader(block)
	if err != nil {
		panic(err)
	}
	return h.hash
}

// newLedger returns a ledger with blocks 0 … height; -1 makes none.
func newLedger(height int, branch string) *fakeLedger {
	l := &fakeLedger{known: make(map[string]json.RawMessage), changed: make(chan struct{})}
	l.extend(height+1, branch)
	return l
}

// fork returns a ledger with our blocks up to height and n more of another
// branch.
func (l *fakeLedger) fork(height, n int, branch string) *fakeLedger {
	f := newLedger(-1, "")
	for _, block := range l.chain[:height+1] {
		f.push(block)
	}
	f.extend(n, branch)
	return f
}

// extend adds n blocks to the tip.
func (l *fakeLedger) extend(n int, branch string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range n {
		prev := ""
		if len(l.chain) > 0 {
			prev = blockHash(l.chain[len(l.chain)-1])
		}
		l.push(testBlock(len(l.chain), prev, branch))
	}
}

// push makes block the tip. l.mu is held, or l still has one owner.
func (l *fakeLedger) push(block json.RawMessage) {
	l.chain = append(l.chain, block)
	l.known[blockHash(block)] = block
}

func (l *fakeLedger) Status() (Status, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.chain) == 0 || l.noReply != nil {
		return Status{Height: -1}, l.noReply
	}
	return Status{Height: len(l.chain) - 1, Genesis: l.chain[0], GenesisHash: blockHash(l.chain[0])}, nil
}

func (l *fakeLedger) Hash(height int) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if height < 0 || height >= len(l.chain) {
		return "", errors.New("no such block")
	}
	return blockHash(l.chain[height]), nil
}

func (l *fakeLedger) Block(height int) (json.RawMessage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, height)
	if height >= len(l.chain) {
		return nil, errors.New("no such block")
	}
	return l.chain[height], nil
}

func (l *fakeLedger) AddBlocks(ctx context.Context, blocks []json.RawMessage) error {
	l.mu.Lock()
	full := l.diskFull
	l.mu.Unlock()
	if full {
		return fmt.Errorf("%w: no space left on device", ErrLedger)
	}

	if l.onAdd != nil {
		l.onAdd()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.change()
	l.batches = append(l.batches, len(blocks))
	for _, block := range blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.add(block); err != nil {
			return err
		}
	}
	return nil
}

// add takes one block. l.mu is held.
func (l *fakeLedger) add(block json.RawMessage) error {
	h, err := parseHeader(block)
	if err != nil {
		return err
	}
	if l.known[h.hash] != nil {
		return nil
	}
	if strings.Contains(string(block), `"bad-`) {
		return fmt.Errorf("block %d: not valid", h.height)
	}
	if strings.Contains(string(block), `"early-`) && time.Now().Before(l.clock) {
		return ErrNotYet
	}
	if h.height == 0 && len(l.chain) > 0 {
		return errors.New("another genesis block")
	}
	if h.height > 0 && l.known[h.prev] == nil {
		return fmt.Errorf("block %d: no parent", h.height)
	}
	l.known[h.hash] = block
	if h.height < len(l.chain) {
		return nil // not longer
	}
	branch := []json.RawMessage{block}
	for prev := h.prev; prev != ""; {
		parent := l.known[prev]
		at, _ := parseHeader(parent)
		if at.height < len(l.chain) && blockHash(l.chain[at.height]) == prev {
			break
		}
		branch = append(branch, parent)
		prev = at.prev
	}
	if keep := h.height + 1 - len(branch); keep < len(l.chain) {
		l.rollback++
		l.chain = l.chain[:keep:keep]
	}
	for i := len(branch) - 1; i >= 0; i-- {
		l.chain = append(l.chain, branch[i])
	}
	return nil
}

// testTx is a transaction; one whose id starts with "bad" is not valid, and one
// whose id starts with "hostile" never was.
func testTx(id string) json.RawMessage {
	return fmt.Appendf(nil, `{"txid": "%s", "vins": [], "vouts": []}`, id)
}

func (l *fakeLedger) Waiting() []json.RawMessage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.waiting)
}

func (l *fakeLedger) AddTransactions(_ context.Context, txs []json.RawMessage) (added []json.RawMessage, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.change()
next:
	for _, tx := range txs {
		members, _ := decodeObject(tx)
		id := string(members["txid"])
		if strings.HasPrefix(id, `"hostile`) {
			return added, fmt.Errorf("%w: %s", ErrHostile, id)
		}
		if strings.HasPrefix(id, `"bad`) {
			err = fmt.Errorf("transaction %s: not valid", id)
			continue
		}
		for _, pooled := range l.pool {
			if pooled == id {
				continue next
			}
		}
		l.pool = append(l.pool, id)
		added = append(added, tx)
	}
	return added, err
}

// change wakes those that wait. l.mu is held.
func (l *fakeLedger) change() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// await waits until cond holds, which is looked at when the ledger changes.
func (l *fakeLedger) await(t testing.TB, what string, cond func() bool) {
	t.Helper()
	timeout := time.NewTimer(time.Minute)
	defer timeout.Stop()
	for {
		l.mu.Lock()
		changed := l.changed
		l.mu.Unlock()
		if cond() {
			return
		}
		select {
		case <-changed:
		case <-timeout.C:
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

func (l *fakeLedger) pooled() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.pool, " ")
}

// tip describes the tip, to compare chains by.
func (l *fakeLedger) tip() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.chain) == 0 {
		return "none"
	}
	return fmt.Sprint(len(l.chain)-1, " ", blockHash(l.chain[len(l.chain)-1])[:8])
}

// fakeDiscovery is a list that tests change.
type fakeDiscovery struct {
	mu    sync.Mutex // guards all below
	peers []netip.AddrPort
	met   []netip.AddrPort
}

func (d *fakeDiscovery) Peers() []netip.AddrPort {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.peers
}

func (d *fakeDiscovery) Meet(addr netip.AddrPort) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.met = append(d.met, addr)
}

func (d *fakeDiscovery) set(peers ...netip.AddrPort) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.peers = peers
}
