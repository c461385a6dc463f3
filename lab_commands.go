package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
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
	short view.Words
	quiet bool // it changes nothing, and is not told
	needs lock // of the nodes
	run   func(l *lab, ctx context.Context, args []string) (said string, err error)
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
		{"mine", "A [N]", view.Words{EN: "A mines a block of what waits, or N blocks", ZH: "A 把等待的交易挖进区块，或挖 N 个区块"}, false, shared, (*lab).mine},
		{"send", "alice bob 10 [at C]", view.Words{EN: "alice pays bob, from her own node or from C", ZH: "alice 付款给 bob，从自己的节点或 C 发出"}, false, shared, (*lab).send},
		{"cut", "A B", view.Words{EN: "cut a wire; A>B one way; A,B C,D several", ZH: "剪断一条线；A>B 单向；A,B C,D 多条"}, false, shared, (*lab).cut},
		{"heal", "[A B]", view.Words{EN: "mend a wire, or all", ZH: "修好一条线，或全部"}, false, shared, (*lab).mend},
		{"delay", "A B 500ms", view.Words{EN: "make a wire slow", ZH: "让线路变慢"}, false, shared, (*lab).delay},
		{"loss", "A B 20%", view.Words{EN: "make a wire lose what is sent", ZH: "让线路丢包"}, false, shared, (*lab).lose},
		{"kill", "C", view.Words{EN: "pull a node's plug", ZH: "拔掉节点的电源"}, false, alone, (*lab).killWord},
		{"start", "C", view.Words{EN: "start a killed node, or a new one", ZH: "启动被关掉的节点，或一个新节点"}, false, alone, (*lab).startWord},
		{"genesis", "A", view.Words{EN: "A starts a chain, if there is none", ZH: "没有链时，A 创建一条链"}, false, shared, (*lab).genesis},
		{"wallet", "B", view.Words{EN: "B makes a wallet, if it has none", ZH: "B 没有钱包时新建一个"}, false, shared, (*lab).wallet},
		{"copy", "alice B", view.Words{EN: "give B a copy of alice's wallet", ZH: "把 alice 的钱包复制一份给 B"}, false, shared, (*lab).copyWord},
		{"pause", "", view.Words{EN: "hold every message over TCP on its wire", ZH: "让所有 TCP 消息停在线上"}, false, shared, (*lab).pause},
		{"step", "[N]", view.Words{EN: "let the oldest one through, or N of them", ZH: "放行最早的一条，或 N 条"}, false, shared, (*lab).step},
		{"resume", "", view.Words{EN: "let all messages go on", ZH: "让消息继续前进"}, false, shared, (*lab).resume},
		{"lookup", "A B", view.Words{EN: "A looks for the node with B's ID", ZH: "A 查找 B 的 ID 所在节点"}, false, free, (*lab).lookup},
		{"wait", "CONDITION", view.Words{EN: "wait until something is so: see below", ZH: "等到条件成立：见下"}, false, free, (*lab).waitFor},
		{"expect", "CONDITION", view.Words{EN: "fail if it is not so", ZH: "不成立就报错"}, false, shared, (*lab).expect},
		{"show", "", view.Words{EN: "tell how each node and each wire stands", ZH: "显示每个节点和线路的状态"}, true, shared, (*lab).show},
		{"play", "LESSON", view.Words{EN: "begin a lesson, with new nodes", ZH: "用新节点开始一课"}, true, free, (*lab).playWord},
		{"next", "", view.Words{EN: "let the lesson go on", ZH: "继续课程"}, true, free, (*lab).next},
		{"answer", "", view.Words{EN: "show the answer to the lesson's question", ZH: "显示本课问题的答案"}, true, free, (*lab).answer},
		{"lessons", "", view.Words{EN: "list the lessons", ZH: "列出课程"}, true, free, (*lab).listLessons},
		{"help", "", view.Words{EN: "list these words", ZH: "列出这些命令"}, true, free, (*lab).help},
		{"quit", "", view.Words{EN: "end the lab", ZH: "结束实验"}, true, free, func(*lab, context.Context, []string) (string, error) { return "", errQuit }},
	}
}

