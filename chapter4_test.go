package main

import (
	"fmt"
	"slices"
	"time"
)

// A miner is paid twice, and pays somebody else out of both coins.
func Example_chapter4() {
	miner, err := ParseWallet("83a3a1c06d0fc46bc1b600b71a1f5a0bff44a8c1bad98a5a525ad01c8617e8b9")
	if err != nil {
		fmt.Println(err)
		return
	}
	const alice = "1PRJWQohaRdRBwPqbt3wRU63Vo5sHLyaSQ"
	owner, _ := ParseAddress(miner.Address())
	now := time.Unix(1_700_000_000, 0)

	var coins []Coin
	for range 2 {
		tx := NewCoinbase(miner.Address(), now)
		coins = append(coins, Coin{OutPoint{tx.TxID, 0}, owner, tx.Vouts[0].Value, 0})
		fmt.Printf("coinbase %.8s…  text %s  pays %d\n", tx.TxID, tx.Vins[0].PubKey, tx.Vouts[0].Value)
		now = now.Add(time.Minute)
	}

	for _, amount := range []int64{300, 1200, 500, 1} {
		tx, err := NewTransaction(miner, alice, amount, slices.Values(coins))
		if err != nil {
			fmt.Println("\n" + err.Error())
			continue
		}
		fmt.Printf("\npay %d: transaction %.8s…\n", amount, tx.TxID)
		for _, in := range tx.Vins {
			fmt.Printf("  spends %.8s…:%d\n", in.TxID, in.Vout)
		}
		coins = coins[len(tx.Vins):]
		for i, out := range tx.Vouts {
			fmt.Printf("  makes  %.8s…:%d  %4d to %.6s…\n", tx.TxID, i, out.Value, out.PubKeyHash)
			if out.PubKeyHash == miner.Address() {
				coins = slices.Insert(coins, 0, Coin{OutPoint{tx.TxID, i}, owner, out.Value, 0})
			}
		}
	}
	// Output:
	// coinbase eb5261fa…  text 1700000000.0  pays 1000
	// coinbase fa29502a…  text 1700000060.0  pays 1000
	//
	// pay 300: transaction 8da9cd08…
	//   spends eb5261fa…:0
	//   makes  8da9cd08…:0   300 to 1PRJWQ…
	//   makes  8da9cd08…:1   700 to 141FZc…
	//
	// pay 1200: transaction d9ebe169…
	//   spends 8da9cd08…:1
	//   spends fa29502a…:0
	//   makes  d9ebe169…:0  1200 to 1PRJWQ…
	//   makes  d9ebe169…:1   500 to 141FZc…
	//
	// pay 500: transaction cb329dca…
	//   spends d9ebe169…:1
	//   makes  cb329dca…:0   500 to 1PRJWQ…
	//
	// pay 1 to 1PRJWQohaRdRBwPqbt3wRU63Vo5sHLyaSQ: not enough coins: 141FZcqvuNzWo1cgVMFLuQ1rVeQXH5xv1d has 0
}
