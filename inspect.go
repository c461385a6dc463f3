package main

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gosimpleblockchain/view"
)

const (
	maxListed   = 500 // heights in one answer: they are read in one bolt transaction
	maxAside    = 200 // blocks beside the chain in one answer
	scanAtOnce  = 500 // blocks that are read in one bolt transaction
	maxBranch   = 100 // blocks of a branch that are read for their coins
	unknownCoin = -1  // value of a coin that is not to be found

	maxSigningTexts = 1 << 20 // bytes of them in one answer
)

// An inspector shows a node to its readers. It implements [view.Node]. What it
// tells in one answer comes from one state of the chain, and nothing of it is
// computed before somebody asks.
type inspector struct{ node *Node }

// name returns the name of the wallet of an address, or "".
func (i inspector) name(address string) string { return i.node.wallets.Name(address) }

// Chain implements [view.Node].
func (i inspector) Chain(highest, count int) (view.Chain, error) {
	return read(i.node.chain, func(c chain) (view.Chain, error) {
		tip := c.tip()
		shown := view.Chain{Height: tip.height, Tip: tip.hash}
		if highest < 0 || highest > tip.height {
			highest = tip.height
		}

		count = min(max(count, 0), maxListed)
		lowest := max(0, highest-count+1)
		aside, omitted := c.aside(lowest, highest)
		shown.Omitted = omitted
		for height := highest; height >= lowest; height-- {
			refs := append([]blockRef{c.at(height)}, aside[height]...)
			for n, ref := range refs {
				b, err := c.block(ref)
				if err != nil {
					return view.Chain{}, err
				}
				shown.Blocks = append(shown.Blocks, i.row(b, n == 0))
			}
		}
		return shown, nil
	})
}

// aside returns the blocks beside the chain at these heights, and how many of
// them are left out.
func (c chain) aside(lowest, highest int) (refs map[int][]blockRef, omitted int) {
	refs = make(map[int][]blockRef)
	cursor := c.tx.Bucket(bucketSide).Cursor()
	n := 0
	for k, _ := cursor.Seek(heightKey(lowest)); k != nil; k, _ = cursor.Next() {
		ref := decodeRef(k)
		if ref.height > highest {
			break
		}
		n++
		if n <= maxAside {
			refs[ref.height] = append(refs[ref.height], ref)
		}
	}
	return refs, max(0, n-maxAside)
}

func (i inspector) row(b *Block, onChain bool) view.Row {
	h := &b.Header
	miner := b.Transactions[0].Vouts[0].PubKeyHash
	return view.Row{
		Height:    h.Height,
		Hash:      h.Hash,
		Prev:      h.PrevBlockHash,
		Timestamp: h.Timestamp,
		Txs:       len(b.Transactions),
		Bytes:     len(b.AppendJSON(nil)),
		Miner:     miner,
		MinerName: i.name(miner),
		OnChain:   onChain,
	}
}

// Block implements [view.Node].
func (i inspector) Block(ref string) (view.Block, error) {
	return read(i.node.chain, func(c chain) (view.Block, error) {
		found, err := i.resolve(c, ref)
		if err != nil {
			return view.Block{}, err
		}
		b, err := c.block(found)
		if err != nil {
			return view.Block{}, err
		}
		return i.block(c, b), nil
	})
}

// resolve returns the block that a person means: by its height, "last", its hash
// or the first digits of that. Digits that are a height of the chain mean that.
func (i inspector) resolve(c chain, ref string) (blockRef, error) {
	tip := c.tip()
	if tip.height < 0 {
		return blockRef{}, i.node.noChain()
	}
	if ref == "last" {
		return tip, nil
	}

	height, err := strconv.Atoi(ref)
	isHeight := err == nil && isDigits(ref, len(ref))
	if isHeight && height <= tip.height {
		return c.at(height), nil
	}

	ref = strings.ToLower(ref)
	switch {
	case isHeight && !isPrefix(ref):
		return blockRef{}, fmt.Errorf("%w at height %s: the last one is `go run . block %d`", ErrNoBlock, ref, tip.height)
	case !isPrefix(ref):
		return blockRef{}, fmt.Errorf("%.70q is no height, and not %d digits or more of a hash: `go run . chain` lists both", ref, minPrefix)
	}

	found, err := c.blockWithPrefix(ref)
	switch {
	case errors.Is(err, errNotFound):
		return blockRef{}, fmt.Errorf("%w with a hash that begins with %s: `go run . chain -all` lists those that are", ErrNoBlock, ref)
	case err != nil:
		return blockRef{}, fmt.Errorf("block %s: %w: give more of them", ref, err)
	}
	return found, nil
}

