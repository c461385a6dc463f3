package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gosimpleblockchain/view"
)

// The commands that look at the chain and the node, and change nothing. They ask
// for the facts of package view, and print them in lines of at most 80 columns;
// or, with -json, as they are.

const (
	usualRows  = 20
	maxMined   = 1000 // blocks by one command
	maxLeaves  = 16   // of a Merkle tree that is drawn
	maxLanes   = 6    // branches side by side
	addrWidth  = 34
	factIndent = 15 // of what stands after a label: 2 + 11 + 2
	valueWidth = 10
	timeWidth  = len(time.DateTime)
)

// look calls a method of the node, and prints its reply as JSON if that is asked
// for, or by show.
func look[T any](ctx context.Context, o *options, method string, args any, show func(T)) error {
	reply, err := ask[T](ctx, o, method, args)
	if err != nil {
		return err
	}
	if o.json {
		return o.printJSON(reply)
	}
	show(reply)
	return nil
}

// printJSON prints a value as one line of JSON. An empty list, which package gob
// makes nil on its way here, is a list.
func (o *options) printJSON(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if string(line) == "null" {
		line = []byte("[]")
	}
	fmt.Fprintf(o.stdout, "%s\n", line)
	return nil
}

// chainCmd is the command `chain`.
func chainCmd(ctx context.Context, o *options) error {
	all, err := o.askChain(ctx)
	if err != nil {
		return err
	}

	// Those left out here are not too many to list: they were not asked for.
	before, beside := len(all.Blocks), 0
	if !o.all {
		all.Blocks = slices.DeleteFunc(all.Blocks, func(r view.Row) bool { return !r.OnChain })
		beside = before - len(all.Blocks) + all.Omitted
		all.Omitted = 0
	}
	if o.json {
		return o.printJSON(all)
	}

	o.showChain(all)
	next := fmt.Sprintf("see `go run . block %d`", all.Height)
	switch {
	case beside > 0:
		next = fmt.Sprintf("see `go run . block %d`, and `go run . chain -all` for %s beside the chain", all.Height, plural(beside, "block"))
	case slices.ContainsFunc(all.Blocks, func(r view.Row) bool { return !r.OnChain }):
		next = fmt.Sprintf("● is on the chain, ○ beside it; see `go run . block %d`", all.Height)
	}
	o.hint(next)
	return nil
}

// askChain asks for as many blocks as the user wants, in parts.
func (o *options) askChain(ctx context.Context) (all view.Chain, err error) {
	next := -1
	for left := o.count; left > 0; {
		count := min(left, maxListed)
		part, err := ask[view.Chain](ctx, o, "Chain", ChainArgs{next, count})
		if err != nil {
			return all, err
		}

		if next < 0 {
			all.Height, all.Tip, next = part.Height, part.Tip, part.Height
		}
		all.Blocks = append(all.Blocks, part.Blocks...)
		all.Omitted += part.Omitted
		next -= count
		left -= count
		if next < 0 {
			break
		}
	}
	return all, nil
}

// showChain prints a line for each block. Where there are branches they are
// drawn: the chain is the line on the left.
func (o *options) showChain(c view.Chain) {
	t := newTree(c.Blocks)
	txs := o.say("txs")
	txsWidth := max(textWidth(txs), 3)
	fmt.Fprintf(o.stdout, "%s%s  %s  %s  %s  %s\n", t.indent(), padLeft(o.say("height"), 6), padTo(o.say("hash"), shortHash),
		padTo(o.say("time"), timeWidth), padLeft(txs, txsWidth), o.say("mined by"))
	for _, row := range c.Blocks {
		merges, mark := t.add(row)
		for _, line := range merges {
			fmt.Fprintln(o.stdout, strings.TrimRight(line, " "))
		}
		line := fmt.Sprintf("%s%6d  %.8s  %s  %*d  ", mark, row.Height, row.Hash, o.time(row.Timestamp), txsWidth, row.Txs)
		fmt.Fprintln(o.stdout, line+cutTo(person(row.MinerName, row.Miner), lineWidth-textWidth(line)))
	}
	if c.Omitted > 0 {
		o.tell("%d more blocks beside the chain", c.Omitted)
	}
}

