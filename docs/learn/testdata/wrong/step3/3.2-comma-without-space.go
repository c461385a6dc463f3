package main

import (
	"fmt"
	"strings"
)

// Wrong: no space follows the commas.
func (b *Block) json() string {
	var list []string
	for _, tx := range b.Transactions {
		list = append(list, string(tx))
	}
	return fmt.Sprintf(`{"magic_no": %d, "block_header": %s, "transactions": [%s]}`, magicNo, b.Header.json(), strings.Join(list, ","))
}
