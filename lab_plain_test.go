package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gosimpleblockchain/view"
	"gosimpleblockchain/wire"
)

const (
	hash1 = "da29c81f00000000000000000000000000000000000000000000000000000000"
	hash2 = "4743a3c800000000000000000000000000000000000000000000000000000000"
)

// started returns the events of that many nodes that start.
func started(count int) (events []view.LabEvent) {
	for i := range count {
		state := &view.LabNode{}
		if i < len(people) {
			state.Person = people[i]
		}
		events = append(events, view.LabEvent{Kind: view.LabStarted, Node: letterOf(i), State: state})
	}
	return events
}

func toldBy(letter, en, zh string) view.LabEvent {
	return view.LabEvent{Kind: view.LabTold, Node: letter, Text: &view.Words{EN: en, ZH: zh}}
}

func grew(letter string, height int, hash string) view.LabEvent {
	return view.LabEvent{Kind: view.LabGrown, Node: letter, Chain: &view.LabChain{Height: height, Tip: hash}}
}

func typed(line string) view.LabEvent { return view.LabEvent{Kind: view.LabDid, Line: line} }

func rewired(from, to string, cut bool) view.LabEvent {
	return view.LabEvent{Kind: view.LabRewired, Wire: &view.LabWire{From: from, To: to, Cut: cut}}
}

// sent returns the event of a message that is news: its kind is the label's first
// word.
func sent(id int, from, to, en, zh string) view.LabEvent {
	kind, _, _ := strings.Cut(en, ":")
	return view.LabEvent{Kind: view.LabSent, Message: &view.LabMessage{
		ID: id, From: from, To: to, Kind: kind, News: true, Text: view.Words{EN: en, ZH: zh},
	}}
}

func arrived(id int) view.LabEvent {
	return view.LabEvent{Kind: view.LabArrived, Message: &view.LabMessage{ID: id}}
}

func lost(id int, why string) view.LabEvent {
	return view.LabEvent{Kind: view.LabLost, Message: &view.LabMessage{ID: id}, Text: lossReasons[why]}
}

func delivered(id int, from, to, en, zh string) []view.LabEvent {
	return []view.LabEvent{sent(id, from, to, en, zh), arrived(id)}
}

// tellAll returns all lines that tell events.
func tellAll(p *labPlain, events []view.LabEvent) string {
	var s strings.Builder
	for _, e := range events {
		s.WriteString(p.tell(e))
	}
	return s.String()
}