// block is the command.
func block(ctx context.Context, o *options) error {
	return look(ctx, o, "Block", o.args[0], func(b view.Block) {
		again := fmt.Sprintf("go run . block %.8s -bytes", b.Hash)
		if o.bytes {
			o.showBlockBytes(b)
			o.hintByHand(again)
			return
		}
		o.showBlock(b)

		next := fmt.Sprintf("see `%s` for the texts that are hashed", again)
		if n := len(b.Transactions); n > 0 {
			next = fmt.Sprintf("see `go run . tx %.8s`, and `%s` for the texts that are hashed", b.Transactions[n-1].TxID, again)
		}
		o.hint(next)
	})
}

func (o *options) showBlock(b view.Block) {
	if b.OnChain {
		o.tell("block %d of the chain, %s", b.Height, plural(b.Confirmations, "confirmation"))
	} else {
		o.tell("block %d beside the chain: a block of a branch that is not longer", b.Height)
	}

	o.fact("hash", b.Hash)
	if b.Nonce != nil {
		o.fact("parent", b.Prev)
		o.fact("work", b.Work)
		o.fact("nonce", o.sayf("%d, by which the work begins with %d zero bits", *b.Nonce, b.WorkBits))
	}
	o.fact("Merkle root", b.MerkleRoot)
	o.fact("time", fmt.Sprintf("%s (%s)", o.time(b.Timestamp), cutTo(printable(b.Timestamp), 40)))
	o.fact("mined by", nameAndAddress(b.MinerName, b.Miner, lineWidth-factIndent))
	o.fact("size", o.sayf("%s, %d bytes of JSON", plural(b.Txs, "transaction"), b.Bytes))
	o.fact("rules", o.verdict(b.Rules))

	if len(b.Merkle) > 0 {
		fmt.Fprintln(o.stdout)
		o.tell("Merkle tree")
		o.showMerkle(b.Merkle)
	}
	for i, tx := range b.Transactions {
		fmt.Fprintln(o.stdout)
		o.tell("transaction %d  %.8s", i, tx.TxID)
		o.showCoins(tx)
	}
}

// fact prints a line with a label. A hash fits in.
func (o *options) fact(label, value string) {
	label = padTo(o.say(label), factIndent-4)
	fmt.Fprintf(o.stdout, "  %s  %s\n", label, wrap(value, factIndent, strings.Repeat(" ", factIndent)))
}

// verdict sums up rules.
func (o *options) verdict(rules []view.Rule) string {
	unchecked := 0
	for _, r := range rules {
		switch r.State {
		case view.RuleBroken:
			return o.sayf("✗ %s: %s", inLanguage(r.Text, o.chinese), reason("", r.Why))
		case view.RuleUnchecked:
			unchecked++
		}
	}
	if unchecked > 0 {
		return o.sayf("✓ %d hold; %d checked only if its branch becomes the chain", len(rules)-unchecked, unchecked)
	}
	return o.sayf("✓ all %d hold, checked anew just now", len(rules))
}

// showMerkle draws the tree with the root on top. Of a large one it tells how
// many hashes each level has.
func (o *options) showMerkle(levels [][]string) {
	if len(levels[0]) > maxLeaves {
		var counts []string
		for _, level := range slices.Backward(levels) {
			counts = append(counts, strconv.Itoa(len(level)))
		}
		fmt.Fprintf(o.stdout, "  %s\n", o.sayf("hashes in each level, from the root down: %s", strings.Join(counts, ", ")))
		return
	}

	var draw func(level, i int, first, rest string)
	draw = func(level, i int, first, rest string) {
		leaf := ""
		if level == 0 {
			leaf = "  " + o.sayf("transaction %d", i)
		}
		fmt.Fprintf(o.stdout, "  %s%.8s%s\n", first, levels[level][i], leaf)
		if level == 0 {
			return
		}

		below := levels[level-1]
		draw(level-1, 2*i, rest+"├─ ", rest+"│  ")
		if 2*i+1 < len(below) {
			draw(level-1, 2*i+1, rest+"╰─ ", rest+"   ")
		} else {
			fmt.Fprintf(o.stdout, "  %s╰─ %.8s  %s\n", rest, below[2*i], o.say("the same again: their number is odd"))
		}
	}
	draw(len(levels)-1, 0, "", "")
}

