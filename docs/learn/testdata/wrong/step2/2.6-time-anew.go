package main

import "strings"

// Wrong: the blocks are made anew, and so their times are timeOf their heights.
func forge(chain []*Block, height int, from, to string) (forged []*Block, tries int) {
	forged = append(forged, chain[:height]...)
	for i := height; i < len(chain); i++ {
		txs := append([]string(nil), chain[i].Transactions...)
		if i == height {
			for j := range txs {
				txs[j] = strings.ReplaceAll(txs[j], from, to)
			}
		}
		var parent *Block
		if i > 0 {
			parent = forged[i-1]
		}
		b := newBlock(parent, txs)
		if i > 0 {
			tries += mine(b, workBits)
		}
		forged = append(forged, b)
	}
	return forged, tries
}
