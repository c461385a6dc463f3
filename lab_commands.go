package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/view"
	"gosimpleblockchain/wire"
)

// The words of the lab: what one may type at its prompt. The page's buttons send
// the same lines, and lessons are made of them.

// errQuit is what the line "quit" returns.
var errQuit = errors.New("the lab ends where it was begun: type quit or Ctrl-C there")

// A labWord is a word that a line may begin with.
type labWord struct {
	name  string
	args  string
	short string
	quiet bool // it changes nothing, and is not told
	needs lock // of the nodes
	run   func(l *lab, ctx context.Context, args []string) (said view.Words, err error)
}

// A lock is how a word holds the nodes while it is carried out.
type lock int

const (
	shared lock = iota // none may end meanwhile
	alone              // it ends or starts some itself
	free               // it takes its time, and holds them only while it looks
)

func labWords() []labWord {
	return []labWord{
		{"mine", "A [N]", "A mines a block of what waits, or N blocks", false, shared, (*lab).mine},
		{"send", "alice bob 10 [at C]", "alice pays bob, from her own node or from C", false, shared, (*lab).send},
		{"cut", "A B", "cut a wire; A>B one way; A,B C,D several", false, shared, (*lab).cut},
		{"heal", "[A B]", "mend a wire, or all", false, shared, (*lab).mend},
		{"delay", "A B 500ms", "make a wire slow", false, shared, (*lab).delay},
		{"loss", "A B 20%", "make a wire lose what is sent", false, shared, (*lab).lose},
		{"kill", "C", "pull a node's plug", false, alone, (*lab).killWord},
		{"start", "C", "start a killed node, or a new one", false, alone, (*lab).startWord},
		{"genesis", "A", "A starts a chain, if there is none", false, shared, (*lab).genesis},
		{"wallet", "B", "B makes a wallet, if it has none", false, shared, (*lab).wallet},
		{"copy", "alice B", "give B a copy of alice's wallet", false, shared, (*lab).copyWord},
		{"pause", "", "hold every message over TCP on its wire", false, shared, (*lab).pause},
		{"step", "[N]", "let the oldest one through, or N of them", false, shared, (*lab).step},
		{"resume", "", "let all messages go on", false, shared, (*lab).resume},
		{"lookup", "A B", "A looks for the node with B's ID", false, free, (*lab).lookup},
		{"wait", "CONDITION", "wait until something is so: see below", false, free, (*lab).waitFor},
		{"expect", "CONDITION", "fail if it is not so", false, shared, (*lab).expect},
		{"show", "", "tell how each node and each wire stands", true, shared, (*lab).show},
		{"play", "LESSON", "begin a lesson, with new nodes", true, free, (*lab).playWord},
		{"next", "", "let the lesson go on", true, free, (*lab).next},
		{"answer", "", "show the answer to the lesson's question", true, free, (*lab).answer},
		{"lessons", "", "list the lessons", true, free, (*lab).listLessons},
		{"help", "", "list these words", true, free, (*lab).help},
		{"quit", "", "end the lab", true, free, func(*lab, context.Context, []string) (said view.Words, err error) { return said, errQuit }},
	}
}

// A labForm is how a condition is written, and what it says.
type labForm struct{ form, short string }

// conditions are what may stand after wait and expect, and when each is so.
var conditions = []labForm{
	{"agree [A B …]", "all nodes, or these, have one last block"},
	{"differ A B", "these two have not"},
	{"height A N", "A's last block is block N"},
	{"pool A N", "N payments wait at A"},
	{"balance alice N [at A]", "alice has N coins in blocks, as her node or A sees it"},
	{"peers A N", "A has N peers"},
	{"held N", "N messages over TCP are on their way"},
}

