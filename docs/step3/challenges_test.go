//go:build challenge

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// longChain returns a chain with some blocks in a file of its own, and the blocks.
func longChain(t *testing.T, height int) (*Chain, []*Block) {
	t.Helper()
	c := emptyChain(t)
	blocks := storyBlocks()[:1]
	for len(blocks) <= height {
		blocks = append(blocks, nextBlock(blocks[len(blocks)-1]))
	}
	for _, b := range blocks {
		if err := c.add(b); err != nil {
			t.Fatal(err)
		}
	}
	return c, blocks
}

func txidOf(text json.RawMessage) string {
	return string(text)[len(`{"txid": "`):][:64]
}

func TestHole3_7Find(t *testing.T) {
	c, blocks := longChain(t, 6)

	// A block with two transactions, of which the second names an earlier one.
	earlier := txidOf(blocks[2].Transactions[0])
	second := fmt.Sprintf(`{"txid": "%s", "vins": [{"txid": "%s"}], "vouts": []}`, strings.Repeat("7", 64), earlier)
	b := newBlock(blocks[6], []json.RawMessage{coinbase(people["Mia"], 7), json.RawMessage(second)})
	mine(b, workBits)
	if err := c.add(b); err != nil {
		t.Fatal(err)
	}

	type result struct {
		b   *Block
		err error
	}
	find := func(txid string) result {
		return attempt(t, "find", func() result {
			b, err := c.find(txid)
			return result{b, err}
		})
	}
	for height, txid := range map[int]string{0: txidOf(blocks[0].Transactions[0]), 2: earlier, 6: txidOf(blocks[6].Transactions[0]), 7: strings.Repeat("7", 64)} {
		got := find(txid)
		if got.err != nil || got.b == nil || got.b.Header.Height != height {
			t.Errorf("find(%.8s): got block %v and error %v, want block %d", txid, got.b, got.err, height)
		}
	}
	for _, txid := range []string{strings.Repeat("0", 64), "", earlier[:8], b.Header.Hash} {
		if got := find(txid); !errors.Is(got.err, errNoBlock) || got.b != nil {
			t.Errorf("find(%q): got block %v and error %v, want errNoBlock", txid, got.b, got.err)
		}
	}

	c = emptyChain(t)
	if got := find(earlier); !errors.Is(got.err, errNoBlock) || got.b != nil {
		t.Errorf("find in an empty chain: got block %v and error %v, want errNoBlock", got.b, got.err)
	}
}

// exported returns what exportChain should write.
func exported(blocks []*Block) (text string) {
	for _, b := range blocks {
		text += b.json() + "\n"
	}
	return text
}

func TestHole3_8Export(t *testing.T) {
	for _, height := range []int{0, 1, 9} {
		c, blocks := longChain(t, height)
		var text strings.Builder
		if err := attempt(t, "exportChain", func() error { return exportChain(c, &text) }); err != nil {
			t.Fatalf("exportChain: %v", err)
		}
		if want := exported(blocks); text.String() != want {
			t.Errorf("of a chain with %d blocks:\n got %q\nwant %q", height+1, text.String(), want)
		}
	}

	var text strings.Builder
	c := emptyChain(t)
	if err := attempt(t, "exportChain", func() error { return exportChain(c, &text) }); err != nil || text.String() != "" {
		t.Errorf("of an empty chain: got %q and error %v, want nothing", text.String(), err)
	}
}

// A fullDisk takes so many bytes, and no more.
type fullDisk struct{ room int }

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.room -= len(b); d.room < 0 {
		return 0, errors.New("disk full")
	}
	return len(b), nil
}

func TestHole3_8ExportToFullDisk(t *testing.T) {
	c, blocks := longChain(t, 3)
	size := len(exported(blocks))
	for _, room := range []int{0, size / 2, size - 1} {
		if err := attempt(t, "exportChain", func() error { return exportChain(c, &fullDisk{room}) }); err == nil {
			t.Errorf("the disk has room for %d of %d bytes, and exportChain returns no error", room, size)
		}
	}
}

func heightOf(t *testing.T, c *Chain) int {
	t.Helper()
	tip, err := c.tip()
	if err != nil {
		t.Fatal(err)
	}
	if tip == nil {
		return -1
	}
	return tip.Header.Height
}

func importInto(t *testing.T, c *Chain, r io.Reader) error {
	t.Helper()
	return attempt(t, "importChain", func() error { return importChain(c, r) })
}

