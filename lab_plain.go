package main

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"

	"gosimpleblockchain/view"
	"gosimpleblockchain/wire"
)

// A lab as text: each node is a column, time runs down, and a message is an arrow
// from column to column. The idea is Leslie Lamport's, of 1978. It works line by
// line, as things happen, in a terminal or in a pipe.

// A labPlain turns the events of a lab into lines of at most lineWidth columns. It
// must be given all events, in order.
type labPlain struct {
	chinese    bool
	colours    colours // the same block has the same one everywhere
	isBrief    bool    // only what nodes do, without columns and messages: the page shows these
	isPrompted bool    // somebody sits at a prompt, and is told what to type
	all        bool    // messages that are no news, too

	columns   []labColumn // by letter
	headerDue bool        // the columns are others than the header says

	flying map[int]view.LabMessage // those that are told, by ID
	cut    map[[2]string]bool      // wires, from and to
	paused bool
	tips   map[string]string          // of the chains, by node
	pooled map[string]map[string]bool // by node: payments that were in its pool; true: they are
	heard  map[[2]string]string       // by wire, from and to: the last handshake that arrived
}

// A labColumn is a node that runs, or did.
type labColumn struct {
	letter, person string
	isRunning      bool
}

func newLabPlain() *labPlain {
	p := new(labPlain)
	p.forgetNodes()
	return p
}

// forgetNodes clears the table: a lesson brings nodes of its own.
func (p *labPlain) forgetNodes() {
	p.columns, p.headerDue = nil, false
	p.flying = make(map[int]view.LabMessage)
	p.cut = make(map[[2]string]bool)
	p.paused = false
	p.tips = make(map[string]string)
	p.pooled = make(map[string]map[string]bool)
	p.heard = make(map[[2]string]string)
}

// tell returns the lines that tell an event, each with its end, or "".
func (p *labPlain) tell(e view.LabEvent) string {
	switch e.Kind {
	case view.LabStarted:
		p.start(e.Node, e.State)
	case view.LabKilled:
		return p.kill(e.Node)
	case view.LabGrown:
		return p.tellChain(e.Node, e.Chain)
	case view.LabPooled:
		return p.tellPool(e.Node, e.Pool)
	case view.LabTold:
		return p.tellNode(e.Node, p.words(e.Text))

	case view.LabRewired:
		p.cut[[2]string{e.Wire.From, e.Wire.To}] = e.Wire.Cut
	case view.LabPaused:
		p.paused = true
	case view.LabResumed:
		p.paused = false

	case view.LabSent:
		return p.tellSent(*e.Message)
	case view.LabArrived, view.LabLost:
		return p.tellEnd(e)

	case view.LabDid:
		return p.tellLine(e.Line, e.Text)
	case view.LabLine:
		return p.tellLesson(*e.Lesson)
	}
	return ""
}

// words returns a text in the reader's language. It may have been written by
// others.
func (p *labPlain) words(w *view.Words) string {
	if w == nil {
		return ""
	}
	return printable(p.choose(*w))
}

func (p *labPlain) choose(w view.Words) string { return inLanguage(w, p.chinese) }

func (p *labPlain) find(letter string) int {
	return slices.IndexFunc(p.columns, func(c labColumn) bool { return c.letter == letter })
}

func (p *labPlain) start(letter string, state *view.LabNode) {
	p.headerDue = true
	c := labColumn{letter, printable(state.Person), true}
	if i := p.find(letter); i >= 0 {
		p.columns[i] = c
		return
	}
	p.columns = append(p.columns, c)
	slices.SortFunc(p.columns, func(a, b labColumn) int { return strings.Compare(a.letter, b.letter) })
}

func (p *labPlain) kill(letter string) string {
	i := p.find(letter)
	if i < 0 {
		return ""
	}
	text := p.tellNode(letter, "✗ "+p.choose(view.Words{EN: "killed", ZH: "被关掉"}))
	p.columns[i].isRunning = false
	p.headerDue = true
	return text
}

// tellChain tells of a new tip, or else of blocks that stand beside the chain.
func (p *labPlain) tellChain(letter string, chain *view.LabChain) string {
	if p.isBrief {
		return ""
	}
	if chain.Tip != p.tips[letter] {
		p.tips[letter] = chain.Tip
		return p.tellNode(letter, fmt.Sprintf("■ %d %.8s", chain.Height, chain.Tip))
	}

	var s strings.Builder
	for _, b := range chain.Blocks {
		s.WriteString(p.tellNode(letter, fmt.Sprintf("□ %d %.8s", b.Height, b.Hash)))
	}
	return s.String()
}