// Do implements [view.Lab].
func (l *lab) Do(ctx context.Context, line string) (string, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return "", nil
	}
	if err := l.reasonToStop(ctx); err != nil {
		return "", err
	}

	for _, w := range labWords() {
		if w.name != words[0] {
			continue
		}
		if !w.quiet {
			l.record.did(strings.Join(words, " "), view.Words{})
		}
		said, err := l.carryOut(ctx, w, words[1:])
		if errors.Is(err, errUsage) {
			err = fmt.Errorf("%s: type `%s`", w.name, strings.TrimSpace(w.name+" "+w.args))
		}
		if !w.quiet {
			l.tellOutcome(said, err)
		}
		return inLanguage(said, l.config.chinese), err
	}
	return "", fmt.Errorf("%.40q is no word of the lab: `help` lists them", words[0])
}

func (l *lab) carryOut(ctx context.Context, w labWord, args []string) (said view.Words, err error) {
	switch w.needs {
	case shared:
		l.using.RLock()
		defer l.using.RUnlock()
	case alone:
		l.using.Lock()
		defer l.using.Unlock()
	}
	if err := l.reasonToStop(ctx); err != nil { // while it waited for its turn
		return said, err
	}
	return w.run(l, ctx, args)
}

func (l *lab) tellOutcome(said view.Words, err error) {
	if err != nil {
		said = inBoth("%v", err)
	}
	if said != (view.Words{}) {
		l.record.did("", said)
	}
}

// errUsage is a line whose arguments are not as they should be.
var errUsage = errors.New("usage")

// completions returns the words that may stand at the end of a line that was begun.
func (l *lab) completions(line string) (words []string) {
	before := strings.Fields(line)
	begun := ""
	if !strings.HasSuffix(line, " ") && len(before) > 0 {
		begun = before[len(before)-1]
		before = before[:len(before)-1]
	}

	var candidates []string
	switch {
	case len(before) == 0:
		for _, w := range labWords() {
			candidates = append(candidates, w.name)
		}
	case before[0] == "play":
		for _, lesson := range lessons {
			candidates = append(candidates, lesson.name)
		}
	case len(before) == 1 && (before[0] == "wait" || before[0] == "expect"):
		for _, c := range conditions {
			candidates = append(candidates, strings.Fields(c.form)[0])
		}
	default:
		for _, n := range l.all() {
			candidates = append(candidates, n.letter)
		}
		candidates = append(candidates, l.persons()...)
		candidates = append(candidates, "at")
	}
	return slices.DeleteFunc(candidates, func(s string) bool { return !strings.HasPrefix(s, begun) })
}

// persons returns the names of all wallets.
func (l *lab) persons() []string {
	l.record.mu.Lock()
	defer l.record.mu.Unlock()
	return slices.Compact(slices.Sorted(maps.Values(l.record.names)))
}

// find returns a node by its letter.
func (l *lab) find(letter string) (labNode, error) {
	nodes := l.all()
	i := slices.IndexFunc(nodes, func(n labNode) bool { return n.letter == strings.ToUpper(letter) })
	if i < 0 {
		var letters []string
		for _, n := range nodes {
			letters = append(letters, n.letter)
		}
		return labNode{}, fmt.Errorf("there is no node %.20q: there are %s", letter, joinWords(letters))
	}
	return nodes[i], nil
}

// findRunning returns a node that runs, and has a chain or could have one.
func (l *lab) findRunning(letter string) (labNode, error) {
	n, err := l.find(letter)
	switch {
	case err != nil:
		return n, err
	case !n.isRunning():
		return n, fmt.Errorf("%s does not run: type `start %s`", n.letter, n.letter)
	case n.node == nil:
		return n, fmt.Errorf("the nodes of this lesson only find each other: type `lookup A B`")
	}
	return n, nil
}

