package main

import "strconv"

// Wrong: the time is a text; it has no business being a number.
func (h BlockHeader) hash() string {
	seconds, _ := strconv.ParseFloat(h.Timestamp, 64)
	return sha256Hex(strconv.Itoa(int(seconds)) + ".0" + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + "None")
}