// tellPool tells of payments that are back in a pool. How one comes there first
// the node tells itself.
func (p *labPlain) tellPool(letter string, pool []view.Tx) string {
	known := p.pooled[letter]
	if known == nil {
		known = make(map[string]bool)
		p.pooled[letter] = known
	}
	isThere := make(map[string]bool)
	var s strings.Builder
	for _, tx := range pool {
		isThere[tx.TxID] = true
		if waits, known := known[tx.TxID]; known && !waits {
			back := view.Words{EN: "payment %.8s waits again", ZH: "付款 %.8s 又在等待"}
			s.WriteString(p.tellNode(letter, fmt.Sprintf(p.choose(back), tx.TxID)))
		}
		known[tx.TxID] = true
	}
	for txid := range known {
		known[txid] = isThere[txid]
	}
	return s.String()
}

// tellNode tells what a node does or has.
func (p *labPlain) tellNode(letter, text string) string {
	i := p.find(letter)
	if i < 0 {
		return ""
	}
	switch {
	case p.isList():
		return p.header() + p.paintHashes(wrapLines(letter+" "+text, lineWidth, "  "))
	case p.isNarrow():
		rows := p.rowsBeside(letter + " " + text)
		rows[0].put(p.at(i), "◆")
		return p.header() + p.draw(rows)
	}

	var rows []labRow
	width := p.step() - 3
	if i == len(p.columns)-1 {
		width = lineWidth - p.at(i) - 2
	}
	for _, line := range wrapWidth(text, width) {
		row := p.newRow()
		row.put(p.at(i)+2, line)
		rows = append(rows, row)
	}
	return p.header() + p.draw(rows)
}

// What stands at the end of an arrow that does not arrive.
const (
	markLost = "✗"
	markHeld = "‖"
)

// tellSent keeps a message until it arrives. If it won't for the time being, the
// arrow is drawn now, as far as it comes.
func (p *labPlain) tellSent(m view.LabMessage) string {
	if p.isBrief || !m.News && !p.all {
		return ""
	}
	m.Text = view.Words{EN: printable(m.Text.EN), ZH: printable(m.Text.ZH)}
	p.flying[m.ID] = m
	switch {
	case m.UDP:
		return ""
	case p.paused:
		return p.tellMessage(m, markHeld, p.choose(view.Words{EN: "held", ZH: "停住"}))
	case p.cut[[2]string{m.From, m.To}]:
		return p.tellMessage(m, markHeld, p.choose(shortReasons[wire.WhyCut]))
	}
	return ""
}

// tellEnd tells how a message ends. Of those that nobody was told of there are
// more than of others.
func (p *labPlain) tellEnd(e view.LabEvent) string {
	m, known := p.flying[e.Message.ID]
	if !known {
		return ""
	}
	delete(p.flying, m.ID)
	if e.Kind == view.LabArrived {
		if p.isHeard(m) {
			return ""
		}
		return p.tellMessage(m, "", "")
	}

	reason := p.words(e.Text)
	for why, words := range lossReasons {
		if e.Text != nil && e.Text.EN == words.EN {
			reason = p.choose(shortReasons[why])
		}
	}
	return p.tellMessage(m, markLost, reason)
}

// isHeard reports whether a handshake says again what the last one on its wire
// said. Nodes shake hands often.
func (p *labPlain) isHeard(m view.LabMessage) bool {
	if m.Kind != "handshake" || p.all {
		return false
	}
	wire := [2]string{m.From, m.To}
	before := p.heard[wire]
	p.heard[wire] = m.Text.EN
	return before == m.Text.EN
}

// shortReasons are [lossReasons] in a word.
var shortReasons = map[string]view.Words{
	wire.WhyCut:  {EN: "cut", ZH: "断线"},
	wire.WhyLoss: {EN: "lost", ZH: "丢包"},
	wire.WhyGone: {EN: "gone", ZH: "断开"},
}

// tellMessage draws the arrow of a message. With a mark it does not arrive, and
// the reason stands beside that.
func (p *labPlain) tellMessage(m view.LabMessage, mark, reason string) string {
	from, to := p.find(m.From), p.find(m.To)
	if from < 0 || to < 0 || from == to {
		return ""
	}
	label := p.choose(m.Text)
	beside := label
	if mark != "" {
		beside += " " + mark + " " + reason
	}
	switch {
	case p.isList():
		return p.header() + p.paintHashes(wrapLines(fmt.Sprintf("%s → %s%s%s", m.From, m.To, p.choose(colon), beside), lineWidth, "       "))
	case p.isNarrow():
		rows := p.rowsBeside(beside)
		p.drawArrow(rows[0], from, to, mark, "", "")
		return p.header() + p.draw(rows)
	}

	// What does not fit on the arrow stands above it.
	span := p.step() * max(from-to, to-from)
	room := span - 1
	if mark != "" {
		room -= textWidth(mark) + 2 + textWidth(reason)
	}
	var above string
	switch {
	case room < 1:
		above, label, reason = label+" "+mark+" "+reason, "", ""
	case room < textWidth(label):
		above, label = label, ""
	}

	var rows []labRow
	if above != "" {
		for _, line := range wrapWidth(above, span-3) {
			row := p.newRow()
			row.put(p.at(min(from, to))+2, line)
			rows = append(rows, row)
		}
	}
	row := p.newRow()
	p.drawArrow(row, from, to, mark, reason, label)
	return p.header() + p.draw(append(rows, row))
}

