// dir: .

package main

// HeightOf returns the height of the chain's block with a hash, or -1. A block beside
// the chain is not on it.
func (bc *Blockchain) HeightOf(hash string) int {
	b, err := bc.BlockByHash(hash)
	if err != nil {
		return -1
	}
	if onChain, err := bc.Hash(b.Header.Height); err != nil || onChain != hash {
		return -1
	}
	return b.Header.Height
}
