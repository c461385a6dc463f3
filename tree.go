package main

import (
	"strings"

	"gosimpleblockchain/view"
)

// The picture of a chain and its branches that `chain -all` prints.

// A tree draws lines beside blocks, which come highest first: the chain's is
// lane 0, and each branch has one until it meets its fork point.
type tree struct {
	lanes []string // hash of the block that comes next in the lane; "": free
	width int      // lanes that there will be at most
}

func newTree(rows []view.Row) *tree {
	t := &tree{lanes: []string{""}}
	for _, row := range rows {
		t.add(row)
		t.width = max(t.width, len(t.lanes))
	}
	if t.width == 1 {
		t.width = 0 // no branches: nothing is drawn
	}
	t.width = min(t.width, maxLanes)
	t.lanes = []string{""}
	return t
}

func (t *tree) indent() string { return strings.Repeat("  ", t.width) }

// add returns the lines in which branches end at a block, and what stands in
// front of the block's own line.
func (t *tree) add(row view.Row) (merges []string, mark string) {
	lane := 0
	if !row.OnChain {
		lane = t.laneOf(row.Hash)
	}
	for i := len(t.lanes) - 1; i > lane; i-- {
		if t.lanes[i] != row.Hash {
			continue
		}
		if i < t.width {
			merges = append(merges, t.merge(lane, i))
		}
		t.lanes[i] = ""
	}
	for len(t.lanes) > 1 && lane < len(t.lanes)-1 && t.lanes[len(t.lanes)-1] == "" {
		t.lanes = t.lanes[:len(t.lanes)-1]
	}
	t.lanes[lane] = row.Prev

	mark = t.line(func(i int) string {
		switch {
		case i == lane && row.OnChain:
			return "● "
		case i == lane:
			return "○ "
		case t.lanes[i] != "":
			return "│ "
		}
		return "  "
	})
	if lane >= t.width && t.width > 0 { // too many side by side: this one has no line
		mark = strings.TrimSuffix(mark, " ") + "○"
	}
	return merges, mark
}

// laneOf returns the lane of a block beside the chain: that of its child, or a
// new one.
func (t *tree) laneOf(hash string) int {
	for i := 1; i < len(t.lanes); i++ {
		if t.lanes[i] == hash {
			return i
		}
	}
	for i := 1; i < len(t.lanes); i++ {
		if t.lanes[i] == "" {
			return i
		}
	}
	t.lanes = append(t.lanes, hash)
	return len(t.lanes) - 1
}

// merge draws that the lane from ends in the lane to, on its left.
func (t *tree) merge(to, from int) string {
	return t.line(func(i int) string {
		switch {
		case i == to:
			return "├─"
		case i == from:
			return "╯ "
		case i > to && i < from:
			return "──"
		case t.lanes[i] != "":
			return "│ "
		}
		return "  "
	})
}

func (t *tree) line(draw func(lane int) string) string {
	var line strings.Builder
	for i := range t.width {
		if i < len(t.lanes) {
			line.WriteString(draw(i))
		} else {
			line.WriteString("  ")
		}
	}
	return line.String()
}
