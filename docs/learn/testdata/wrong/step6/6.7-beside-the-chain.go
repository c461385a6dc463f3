package main

import "github.com/boltdb/bolt"

// Wrong: blocks beside the chain count.
func (c *Chain) confirmations(txid string) (n int, err error) {
	n = -1
	err = c.db.View(func(dbtx *bolt.Tx) error {
		tip, err := getTip(dbtx)
		if err != nil || tip == nil {
			return err
		}
		err = dbtx.Bucket(blocksBucket).ForEach(func(key, text []byte) error {
			if string(key) == string(tipKey) {
				return nil
			}
			b, err := decodeBlock(text)
			if err != nil {
				return err
			}
			for _, tx := range b.Transactions {
				if tx.TxID == txid {
					n = tip.Header.Height - b.Header.Height + 1
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		waiting, err := Pool{dbtx.Bucket(poolBucket)}.all()
		for _, tx := range waiting {
			if tx.TxID == txid && n < 0 {
				n = 0
			}
		}
		return err
	})
	if err == nil && n < 0 {
		err = errNoBlock
	}
	return n, err
}
