package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/network"
	"gosimpleblockchain/view"
	"gosimpleblockchain/wire"
)

// What happens in a lab, as one list of events. They come from three sides: the
// wires tell of each message, a node's log of what it does, and after that the
// node is asked how it stands.

// The list has bounds: beyond the first, messages that tell nobody anything new are
// left out, heartbeats above all; beyond the second everything is, save lessons and
// the end.
const (
	maxIdleEvents = 20_000
	maxLabEvents  = 100_000
)

// errLabClosed tells a reader that nothing more will happen.
var errLabClosed = errors.New("the lab is closed")

// A labRecord is the list of events of a lab. It is safe for concurrent use.
type labRecord struct {
	began time.Time

	mu     sync.Mutex // guards all below
	events []view.LabEvent
	more   chan struct{} // closed, and made anew, when there is news
	closed bool

	saidFull bool // that the list is

	quiet   bool              // the nodes are only just starting: nothing is told yet
	sought  map[string]string // by node: the ID for which its lookup is told
	asked   map[string]bool   // in such a lookup, by which node which: "AB"
	letters map[string]string // of nodes, by address and by ID
	names   map[string]string // of wallets, by address
	flying  map[int]bool      // messages that were told, and have not arrived
	heights map[string]int    // that each node last told in a handshake
	heard   map[string]bool   // what each node was told: "A 3fa9…"
	started map[string]view.LabNode
}

func newLabRecord() *labRecord {
	r := &labRecord{began: time.Now(), more: make(chan struct{}), letters: make(map[string]string)}
	r.reset()
	return r
}

// reset forgets the nodes, and tells nothing until begin. The list stays.
func (r *labRecord) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.quiet = true
	r.sought = make(map[string]string)
	r.asked = make(map[string]bool)
	r.names = make(map[string]string)
	r.flying = make(map[int]bool)
	r.heights = make(map[string]int)
	r.heard = make(map[string]bool)
	r.started = make(map[string]view.LabNode)
}

// add appends an event, and wakes whoever waits for one.
func (r *labRecord) add(e view.LabEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.append(e)
}

// append is add while r.mu is held.
func (r *labRecord) append(e view.LabEvent) {
	isFull := len(r.events) >= maxLabEvents
	switch {
	case r.closed:
	case e.Kind == view.LabLine, e.Kind == view.LabClosed, !r.quiet && !isFull:
		r.put(e)
	case isFull && !r.saidFull:
		r.saidFull = true
		r.put(view.LabEvent{Kind: view.LabDid, Text: listIsFull})
	}
	r.announce()
}

// put puts an event at the end of the list. r.mu is held.
func (r *labRecord) put(e view.LabEvent) {
	e.Number = len(r.events) + 1
	e.At = time.Since(r.began).Milliseconds()
	r.events = append(r.events, e)
}

// listIsFull is the last that is told of what happens.
var listIsFull = &view.Words{
	EN: "so much has happened that no more of it is shown: the lab goes on, but begin a new one to see what it does",
	ZH: "发生的事太多，此后不再显示：实验仍在继续，想看就请重新开一个",
}

// announce wakes whoever waits for news. r.mu is held.
func (r *labRecord) announce() {
	close(r.more)
	r.more = make(chan struct{})
}

// news returns a channel that is closed when something happens next, be it told
// or not.
func (r *labRecord) news() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.more
}

// close ends the list.
func (r *labRecord) close() {
	r.add(view.LabEvent{Kind: view.LabClosed})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.announce()
}

// all returns the list as it is.
func (r *labRecord) all() []view.LabEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clip(r.events)
}