// findSeveral returns the nodes of "A,B".
func (l *lab) findSeveral(letters string) (nodes []labNode, err error) {
	for letter := range strings.SplitSeq(letters, ",") {
		n, err := l.find(letter)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// parseCount reads a number that may be left out: then it is 1.
func parseCount(args []string, most int64) (int, error) {
	if len(args) == 0 {
		return 1, nil
	}
	if len(args) > 1 {
		return 0, errUsage
	}
	n, err := parseDecimal(args[0], 1, most)
	if err != nil {
		err = fmt.Errorf("%.20q: %w", args[0], err)
	}
	return int(n), err
}

const mostMined = 100 // blocks that one line mines

func (l *lab) mine(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) == 0 {
		return said, errUsage
	}
	n, err := l.findRunning(args[0])
	if err != nil {
		return said, err
	}
	count, err := parseCount(args[1:], mostMined)
	if err != nil {
		return said, err
	}
	if n.node.chain.tip().height < 0 {
		return said, fmt.Errorf("%s has no chain yet: type `genesis %s`", n.letter, n.letter)
	}

	var reply MineReply
	for range count {
		if err := (&Cli{n.node}).Mine("", &reply); err != nil {
			return said, fmt.Errorf("%s has not mined: %w", n.letter, err)
		}
	}
	if count == 1 {
		return inBoth("%s mined block %d, %.8s", n.letter, reply.Block.Height, reply.Block.Hash), nil
	}
	return inBoth("%s mined %d blocks, up to %d, %.8s", n.letter, count, reply.Block.Height, reply.Block.Hash), nil
}

func (l *lab) send(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) != 3 && (len(args) != 5 || args[3] != "at") {
		return said, errUsage
	}
	amount, err := parseDecimal(args[2], 1, maxValue)
	if err != nil {
		return said, fmt.Errorf("amount: %w", err)
	}
	var n labNode
	if len(args) == 5 {
		n, err = l.findRunning(args[4])
	} else {
		n, err = l.nodeWith(args[0])
	}
	if err != nil {
		return said, err
	}
	if n.node.wallets.named(args[0]) == nil {
		return said, fmt.Errorf("%s has no wallet of %.40q: `copy %.40s %s` gives it one", n.letter, args[0], args[0], n.letter)
	}

	to := l.record.addressOf(args[1])
	if _, err := ParseAddress(to); err != nil {
		return said, fmt.Errorf("%.40q has no wallet in the lab: `show` lists those that are", args[1])
	}

	payment, mined, err := (&Cli{n.node}).pay(SendArgs{args[0], to, amount})
	if errors.Is(err, ErrNotEnough) {
		return said, fmt.Errorf("%s has not paid: %d is more than there is to spend: see `show`", args[0], amount)
	}
	if err != nil {
		return said, fmt.Errorf("%s has not paid: %w", args[0], err)
	}
	fate := mined
	if fate == "" {
		fate = fmt.Sprintf("payment %.8s waits for a block", payment.Tx.TxID)
	}
	switch {
	case payment.Equal:
		return inBoth("%s pays %s %d, at %s: %s; an equal payment waited already: the two are one",
			args[0], args[1], amount, n.letter, fate), nil
	case payment.Rival != "":
		return inBoth("%s pays %s %d, at %s: %s; it spends the same coin as %.8s: only one of them can be made",
			args[0], args[1], amount, n.letter, fate, payment.Rival), nil
	}
	return inBoth("%s pays %s %d, at %s: %s", args[0], args[1], amount, n.letter, fate), nil
}

// wiresOf returns the directions that "A B", "A>B" or "A,B C,D" name, each two
// letters. With one of a node and itself it is an error.
func (l *lab) wiresOf(args []string) (directions [][2]string, err error) {
	oneWay := false
	if len(args) == 1 {
		from, to, ok := strings.Cut(args[0], ">")
		if !ok {
			return nil, errUsage
		}
		args, oneWay = []string{from, to}, true
	}
	if len(args) != 2 {
		return nil, errUsage
	}

	near, err := l.findSeveral(args[0])
	if err != nil {
		return nil, err
	}
	far, err := l.findSeveral(args[1])
	if err != nil {
		return nil, err
	}
	for _, a := range near {
		for _, b := range far {
			if a.letter == b.letter {
				return nil, fmt.Errorf("there is no wire from %s to itself", a.letter)
			}
			directions = append(directions, [2]string{a.letter, b.letter})
			if !oneWay {
				directions = append(directions, [2]string{b.letter, a.letter})
			}
		}
	}
	return directions, nil
}

