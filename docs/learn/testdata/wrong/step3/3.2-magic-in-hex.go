package main

import (
	"fmt"
	"strings"
)

// Wrong: the magic number is written in hex.
func (b *Block) json() string {
	var list []string
	for _, tx := range b.Transactions {
		list = append(list, string(tx))
	}
	return fmt.Sprintf(`{"magic_no": %#x, "block_header": %s, "transactions": [%s]}`, magicNo, b.Header.json(), strings.Join(list, ", "))
}