func TestLabPlain(t *testing.T) {
	mined := "mined block 3, da29c81f, with 1 transaction, and announces it"
	tests := []struct {
		name   string
		set    func(*labPlain)
		events []view.LabEvent
		want   string
	}{
		{"two nodes", nil, slices.Concat(started(2),
			[]view.LabEvent{typed("mine A"), toldBy("A", mined, ""), grew("A", 3, hash1)},
			delivered(1, "A", "B", "block 3 da29c81f", ""),
			delivered(2, "B", "A", "get block 4", ""),
			[]view.LabEvent{toldBy("B", mined, ""), grew("B", 3, hash1)},
		), `
> mine A

A alice                                 B bob
│ mined block 3, da29c81f, with 1       │
│ transaction, and announces it         │
│ ■ 3 da29c81f                          │
●────────── block 3 da29c81f ───────────▶
◀───────────── get block 4 ─────────────●
│                                       │ mined block 3, da29c81f, with 1
│                                       │ transaction, and announces it
│                                       │ ■ 3 da29c81f
`},
		{"lost, cut and held", nil, slices.Concat(started(2),
			[]view.LabEvent{sent(1, "A", "B", "block 3 da29c81f", ""), lost(1, wire.WhyLoss)},
			[]view.LabEvent{sent(2, "B", "A", "block 3 da29c81f", ""), lost(2, wire.WhyGone)},
			[]view.LabEvent{rewired("A", "B", true), sent(3, "A", "B", "get block 1", ""), rewired("A", "B", false), arrived(3)},
			[]view.LabEvent{{Kind: view.LabPaused}, sent(4, "B", "A", "get block 1", ""), {Kind: view.LabResumed}, arrived(4)},
		), `

A alice                                 B bob
●─────── block 3 da29c81f ───────✗ lost │
│ gone ✗─────── block 3 da29c81f ───────●
●────────── get block 1 ──────────‖ cut │
●───────────── get block 1 ─────────────▶
│ held ‖───────── get block 1 ──────────●
◀───────────── get block 1 ─────────────●
`},
		{"a label without room", nil, slices.Concat(started(3),
			delivered(1, "A", "B", "12 payments, first 1287a899", ""),
			delivered(2, "C", "A", "12 payments, first 1287a899", ""),
			[]view.LabEvent{sent(3, "B", "C", "handshake: height 12345", ""), lost(3, wire.WhyLoss)},
			[]view.LabEvent{sent(4, "A", "B", "block 1", ""), {Kind: view.LabLost, Message: &view.LabMessage{ID: 4}, Text: &view.Words{EN: "it rains on the wire today"}}},
		), `

A alice                   B bob                     C carol
│ 12 payments, first      │                         │
│ 1287a899                │                         │
●─────────────────────────▶                         │
◀─────────── 12 payments, first 1287a899 ───────────●
│                         │ handshake: height 12345 │
│                         ●──────────────────✗ lost │
│ block 1 ✗ it rains on   │                         │
│ the wire today          │                         │
●────────────────────────✗│                         │
`},
		{"a handshake that says nothing else", nil, slices.Concat(started(2),
			delivered(1, "A", "B", "handshake: height 1", ""),
			delivered(2, "A", "B", "handshake: height 1", ""),
			delivered(3, "A", "B", "handshake: height 2", ""),
		), `

A alice                                 B bob
●───────── handshake: height 1 ─────────▶
●───────── handshake: height 2 ─────────▶
`},
		{"four nodes, one of them killed", nil, slices.Concat(started(4),
			delivered(1, "A", "D", "block 3 da29c81f", ""),
			[]view.LabEvent{typed("kill C"), {Kind: view.LabKilled, Node: "C"}},
			[]view.LabEvent{sent(2, "D", "A", "get block 4", ""), lost(2, wire.WhyCut)},
			[]view.LabEvent{toldBy("B", "took a longer branch: 1 block off, 2 on, up to 2, 4743a3c8", ""), grew("B", 2, hash2)},
			started(4)[2:3], []view.LabEvent{grew("C", 2, hash2)},
		), `

A     B     C     D   A alice, B bob, C carol, D dave
●─────┼─────┼─────▶   block 3 da29c81f
> kill C
│     │     ◆     │   C ✗ killed

A     B           D   A alice, B bob, D dave
│✗────┼───────────●   get block 4 ✗ cut
│     ◆           │   B took a longer branch: 1 block off, 2 on, up to 2,
│     │           │   4743a3c8
│     ◆           │   B ■ 2 4743a3c8

A     B     C     D   A alice, B bob, C carol, D dave
│     │     ◆     │   C ■ 2 4743a3c8
`},
		{"twelve nodes", nil, slices.Concat(started(12),
			delivered(1, "L", "B", "get block 4", ""),
			[]view.LabEvent{rewired("A", "C", true), sent(2, "A", "C", "handshake: height 3", "")},
			[]view.LabEvent{toldBy("E", mined, "")},
		), `

A  B  C  D  E  F  G  H  I  J  K  L   A alice, B bob, C carol, D dave, E erin,
                                     F frank, G grace, H heidi, I ivan, J judy,
                                     K kate, L leo
│  ◀──┼──┼──┼──┼──┼──┼──┼──┼──┼──●   get block 4
●──┼─‖│  │  │  │  │  │  │  │  │  │   handshake: height 3 ‖ cut
│  │  │  │  ◆  │  │  │  │  │  │  │   E mined block 3, da29c81f, with 1
│  │  │  │  │  │  │  │  │  │  │  │   transaction, and announces it
`},
		{"twenty nodes have no columns", nil, slices.Concat(started(20),
			delivered(1, "L", "C", "who is near 2^155 from me?", ""),
			[]view.LabEvent{toldBy("L", "asks C, 2 hops away, which shares 5 bits with the ID that is looked for, and answers", "")},
		), `

A alice, B bob, C carol, D dave, E erin, F frank, G grace, H heidi, I ivan,
J judy, K kate, L leo, M, N, O, P, Q, R, S, T
L → C: who is near 2^155 from me?
L asks C, 2 hops away, which shares 5 bits with the ID that is looked for, and
  answers
`},
		{"Chinese", func(p *labPlain) { p.chinese = true }, slices.Concat(started(2),
			delivered(1, "A", "B", "", "区块 3 da29c81f"),
			[]view.LabEvent{
				toldBy("A", "", "换到更长的分支：撤下 1 个区块，接上 2 个，直到 2（4743a3c8）"),
				sent(2, "B", "A", "", "握手：高度 3"), lost(2, wire.WhyCut),
				{Kind: view.LabKilled, Node: "B"},
			},
		), `

A alice                                 B bob
●─────────── 区块 3 da29c81f ───────────▶
│ 换到更长的分支：撤下 1 个区块，接上 2 │
│ 个，直到 2（4743a3c8）                │
│ 断线 ✗───────── 握手：高度 3 ─────────●
│                                       │ ✗ 被关掉
`},
		{"blocks beside the chain, payments that are back", nil, slices.Concat(started(2),
			[]view.LabEvent{
				grew("A", 3, hash1),
				{Kind: view.LabGrown, Node: "A", Chain: &view.LabChain{Height: 3, Tip: hash1, Blocks: []view.LabBlock{{Height: 2, Hash: hash2}}}},
				{Kind: view.LabPooled, Node: "B", Pool: []view.Tx{{TxID: hash1}}},
				{Kind: view.LabPooled, Node: "B", Pool: []view.Tx{}},
				{Kind: view.LabPooled, Node: "B", Pool: []view.Tx{{TxID: hash1}, {TxID: hash2}}},
			},
		), `

A alice                                 B bob
│ ■ 3 da29c81f                          │
│ □ 2 4743a3c8                          │
│                                       │ payment da29c81f waits again
`},
		{"a lesson, in a pipe", nil, slices.Concat(started(4), []view.LabEvent{
			{Kind: view.LabLine, Lesson: &view.LabLesson{Name: "fork", Title: view.Words{EN: "A fork"}, Steps: 1}},
			{Kind: view.LabKilled, Node: "A"}}, started(2), []view.LabEvent{
			{Kind: view.LabLine, Lesson: &view.LabLesson{Name: "fork", Step: 1, Steps: 1, Say: view.Words{EN: "Two nodes, one chain: all columns end in the same block, and this is a line that has to be wrapped.\nNext, alice pays."}}},
			typed("send alice bob 1"),
			{Kind: view.LabDid, Text: &view.Words{EN: "alice pays bob 1"}},
			{Kind: view.LabLine, Lesson: &view.LabLesson{Name: "fork", Step: 1, Steps: 1, Over: true, Say: view.Words{EN: "Why?"}, Answer: view.Words{EN: "So."}}},
		}), `

A fork

Two nodes, one chain: all columns end in the same block, and this is a line that
has to be wrapped.

Next, alice pays.

> send alice bob 1
  alice pays bob 1

Why?

So.

`},
		{"a lesson that fails, at a prompt", func(p *labPlain) { p.isPrompted = true }, []view.LabEvent{
			{Kind: view.LabLine, Lesson: &view.LabLesson{Step: 1, Steps: 2, Say: view.Words{EN: "Look."}, Stops: true}},
			{Kind: view.LabLine, Lesson: &view.LabLesson{Over: true, Say: view.Words{EN: "Why?"}, Answer: view.Words{EN: "So."}}},
			{Kind: view.LabLine, Lesson: &view.LabLesson{Over: true, Failed: "waited 30s"}},
		}, `

Look.

(Press Enter to go on.)

Why?

(Press Enter to see what we think. The nodes still run: go on as you like.)

The lesson did not end as it should: waited 30s

`},
		{"beside the page", func(p *labPlain) { p.isBrief = true }, slices.Concat(started(2),
			delivered(1, "A", "B", "block 3 da29c81f", ""),
			[]view.LabEvent{typed("mine A"), toldBy("A", mined, ""), grew("A", 3, hash1), {Kind: view.LabKilled, Node: "B"}},
		), `
> mine A
A mined block 3, da29c81f, with 1 transaction, and announces it
B ✗ killed
`},
		{"what others wrote is only text", nil, slices.Concat(started(2), []view.LabEvent{
			typed("mine \x1b[2J"), {Kind: view.LabDid, Text: &view.Words{EN: "A → B: x\nB → A: \x07"}}, toldBy("A", "got \x1b]0;x\x07", ""),
		}), `
> mine  [2J
  A → B: x
  B → A:

A alice                                 B bob
│ got  ]0;x                             │
`},
		{"in colours", func(p *labPlain) { p.colours = true }, slices.Concat(started(2), []view.LabEvent{
			typed("mine A"), grew("A", 3, hash1), grew("B", 3, hash1),
		}), `
` + "\x1b[36m> mine A\x1b[0m" + `

A alice                                 B bob
│ ■ 3 ` + "\x1b[96mda29c81f\x1b[0m" + `                          │
│                                       │ ■ 3 ` + "\x1b[96mda29c81f\x1b[0m" + `
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newLabPlain()
			if tt.set != nil {
				tt.set(p)
			}
			if got, want := tellAll(p, tt.events), strings.TrimPrefix(tt.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Whatever happens to however many nodes, in whichever language, no line is wider
// than a terminal, and nothing is drawn of nodes that are unknown.
func TestLabPlainFits(t *testing.T) {
	t.Parallel()
	long := "不接受 127.0.0.1:54321 的链：block 3 da29c81f: the wire is cut, 而这一行很长，" + strings.Repeat("abcdefgh", 20)
	for seed := range uint64(1000) {
		luck := rand.New(rand.NewPCG(seed, 1))
		p := newLabPlain()
		p.chinese, p.all, p.isBrief = luck.IntN(2) == 0, luck.IntN(2) == 0, luck.IntN(8) == 0
		cutText := func() string {
			runes := []rune(long)
			return string(runes[luck.IntN(40) : 40+luck.IntN(len(runes)-40)])
		}

		events := started(1 + luck.IntN(20))
		for id := range 30 {
			from, to := letterOf(luck.IntN(21)), letterOf(luck.IntN(21))
			text := cutText()
			switch luck.IntN(8) {
			case 0:
				events = append(events, view.LabEvent{Kind: view.LabKilled, Node: from})
			case 1:
				events = append(events, toldBy(from, text, text))
			case 2:
				events = append(events, rewired(from, to, true), sent(id, from, to, text, text))
			case 3:
				events = append(events, sent(id, from, to, text, text), lost(id, wire.WhyGone))
			case 4:
				events = append(events, typed(text), view.LabEvent{Kind: view.LabDid, Text: &view.Words{EN: text, ZH: text}})
			case 5:
				e := view.LabEvent{Kind: view.LabLost, Message: &view.LabMessage{ID: id}, Text: &view.Words{EN: text, ZH: text}}
				events = append(events, sent(id, from, to, text, text), e)
			default:
				events = append(events, delivered(id, from, to, text, text)...)
			}
		}

		for line := range strings.Lines(tellAll(p, events)) {
			if width := textWidth(strings.TrimSuffix(line, "\n")); width > lineWidth {
				t.Fatalf("seed %d: %d columns: %s", seed, width, line)
			}
		}
	}
}

// In every lesson each block that a node tells of is drawn, and no line is too
// wide.
func TestLabPlainLesson(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{})
	if err := l.play(t.Context(), "python"); err != nil {
		t.Fatal(err)
	}
	for _, chinese := range []bool{false, true} {
		p := newLabPlain()
		p.chinese = chinese
		events := l.record.all()
		text := tellAll(p, events)
		for line := range strings.Lines(text) {
			if width := textWidth(strings.TrimSuffix(line, "\n")); width > lineWidth {
				t.Errorf("%d columns: %s", width, line)
			}
		}
		for _, e := range events {
			if e.Kind == view.LabGrown && e.Chain.Tip != "" && !strings.Contains(text, fmt.Sprintf("■ %d %.8s", e.Chain.Height, e.Chain.Tip)) {
				t.Errorf("block %d, %.8s, of %s is not there", e.Chain.Height, e.Chain.Tip, e.Node)
			}
		}
	}
}