// block tells all of a block.
func (i inspector) block(c chain, b *Block) view.Block {
	h := &b.Header
	onChain := c.has(b.ref())
	leaves := b.merkleLeaves()
	shown := view.Block{
		Row:        i.row(b, onChain),
		MagicNo:    b.MagicNo,
		MerkleRoot: h.HashMerkleRoot,
		WorkBits:   workBits,
		HashText:   h.hashText(),
		Merkle:     merkleLevels(leaves),
		Rules:      i.blockRules(c, b, onChain),
	}
	if h.Height > 0 {
		work := append(ProofOfWork{h}.text(), h.nonceText()...)
		shown.Nonce, shown.WorkText, shown.Work = &h.Nonce, string(work), sha256Hex(work)
	}
	if onChain {
		shown.Confirmations = c.tip().height - h.Height + 1
		shown.Next = c.at(h.Height + 1).hash
	}

	coins := c.coinsOf(b)
	for _, tx := range b.Transactions {
		shown.LeafTexts = append(shown.LeafTexts, string(tx.AppendJSON(nil)))
		t := i.tx(tx, coins)
		for o := range t.Outputs {
			t.Outputs[o].Spent = onChain && c.isSpent(OutPoint{tx.TxID, o}, h.Height)
		}
		shown.Transactions = append(shown.Transactions, t)
	}
	return shown
}

// coinsOf returns a function that finds the coins which a stored block spends.
func (c chain) coinsOf(b *Block) func(OutPoint) (Coin, bool) {
	made, wanted := make(map[OutPoint]Coin), spentBy(b.Transactions)
	addCoins(made, wanted, b.Transactions)
	if c.has(b.ref()) {
		spent := c.spentIn(b.Header.Height)
		return func(o OutPoint) (Coin, bool) {
			if coin, ok := spent[o]; ok {
				return coin, true
			}
			coin, ok := made[o]
			return coin, ok
		}
	}

	// A block beside the chain may spend coins of its branch.
	branch, _ := c.branch(b.ref())
	for _, ref := range branch[max(0, len(branch)-maxBranch):] {
		if parent, err := c.block(ref); err == nil {
			addCoins(made, wanted, parent.Transactions)
		}
	}
	return c.findCoins(b.Transactions, made)
}

// addCoins adds those coins that are wanted of what transactions make. They may
// make a hundred thousand, and to read an address takes microseconds.
func addCoins(coins map[OutPoint]Coin, wanted map[OutPoint]bool, txs []*Transaction) {
	for _, tx := range txs {
		for i, out := range tx.Vouts {
			o := OutPoint{tx.TxID, i}
			if !wanted[o] {
				continue
			}
			if owner, err := ParseAddress(out.PubKeyHash); err == nil {
				coins[o] = Coin{OutPoint: o, Owner: owner, Value: out.Value}
			}
		}
	}
}

// spentBy returns which coins transactions spend.
func spentBy(txs []*Transaction) map[OutPoint]bool {
	spent := make(map[OutPoint]bool)
	for _, tx := range txs {
		for i := range tx.Vins {
			spent[tx.Vins[i].OutPoint()] = true
		}
	}
	return spent
}

// tx tells who pays whom.
func (i inspector) tx(tx *Transaction, coin func(OutPoint) (Coin, bool)) view.Tx {
	shown := view.Tx{TxID: tx.TxID, Coinbase: tx.IsCoinbase()}
	payers := make(map[string]bool)
	if !shown.Coinbase {
		for n := range tx.Vins {
			in := i.input(&tx.Vins[n], coin)
			payers[in.Owner] = true
			shown.Inputs = append(shown.Inputs, in)
		}
	}

	for _, out := range tx.Vouts {
		shown.Outputs = append(shown.Outputs, view.Output{
			Value:   out.Value,
			Address: out.PubKeyHash,
			Name:    i.name(out.PubKeyHash),
			Change:  payers[out.PubKeyHash],
		})
	}
	return shown
}

