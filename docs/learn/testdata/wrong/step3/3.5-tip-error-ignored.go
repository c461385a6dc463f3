package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: a tip that can't be read counts as an empty chain.
func (c *Chain) add(b *Block) error {
	return c.db.Update(func(dbtx *bolt.Tx) error {
		tip, _ := getTip(dbtx)
		if err := checkBlock(b, tip); err != nil {
			return err
		}
		return putBlock(dbtx, b)
	})
}
