package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"

	"github.com/boltdb/bolt"
)

// What makes a transaction invalid at its place in the chain.
var (
	ErrNoCoin    = errors.New("coin does not exist or is spent")
	ErrSpent     = errors.New("coin is already spent")
	ErrNotOwner  = errors.New("coin belongs to another key")
	ErrOverspend = errors.New("outputs exceed inputs")
	ErrTxIDInUse = errors.New("txid still has unspent outputs")
)

// A Coin is an unspent output. It is comparable.
type Coin struct {
	OutPoint
	Owner  PubKeyHash
	Value  int64 // coins
	Height int   // of its block; 0 while it is in none
}

// compareCoins orders coins by outpoint, as bolt does.
func compareCoins(a, b Coin) int {
	return cmp.Or(cmp.Compare(a.TxID, b.TxID), cmp.Compare(a.Vout, b.Vout))
}

// A UTXOSet is every unspent output of the chain up to its tip, as one bolt
// transaction sees it: it lives as long as that does, and so does a change.
type UTXOSet struct{ tx *bolt.Tx }

// UTXO calls do with the UTXO set at the tip.
func (bc *Blockchain) UTXO(do func(UTXOSet) error) error {
	return bc.view(func(tx *bolt.Tx) error { return do(UTXOSet{tx}) })
}

// Coin returns the coin at o, if it is unspent.
func (s UTXOSet) Coin(o OutPoint) (Coin, bool) {
	k := appendOutPoint(make([]byte, 0, outPointLen), o)
	v := s.tx.Bucket(bucketCoins).Get(k)
	if v == nil {
		return Coin{}, false
	}
	return decodeCoin(k, v), true
}

// Coins yields the coins of owner, oldest first, and reads no more than are asked for.
func (s UTXOSet) Coins(owner PubKeyHash) iter.Seq[Coin] {
	return s.coinsAfter(owner, nil)
}

// coinsAfter yields the coins of owner whose key comes after last.
func (s UTXOSet) coinsAfter(owner PubKeyHash, last []byte) iter.Seq[Coin] {
	return func(yield func(Coin) bool) {
		cursor := s.tx.Bucket(bucketOwners).Cursor()
		from := owner[:]
		if last != nil {
			from = last
		}
		k, v := cursor.Seek(from)
		if bytes.Equal(k, last) {
			k, v = cursor.Next()
		}
		for ; bytes.HasPrefix(k, owner[:]); k, v = cursor.Next() {
			if !yield(decodeOwned(k, v)) {
				return
			}
		}
	}
}

// A coinCursor is how far an owner's coins have been read.
type coinCursor struct {
	owner PubKeyHash
	last  []byte // key of the last one in bucketOwners; nil: none yet
	done  bool   // there are no more
}

// readCoins returns the next part of an owner's coins.
func (bc *Blockchain) readCoins(at *coinCursor) (part []Coin, err error) {
	err = bc.UTXO(func(s UTXOSet) error {
		for c := range s.coinsAfter(at.owner, at.last) {
			if len(part) == coinsAtOnce {
				return nil
			}
			part = append(part, c)
		}
		at.done = true
		return nil
	})
	if len(part) > 0 {
		at.last = ownerKey(part[len(part)-1])
	}
	return part, err
}

// Balance sums the coins of owner.
func (s UTXOSet) Balance(owner PubKeyHash) int64 {
	var sum int64
	for c := range s.Coins(owner) {
		sum += c.Value
	}
	return sum
}

// A CoinView is a set of coins with transactions applied on top, in memory.
// Blocks are checked in one, and so is what the miner puts into a block.
type CoinView struct {
	base    func(OutPoint) (Coin, bool)
	added   map[OutPoint]Coin   // made on top and unspent
	spent   []Coin              // taken from the base
	spentBy map[OutPoint]string // spent on top: txid of the spender
}

// NewCoinView returns a view on top of base.
func NewCoinView(base func(OutPoint) (Coin, bool)) *CoinView {
	return &CoinView{base: base, added: make(map[OutPoint]Coin), spentBy: make(map[OutPoint]string)}
}

// Apply spends tx's inputs and adds its outputs, or changes nothing and says
// which rule tx breaks here. What [Transaction.Check] checks is taken as true.
func (v *CoinView) Apply(tx *Transaction) error {
	inputs, err := v.check(tx)
	if err != nil {
		return fmt.Errorf("%s: %w", tx.TxID, err)
	}

	for _, c := range inputs {
		if _, made := v.added[c.OutPoint]; made {
			delete(v.added, c.OutPoint)
		} else {
			v.spent = append(v.spent, c)
		}
		v.spentBy[c.OutPoint] = tx.TxID
	}

	for i, out := range tx.Vouts {
		owner, err := ParseAddress(out.PubKeyHash)
		if err != nil {
			return err // not after Check
		}
		o := OutPoint{tx.TxID, i}
		v.added[o] = Coin{OutPoint: o, Owner: owner, Value: out.Value}
	}
	return nil
}