// LabEvents implements [view.Lab].
func (l *lab) LabEvents(ctx context.Context, after int) ([]view.LabEvent, error) {
	r := l.record
	for {
		r.mu.Lock()
		events, more, closed := r.events, r.more, r.closed
		r.mu.Unlock()
		if 0 <= after && after < len(events) {
			return slices.Clip(events[after:min(len(events), after+eventsPage)]), nil
		}
		if closed {
			return nil, errLabClosed
		}

		select {
		case <-more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// name makes known whose an address is.
func (r *labRecord) name(address, person string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[address] = person
}

// meet makes known a node that has started, and tells of it.
func (r *labRecord) meet(n labNode) {
	state := view.LabNode{Person: n.person, Addr: n.addr.String(), ID: n.discovery.Self().ID.String()}
	if n.node != nil {
		state.RPC, state.Page = n.node.RPCAddr(), n.node.pageURL()
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	r.letters[state.Addr], r.letters[state.ID] = n.letter, n.letter
	delete(r.heights, n.letter)
	maps.DeleteFunc(r.heard, func(what string, _ bool) bool { return strings.HasPrefix(what, n.letter+" ") })
	r.started[n.letter] = state
	r.append(view.LabEvent{Kind: view.LabStarted, Node: n.letter, State: &state})
}

// begin tells of the nodes that have met, and of all that happens from now on.
func (r *labRecord) begin(nodes []labNode) {
	r.mu.Lock()
	r.quiet = false
	for _, letter := range slices.Sorted(maps.Keys(r.started)) {
		state := r.started[letter]
		r.append(view.LabEvent{Kind: view.LabStarted, Node: letter, State: &state})
	}
	r.mu.Unlock()

	for _, n := range nodes {
		n.watch.forget()
		n.watch.look(n.node)
	}
}

func (r *labRecord) killed(letter string) { r.add(view.LabEvent{Kind: view.LabKilled, Node: letter}) }

func (r *labRecord) rewired(from, to string, s wire.State) {
	r.add(view.LabEvent{Kind: view.LabRewired, Wire: &view.LabWire{
		From: from, To: to, Cut: s.Cut, Delay: s.Delay.Milliseconds(), Loss: s.Loss,
	}})
}

// arrowLabels are what stands on the arrow of a message.
var arrowLabels = parseTellings(map[string][]telling{"": {
	{"kind=handshake, height=-1", "handshake: no chain", "握手：没有链"},
	{"kind=handshake", "handshake: height {height}", "握手：高度 {height}"},
	{"kind=get block", "get block {height}", "要区块 {height}"},
	{"kind=block", "block {height} {hash}", "区块 {height} {hash}"},
	{"kind=transactions, count=1", "payment {tx}", "付款 {tx}"},
	{"kind=transactions", "{count payment}, first {tx}", "{count} 笔付款，第一笔 {tx}"},
	{"kind=none, reply=true", "nothing to say", "没有要说的"},
	{"kind=find_node, distance=-1", "who is near me?", "谁离我近？"},
	{"kind=find_node", "who is near the ID 2^{distance} from mine?", "谁离那个与我相距 2^{distance} 的 ID 近？"},
	{"kind=nodes", "{count node}", "{count} 个节点"},
	{"kind=stun", "what is my address?", "我的地址是什么？"},
	{"", "{kind}", "{kind}"},
}})

// pass takes in what becomes of a message on a wire. It must not call the wires.
func (r *labRecord) pass(e wire.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e.What {
	case wire.Sent:
		m := r.describe(e.Message)
		if !r.quiet && (m.News || len(r.events) < maxIdleEvents) {
			r.flying[e.ID] = true
			r.append(view.LabEvent{Kind: view.LabSent, Message: &m})
		}

	case wire.Arrived, wire.Lost:
		if !r.flying[e.ID] {
			r.announce()
			return
		}
		delete(r.flying, e.ID)
		end := view.LabEvent{Kind: view.LabArrived, Message: &view.LabMessage{ID: e.ID}}
		if e.What == wire.Lost {
			end.Kind, end.Text = view.LabLost, lossReasons[e.Why]
		}
		r.append(end)
	}
}

// lossReasons are why a wire loses a message, in words.
var lossReasons = map[string]*view.Words{
	wire.WhyCut:  {EN: "the wire is cut", ZH: "线被剪断了"},
	wire.WhyLoss: {EN: "the wire lost it", ZH: "线路丢包"},
	wire.WhyGone: {EN: "the connection is gone", ZH: "连接已断开"},
}

// describe returns what a message is that is sent now, and notes what its receiver
// knows by it. r.mu is held.
func (r *labRecord) describe(m wire.Message) view.LabMessage {
	facts := describeBytes(m)
	shown := view.LabMessage{
		ID:    m.ID,
		From:  m.From,
		To:    m.To,
		UDP:   m.UDP,
		Reply: m.Reply,
		Kind:  facts["kind"],
		Hash:  facts["hash"] + facts["tx"],
	}
	shown.Text, _ = firstTelling(arrowLabels[""], facts)
	shown.News = r.isNews(shown, facts)
	return shown
}

// labelOf returns what stands on the arrow of a message.
func labelOf(m wire.Message) view.Words {
	label, _ := firstTelling(arrowLabels[""], describeBytes(m))
	return label
}

// isNews reports whether a message tells its receiver what it had not known: a
// height above its own, a block or a payment that nobody has sent it yet, or that
// a node which is behind asks for a block. Of discovery's datagrams those count
// that belong to a lookup which somebody asked for. r.mu is held.
func (r *labRecord) isNews(m view.LabMessage, facts map[string]string) bool {
	switch m.Kind {
	case "handshake":
		height, _ := strconv.Atoi(facts["height"])
		r.heights[m.From] = height
		return height > r.height(m.To) && r.isFirst(m.To, "height "+facts["height"])
	case "get block":
		return r.height(m.To) > r.height(m.From) && r.isFirst(m.To, "asked by "+m.From+" for "+facts["height"])
	case "block":
		return r.height(m.From) > r.height(m.To) && r.isFirst(m.To, m.Hash)
	case "transactions":
		r.isFirst(m.From, m.Hash) // nobody need tell it
		return r.isFirst(m.To, m.Hash)
	case "find_node":
		isPart := facts["target"] == r.sought[m.From]
		r.asked[m.From+m.To] = isPart
		return isPart
	case "nodes":
		return r.asked[m.To+m.From]
	}
	return false
}

// isFirst reports whether a node has not been told something before, and notes
// that it is told now. r.mu is held.
func (r *labRecord) isFirst(letter, what string) bool {
	key := letter + " " + what
	known := r.heard[key]
	r.heard[key] = true
	return !known
}

// height returns what a node last told of its chain; -1: nothing. r.mu is held.
func (r *labRecord) height(letter string) int {
	height, told := r.heights[letter]
	if !told {
		return -1
	}
	return height
}

// describeBytes returns the facts of a message, which never is empty: its kind.
func describeBytes(m wire.Message) map[string]string {
	var attrs []slog.Attr
	if m.UDP {
		attrs = kademlia.Describe(m.Bytes)
	} else {
		var msg network.Msg
		if json.Unmarshal(m.Bytes, &msg) == nil {
			attrs = msg.Describe(m.Reply)
		}
	}

	facts := record{facts: attrs}.factTexts()
	if facts["kind"] == "" {
		facts["kind"] = "bytes"
	}
	return facts
}

// A labWatch is the handler of a node's log: it tells what the node does, and
// after each change how the node stands.
type labWatch struct {
	record      *labRecord
	letter      string
	lookupsOnly bool // the node is of discovery only: there is nothing else to tell
	known       knownFacts
	*labSeen
}

// labSeen is what was told of a node.
type labSeen struct {
	seeks atomic.Bool   // whether a lookup is told
	wake  chan struct{} // holds a token: the node has changed

	mu      sync.Mutex // guards all below; held while the node is asked, so that the answers come in order
	ended   bool       // the node may be asked nothing any more
	tip     string
	blocks  map[string]int // heights of those that the node has, by hash
	pool    string
	wallets []view.Wallet
}

func newLabWatch(record *labRecord, letter string) *labWatch {
	seen := &labSeen{wake: make(chan struct{}, 1), blocks: make(map[string]int)}
	return &labWatch{record: record, letter: letter, labSeen: seen}
}

// Enabled implements [slog.Handler].
func (w *labWatch) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || w.seeks.Load()
}

// WithAttrs implements [slog.Handler].
func (w *labWatch) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &labWatch{w.record, w.letter, w.lookupsOnly, w.known.withAttrs(attrs), w.labSeen}
}

// WithGroup implements [slog.Handler].
func (w *labWatch) WithGroup(name string) slog.Handler {
	return &labWatch{w.record, w.letter, w.lookupsOnly, w.known.withGroup(name), w.labSeen}
}

// Handle implements [slog.Handler]. Whoever logs may hold locks of the node, so it
// is not asked anything here.
func (w *labWatch) Handle(_ context.Context, r slog.Record) error {
	rec := w.known.record(r)
	facts := rec.factTexts()
	isLookup := w.record.isSought(w.letter, facts["lookup"], facts["target"])
	if !isLookup && (rec.level < slog.LevelInfo || w.lookupsOnly) {
		return nil
	}

	// That blocks came is told by how they came: mined, or from a peer.
	if rec.message != "block accepted" || facts["height"] == "0" {
		w.record.told(w.letter, rec.message, facts)
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return nil
}

// isSought reports whether a line belongs to a lookup that is told.
func (r *labRecord) isSought(letter, lookup, target string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return lookup != "" && target == r.sought[letter]
}

// told tells what a node says in its log, with the letters of other nodes in place
// of their addresses.
func (r *labRecord) told(letter, message string, facts map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range []string{"peer", "target"} {
		if other, known := r.letters[facts[key]]; known {
			facts[key] = other
		}
	}
	words := sentence(message, facts)
	r.append(view.LabEvent{Kind: view.LabTold, Node: letter, Text: &words})
}

// follow tells how a node stands whenever that changes, until ctx is done.
func (w *labWatch) follow(ctx context.Context, n *Node) {
	for {
		w.look(n)
		select {
		case <-w.wake:
		case <-ctx.Done():
			return
		}
	}
}

// forget lets everything be told anew.
func (w *labWatch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tip, w.pool, w.wallets = "", "", nil
	clear(w.blocks)
}

// end looks for the last time: the node is about to be closed, and must not be
// asked then.
func (w *labWatch) end(n *Node) {
	w.look(n)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
}

// look tells what has changed at a node. A node of discovery has nothing to tell.
func (w *labWatch) look(n *Node) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n == nil || w.ended {
		return
	}
	w.lookAtChain(n)
	w.lookAtPool(n)
	w.lookAtWallets(n)
}

// lookBack is how far below the old tip branches are looked for.
const lookBack = 50

// lookAtChain tells of blocks that are new or gone, and of the tip. w.mu is held.
func (w *labWatch) lookAtChain(n *Node) {
	i := inspector{n}
	lowest := max(0, w.blocks[w.tip]-lookBack)
	shown, err := i.Chain(-1, n.chain.tip().height-lowest+1)
	if err != nil || shown.Height < 0 {
		return
	}

	change := view.LabChain{Height: shown.Height, Tip: shown.Tip}
	isThere := make(map[string]bool)
	for _, row := range slices.Backward(shown.Blocks) {
		isThere[row.Hash] = true
		if _, known := w.blocks[row.Hash]; known {
			continue
		}
		txs, err := i.transactionsOf(blockRef{row.Height, row.Hash})
		if err != nil {
			return
		}
		w.blocks[row.Hash] = row.Height
		change.Blocks = append(change.Blocks, w.record.labBlock(row, txs))
	}
	for hash, height := range w.blocks {
		if height >= lowest && !isThere[hash] {
			delete(w.blocks, hash)
			change.Gone = append(change.Gone, hash)
		}
	}
	if shown.Tip == w.tip && len(change.Blocks)+len(change.Gone) == 0 {
		return
	}
	w.tip = shown.Tip
	w.record.add(view.LabEvent{Kind: view.LabGrown, Node: w.letter, Chain: &change})
}

// lookAtPool tells what waits there, if that is another than before. w.mu is held.
func (w *labWatch) lookAtPool(n *Node) {
	pool, err := inspector{n}.Pool()
	if err != nil {
		return
	}
	txs := []view.Tx{}
	var txids strings.Builder
	for _, p := range pool {
		txs = append(txs, w.record.named(p.Tx))
		txids.WriteString(p.TxID)
	}
	if txids.String() != w.pool {
		w.pool = txids.String()
		w.record.add(view.LabEvent{Kind: view.LabPooled, Node: w.letter, Pool: txs})
	}
}

// lookAtWallets tells what they have, if that is another than before. w.mu is held.
func (w *labWatch) lookAtWallets(n *Node) {
	wallets, err := inspector{n}.Wallets()
	if err != nil || slices.Equal(wallets, w.wallets) {
		return
	}
	w.wallets = wallets
	for _, wallet := range wallets {
		if wallet.Name != "" {
			w.record.name(wallet.Address, wallet.Name)
		}
	}
	w.record.add(view.LabEvent{Kind: view.LabCoins, Node: w.letter, Wallets: wallets})
}

// transactionsOf returns who pays whom in a block. The node has checked it: unlike
// [inspector.Block], it does not do so again.
func (i inspector) transactionsOf(ref blockRef) ([]view.Tx, error) {
	return read(i.node.chain, func(c chain) (txs []view.Tx, err error) {
		b, err := c.block(ref)
		if err != nil {
			return nil, err
		}
		coins := c.coinsOf(b)
		for _, tx := range b.Transactions {
			txs = append(txs, i.tx(tx, coins))
		}
		return txs, nil
	})
}

func (r *labRecord) labBlock(row view.Row, txs []view.Tx) view.LabBlock {
	shown := view.LabBlock{Height: row.Height, Hash: row.Hash, Prev: row.Prev, Miner: row.Miner}
	for _, tx := range txs {
		shown.Txs = append(shown.Txs, r.named(tx))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if name := r.names[row.Miner]; name != "" {
		shown.Miner = name
	}
	return shown
}

// named returns a transaction with the names of all people of the lab: a node
// itself knows only its own.
func (r *labRecord) named(tx view.Tx) view.Tx {
	r.mu.Lock()
	defer r.mu.Unlock()
	tx.Inputs, tx.Outputs = slices.Clone(tx.Inputs), slices.Clone(tx.Outputs)
	for i := range tx.Inputs {
		tx.Inputs[i].OwnerName = r.names[tx.Inputs[i].Owner]
		tx.Inputs[i].Signature, tx.Inputs[i].PubKey = "", ""
	}
	for i := range tx.Outputs {
		tx.Outputs[i].Name = r.names[tx.Outputs[i].Address]
	}
	return tx
}

// addressOf returns the address of a person, or what was typed.
func (r *labRecord) addressOf(person string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for address, name := range r.names {
		if name == person {
			return address
		}
	}
	return person
}

// watchLookup tells what a node does to find an ID, until done is called.
func (r *labRecord) watchLookup(n labNode, target kademlia.ID) (done func()) {
	r.seek(n, target.String())
	return func() { r.seek(n, "") }
}

func (r *labRecord) seek(n labNode, target string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sought[n.letter] = target
	clear(r.asked)
	n.watch.seeks.Store(target != "")
}

// did tells what somebody typed, or what came of it.
func (r *labRecord) did(line string, said view.Words) {
	e := view.LabEvent{Kind: view.LabDid, Line: line}
	if said != (view.Words{}) {
		e.Text = &said
	}
	r.add(e)
}

func (r *labRecord) say(lesson view.LabLesson) {
	r.add(view.LabEvent{Kind: view.LabLine, Lesson: &lesson})
}