func TestHole3_9Import(t *testing.T) {
	_, blocks := longChain(t, 9)
	text := exported(blocks)

	for name, r := range map[string]io.Reader{
		"all at once":                    strings.NewReader(text),
		"byte by byte":                   iotest.OneByteReader(strings.NewReader(text)),
		"without the last line break":    strings.NewReader(strings.TrimSuffix(text, "\n")),
		"the last bytes with the end":    iotest.DataErrReader(strings.NewReader(text)),
		"the first half of it two times": strings.NewReader(exported(blocks[:5]) + text),
	} {
		c := emptyChain(t)
		if err := importInto(t, c, r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := heightOf(t, c); got != 9 {
			t.Errorf("%s: the tip is block %d, want block 9", name, got)
		}
	}

	c := emptyChain(t)
	if err := importInto(t, c, strings.NewReader("")); err != nil || heightOf(t, c) != -1 {
		t.Errorf("of nothing: error %v, tip %d", err, heightOf(t, c))
	}

	c, _ = longChain(t, 4)
	if err := importInto(t, c, strings.NewReader(text)); err != nil || heightOf(t, c) != 9 {
		t.Errorf("into a chain that has five of the ten blocks: error %v, tip %d, want block 9", err, heightOf(t, c))
	}
}

// A file that is cut off somewhere in a line is no good file.
func TestHole3_9ImportCutOff(t *testing.T) {
	_, blocks := longChain(t, 3)
	text, last := exported(blocks), len(blocks[3].json())
	for _, missing := range []int{2, 3, 10, last / 2, last - 1, last} {
		c := emptyChain(t)
		err := importInto(t, c, strings.NewReader(text[:len(text)-missing]))
		if err == nil || !strings.Contains(err.Error(), "line 4") {
			t.Errorf("%d bytes are missing at the end: got error %v, want one that names line 4", missing, err)
		}
		if got := heightOf(t, c); got != 2 {
			t.Errorf("%d bytes are missing at the end: the tip is block %d, want block 2", missing, got)
		}
	}
}

func TestHole3_9ImportBadLine(t *testing.T) {
	_, blocks := longChain(t, 5)
	lines := strings.SplitAfter(exported(blocks), "\n")
	tests := []struct {
		name, line string
	}{
		{"no JSON", "hello\n"},
		{"an empty line", "\n"},
		{"an empty line before good ones", "\n" + lines[3] + lines[4]},
		{"a forged block", strings.Replace(lines[3], people["Mia"], people["Mallory"], 1)},
		{"a block left out", lines[4]},
		{"two blocks in one line", strings.TrimSuffix(lines[3], "\n") + lines[4]},
	}
	for _, tt := range tests {
		c := emptyChain(t)
		err := importInto(t, c, strings.NewReader(strings.Join(lines[:3], "")+tt.line+lines[5]))
		if err == nil || !strings.Contains(err.Error(), "line 4") {
			t.Errorf("%s in line 4: got error %v, want one that names line 4", tt.name, err)
		}
		if got := heightOf(t, c); got != 2 {
			t.Errorf("%s in line 4: the tip is block %d, want block 2", tt.name, got)
		}
	}

	c := emptyChain(t)
	broken := io.MultiReader(strings.NewReader(lines[0]+lines[1]), iotest.ErrReader(errors.New("bad sector")))
	if err := importInto(t, c, broken); err == nil {
		t.Error("reading fails after two lines, and importChain returns no error")
	}
}

// Another chain's blocks aren't those that the chain has.
func TestHole3_9ImportOtherChain(t *testing.T) {
	c, _ := longChain(t, 4)
	before := dump(t, c)

	other := []*Block{newBlock(nil, []json.RawMessage{coinbase(people["Mallory"], 0)})}
	for len(other) < 8 {
		other = append(other, nextBlock(other[len(other)-1]))
	}
	if err := importInto(t, c, strings.NewReader(exported(other))); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("the file has another block 0 than the chain: got error %v, want one that names line 1", err)
	}
	if dump(t, c) != before {
		t.Error("the file has another block 0 than the chain, and yet the chain has changed")
	}
}

// Nor is a block that has the header of one of the chain's, and other transactions.
func TestHole3_9ImportForgedOldBlock(t *testing.T) {
	c, blocks := longChain(t, 4)
	before := dump(t, c)
	lines := strings.SplitAfter(exported(blocks), "\n")
	lines[2] = strings.Replace(lines[2], people["Mia"], people["Mallory"], 1)
	if err := importInto(t, c, strings.NewReader(strings.Join(lines, ""))); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("in line 3 is a block that the chain has, with a forged transaction: got error %v, want one that names line 3", err)
	}
	if dump(t, c) != before {
		t.Error("line 3 was forged, and the chain has changed")
	}
}

// Lines may be long: a block has up to a megabyte.
func TestHole3_9ImportLongLine(t *testing.T) {
	zero := storyBlocks()[0]
	long := json.RawMessage(`{"txid": "` + strings.Repeat("5", 300_000) + `"}`)
	b := newBlock(zero, []json.RawMessage{coinbase(people["Mia"], 1), long})
	mine(b, workBits)

	c := emptyChain(t)
	if err := importInto(t, c, strings.NewReader(exported([]*Block{zero, b}))); err != nil || heightOf(t, c) != 1 {
		t.Errorf("a line of 300,000 bytes: error %v, tip %d, want block 1", err, heightOf(t, c))
	}
}
