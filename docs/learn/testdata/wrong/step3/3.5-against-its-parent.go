package main

import "github.com/boltdb/bolt"

// Wrong: it checks the block against the one that it names, wherever that stands.
func (c *Chain) add(b *Block) error {
	return c.db.Update(func(dbtx *bolt.Tx) error {
		parent, err := getTip(dbtx)
		if err != nil {
			return err
		}
		if parent != nil {
			if parent, err = getBlock(dbtx, []byte(b.Header.PrevBlockHash)); err != nil {
				return err
			}
		}
		if err := checkBlock(b, parent); err != nil {
			return err
		}
		return putBlock(dbtx, b)
	})
}