func (l *lab) rewireAll(args []string, change func(*wire.State)) error {
	directions, err := l.wiresOf(args)
	if err != nil {
		return err
	}
	for _, d := range directions {
		l.rewire(d[0], d[1], change)
	}
	return nil
}

func (l *lab) cut(_ context.Context, args []string) (said view.Words, err error) {
	return said, l.rewireAll(args, func(s *wire.State) { s.Cut = true })
}

func (l *lab) mend(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) == 0 {
		l.mendAll()
	} else if err := l.rewireAll(args, func(s *wire.State) { *s = wire.State{} }); err != nil {
		return said, err
	}
	l.rejoin()
	return said, nil
}

const maxDelay = 10 * time.Second

func (l *lab) delay(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) < 2 {
		return said, errUsage
	}
	last := len(args) - 1
	d, err := time.ParseDuration(args[last])
	if err != nil || d < 0 || d > maxDelay {
		return said, fmt.Errorf("%.20q is no delay: give 0ms to 10s", args[last])
	}
	return said, l.rewireAll(args[:last], func(s *wire.State) { s.Delay = d })
}

func (l *lab) lose(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) < 2 {
		return said, errUsage
	}
	last := len(args) - 1
	percent, err := parseDecimal(strings.TrimSuffix(args[last], "%"), 0, 100*wire.MaxLoss)
	if err != nil {
		return said, fmt.Errorf("%.20q is no loss: give 0%% to 90%%", args[last])
	}
	return said, l.rewireAll(args[:last], func(s *wire.State) { s.Loss = float64(percent) / 100 })
}

func (l *lab) killWord(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) != 1 {
		return said, errUsage
	}
	n, err := l.find(args[0])
	if err != nil {
		return said, err
	}
	if !n.isRunning() {
		return said, fmt.Errorf("%s does not run", n.letter)
	}
	l.kill(n)
	return said, nil
}

func (l *lab) startWord(ctx context.Context, args []string) (said view.Words, err error) {
	if len(args) != 1 {
		return said, errUsage
	}
	letter := strings.ToUpper(args[0])

	l.mu.Lock()
	n := l.nodes[letter]
	count, discovery := len(l.nodes), l.setting.discovery
	l.mu.Unlock()
	switch {
	case n != nil && n.isRunning():
		return said, fmt.Errorf("%s runs already", letter)
	case n != nil && discovery:
		return said, l.startDiscovery(ctx, n)
	case n != nil:
		return said, l.startNode(ctx, n)
	case count >= mostNodes:
		return said, fmt.Errorf("there are %d nodes already, and no room for more", count)
	case letter != letterOf(count):
		return said, fmt.Errorf("the next node is %s: type `start %s`", letterOf(count), letterOf(count))
	}
	n, err = l.addNode(ctx, letter)
	if err != nil {
		return said, err
	}
	n.watch.look(n.node)
	return said, nil
}

func (l *lab) genesis(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) != 1 {
		return said, errUsage
	}
	n, err := l.findRunning(args[0])
	if err != nil {
		return said, err
	}
	if n.node.chain.tip().height >= 0 {
		return said, fmt.Errorf("%s has a chain already", n.letter)
	}

	if _, err := l.giveWallet(n, (*Cli).CreateGenesisBlock); err != nil {
		return said, err
	}
	return inBoth("%s has 1000 coins in block 0", n.person), nil
}

func (l *lab) wallet(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) != 1 {
		return said, errUsage
	}
	n, err := l.findRunning(args[0])
	if err != nil {
		return said, err
	}
	if n.node.wallets.named(n.person) != nil {
		return said, fmt.Errorf("%s has a wallet already: %s's", n.letter, n.person)
	}

	address, err := l.giveWallet(n, (*Cli).CreateWallet)
	if err != nil {
		return said, err
	}
	return inBoth("%s's address is %s", n.person, address), nil
}

