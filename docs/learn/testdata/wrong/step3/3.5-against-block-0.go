package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: every block is checked against no parent.
func (c *Chain) add(b *Block) error {
	return c.db.Update(func(dbtx *bolt.Tx) error {
		if err := checkBlock(b, nil); err != nil && b.Header.Height == 0 {
			return err
		}
		return putBlock(dbtx, b)
	})
}