// showCoins prints who pays, and below it, who is paid.
func (o *options) showCoins(tx view.Tx) {
	if tx.Coinbase {
		fmt.Fprintln(o.stdout, "  "+o.say("new coins"))
	}
	for _, in := range tx.Inputs {
		value := "?"
		if in.Value >= 0 {
			value = strconv.FormatInt(in.Value, 10)
		}
		o.coin("  ", person(in.OwnerName, in.Owner), value, o.sayf("of %.8s:%d", in.TxID, in.Vout))
	}

	for _, out := range tx.Outputs {
		note := ""
		switch {
		case out.SpentBy != "":
			note = o.sayf("spent by %.8s", out.SpentBy)
		case out.Spent:
			note = o.say("spent")
		}
		switch {
		case out.Change && note != "":
			note = o.sayf("change, %s", note)
		case out.Change:
			note = o.say("change")
		}
		o.coin("    → ", person(out.Name, out.Address), strconv.FormatInt(out.Value, 10), note)
	}
}

func (o *options) coin(indent, owner, value, note string) {
	columns := addrWidth + 6 - textWidth(indent)
	line := fmt.Sprintf("%s%s%*s  %s", indent, padTo(cutTo(owner, columns), columns), valueWidth, value, note)
	fmt.Fprintln(o.stdout, strings.TrimRight(line, " "))
}

// showBlockBytes prints each text that is hashed in a line of its own.
func (o *options) showBlockBytes(b view.Block) {
	o.hashed(o.say("hash"), b.HashText, b.Hash)
	if b.Work != "" {
		o.hashed(o.say("work"), b.WorkText, b.Work)
	}
	if len(b.Merkle) == 0 {
		return
	}

	for i, text := range b.LeafTexts {
		o.hashed(o.sayf("leaf %d of the Merkle tree", i), text, b.Merkle[0][i])
	}
	for level, below := range b.Merkle[:len(b.Merkle)-1] {
		for i, hash := range b.Merkle[level+1] {
			left, right := below[2*i], below[min(2*i+1, len(below)-1)]
			o.hashed(o.sayf("node %d of the Merkle tree, %d above the leaves", i, level+1), left+right, hash)
		}
	}
}

func (o *options) hashed(label, text, hash string) {
	o.tell("%s: SHA-256 of", label)
	fmt.Fprintf(o.stdout, "%s\n= %s\n", exactly(text), hash)
}

// exactly returns a text as it is hashed. One that a terminal would not show as it
// is cannot be copied from there: it is written as a string of Go.
func exactly(text string) string {
	if printable(text) == text && utf8.ValidString(text) {
		return text
	}
	return strconv.QuoteToASCII(text)
}

// hintByHand tells how to hash the first text without this program.
func (o *options) hintByHand(command string) {
	fmt.Fprintf(o.stderr, "%s | sed -n 2p | tr -d '\\n' | sha256sum\n", o.sayf("hash the first by hand: %s", addRPC(command, o.rpc)))
}

// tx is the command.
func tx(ctx context.Context, o *options) error {
	return look(ctx, o, "Tx", o.args[0], func(tx view.TxDetail) {
		again := fmt.Sprintf("go run . tx %.8s -bytes", tx.TxID)
		if o.bytes {
			o.showTxBytes(tx)
			o.hintByHand(again)
			return
		}
		o.showTx(tx)

		next := fmt.Sprintf("see `%s` for the texts that are hashed", again)
		if len(tx.Outputs) > 0 {
			payee := tx.Outputs[0]
			next = fmt.Sprintf("see `go run . history %s`, and `%s` for the texts that are hashed", person(payee.Name, payee.Address), again)
		}
		o.hint(next)
	})
}

