package main

import (
	"fmt"
	"strings"
)

// How a forgery is printed: the JSON that Mallory sends, with … for what does not
// matter, and notes beside what does.

// A shownLine is a line of JSON, and a note beside it; "": it needs none.
type shownLine struct{ text, note string }

// notes are what is to be said of the parts of a transaction (in0, in0.signature,
// in0.pub_key, out0) or of a block (time, parent, hash, root, height, nonce; tx0
// for the coins that a transaction spends, tx0.out for those that it makes).
type notes map[string]string

// showTx shows a transaction.
func (w *world) showTx(tx *Transaction, n notes) (lines []shownLine) {
	lines = append(lines, shownLine{fmt.Sprintf(`{"txid": %s, "vins": [`, shortText(tx.TxID)), n["txid"]})
	for i, in := range tx.Vins {
		key := fmt.Sprintf("in%d", i)
		lines = append(lines,
			shownLine{fmt.Sprintf(`  {"txid": %s, "vout": %d,`, shortText(in.TxID), in.Vout), n[key]},
			shownLine{fmt.Sprintf(`   "signature": %s,`, shortText(in.Signature)), n[key+".signature"]},
			shownLine{fmt.Sprintf(`   "pub_key": %s}%s`, shortText(in.PubKey), comma(i, len(tx.Vins), "],")), n[key+".pub_key"]})
	}

	lines = append(lines, shownLine{` "vouts": [`, ""})
	for i, out := range tx.Vouts {
		text := fmt.Sprintf(`  {"value": %d, "pub_key_hash": %s}%s`, out.Value, shortText(out.PubKeyHash), comma(i, len(tx.Vouts), "]}"))
		note := n[fmt.Sprintf("out%d", i)]
		if note == "" {
			note = forWhom(w.names().Replace(out.PubKeyHash))
		}
		lines = append(lines, shownLine{text, note})
	}
	return lines
}

func forWhom(payee string) string { return fmt.Sprintf("for %s", payee) }

// showBlock shows a block. Of a header, and of transactions, without any notes
// little is shown.
func (w *world) showBlock(b *Block, n notes) (lines []shownLine) {
	h := &b.Header
	lines = append(lines, shownLine{`{"magic_no": 3166485692, "block_header": {`, ""})
	fields := []struct{ key, text string }{
		{"time", `"timestamp": "` + h.Timestamp + `"`},
		{"parent", `"prev_block_hash": ` + shortText(h.PrevBlockHash)},
		{"hash", `"hash": ` + shortText(h.Hash)},
		{"root", `"hash_merkle_root": ` + shortText(h.HashMerkleRoot)},
		{"height", fmt.Sprintf(`"height": %d`, h.Height)},
		{"nonce", `"nonce": ` + h.nonceText()},
	}
	if h.Height == 0 {
		fields[5].text = `"nonce": null`
	}

	left := false // something is, since the last line
	for _, f := range fields {
		if n[f.key] == "" && f.key != "height" {
			left = true
			continue
		}
		text := "  "
		if left {
			text += "… "
		}
		lines = append(lines, shownLine{text + f.text + ",", n[f.key]})
		left = false
	}
	last := &lines[len(lines)-1].text
	if *last = strings.TrimSuffix(*last, ","); left {
		*last += " …"
	}
	*last += "},"

	lines = append(lines, shownLine{` "transactions": [`, ""})
	for i, tx := range b.Transactions {
		end := comma(i, len(b.Transactions), "]}")
		lines = append(lines, showBlockTx(tx, n[fmt.Sprintf("tx%d", i)], n[fmt.Sprintf("tx%d.out", i)], end)...)
	}
	return lines
}

// showBlockTx shows a transaction of a block in few lines.
func showBlockTx(tx *Transaction, spends, pays, end string) []shownLine {
	if spends == "" && pays == "" {
		return []shownLine{{fmt.Sprintf(`  {"txid": %s, …}%s`, shortText(tx.TxID), end), ""}}
	}

	in := tx.Vins[0]
	var outs []string
	for _, out := range tx.Vouts {
		outs = append(outs, fmt.Sprintf(`{"value": %d, …}`, out.Value))
	}
	return []shownLine{
		{fmt.Sprintf(`  {"txid": %s,`, shortText(tx.TxID)), ""},
		{fmt.Sprintf(`   "vins": [{"txid": %s, "vout": %d, …}],`, shortText(in.TxID), in.Vout), spends},
		{fmt.Sprintf(`   "vouts": [%s]}%s`, strings.Join(outs, ", "), end), pays},
	}
}

// comma returns what stands behind the element i of a list of n.
func comma(i, n int, end string) string {
	if i < n-1 {
		return ","
	}
	return end
}

// shortText returns a text as JSON has it, of a long one the beginning.
func shortText(s string) string {
	if len(s) > shortHash+1 {
		s = s[:shortHash] + "…"
	}
	return `"` + s + `"`
}

// layOut puts the notes of lines beside them: in one column where they have room
// there, or else right behind the text, or below it.
func layOut(lines []shownLine) (placed []shownLine) {
	const indent, mark = "    ", "  <- "
	column, widest := 0, 0
	for _, l := range lines {
		if l.note != "" {
			column = max(column, textWidth(indent+l.text))
			widest = max(widest, textWidth(mark+l.note))
		}
	}
	column = max(0, min(column, lineWidth-widest))

	for _, l := range lines {
		text, note := indent+l.text, mark+l.note
		switch {
		case l.note == "":
			placed = append(placed, shownLine{text, ""})
		case textWidth(text+note) > lineWidth:
			placed = append(placed, shownLine{text, ""}, shownLine{strings.Repeat(" ", column), note})
		default:
			placed = append(placed, shownLine{padTo(text, column), note})
		}
	}
	return placed
}
