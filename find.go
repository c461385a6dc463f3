package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// Finding a block or a transaction by the first digits of its hash, and a coin
// that is spent already. The chain has no index for these: nodes need none, and
// it would slow down each block. A person can wait for a few milliseconds.

const (
	minPrefix = 6   // digits: fewer fit too many
	maxShown  = 3   // of those that a prefix fits
	scanAside = 500 // blocks beside the chain in which a transaction is sought
)

var (
	errAmbiguous = errors.New("several begin with these digits")
	errNotFound  = errors.New("not found")
)

// blockWithPrefix returns the block, on the chain or beside it, whose hash
// begins with these hex digits.
func (c chain) blockWithPrefix(prefix string) (blockRef, error) {
	var found []blockRef
	cursor := c.tx.Bucket(bucketHashes).Cursor()
	for k, v := cursor.Seek(firstWithPrefix(prefix)); hasPrefix(k, prefix); k, v = cursor.Next() {
		found = append(found, blockRef{int(binary.BigEndian.Uint64(v)), hex.EncodeToString(k)})
		if len(found) > maxShown {
			break
		}
	}

	switch len(found) {
	case 0:
		return blockRef{}, errNotFound
	case 1:
		return found[0], nil
	}
	var hashes []string
	for _, ref := range found {
		hashes = append(hashes, ref.hash)
	}
	return blockRef{}, ambiguous(hashes)
}

// ambiguous is an error that names some of what a prefix fits.
func ambiguous(hashes []string) error {
	more := ""
	if len(hashes) > maxShown {
		hashes, more = hashes[:maxShown], " …"
	}
	shown := make([]string, len(hashes))
	for i, hash := range hashes {
		shown[i] = hash[:16]
	}
	return fmt.Errorf("%w: %s%s", errAmbiguous, strings.Join(shown, " "), more)
}

// isPrefix reports whether a text is enough of a hash to look for.
func isPrefix(s string) bool { return len(s) >= minPrefix && len(s) <= 64 && isHex(s, len(s)) }

// firstWithPrefix returns the first key that begins with these hex digits.
func firstWithPrefix(prefix string) []byte {
	if len(prefix)%2 == 1 {
		prefix += "0"
	}
	return hashKey(prefix)
}

// hasPrefix reports whether a key begins with these hex digits.
func hasPrefix(k []byte, prefix string) bool {
	whole := hashKey(prefix[:len(prefix)&^1])
	if !bytes.HasPrefix(k, whole) {
		return false
	}
	if len(prefix)%2 == 0 {
		return true
	}
	return len(k) > len(whole) && hex.EncodeToString(k[len(whole):][:1])[0] == prefix[len(prefix)-1]
}

// A txPlace is where a transaction stands.
type txPlace struct {
	txid   string
	height int
}

// txsWithPrefix returns the transactions of the chain whose txid begins with
// these hex digits, and the heights of their blocks, by the coins that they
// made: each is unspent, or noted with the block that spent it. One whose coins
// were all spent in its own block is not found: see firstWithTx. Of equal ones the
// newest counts: once the coins of the first are spent, it may be made again.
func (c chain) txsWithPrefix(prefix string) []txPlace {
	places := make(map[string]int)

	cursor := c.tx.Bucket(bucketCoins).Cursor()
	for k, v := cursor.Seek(firstWithPrefix(prefix)); hasPrefix(k, prefix); k, v = cursor.Next() {
		coin := decodeCoin(k, v)
		places[coin.TxID] = coin.Height
		if len(places) > maxShown {
			break
		}
	}

	whole := hashKey(prefix[:len(prefix)&^1])
	c.spentCoins(0, func(raw []byte, _ int) bool {
		if bytes.HasPrefix(raw, whole) && hasPrefix(raw, prefix) {
			coin := decodeSpent(raw)
			places[coin.TxID] = max(places[coin.TxID], coin.Height)
		}
		return len(places) <= maxShown
	})

	var found []txPlace
	for txid, height := range places {
		found = append(found, txPlace{txid, height})
	}
	slices.SortFunc(found, func(a, b txPlace) int { return strings.Compare(a.txid, b.txid) })
	return found
}

// spentCoins calls do for each coin that the blocks from a height on have spent,
// as it is stored, with the height of the block, until do returns false.
func (c chain) spentCoins(from int, do func(raw []byte, height int) bool) {
	cursor := c.tx.Bucket(bucketUndo).Cursor()
	for k, undo := cursor.Seek(heightKey(from)); k != nil; k, undo = cursor.Next() {
		height := int(binary.BigEndian.Uint64(k))
		for ; len(undo) >= coinLen; undo = undo[coinLen:] {
			if !do(undo[:coinLen], height) {
				return
			}
		}
	}
}

func decodeSpent(raw []byte) Coin { return decodeCoin(raw[:outPointLen], raw[outPointLen:]) }