func (l *lab) copyWord(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) != 2 {
		return said, errUsage
	}
	to, err := l.findRunning(args[1])
	if err != nil {
		return said, err
	}
	return said, l.copyWallet(args[0], to)
}

func (l *lab) pause(context.Context, []string) (said view.Words, err error) {
	l.wires.Pause()
	l.record.add(view.LabEvent{Kind: view.LabPaused})
	return said, nil
}

func (l *lab) resume(context.Context, []string) (said view.Words, err error) {
	l.record.add(view.LabEvent{Kind: view.LabResumed})
	l.wires.Resume()
	return said, nil
}

func (l *lab) step(_ context.Context, args []string) (said view.Words, err error) {
	count, err := parseCount(args, 1000)
	if err != nil {
		return said, err
	}
	var en, zh []string
	for range count {
		m, ok := l.wires.Step()
		if !ok {
			break
		}
		wire, label := m.From+" → "+m.To, labelOf(m)
		en, zh = append(en, wire+": "+label.EN), append(zh, wire+"："+label.ZH)
	}
	if len(en) == 0 {
		return said, errors.New("no message is held: `pause` holds those that come")
	}
	return view.Words{EN: strings.Join(en, "\n"), ZH: strings.Join(zh, "\n")}, nil
}

func (l *lab) lookup(ctx context.Context, args []string) (said view.Words, err error) {
	if len(args) != 2 {
		return said, errUsage
	}
	from, err := l.find(args[0])
	if err != nil {
		return said, err
	}
	to, err := l.find(args[1])
	if err != nil {
		return said, err
	}
	if !from.isRunning() || !to.isRunning() {
		return said, errors.New("both nodes have to run")
	}

	target := to.discovery.Self().ID
	defer l.record.watchLookup(from, target)()
	found, err := from.discovery.Lookup(ctx, target)
	if err != nil {
		return said, err
	}
	if !slices.ContainsFunc(found, func(n kademlia.Node) bool { return n.ID == target }) {
		return said, fmt.Errorf("%s has not found %s", from.letter, to.letter)
	}
	return inBoth("%s has found %s, at %s", from.letter, to.letter, found[0].Addr), nil
}

// A labCondition is something that may be so, and how it stands.
type labCondition func() (isSo bool, state string)

func (l *lab) waitFor(ctx context.Context, args []string) (said view.Words, err error) {
	isSo, err := l.condition(args)
	if err != nil {
		return said, err
	}
	return said, l.await(ctx, strings.Join(args, " "), isSo)
}

func (l *lab) expect(_ context.Context, args []string) (said view.Words, err error) {
	isSo, err := l.condition(args)
	if err != nil {
		return said, err
	}
	if ok, state := isSo(); !ok {
		return said, fmt.Errorf("not so: %s", state)
	}
	return said, nil
}

// condition reads what stands after wait or expect.
func (l *lab) condition(args []string) (labCondition, error) {
	if len(args) == 0 {
		return nil, errUsage
	}
	condition, err := l.conditionOf(args[0], args[1:])
	if errors.Is(err, errUsage) {
		for _, c := range conditions {
			if strings.Fields(c.form)[0] == args[0] {
				err = fmt.Errorf("%s: the condition is `%s`", args[0], c.form)
			}
		}
	}
	return condition, err
}

func (l *lab) conditionOf(kind string, args []string) (labCondition, error) {
	switch kind {
	case "agree":
		return l.agree(args)
	case "differ":
		if len(args) != 2 {
			return nil, errUsage
		}
		agree, err := l.agree(args)
		return func() (bool, string) {
			ok, state := agree()
			return !ok, state
		}, err
	case "height", "pool", "peers":
		return l.figure(kind, args)
	case "balance":
		return l.balance(args)
	case "held":
		return l.held(args)
	}
	var kinds []string
	for _, c := range conditions {
		kinds = append(kinds, strings.Fields(c.form)[0])
	}
	return nil, fmt.Errorf("%.20q is no condition: there are %s: see `help`", kind, joinWords(kinds))
}