// input tells whose coin an input spends. If that is not to be found, it is that
// of the key, by its own word.
func (i inspector) input(in *TXInput, coin func(OutPoint) (Coin, bool)) view.Input {
	shown := view.Input{TxID: in.TxID, Vout: in.Vout, Value: unknownCoin, Signature: in.Signature, PubKey: in.PubKey}
	if c, ok := coin(in.OutPoint()); ok {
		shown.Owner, shown.Value = c.Owner.Address(), c.Value
	} else {
		shown.Owner = in.signer().Address()
	}
	shown.OwnerName = i.name(shown.Owner)
	return shown
}

// blockRules checks a stored block anew, at its place.
func (i inspector) blockRules(c chain, b *Block, onChain bool) []view.Rule {
	h := &b.Header
	header := func() error { return b.checkHeader(i.node.chain.now()) }
	place := func() error {
		if h.Height > 0 && !c.stored(h.parent()) {
			return fmt.Errorf("block %d: %w: %s", h.Height, ErrParent, h.PrevBlockHash)
		}
		return nil
	}

	// The coins of a block beside the chain are checked when its branch becomes
	// the chain.
	coins := func() error { return errNotFound }
	if onChain {
		coins = func() error { return c.apply(b, len(b.Transactions)) }
	}
	return blockRules(b, header, placeRule(h.Height == 0, place), coinRules(len(b.Transactions) == 1, coins))
}

// apply applies the first transactions of a block of the chain to the coins that
// stood before it.
func (c chain) apply(b *Block, count int) error {
	view := NewCoinView(c.coinBefore(b.Header.Height))
	for _, tx := range b.Transactions[:count] {
		if err := view.Apply(tx); err != nil {
			return err
		}
	}
	return nil
}

// coinBefore returns a function that finds the coins which were unspent before
// the chain's block at a height, save those that later blocks have spent.
func (c chain) coinBefore(height int) func(OutPoint) (Coin, bool) {
	spent := c.spentIn(height)
	return func(o OutPoint) (Coin, bool) {
		if coin, ok := spent[o]; ok {
			return coin, true
		}
		coin, ok := UTXOSet(c).Coin(o)
		return coin, ok && coin.Height < height
	}
}

// Tx implements [view.Node].
func (i inspector) Tx(txid string) (view.TxDetail, error) {
	txid = strings.ToLower(txid)
	if !isPrefix(txid) {
		return view.TxDetail{}, fmt.Errorf("%.70q is not %d digits or more of a txid: `go run . block last` and `go run . pool` list them", txid, minPrefix)
	}

	pooled := i.node.pool.Transactions()
	shown, err := read(i.node.chain, func(c chain) (view.TxDetail, error) { return i.findTx(c, txid, pooled) })
	if errors.Is(err, errNotFound) {
		shown, err = i.scanForTx(txid)
	}

	switch {
	case errors.Is(err, errNotFound):
		return view.TxDetail{}, fmt.Errorf("no transaction here begins with %s: `go run . pool` and `go run . block last` list some", txid)
	case errors.Is(err, errAmbiguous):
		return view.TxDetail{}, fmt.Errorf("transaction %s: %w: give more of them", txid, err)
	}
	return shown, err
}

// findTx finds a transaction where it takes no time: on the chain by its coins,
// or in the pool.
func (i inspector) findTx(c chain, prefix string, pooled []*Transaction) (view.TxDetail, error) {
	places := c.txsWithPrefix(prefix)
	txids := make(map[string]bool)
	for _, p := range places {
		txids[p.txid] = true
	}
	waiting := -1
	for n, tx := range pooled {
		if strings.HasPrefix(tx.TxID, prefix) && !txids[tx.TxID] {
			txids[tx.TxID], waiting = true, n
		}
	}

	switch {
	case len(txids) == 0:
		return view.TxDetail{}, errNotFound
	case len(txids) > 1:
		return view.TxDetail{}, ambiguous(slices.Sorted(maps.Keys(txids)))
	case waiting >= 0:
		return i.pooledTx(c, pooled, waiting), nil
	}

	b, err := c.block(c.at(places[0].height))
	if err != nil {
		return view.TxDetail{}, err
	}
	position, found := findIn(b, places[0].txid)
	if !found {
		return view.TxDetail{}, damaged("block %d lacks the transaction %s", places[0].height, places[0].txid)
	}
	return i.blockTx(c, b, position)
}

