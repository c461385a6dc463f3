package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: what Update says is thrown away.
func (c *Chain) add(b *Block) error {
	c.db.Update(func(dbtx *bolt.Tx) error {
		tip, err := getTip(dbtx)
		if err != nil {
			return err
		}
		if err := checkBlock(b, tip); err != nil {
			return err
		}
		return putBlock(dbtx, b)
	})
	return nil
}
