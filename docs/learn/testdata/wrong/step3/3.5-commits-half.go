package main

import (
	"github.com/boltdb/bolt"
)

// Wrong: the error is kept for later, so that what was put stays.
func (c *Chain) add(b *Block) error {
	var bad error
	err := c.db.Update(func(dbtx *bolt.Tx) error {
		tip, err := getTip(dbtx)
		if err != nil {
			return err
		}
		bad = checkBlock(b, tip)
		return putBlock(dbtx, b)
	})
	if bad != nil {
		return bad
	}
	return err
}