func (o *options) showTx(tx view.TxDetail) {
	fmt.Fprintf(o.stdout, "%s %s\n", o.say("transaction"), tx.TxID)
	fmt.Fprintf(o.stdout, "%s\n\n", wrap(o.whereIs(tx), 0, ""))
	o.showCoins(tx.Tx)
	fmt.Fprintln(o.stdout)
	o.showRules(tx)
}

// showRules prints a line for each rule, and below a broken one, why.
func (o *options) showRules(tx view.TxDetail) {
	const indent = "    "
	unchecked := false
	for _, r := range tx.Rules {
		mark := "·"
		switch r.State {
		case view.RuleHolds:
			mark = "✓"
		case view.RuleBroken:
			mark = "✗"
		default:
			unchecked = true
		}

		fmt.Fprintf(o.stdout, "%s %s\n", mark, inLanguage(r.Text, o.chinese))
		if r.Why != "" {
			fmt.Fprintf(o.stdout, "%s%s\n", indent, wrap(o.say(reason(tx.TxID, r.Why)), len(indent), indent))
		}
	}

	switch {
	case unchecked && tx.State == view.TxInBranch:
		o.tell("· is checked if its branch becomes the chain")
	case unchecked:
		o.tell("· is not checked, since one above is broken")
	}
}

// reason returns an error of the node as a text for people, with short hashes. The
// transaction that it is about is not named again.
func reason(txid, text string) string {
	return factText("err", map[string]string{"tx": txid, "err": text})
}

// whereIs tells where a transaction stands.
func (o *options) whereIs(tx view.TxDetail) string {
	switch tx.State {
	case view.TxInBlock:
		return o.sayf("in block %d, %s", tx.Height, plural(tx.Confirmations, "confirmation"))
	case view.TxInBranch:
		return o.sayf("in block %d, %.8s, beside the chain: not confirmed", tx.Height, tx.BlockHash)
	case view.TxInPool:
		return o.sayf("in the pool: %s", reason(tx.TxID, tx.Waits))
	}
	return o.sayf("dropped: %s", reason(tx.TxID, tx.Reason))
}

func (o *options) showTxBytes(tx view.TxDetail) {
	o.hashed("txid", tx.IDText, tx.TxID)
	for i, text := range tx.SigningTexts {
		o.tell("input %d signs the SHA-1 of the hex digits of the SHA-256 of", i)
		fmt.Fprintf(o.stdout, "%s\n= %s\n", exactly(text), sha256Hex([]byte(text)))
	}
	o.hashed(o.say("leaf of the Merkle tree"), tx.LeafText, tx.Leaf)
}

// history is the command.
func history(ctx context.Context, o *options) error {
	return look(ctx, o, "History", HistoryArgs{o.args[0], o.count}, func(h view.History) {
		o.showHistory(h)
		if len(h.Changes) == 0 {
			o.hint("no block has paid this address: `go run . wallet` lists those of this node")
			return
		}
		if txids := h.Changes[0].TxIDs; len(txids) > 0 {
			o.hint(fmt.Sprintf("see `go run . tx %.8s`", txids[0]))
		}
	})
}

func (o *options) showHistory(h view.History) {
	fmt.Fprintln(o.stdout, nameAndAddress(h.Name, h.Address, lineWidth))
	if h.Waiting != 0 || len(h.Changes) > 0 {
		fmt.Fprintf(o.stdout, "%s  %s %s %s %s  %s\n", padLeft(o.say("height"), 6), padTo(o.say("time"), timeWidth),
			padLeft(o.say("got"), 9), padLeft(o.say("paid"), 9), padLeft(o.say("balance"), 9), o.say("transactions"))
	}
	if h.Waiting != 0 {
		got, paid := signed(max(h.Waiting, 0)), signed(min(h.Waiting, 0))
		fmt.Fprintf(o.stdout, "%s  %s %9s %9s %9d\n", padLeft(o.say("pool"), 6), padTo(o.say("waits for a block"), timeWidth), got, paid, h.Balance+h.Waiting)
	}
	for _, c := range h.Changes {
		fmt.Fprintf(o.stdout, "%6d  %s %9s %9s %9d  %s\n", c.Height, o.time(c.Timestamp), signed(c.Got), signed(-c.Paid), c.After, shortList(c.TxIDs))
	}
	if h.Omitted > 0 {
		o.tell("and %s: -n 0 shows all", plural(h.Omitted, "earlier block"))
	}
}

