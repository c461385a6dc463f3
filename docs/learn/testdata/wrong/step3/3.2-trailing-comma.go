package main

import (
	"fmt"
)

// Wrong: a comma follows the last transaction.
func (b *Block) json() string {
	list := ""
	for _, tx := range b.Transactions {
		list += string(tx) + ", "
	}
	return fmt.Sprintf(`{"magic_no": %d, "block_header": %s, "transactions": [%s]}`, magicNo, b.Header.json(), list)
}