// scanForTx finds a transaction where that takes longer: in all blocks of the
// chain, newest first, among those dropped of late, and in blocks beside the
// chain. The chain comes first: a transaction that it has is confirmed, wherever
// else it stands.
func (i inspector) scanForTx(prefix string) (view.TxDetail, error) {
	for highest := i.node.chain.tip().height; highest >= 0; highest -= scanAtOnce {
		shown, err := i.txIn(prefix, func(c chain) iter.Seq[blockRef] { return c.down(highest, scanAtOnce) })
		if !errors.Is(err, errNotFound) {
			return shown, err
		}
	}

	if d, ok := i.node.pool.droppedTx(prefix); ok {
		return read(i.node.chain, func(c chain) (view.TxDetail, error) { return i.droppedTx(c, d), nil })
	}
	return i.txIn(prefix, chain.highestAside)
}

// txIn tells of a transaction in the first of some blocks that has it.
func (i inspector) txIn(prefix string, blocks func(chain) iter.Seq[blockRef]) (view.TxDetail, error) {
	return read(i.node.chain, func(c chain) (view.TxDetail, error) {
		b, position, err := c.firstWithTx(prefix, blocks(c))
		if err != nil {
			return view.TxDetail{}, err
		}
		return i.blockTx(c, b, position)
	})
}

// detail tells of a transaction what does not depend on where it is.
func (i inspector) detail(tx *Transaction, coin func(OutPoint) (Coin, bool)) view.TxDetail {
	leaf := tx.AppendJSON(nil)
	shown := view.TxDetail{
		Tx:       i.tx(tx, coin),
		Height:   -1,
		IDText:   string(tx.appendIDText(nil)),
		LeafText: string(leaf),
		Leaf:     sha256Hex(leaf),
	}
	shown.SigningTexts = tx.signingTexts(shown.Inputs)
	return shown
}

// signingTexts returns what the first inputs sign, as many as there is room for.
// Each text tells of all inputs: those of a block's whole size would make a
// gigabyte together.
func (tx *Transaction) signingTexts(inputs []view.Input) (texts []string) {
	size := 0
	for n, in := range inputs {
		text := tx.signingText(n, in.Owner)
		size += len(text)
		if n > 0 && size > maxSigningTexts {
			break
		}
		texts = append(texts, string(text))
	}
	return texts
}

// blockTx tells of a transaction in a stored block.
func (i inspector) blockTx(c chain, b *Block, position int) (view.TxDetail, error) {
	tx, height := b.Transactions[position], b.Header.Height
	shown := i.detail(tx, c.coinsOf(b))
	shown.Height, shown.BlockHash, shown.Position = height, b.Header.Hash, position
	if !c.has(b.ref()) {
		shown.State = view.TxInBranch
		shown.Rules = txRules(tx, func() error { return errNotFound })
		return shown, nil
	}

	shown.State = view.TxInBlock
	shown.Confirmations = c.tip().height - height + 1
	shown.Rules = txRules(tx, func() error { return c.apply(b, position+1) })
	return shown, i.addSpenders(c, b, position, shown.Outputs)
}

// addSpenders tells of the outputs of a transaction on the chain which are spent,
// and by which transactions.
func (i inspector) addSpenders(c chain, b *Block, position int, outputs []view.Output) error {
	tx, made := b.Transactions[position], b.Header.Height
	heights := c.spentAt(tx.TxID, made)
	spent := make(map[int]bool) // heights of blocks that spend an output
	for n := range outputs {
		if !c.isSpent(OutPoint{tx.TxID, n}, made) {
			continue
		}

		outputs[n].Spent = true
		if _, later := heights[n]; !later { // no later block has noted it: spent where it was made
			heights[n] = made
		}
		spent[heights[n]] = true
	}

	for height := range spent {
		block, err := c.block(c.at(height))
		if err != nil {
			return err
		}
		spenders := block.spenders(tx.TxID)
		for n := range outputs {
			if outputs[n].Spent && heights[n] == height {
				outputs[n].SpentBy = spenders[n]
			}
		}
	}
	return nil
}

// spenders returns the txids of a block's transactions that spend outputs of a
// transaction, by the index of the output.
func (b *Block) spenders(txid string) map[int]string {
	spenders := make(map[int]string)
	for _, tx := range b.Transactions {
		for i := range tx.Vins {
			if tx.Vins[i].TxID == txid {
				spenders[tx.Vins[i].Vout] = tx.TxID
			}
		}
	}
	return spenders
}