// spentIn returns the coins that the chain's block at a height has spent, but for
// those that it made itself.
func (c chain) spentIn(height int) map[OutPoint]Coin {
	coins := make(map[OutPoint]Coin)
	undo := c.tx.Bucket(bucketUndo).Get(heightKey(height))
	for ; len(undo) >= coinLen; undo = undo[coinLen:] {
		coin := decodeSpent(undo[:coinLen])
		coins[coin.OutPoint] = coin
	}
	return coins
}

// findCoins returns a function that finds the coins which transactions spend:
// those given, and those of the chain, spent or not, save what was made and spent
// in one block. However many are spent already, the chain is scanned once.
func (c chain) findCoins(txs []*Transaction, coins map[OutPoint]Coin) func(OutPoint) (Coin, bool) {
	spent := make(map[string]bool) // keys in bucketCoins
	for _, tx := range txs {
		for i := range tx.Vins {
			o := tx.Vins[i].OutPoint()
			if _, known := coins[o]; known || tx.IsCoinbase() {
				continue
			}
			if coin, unspent := UTXOSet(c).Coin(o); unspent {
				coins[o] = coin
			} else {
				spent[string(appendOutPoint(nil, o))] = true
			}
		}
	}

	if len(spent) > 0 {
		c.spentCoins(0, func(raw []byte, _ int) bool {
			if spent[string(raw[:outPointLen])] {
				coin := decodeSpent(raw)
				coins[coin.OutPoint] = coin
				delete(spent, string(raw[:outPointLen]))
			}
			return len(spent) > 0
		})
	}
	return func(o OutPoint) (Coin, bool) {
		coin, ok := coins[o]
		return coin, ok
	}
}

// isSpent reports whether a coin that the chain's block at a height made is spent.
// What stands in its place may be another, which an equal transaction made later.
func (c chain) isSpent(o OutPoint, made int) bool {
	coin, unspent := UTXOSet(c).Coin(o)
	return !unspent || coin.Height != made
}

// spentAt returns the heights of the blocks that have spent coins of a
// transaction of the chain, by the index of the output. What was spent in its own
// block is not among them.
func (c chain) spentAt(txid string, made int) map[int]int {
	heights := make(map[int]int)
	key := hashKey(txid)
	c.spentCoins(made, func(raw []byte, height int) bool {
		if bytes.HasPrefix(raw, key) {
			heights[decodeSpent(raw).Vout] = height
		}
		return true
	})
	return heights
}

// findIn returns the transaction of a block whose txid begins with these digits.
func findIn(b *Block, prefix string) (position int, found bool) {
	position = slices.IndexFunc(b.Transactions, func(tx *Transaction) bool { return strings.HasPrefix(tx.TxID, prefix) })
	return position, position >= 0
}

// mentions reports whether a block may have a transaction whose txid begins with
// these digits: its JSON is not decoded for that.
func (c chain) mentions(in *inflater, ref blockRef, prefix string) bool {
	raw, err := in.inflate(c.tx.Bucket(bucketBlocks).Get(ref.key()))
	return err == nil && bytes.Contains(raw, []byte(`{"txid": "`+prefix))
}

// An inflater inflates many blocks, one after another in the same memory.
type inflater struct {
	reader  io.ReadCloser
	content bytes.Buffer
}

// inflate returns what a stored block holds, until the next call.
func (in *inflater) inflate(deflated []byte) ([]byte, error) {
	source := bytes.NewReader(deflated)
	if in.reader == nil {
		in.reader = flate.NewReader(source)
	} else if err := in.reader.(flate.Resetter).Reset(source, nil); err != nil {
		return nil, err
	}

	in.content.Reset()
	_, err := in.content.ReadFrom(in.reader)
	return in.content.Bytes(), err
}

// firstWithTx returns the first of some blocks that has a transaction whose txid
// begins with these digits, and its place there, or [errNotFound].
func (c chain) firstWithTx(prefix string, refs iter.Seq[blockRef]) (b *Block, position int, err error) {
	var in inflater
	for ref := range refs {
		if !c.mentions(&in, ref, prefix) {
			continue
		}
		b, err := c.block(ref)
		if err != nil {
			return nil, 0, err
		}
		if position, found := findIn(b, prefix); found {
			return b, position, nil
		}
	}
	return nil, 0, errNotFound
}

// down yields the chain's blocks from a height down, count of them at most.
func (c chain) down(highest, count int) iter.Seq[blockRef] {
	return func(yield func(blockRef) bool) {
		for height := highest; height >= 0 && height > highest-count; height-- {
			if !yield(c.at(height)) {
				return
			}
		}
	}
}

// highestAside yields the highest blocks beside the chain.
func (c chain) highestAside() iter.Seq[blockRef] {
	return func(yield func(blockRef) bool) {
		cursor := c.tx.Bucket(bucketSide).Cursor()
		n := 0
		for k, _ := cursor.Last(); k != nil && n < scanAside; k, _ = cursor.Prev() {
			if !yield(decodeRef(k)) {
				return
			}
			n++
		}
	}
}
