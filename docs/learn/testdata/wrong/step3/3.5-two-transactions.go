package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: the tip is read in another transaction: meanwhile it may move.
func (c *Chain) add(b *Block) error {
	tip, err := c.tip()
	if err != nil {
		return err
	}
	if err := checkBlock(b, tip); err != nil {
		return err
	}
	return c.db.Update(func(dbtx *bolt.Tx) error { return putBlock(dbtx, b) })
}