// drawArrow draws an arrow from column to column, with a label on it for which
// there is room.
func (p *labPlain) drawArrow(row labRow, from, to int, mark, reason, label string) {
	left, right := p.at(min(from, to))+1, p.at(max(from, to)) // of what is between
	isRight := from < to
	row.put(p.at(from), "●")
	switch {
	case mark == "" && isRight:
		row.put(p.at(to), "▶")
	case mark == "":
		row.put(p.at(to), "◀")
	default:
		tail := mark
		if reason != "" && isRight {
			tail = mark + " " + reason + " "
		} else if reason != "" {
			tail = " " + reason + " " + mark
		}
		width := textWidth(tail)
		if isRight {
			right -= width
			row.put(right, tail)
		} else {
			row.put(left, tail)
			left += width
		}
	}

	for x := left; x < right; x++ {
		if row[x] == "│" {
			row[x] = "┼"
		} else {
			row[x] = "─"
		}
	}
	for _, spaced := range []string{" " + label + " ", label} {
		if free := right - left - textWidth(spaced); label != "" && free >= 0 {
			row.put(left+free/2, spaced)
			return
		}
	}
}

// tellLine tells what was typed, or what came of it.
func (p *labPlain) tellLine(line string, said *view.Words) string {
	var s strings.Builder
	if line != "" {
		s.WriteString(p.colours.paint("36", wrapLines("> "+printable(line), lineWidth, "  ")))
	}
	if said != nil {
		for part := range strings.Lines(p.choose(*said)) {
			s.WriteString(p.paintHashes(wrapLines("  "+printable(strings.TrimRight(part, "\n")), lineWidth, "  ")))
		}
	}
	return s.String()
}

// tellLesson tells what a lesson says.
func (p *labPlain) tellLesson(l view.LabLesson) string {
	if l.Step == 0 && !l.Over {
		p.forgetNodes()
		return "\n" + p.colours.paint("1", wrapLines(p.choose(l.Title), lineWidth, ""))
	}

	say := func(words view.Words) string {
		var paragraphs []string
		for paragraph := range strings.SplitSeq(p.choose(words), "\n") {
			paragraphs = append(paragraphs, p.colours.paint("1", wrapLines(printable(paragraph), lineWidth, "")))
		}
		return strings.Join(paragraphs, "\n")
	}
	var s strings.Builder
	s.WriteString("\n")
	if l.Say != (view.Words{}) {
		s.WriteString(say(l.Say) + "\n")
	}
	switch {
	case l.Failed != "":
		s.WriteString(say(view.Words{
			EN: "The lesson did not end as it should: " + l.Failed,
			ZH: "这一课没有如预期结束：" + inChinese(l.Failed),
		}) + "\n")
	case l.Over && p.isPrompted:
		s.WriteString(wrapLines(p.choose(view.Words{
			EN: "(Press Enter to see what we think. The nodes still run: go on as you like.)",
			ZH: "（按回车键查看我们的答案。节点还在运行，可以随意继续。）",
		}), lineWidth, ""))
	case l.Over && l.Answer != (view.Words{}):
		s.WriteString(say(l.Answer) + "\n")
	case l.Stops && p.isPrompted:
		s.WriteString(wrapLines(p.choose(view.Words{
			EN: "(Press Enter to go on.)",
			ZH: "（按回车键继续。）",
		}), lineWidth, ""))
	}
	return s.String()
}

// isList reports whether there are no columns: there are too many nodes for that,
// or the page has them.
func (p *labPlain) isList() bool { return p.isBrief || len(p.columns) > mostNodes }

// isNarrow reports whether columns have no room for text, which then stands to the
// right of all of them.
func (p *labPlain) isNarrow() bool { return len(p.columns) > mostWide }

const mostWide = 3 // columns, each of them a third of the width or more

// step is how far it is from one column to the next.
func (p *labPlain) step() int {
	n := len(p.columns)
	if p.isNarrow() {
		return min(max(36/n, 3), 6)
	}
	return lineWidth / max(n, 1)
}

// at returns where a node's line is.
func (p *labPlain) at(i int) int { return i * p.step() }