// conditions are what may stand after wait and expect, and when each is so.
var conditions = []struct{ form, short string }{
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
			l.record.did(strings.Join(words, " "), "")
		}
		said, err := l.carryOut(ctx, w, words[1:])
		if errors.Is(err, errUsage) {
			err = fmt.Errorf("%s: type `%s`", w.name, strings.TrimSpace(w.name+" "+w.args))
		}
		if !w.quiet {
			l.tellOutcome(said, err)
		}
		return said, err
	}
	return "", fmt.Errorf("%.40q is no word of the lab: `help` lists them", words[0])
}

func (l *lab) carryOut(ctx context.Context, w labWord, args []string) (string, error) {
	switch w.needs {
	case shared:
		l.using.RLock()
		defer l.using.RUnlock()
	case alone:
		l.using.Lock()
		defer l.using.Unlock()
	}
	if err := l.reasonToStop(ctx); err != nil { // while it waited for its turn
		return "", err
	}
	return w.run(l, ctx, args)
}

func (l *lab) tellOutcome(said string, err error) {
	if err != nil {
		said = err.Error()
	}
	if said != "" {
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

func (l *lab) mine(_ context.Context, args []string) (string, error) {
	if len(args) == 0 {
		return "", errUsage
	}
	n, err := l.findRunning(args[0])
	if err != nil {
		return "", err
	}
	count, err := parseCount(args[1:], mostMined)
	if err != nil {
		return "", err
	}
	if n.node.chain.tip().height < 0 {
		return "", fmt.Errorf("%s has no chain yet: type `genesis %s`", n.letter, n.letter)
	}

	var reply MineReply
	for range count {
		if err := (&Cli{n.node}).Mine("", &reply); err != nil {
			return "", fmt.Errorf("%s has not mined: %w", n.letter, err)
		}
	}
	if count == 1 {
		return fmt.Sprintf("%s mined block %d, %.8s", n.letter, reply.Block.Height, reply.Block.Hash), nil
	}
	return fmt.Sprintf("%s mined %d blocks, up to %d, %.8s", n.letter, count, reply.Block.Height, reply.Block.Hash), nil
}

func (l *lab) send(_ context.Context, args []string) (string, error) {
	if len(args) != 3 && (len(args) != 5 || args[3] != "at") {
		return "", errUsage
	}
	amount, err := parseDecimal(args[2], 1, maxValue)
	if err != nil {
		return "", fmt.Errorf("amount: %w", err)
	}
	var n labNode
	if len(args) == 5 {
		n, err = l.findRunning(args[4])
	} else {
		n, err = l.nodeWith(args[0])
	}
	if err != nil {
		return "", err
	}
	if n.node.wallets.named(args[0]) == nil {
		return "", fmt.Errorf("%s has no wallet of %.40q: `copy %.40s %s` gives it one", n.letter, args[0], args[0], n.letter)
	}

	to := l.record.addressOf(args[1])
	if _, err := ParseAddress(to); err != nil {
		return "", fmt.Errorf("%.40q has no wallet in the lab: `show` lists those that are", args[1])
	}

	payment, mined, err := (&Cli{n.node}).pay(SendArgs{args[0], to, amount})
	if errors.Is(err, ErrNotEnough) {
		return "", fmt.Errorf("%s has not paid: %d is more than there is to spend: see `show`", args[0], amount)
	}
	if err != nil {
		return "", fmt.Errorf("%s has not paid: %w", args[0], err)
	}
	said := fmt.Sprintf("%s pays %s %d, at %s: payment %.8s waits for a block", args[0], args[1], amount, n.letter, payment.Tx.TxID)
	if mined != "" {
		said = fmt.Sprintf("%s pays %s %d, at %s: %s", args[0], args[1], amount, n.letter, mined)
	}
	switch {
	case payment.Equal:
		said += "; an equal payment waited already: the two are one"
	case payment.Rival != "":
		said += fmt.Sprintf("; it spends the same coin as %.8s: only one of them can be made", payment.Rival)
	}
	return said, nil
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

func (l *lab) cut(_ context.Context, args []string) (string, error) {
	return "", l.rewireAll(args, func(s *wire.State) { s.Cut = true })
}

func (l *lab) mend(_ context.Context, args []string) (string, error) {
	if len(args) == 0 {
		l.mendAll()
	} else if err := l.rewireAll(args, func(s *wire.State) { *s = wire.State{} }); err != nil {
		return "", err
	}
	l.rejoin()
	return "", nil
}

const maxDelay = 10 * time.Second

func (l *lab) delay(_ context.Context, args []string) (string, error) {
	if len(args) < 2 {
		return "", errUsage
	}
	last := len(args) - 1
	d, err := time.ParseDuration(args[last])
	if err != nil || d < 0 || d > maxDelay {
		return "", fmt.Errorf("%.20q is no delay: give 0ms to 10s", args[last])
	}
	return "", l.rewireAll(args[:last], func(s *wire.State) { s.Delay = d })
}

func (l *lab) lose(_ context.Context, args []string) (string, error) {
	if len(args) < 2 {
		return "", errUsage
	}
	last := len(args) - 1
	percent, err := parseDecimal(strings.TrimSuffix(args[last], "%"), 0, 100*wire.MaxLoss)
	if err != nil {
		return "", fmt.Errorf("%.20q is no loss: give 0%% to 90%%", args[last])
	}
	return "", l.rewireAll(args[:last], func(s *wire.State) { s.Loss = float64(percent) / 100 })
}

func (l *lab) killWord(_ context.Context, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	n, err := l.find(args[0])
	if err != nil {
		return "", err
	}
	if !n.isRunning() {
		return "", fmt.Errorf("%s does not run", n.letter)
	}
	l.kill(n)
	return "", nil
}

func (l *lab) startWord(ctx context.Context, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	letter := strings.ToUpper(args[0])

	l.mu.Lock()
	n := l.nodes[letter]
	count, discovery := len(l.nodes), l.setting.discovery
	l.mu.Unlock()
	switch {
	case n != nil && n.isRunning():
		return "", fmt.Errorf("%s runs already", letter)
	case n != nil && discovery:
		return "", l.startDiscovery(ctx, n)
	case n != nil:
		return "", l.startNode(ctx, n)
	case count >= mostNodes:
		return "", fmt.Errorf("there are %d nodes already, and no room for more", count)
	case letter != letterOf(count):
		return "", fmt.Errorf("the next node is %s: type `start %s`", letterOf(count), letterOf(count))
	}
	n, err := l.addNode(ctx, letter)
	if err != nil {
		return "", err
	}
	n.watch.look(n.node)
	return "", nil
}

func (l *lab) genesis(_ context.Context, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	n, err := l.findRunning(args[0])
	if err != nil {
		return "", err
	}
	if n.node.chain.tip().height >= 0 {
		return "", fmt.Errorf("%s has a chain already", n.letter)
	}

	if _, err := l.giveWallet(n, (*Cli).CreateGenesisBlock); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s has 1000 coins in block 0", n.person), nil
}

func (l *lab) wallet(_ context.Context, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	n, err := l.findRunning(args[0])
	if err != nil {
		return "", err
	}
	if n.node.wallets.named(n.person) != nil {
		return "", fmt.Errorf("%s has a wallet already: %s's", n.letter, n.person)
	}

	address, err := l.giveWallet(n, (*Cli).CreateWallet)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s's address is %s", n.person, address), nil
}

func (l *lab) copyWord(_ context.Context, args []string) (string, error) {
	if len(args) != 2 {
		return "", errUsage
	}
	to, err := l.findRunning(args[1])
	if err != nil {
		return "", err
	}
	return "", l.copyWallet(args[0], to)
}

func (l *lab) pause(context.Context, []string) (string, error) {
	l.wires.Pause()
	l.record.add(view.LabEvent{Kind: view.LabPaused})
	return "", nil
}

func (l *lab) resume(context.Context, []string) (string, error) {
	l.record.add(view.LabEvent{Kind: view.LabResumed})
	l.wires.Resume()
	return "", nil
}

func (l *lab) step(_ context.Context, args []string) (string, error) {
	count, err := parseCount(args, 1000)
	if err != nil {
		return "", err
	}
	var said []string
	for range count {
		m, ok := l.wires.Step()
		if !ok {
			break
		}
		said = append(said, fmt.Sprintf("%s → %s: %s", m.From, m.To, labelOf(m).EN))
	}
	if len(said) == 0 {
		return "", errors.New("no message is held: `pause` holds those that come")
	}
	return strings.Join(said, "\n"), nil
}

func (l *lab) lookup(ctx context.Context, args []string) (string, error) {
	if len(args) != 2 {
		return "", errUsage
	}
	from, err := l.find(args[0])
	if err != nil {
		return "", err
	}
	to, err := l.find(args[1])
	if err != nil {
		return "", err
	}
	if !from.isRunning() || !to.isRunning() {
		return "", errors.New("both nodes have to run")
	}

	target := to.discovery.Self().ID
	defer l.record.watchLookup(from, target)()
	found, err := from.discovery.Lookup(ctx, target)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(found, func(n kademlia.Node) bool { return n.ID == target }) {
		return "", fmt.Errorf("%s has not found %s", from.letter, to.letter)
	}
	return fmt.Sprintf("%s has found %s, at %s", from.letter, to.letter, found[0].Addr), nil
}

// A labCondition is something that may be so, and how it stands.
type labCondition func() (isSo bool, state string)

func (l *lab) waitFor(ctx context.Context, args []string) (string, error) {
	isSo, err := l.condition(args)
	if err != nil {
		return "", err
	}
	return "", l.await(ctx, strings.Join(args, " "), isSo)
}

func (l *lab) expect(_ context.Context, args []string) (string, error) {
	isSo, err := l.condition(args)
	if err != nil {
		return "", err
	}
	if ok, state := isSo(); !ok {
		return "", fmt.Errorf("not so: %s", state)
	}
	return "", nil
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
			states = append(states, fmt.Sprintf("%s has %d %.8s", n.letter, tip.height, tip.hash))
		}
		return len(tips) == 1 && !tips[blockRef{height: -1}], joinWords(states)
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
		switch kind {
		case "height":
			got = n.node.chain.tip().height
		case "pool":
			got = n.node.pool.Len()
		case "peers":
			got = len(n.node.peers.Peers())
		}
		return got == int(want), fmt.Sprintf("%s has %s %d", n.letter, kind, got)
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
func (l *lab) show(context.Context, []string) (string, error) {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, n := range l.all() {
		switch {
		case !n.isRunning():
			fmt.Fprintf(table, "%s\tkilled\n", n.letter)
		case n.node == nil:
			fmt.Fprintf(table, "%s\t%.8s\t%d contacts\n", n.letter, n.discovery.Self().ID, len(n.discovery.Nodes()))
		default:
			fmt.Fprintf(table, "%s\t%s\n", n.letter, n.standing())
		}
	}
	table.Flush()
	out.WriteString(l.wiring())
	return strings.TrimRight(out.String(), "\n"), nil
}

// wiring tells which wires are not whole, as one types them, and how many messages
// are on their way.
func (l *lab) wiring() string {
	var states []string
	wires := make(map[string][]string) // by state
	add := func(name string, s wire.State) {
		if s == (wire.State{}) {
			return
		}
		state := describeWire(s)
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

	var out strings.Builder
	for _, state := range states {
		out.WriteString(wrapLines(state+": "+strings.Join(wires[state], ", "), lineWidth, "  "))
	}
	if n := len(l.wires.InFlight()); n > 0 {
		fmt.Fprintf(&out, "on their way: %s\n", plural(n, "message"))
	}
	return out.String()
}

// describeWire returns how a wire stands that is not whole.
func describeWire(s wire.State) string {
	var parts []string
	if s.Cut {
		parts = append(parts, "cut")
	}
	if s.Delay > 0 {
		parts = append(parts, s.Delay.String()+" slow")
	}
	if s.Loss > 0 {
		parts = append(parts, fmt.Sprintf("loses %.0f%%", 100*s.Loss))
	}
	return strings.Join(parts, ", ")
}

// standing is a line of show.
func (n labNode) standing() string {
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
	return fmt.Sprintf("%s\tpool %d\t%s\tgo run . status -rpc %s", height, n.node.pool.Len(), strings.Join(coins, ", "), n.node.RPCAddr())
}

func (l *lab) help(context.Context, []string) (string, error) {
	var out strings.Builder
	for _, w := range labWords() {
		fmt.Fprintf(&out, "%-24s  %s\n", strings.TrimSpace(w.name+" "+w.args), w.short.EN)
	}
	out.WriteString("\nA CONDITION is one of these:\n")
	for _, c := range conditions {
		fmt.Fprintf(&out, "%-24s  %s\n", c.form, c.short)
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}