// agree is so when nodes, or all that run, have one tip.
func (l *lab) agree(letters []string) (labCondition, error) {
	for _, letter := range letters {
		if _, err := l.findRunning(letter); err != nil {
			return nil, err
		}
	}

	return func() (bool, string) {
		var states []string
		tips := make(map[blockRef]bool)
		for _, n := range l.running() {
			if n.node == nil || len(letters) > 0 && !slices.Contains(letters, n.letter) {
				continue
			}
			tip := n.node.chain.tip()
			tips[tip] = true
			states = append(states, fmt.Sprintf("%s has block %d %.8s", n.letter, tip.height, tip.hash))
		}
		return len(tips) == 1 && !tips[blockRef{height: -1}], strings.Join(states, "; ")
	}, nil
}

// figure is so when a number of a node is one that was given.
func (l *lab) figure(kind string, args []string) (labCondition, error) {
	if len(args) != 2 {
		return nil, errUsage
	}
	if _, err := l.findRunning(args[0]); err != nil {
		return nil, err
	}
	want, err := parseDecimal(args[1], 0, maxValue)
	if err != nil {
		return nil, err
	}

	return func() (bool, string) {
		n, err := l.findRunning(args[0]) // it may have been killed meanwhile
		if err != nil {
			return false, err.Error()
		}
		var got int
		var state string
		switch kind {
		case "height":
			got, state = n.node.chain.tip().height, "%s has height %d"
		case "pool":
			got, state = n.node.pool.Len(), "%s has pool %d"
		case "peers":
			got, state = len(n.node.peers.Peers()), "%s has peers %d"
		}
		return got == int(want), fmt.Sprintf(state, n.letter, got)
	}, nil
}

// balance is so when a person has so many confirmed coins, as a node sees it.
func (l *lab) balance(args []string) (labCondition, error) {
	if len(args) != 2 && (len(args) != 4 || args[2] != "at") {
		return nil, errUsage
	}
	want, err := parseDecimal(args[1], 0, maxValue)
	if err != nil {
		return nil, err
	}
	owner, err := ParseAddress(l.record.addressOf(args[0]))
	if err != nil {
		return nil, fmt.Errorf("%.40q has no wallet in the lab: `show` lists those that are", args[0])
	}
	find := func() (labNode, error) {
		if len(args) == 4 {
			return l.findRunning(args[3])
		}
		return l.nodeWith(args[0])
	}
	if _, err := find(); err != nil {
		return nil, err
	}

	return func() (bool, string) {
		n, err := find() // it may have been killed meanwhile
		if err != nil {
			return false, err.Error()
		}
		var coins int64
		err = n.node.chain.UTXO(func(s UTXOSet) error {
			coins = s.Balance(owner)
			return nil
		})
		if err != nil {
			return false, err.Error()
		}
		return coins == want, fmt.Sprintf("at %s, %s has %d", n.letter, args[0], coins)
	}, nil
}

// held is so when that many messages are on the wires.
func (l *lab) held(args []string) (labCondition, error) {
	if len(args) != 1 {
		return nil, errUsage
	}
	want, err := parseDecimal(args[0], 0, 1_000_000)
	if err != nil {
		return nil, err
	}
	return func() (bool, string) {
		got := len(l.wires.InFlight())
		return got == int(want), fmt.Sprintf("there are %d", got)
	}, nil
}

