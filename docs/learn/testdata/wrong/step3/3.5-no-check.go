package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: nothing is checked.
func (c *Chain) add(b *Block) error {
	return c.db.Update(func(dbtx *bolt.Tx) error { return putBlock(dbtx, b) })
}
