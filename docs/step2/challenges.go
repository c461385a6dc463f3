//go:build challenge

package main

import (
	"math"
	"math/big"
	"strings"
	"time"
)

// forge returns a chain in which the block at a height pays one address wherever
// it has paid another, and how many nonces that took. The chain holds: that block
// and all above it are mended, mined anew with workBits from nonce 0 up, and keep
// their times and everything else that they say. Block 0 can be forged, too, and
// needs no work. The caller's chain, its blocks and their transactions stay as
// they are. height is that of a block in the chain.
func forge(chain []*Block, height int, from, to string) (forged []*Block, tries int) {
	forged = append(forged, chain[:height]...)
	for _, old := range chain[height:] {
		b := &Block{Header: old.Header, Transactions: append([]string(nil), old.Transactions...)}
		if b.Header.Height == height {
			for i, tx := range b.Transactions {
				b.Transactions[i] = strings.ReplaceAll(tx, from, to)
			}
			b.Header.HashMerkleRoot = b.merkleRoot()
		}

		if b.Header.Height == 0 {
			b.Header.Hash = b.Header.hash()
		} else {
			b.Header.PrevBlockHash = forged[len(forged)-1].Header.Hash
			tries += mine(b, workBits)
		}
		forged = append(forged, b)
	}
	return forged, tries
}

// retarget returns Bitcoin's next target: the old one in proportion to the time
// that 2016 blocks took, where they should take two weeks; but at most four times
// the old one, and at least a quarter of it. It rounds down, and exactly: targets
// have up to 256 bits. took may be negative, since miners' clocks may be wrong.
// old stays as it is.
func retarget(old *big.Int, took time.Duration) *big.Int {
	const twoWeeks = 14 * 24 * time.Hour
	took = min(max(took, twoWeeks/4), 4*twoWeeks)

	target := new(big.Int).Mul(old, big.NewInt(int64(took)))
	return target.Div(target, big.NewInt(int64(twoWeeks)))
}

// catchUp returns how likely it is, from 0 to 1, that a forger ever catches up
// with the honest chain, by the reckoning of Bitcoin's paper, section 11. The
// payment that she wants to undo is under z blocks, z being 0 or more, and she has
// a share q of all computing power, from 0 to 1. With half of it or more she's
// sure to. The result is right to seven decimals at least for z up to 500.
func catchUp(q float64, z int) float64 {
	p := 1 - q
	if q >= p {
		return 1
	}
	if q <= 0 {
		if z == 0 {
			return 1
		}
		return 0
	}

	// Of k, the blocks that she has found meanwhile, we know how likely each is: it
	// has a Poisson distribution. Logarithms keep large factorials within bounds.
	lambda := float64(z) * q / p
	chance := 1.0
	for k := 0; k <= z; k++ {
		poisson := 1.0
		if lambda > 0 {
			factorial, _ := math.Lgamma(float64(k + 1))
			poisson = math.Exp(float64(k)*math.Log(lambda) - lambda - factorial)
		}
		chance -= poisson * (1 - math.Pow(q/p, float64(z-k)))
	}
	return min(max(chance, 0), 1)
}