// beside returns where the text begins that stands to the right of all columns.
func (p *labPlain) beside() int { return p.at(len(p.columns)-1) + 4 }

// unbroken is a space at which no line ends.
const unbroken = "\u00a0"

// header returns who the nodes are, if that has changed.
func (p *labPlain) header() string {
	if !p.headerDue {
		return ""
	}
	p.headerDue = false

	var names []string
	row := make(labRow, lineWidth)
	for i := range row {
		row[i] = " "
	}
	for i, c := range p.columns {
		if !c.isRunning {
			continue
		}
		name := strings.TrimSpace(c.letter + " " + c.person)
		names = append(names, strings.ReplaceAll(name, " ", unbroken))
		switch {
		case p.isList():
		case p.isNarrow():
			row.put(p.at(i), c.letter)
		default:
			row.put(p.at(i), wrapWidth(name, p.step()-1)[0])
		}
	}

	switch {
	case p.isBrief:
		return ""
	case p.isList():
		return "\n" + strings.ReplaceAll(wrapLines(strings.Join(names, ", "), lineWidth, ""), unbroken, " ")
	case !p.isNarrow():
		return "\n" + row.text() + "\n"
	}
	var s strings.Builder
	for i, line := range wrapWidth(strings.Join(names, ", "), lineWidth-p.beside()) {
		if i > 0 {
			row = slices.Repeat(labRow{" "}, lineWidth)
		}
		row.put(p.beside(), strings.ReplaceAll(line, unbroken, " "))
		s.WriteString("\n" + row.text())
	}
	return s.String() + "\n"
}

// A labRow is a line of the drawing, a cell a column of the terminal. Beside a
// character that takes two of them stands an empty one.
type labRow []string

// newRow returns a row in which nothing happens.
func (p *labPlain) newRow() labRow {
	row := slices.Repeat(labRow{" "}, lineWidth)
	for i, c := range p.columns {
		if c.isRunning {
			row.put(p.at(i), "│")
		}
	}
	return row
}

// rowsBeside returns rows in which nothing happens, with a text to their right.
func (p *labPlain) rowsBeside(text string) (rows []labRow) {
	for _, line := range wrapWidth(text, lineWidth-p.beside()) {
		row := p.newRow()
		row.put(p.beside(), line)
		rows = append(rows, row)
	}
	return rows
}

// put writes a text into a row, which must have room for it.
func (r labRow) put(x int, text string) {
	for _, c := range text {
		width := textWidth(string(c))
		if x+width > len(r) {
			return
		}
		r[x] = string(c)
		if width == 2 {
			r[x+1] = ""
		}
		x += width
	}
}

func (r labRow) text() string { return strings.TrimRight(strings.Join(r, ""), " ") }

func (p *labPlain) draw(rows []labRow) string {
	var s strings.Builder
	for _, row := range rows {
		s.WriteString(row.text() + "\n")
	}
	return p.paintHashes(s.String())
}

// wrapLines returns a text as lines, each with its end; all but the first are
// indented.
func wrapLines(text string, width int, indent string) string {
	lines := wrapWidth(text, width)
	if len(lines) > 1 {
		rest := strings.TrimSpace(strings.TrimPrefix(text, lines[0]))
		lines = slices.Concat(lines[:1], wrapWidth(rest, width-len(indent)))
	}
	return strings.Join(lines, "\n"+indent) + "\n"
}

// wrapWidth breaks a text into lines of that many columns, of which there is at
// least one. A word that is longer is broken, too.
func wrapWidth(text string, width int) (lines []string) {
	column := lineWidth - width
	indent := strings.Repeat(" ", column)
	for line := range strings.SplitSeq(wrap(text, column, indent), "\n") {
		line = strings.TrimPrefix(line, indent)
		for textWidth(line) > width {
			end := 0
			for i := range line {
				if textWidth(line[:i]) > width {
					break
				}
				end = i
			}
			lines = append(lines, line[:end])
			line = line[end:]
		}
		lines = append(lines, line)
	}
	return lines
}

// hashColours are those that a dark and a light terminal show well: all but black,
// white and the blue that is hard to read.
var hashColours = []string{"31", "32", "33", "35", "36", "91", "92", "93", "94", "95", "96"}

var shortHashPattern = regexp.MustCompile(`\b[0-9a-f]{8}\b`)

// paintHashes gives each hash in a text a colour of its own.
func (p *labPlain) paintHashes(text string) string {
	return shortHashPattern.ReplaceAllStringFunc(text, func(hash string) string {
		sum := fnv.New32a()
		sum.Write([]byte(hash))
		return p.colours.paint(hashColours[sum.Sum32()%uint32(len(hashColours))], hash)
	})
}