// show tells how each node stands, as a table, and below it which wires are not
// whole.
func (l *lab) show(context.Context, []string) (said view.Words, err error) {
	return inEach(func(say func(string) string) string {
		var rows [][]string
		for _, n := range l.all() {
			switch {
			case !n.isRunning():
				rows = append(rows, []string{n.letter, say("killed")})
			case n.node == nil:
				id := fmt.Sprintf("%.8s", n.discovery.Self().ID)
				rows = append(rows, []string{n.letter, id, say(plural(len(n.discovery.Nodes()), "contact"))})
			default:
				rows = append(rows, n.standing(say))
			}
		}
		return strings.Join(append([]string{inColumns(rows)}, l.wiring(say)...), "\n")
	}), nil
}

// inColumns returns rows of cells as lines, with two spaces between columns.
func inColumns(rows [][]string) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if i < len(row)-1 { // what ends a line may be as long as it likes
				widths[i] = max(widths[i], textWidth(cell))
			}
		}
	}

	var lines []string
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(padTo(cell, widths[i]) + "  ")
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return strings.Join(lines, "\n")
}

// wiring tells which wires are not whole, as one types them, and how many messages
// are on their way, in lines.
func (l *lab) wiring(say func(string) string) (lines []string) {
	var states []string
	wires := make(map[string][]string) // by state
	add := func(name string, s wire.State) {
		if s == (wire.State{}) {
			return
		}
		state := describeWire(s, say)
		if wires[state] == nil {
			states = append(states, state)
		}
		wires[state] = append(wires[state], name)
	}

	nodes := l.all()
	for i, a := range nodes {
		for _, b := range nodes[i+1:] {
			there, back := l.wires.State(a.letter, b.letter), l.wires.State(b.letter, a.letter)
			if there == back {
				add(a.letter+" "+b.letter, there)
				continue
			}
			add(a.letter+">"+b.letter, there)
			add(b.letter+">"+a.letter, back)
		}
	}

	for _, state := range states {
		text := say(fmt.Sprintf("%s: %s", state, strings.Join(wires[state], ", ")))
		lines = append(lines, strings.TrimSuffix(wrapLines(text, lineWidth, "  "), "\n"))
	}
	if n := len(l.wires.InFlight()); n > 0 {
		lines = append(lines, say(fmt.Sprintf("on their way: %s", plural(n, "message"))))
	}
	return lines
}

// describeWire returns how a wire stands that is not whole.
func describeWire(s wire.State, say func(string) string) string {
	var parts []string
	if s.Cut {
		parts = append(parts, say("cut"))
	}
	if s.Delay > 0 {
		parts = append(parts, say(fmt.Sprintf("%s slow", s.Delay)))
	}
	if s.Loss > 0 {
		parts = append(parts, say(fmt.Sprintf("loses %.0f%%", 100*s.Loss)))
	}
	return strings.Join(parts, "; ")
}

// standing returns the cells of a line of show.
func (n labNode) standing(say func(string) string) []string {
	tip := n.node.chain.tip()
	height := "no chain"
	if tip.height >= 0 {
		height = fmt.Sprintf("block %d %.8s", tip.height, tip.hash)
	}

	var coins []string
	wallets, _ := inspector{n.node}.Wallets() // of a node that closes: none
	for _, w := range wallets {
		coins = append(coins, w.Name+" "+strconv.FormatInt(w.Confirmed, 10))
	}
	return []string{
		n.letter, say(height), say(fmt.Sprintf("pool %d", n.node.pool.Len())), strings.Join(coins, ", "), "go run . status -rpc " + n.node.RPCAddr(),
	}
}

func (l *lab) help(context.Context, []string) (said view.Words, err error) {
	return inEach(func(say func(string) string) string {
		var out strings.Builder
		for _, w := range labWords() {
			fmt.Fprintf(&out, "%-24s  %s\n", strings.TrimSpace(w.name+" "+w.args), say(w.short))
		}
		fmt.Fprintf(&out, "\n%s\n", say("A CONDITION is one of these:"))
		for _, c := range conditions {
			fmt.Fprintf(&out, "%-24s  %s\n", c.form, say(c.short))
		}
		return strings.TrimSuffix(out.String(), "\n")
	}), nil
}