// check applies the rules that need the coins, and returns those that tx spends.
func (v *CoinView) check(tx *Transaction) (inputs []Coin, err error) {
	if tx.IsCoinbase() {
		return nil, v.checkTxIDUnused(tx)
	}

	var in, out int64 // at most 2^20 bytes of values up to 21·10^12: no overflow
	for i := range tx.Vins {
		c, err := v.Coin(tx.Vins[i].OutPoint())
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}

		key, err := hex.DecodeString(tx.Vins[i].PubKey)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, ErrPubKey)
		}
		if owner := hash160(key); owner != c.Owner {
			return nil, fmt.Errorf("input %d: %w: %s pays to %s, the key is %s's", i, ErrNotOwner, c.OutPoint,
				c.Owner.Address(), owner.Address())
		}

		in += c.Value
		inputs = append(inputs, c)
	}

	for _, o := range tx.Vouts {
		out += o.Value
	}
	if out > in {
		return nil, fmt.Errorf("%w: %d > %d", ErrOverspend, out, in)
	}
	return inputs, v.checkTxIDUnused(tx)
}

// checkTxIDUnused returns [ErrTxIDInUse] if a transaction of tx's ID has unspent
// outputs: tx's would take their place.
func (v *CoinView) checkTxIDUnused(tx *Transaction) error {
	for i := range tx.Vouts {
		o := OutPoint{tx.TxID, i}
		if _, ok := v.unspent(o); ok {
			return fmt.Errorf("%w: %s", ErrTxIDInUse, o)
		}
	}
	return nil
}

// Coin returns the coin at o, or [ErrSpent] if a transaction on top spends it
// (the error names it), or [ErrNoCoin].
func (v *CoinView) Coin(o OutPoint) (Coin, error) {
	if c, ok := v.unspent(o); ok {
		return c, nil
	}
	if by, ok := v.spentBy[o]; ok {
		return Coin{}, fmt.Errorf("%w: %s by %s", ErrSpent, o, by)
	}
	return Coin{}, fmt.Errorf("%w: %s", ErrNoCoin, o)
}

// unspent returns the coin at o, if it is unspent.
func (v *CoinView) unspent(o OutPoint) (Coin, bool) {
	if c, ok := v.added[o]; ok {
		return c, true
	}
	if _, ok := v.spentBy[o]; ok {
		return Coin{}, false
	}
	return v.base(o)
}

// with returns a view of the set with those of txs on top that apply.
func (s UTXOSet) with(txs []*Transaction) *CoinView {
	view := NewCoinView(s.Coin)
	for _, tx := range txs {
		_ = view.Apply(tx) // one that does not apply will be dropped when mined
	}
	return view
}

// Update moves the set over one block: it removes what b spends, adds what b
// pays, and notes what [UTXOSet.RollBack] needs. If b breaks a rule, the error
// wraps it, and the set is unchanged.
func (s UTXOSet) Update(b *Block) error {
	view := NewCoinView(s.Coin)
	for _, tx := range b.Transactions {
		if err := view.Apply(tx); err != nil {
			return err
		}
	}

	// Coins go and come in the order of bolt's keys: neighbours share pages.
	slices.SortFunc(view.spent, compareCoins)
	undo := make([]byte, 0, len(view.spent)*coinLen)
	for _, c := range view.spent {
		if err := s.remove(c); err != nil {
			return err
		}
		undo = append(undo, encodeCoin(c)...)
	}

	for _, c := range slices.SortedFunc(maps.Values(view.added), compareCoins) {
		c.Height = b.Header.Height
		if err := s.put(c); err != nil {
			return err
		}
	}

	return s.tx.Bucket(bucketUndo).Put(heightKey(b.Header.Height), undo)
}

// RollBack undoes the Update of b, which must have been the last one.
func (s UTXOSet) RollBack(b *Block) error {
	for _, tx := range b.Transactions {
		for i := range tx.Vouts {
			c, ok := s.Coin(OutPoint{tx.TxID, i})
			if !ok {
				continue // spent in the same block
			}
			if err := s.remove(c); err != nil {
				return err
			}
		}
	}

	key := heightKey(b.Header.Height)
	undo := bytes.Clone(s.tx.Bucket(bucketUndo).Get(key))
	for ; len(undo) >= coinLen; undo = undo[coinLen:] {
		c := decodeCoin(undo[:outPointLen], undo[outPointLen:coinLen])
		if err := s.put(c); err != nil {
			return err
		}
	}

	return s.tx.Bucket(bucketUndo).Delete(key)
}