// pooledTx tells of the pooled transaction with an index.
func (i inspector) pooledTx(c chain, pooled []*Transaction, index int) view.TxDetail {
	tx := pooled[index]
	shown := i.detail(tx, c.coinsWith(pooled))
	shown.State = view.TxInPool
	shown.Waits = i.node.pool.waits(pooled)[index]

	// Our own may spend the change of those before it, if the node allows it.
	shown.Rules = txRules(tx, func() error {
		err := NewCoinView(UTXOSet(c).Coin).Apply(tx)
		if err != nil {
			err = UTXOSet(c).with(pooled[:index]).Apply(tx)
		}
		return err
	})
	return shown
}

// coinsWith returns a function that finds coins of the chain, and those that
// pooled transactions would make.
func (c chain) coinsWith(pooled []*Transaction) func(OutPoint) (Coin, bool) {
	made := make(map[OutPoint]Coin)
	addCoins(made, spentBy(pooled), pooled)
	return c.findCoins(pooled, made)
}

// droppedTx tells of a transaction that has left the pool, and is in no block.
func (i inspector) droppedTx(c chain, d Drop) view.TxDetail {
	spent := c.findCoins([]*Transaction{d.Tx}, make(map[OutPoint]Coin))
	shown := i.detail(d.Tx, spent)
	shown.State, shown.Reason = view.TxDropped, d.Err.Error()
	shown.Rules = txRules(d.Tx, func() error { return NewCoinView(UTXOSet(c).Coin).Apply(d.Tx) })
	return shown
}

// History implements [view.Node]. A coin that is made and spent in the same block
// changes no balance, and is left out.
func (i inspector) History(address string, count int) (view.History, error) {
	owner, err := i.node.wallets.Resolve(address)
	if err != nil {
		return view.History{}, err
	}

	pooled := i.node.pool.Transactions()
	return read(i.node.chain, func(c chain) (view.History, error) {
		shown := view.History{Address: owner.Address(), Name: i.name(owner.Address())}
		changes := c.balances(owner)
		if len(changes) > 0 {
			shown.Balance = changes[0].After
		}
		shown.Waiting = UTXOSet(c).waiting(pooled)[owner]

		if count > 0 && len(changes) > count {
			shown.Omitted = len(changes) - count
			changes = changes[:count]
		}
		for n := range changes {
			b, err := c.block(c.at(changes[n].Height))
			if err != nil {
				return view.History{}, err
			}
			changes[n].Timestamp = b.Header.Timestamp
			changes[n].TxIDs = b.touching(owner)
		}
		shown.Changes = changes
		return shown, nil
	})
}

// balances returns what each block of the chain changed for an owner, newest
// first, by the coins that are there and those that are spent.
func (c chain) balances(owner PubKeyHash) []view.Balance {
	byHeight := make(map[int]*view.Balance)
	at := func(height int) *view.Balance {
		if byHeight[height] == nil {
			byHeight[height] = &view.Balance{Height: height}
		}
		return byHeight[height]
	}

	for coin := range UTXOSet(c).Coins(owner) {
		at(coin.Height).Got += coin.Value
	}
	c.spentCoins(0, func(raw []byte, height int) bool {
		if PubKeyHash(raw[outPointLen:][:ownerLen]) == owner {
			coin := decodeSpent(raw)
			at(coin.Height).Got += coin.Value
			at(height).Paid += coin.Value
		}
		return true
	})

	var changes []view.Balance
	for _, height := range slices.Sorted(maps.Keys(byHeight)) {
		change := *byHeight[height]
		change.After = change.Got - change.Paid
		if len(changes) > 0 {
			change.After += changes[len(changes)-1].After
		}
		changes = append(changes, change)
	}
	slices.Reverse(changes)
	return changes
}

// touching returns the txids of a block's transactions that pay to an owner, or
// spend coins of it.
func (b *Block) touching(owner PubKeyHash) (txids []string) {
	address := owner.Address()
	for _, tx := range b.Transactions {
		pays := slices.ContainsFunc(tx.Vouts, func(out TXOutput) bool { return out.PubKeyHash == address })
		spends := !tx.IsCoinbase() && slices.ContainsFunc(tx.Vins, func(in TXInput) bool { return in.signer() == owner })
		if pays || spends {
			txids = append(txids, tx.TxID)
		}
	}
	return txids
}

// waiting returns by how much pooled transactions would change what each owner
// has, those that apply.
func (s UTXOSet) waiting(pooled []*Transaction) map[PubKeyHash]int64 {
	changes := make(map[PubKeyHash]int64)
	view := s.with(pooled)
	for _, coin := range view.added {
		changes[coin.Owner] += coin.Value
	}
	for _, coin := range view.spent {
		changes[coin.Owner] -= coin.Value
	}
	return changes
}