// signed writes a number with its sign; nothing for zero.
func signed(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%+d", n)
}

// shortList names two hashes, or one of very many, and how many more there are.
func shortList(hashes []string) string {
	named := 2
	if len(hashes) > 100 {
		named = 1 // the number takes more room
	}

	var shown []string
	for i, hash := range hashes {
		if i == named {
			shown = append(shown, fmt.Sprintf("+%d", len(hashes)-named))
			break
		}
		shown = append(shown, fmt.Sprintf("%.8s", hash))
	}
	return strings.Join(shown, " ")
}

// walletCmd is the command `wallet`.
func walletCmd(ctx context.Context, o *options) error {
	return look(ctx, o, "Wallets", "", func(wallets []view.Wallet) {
		o.showWallets(wallets)
		if len(wallets) == 0 {
			o.hint("none yet: make one with `go run . createwallet -name alice`")
		}
	})
}

func (o *options) showWallets(wallets []view.Wallet) {
	if len(wallets) == 0 {
		return
	}

	// Columns are as wide as their widest number; names get what is left.
	nameTitle, confirmedTitle, waitingTitle := o.say("name"), o.say("confirmed"), o.say("waiting")
	name, confirmed, waiting, total := textWidth(nameTitle), textWidth(confirmedTitle), textWidth(waitingTitle), 7
	for _, w := range wallets {
		name = max(name, textWidth(w.Name))
		confirmed = max(confirmed, len(strconv.FormatInt(w.Confirmed, 10)))
		waiting = max(waiting, len(signed(w.Waiting)))
		total = max(total, len(strconv.FormatInt(w.Total, 10)))
	}
	name = max(textWidth(nameTitle), min(name, lineWidth-(addrWidth+confirmed+waiting+total+4)))

	fmt.Fprintf(o.stdout, "%s %s %s %s %s\n", padTo(nameTitle, name), padTo(o.say("address"), addrWidth),
		padLeft(confirmedTitle, confirmed), padLeft(waitingTitle, waiting), padLeft(o.say("total"), total))
	for _, w := range wallets {
		fmt.Fprintf(o.stdout, "%s %-*s %*d %*s %*d\n", padTo(cutTo(w.Name, name), name),
			addrWidth, w.Address, confirmed, w.Confirmed, waiting, signed(w.Waiting), total, w.Total)
	}
}

// status is the command.
func status(ctx context.Context, o *options) error {
	return look(ctx, o, "Status", "", func(s view.Status) {
		o.showStatus(s)
		if s.Hint != "" {
			o.hint(s.Hint)
		}
	})
}

func (o *options) showStatus(s view.Status) {
	page := s.Page
	if page == "" {
		page = o.say("off")
	}
	height := o.say("no chain")
	if s.Height >= 0 {
		height = strconv.Itoa(s.Height)
	}

	o.fact("height", height)
	if s.Height >= 0 {
		o.fact("tip", s.Tip)
		o.fact("genesis", s.Genesis)
	}
	o.fact("peers", o.sayf("%d, of which %d in step", s.Peers, s.InStep))
	o.fact("pool", o.sayf("%d of %d: a block is mined when it is full", s.Pool, s.PoolSize))
	o.fact("wallets", o.sayf("%d, with %s", s.Wallets, plural(int(s.Coins), "coin")))
	o.fact("ID", s.ID)
	o.fact("listens on", o.sayf("%s, UDP and TCP", s.Listen))
	o.fact("commands on", s.RPC)
	o.fact("page", page)
	o.fact("data", s.Data)
}