// Reindex makes the set anew from the chain: its blocks 0 to tip.
func (s UTXOSet) Reindex(tip int, blockAt func(height int) (*Block, error)) error {
	for _, name := range [][]byte{bucketCoins, bucketOwners, bucketUndo} {
		if err := s.tx.DeleteBucket(name); err != nil && !errors.Is(err, bolt.ErrBucketNotFound) {
			return err
		}
		if _, err := s.tx.CreateBucket(name); err != nil {
			return err
		}
	}

	for height := range tip + 1 {
		b, err := blockAt(height)
		if err != nil {
			return fmt.Errorf("reindex block %d: %w", height, err)
		}
		if err := s.Update(b); err != nil {
			return fmt.Errorf("reindex block %d: %w", height, err)
		}
	}
	return nil
}

// catchUp brings the set to the tip: it reindexes a set that stands elsewhere,
// or whose coins are stored in an older form.
func (s UTXOSet) catchUp(ctx context.Context, log *slog.Logger) error {
	c, meta := chain(s), s.tx.Bucket(bucketMeta)
	if bytes.Equal(meta.Get(keyTip), meta.Get(keyUTXOTip)) {
		return nil
	}

	log.Warn("UTXO set is not at the tip: reindexing", "height", c.tip().height)
	blockAt := func(height int) (*Block, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return c.block(c.at(height))
	}
	if err := s.Reindex(c.tip().height, blockAt); err != nil {
		return err
	}
	return meta.Put(keyUTXOTip, meta.Get(keyTip))
}

// Buckets of the coins. An outpoint is stored as 32 bytes of txid and 4 of
// index; an owner as 20 bytes; other numbers as 8, big endian, so that keys sort.
var (
	bucketCoins  = []byte("coins")  // outpoint → owner, value, height
	bucketOwners = []byte("owners") // owner, height, outpoint → value: one address's coins are one scan
	bucketUndo   = []byte("undo")   // height → the coins that its block spent, as in bucketCoins
)

const (
	outPointLen = 32 + 4
	ownerLen    = len(PubKeyHash{})
	coinLen     = outPointLen + ownerLen + 8 + 8
)

func (s UTXOSet) put(c Coin) error {
	b := encodeCoin(c)
	if err := s.tx.Bucket(bucketCoins).Put(b[:outPointLen], b[outPointLen:]); err != nil {
		return err
	}

	value := binary.BigEndian.AppendUint64(nil, uint64(c.Value))
	return s.tx.Bucket(bucketOwners).Put(ownerKey(c), value)
}

func (s UTXOSet) remove(c Coin) error {
	if err := s.tx.Bucket(bucketCoins).Delete(appendOutPoint(nil, c.OutPoint)); err != nil {
		return err
	}
	return s.tx.Bucket(bucketOwners).Delete(ownerKey(c))
}

// encodeCoin returns c's key and its value in bucketCoins, in one piece.
func encodeCoin(c Coin) []byte {
	b := appendOutPoint(make([]byte, 0, coinLen), c.OutPoint)
	b = append(b, c.Owner[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Value))
	return append(b, heightKey(c.Height)...)
}

// decodeCoin is the inverse of encodeCoin, for a key and a value.
func decodeCoin(k, v []byte) Coin {
	return Coin{
		OutPoint: decodeOutPoint(k),
		Owner:    PubKeyHash(v[:ownerLen]),
		Value:    int64(binary.BigEndian.Uint64(v[ownerLen:])),
		Height:   int(binary.BigEndian.Uint64(v[ownerLen+8:])),
	}
}

// ownerKey returns c's key in bucketOwners.
func ownerKey(c Coin) []byte {
	return appendOutPoint(append(c.Owner[:], heightKey(c.Height)...), c.OutPoint)
}

// appendOutPoint appends o's key in bucketCoins. The txid must be hex.
func appendOutPoint(b []byte, o OutPoint) []byte {
	b, _ = hex.AppendDecode(b, []byte(o.TxID))
	return binary.BigEndian.AppendUint32(b, uint32(o.Vout))
}

// decodeOwned reads the coin that a key and a value in bucketOwners stand for.
func decodeOwned(k, v []byte) Coin {
	return Coin{
		OutPoint: decodeOutPoint(k[ownerLen+8:]),
		Owner:    PubKeyHash(k[:ownerLen]),
		Value:    int64(binary.BigEndian.Uint64(v)),
		Height:   int(binary.BigEndian.Uint64(k[ownerLen:])),
	}
}

func decodeOutPoint(k []byte) OutPoint {
	return OutPoint{hex.EncodeToString(k[:32]), int(binary.BigEndian.Uint32(k[32:]))}
}
