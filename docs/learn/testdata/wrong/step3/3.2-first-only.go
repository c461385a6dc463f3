package main

import (
	"fmt"
)

// Wrong: only the first transaction is written.
func (b *Block) json() string {
	return fmt.Sprintf(`{"magic_no": %d, "block_header": %s, "transactions": [%s]}`, magicNo, b.Header.json(), b.Transactions[0])
}