// mineCmd is the command `mine`: the only one here that changes something.
func mineCmd(ctx context.Context, o *options) error {
	count := int64(1)
	if len(o.args) > 0 {
		var err error
		if count, err = parseDecimal(o.args[0], 1, maxMined); err != nil {
			return usageError(fmt.Sprintf("mine: %q: %v: see `go run . mine -h`", o.args[0], err))
		}
	}

	for range count {
		m, err := ask[MineReply](ctx, o, "Mine", "")
		if err != nil {
			return err
		}
		if o.json {
			err = o.printJSON(m.Block)
		} else {
			o.tell("mined block %d  %.8s  %s", m.Block.Height, m.Block.Hash, plural(m.Block.Txs, "transaction"))
		}
		for _, why := range m.Dropped {
			o.hint("dropped transaction " + printable(why))
		}
		if err != nil || o.stdout.err != nil {
			return err
		}
	}
	return nil
}

func pool(ctx context.Context, o *options) error {
	return look(ctx, o, "Pool", "", func(txs []view.PoolTx) {
		o.list(o.poolLines(txs), "no transaction waits: make one with `go run . send --from A --to B --amount 1`")
	})
}

func (o *options) poolLines(txs []view.PoolTx) (lines []string) {
	for _, tx := range txs {
		lines = append(lines, o.sayf("%s  from %s  to %s  amount %d  %s", tx.TxID, tx.Inputs[0].Owner,
			tx.Outputs[0].Address, tx.Outputs[0].Value, printable(tx.Waits)))
	}
	return lines
}

func peers(ctx context.Context, o *options) error {
	return look(ctx, o, "Peers", "", func(peers []view.Peer) {
		lines, hint := o.peerLines(peers), ""
		if len(lines) == 0 {
			hint = o.hintForPeers(ctx)
		}
		o.list(lines, hint)
	})
}

func (o *options) peerLines(peers []view.Peer) (lines []string) {
	for _, p := range peers {
		id := p.ID
		if id == "" {
			id = "-" // discovery doesn't know the peer
		}
		lines = append(lines, o.sayf("%s  %s  height %d  %s", p.Addr, id, p.Height, p.State))
	}
	return lines
}

// hintForPeers says how to get a peer.
func (o *options) hintForPeers(ctx context.Context) string {
	status, err := ask[view.Status](ctx, o, "Status", "")
	if err != nil || status.Second == "" {
		return "no peer answers"
	}
	return noPeers(status)
}

// time tells a block's time in the user's time zone.
func (o *options) time(timestamp string) string {
	seconds, err := strconv.ParseFloat(timestamp, 64)
	if err != nil || seconds < 0 || seconds > 253402300799 { // the year 9999
		return strings.Repeat("?", timeWidth)
	}
	return time.Unix(int64(seconds), 0).In(o.zone).Format(time.DateTime)
}

// person returns a name, or an address that has none.
func person(name, address string) string {
	if name != "" {
		return name
	}
	return printable(address)
}

// nameAndAddress returns both, the name cut if they do not fit.
func nameAndAddress(name, address string, columns int) string {
	address = cutTo(printable(address), columns)
	if name == "" {
		return address
	}
	return cutTo(name, columns-1-textWidth(address)) + " " + address
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// joinWords returns "A, B and C".
func joinWords(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func padTo(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-textWidth(s)))
}

// padLeft is padTo for what stands at the right of its column.
func padLeft(s string, columns int) string {
	return strings.Repeat(" ", max(0, columns-textWidth(s))) + s
}

// cutTo returns as much of a text as fits.
func cutTo(s string, columns int) string {
	if textWidth(s) <= columns {
		return s
	}
	for i, r := range s {
		if textWidth(s[:i])+textWidth(string(r)) > columns-1 {
			return s[:i] + "…"
		}
	}
	return s
}
