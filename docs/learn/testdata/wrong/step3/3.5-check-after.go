package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: the block is put before it is checked, in a transaction of its own.
func (c *Chain) add(b *Block) error {
	tip, err := c.tip()
	if err != nil {
		return err
	}
	if err := c.db.Update(func(dbtx *bolt.Tx) error { return putBlock(dbtx, b) }); err != nil {
		return err
	}
	return checkBlock(b, tip)
}
