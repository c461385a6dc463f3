package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: the check's error is noticed, and not returned.
func (c *Chain) add(b *Block) error {
	return c.db.Update(func(dbtx *bolt.Tx) error {
		tip, err := getTip(dbtx)
		if err != nil {
			return err
		}
		if err := checkBlock(b, tip); err != nil {
			return nil
		}
		return putBlock(dbtx, b)
	})
}
