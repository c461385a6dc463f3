package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/btcsuite/btcutil/base58"
)

// A number becomes a key and an address; the key signs a payment; then two
// people try what they should not.
func Example_chapter5() {
	if err := chapter5(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Alice's private key is the number 1.
	// public key   X 79be667e…  Y 483ada77…
	// version      00
	// hash         c862aeeb8429dc25a798ba51a422b43d7e712606
	// checksum     065a65fb
	// address      1KGYN13Exrsyx7CnsEGMVbD8oUwHta2ZsG
	// mistyped     address is mistyped: its checksum does not match: "1GKYN13Exrsyx7CnsEGMVbD8oUwHta2ZsG"
	//
	// Alice has 1000 coins, and pays Bob 100.
	// SHA-256      3c226aaa0b92afdb…
	// SHA-1 of it  16f055de2e784a09…
	// signature    474c48e2a4447faf…
	// verifies     error: <nil>
	//
	// Bob changes 100 to 900 on the way.
	// verifies     error: 4c2dcfb06b3c2630f3c03b751604c63738d281e4b1ed8c5160995c9b258b09c5: input 0: signature does not verify
	//
	// Bob signs for Alice's coin, with his own key.
	// verifies     error: <nil>
	// applies      error: 1b39e4fc86e74092102a22d3ff5763943fd0af892918a991fb09ef4607ac8c07: input 0: coin belongs to another key: 2e9807d1970f0922cc2bc4693a8dd6a543a19786986646159c9d6a1e8f1c80d1:0 pays to 1KGYN13Exrsyx7CnsEGMVbD8oUwHta2ZsG, the key is 1878MtfR7WYKsRCNafhUKtM42VDVu2EGJT's
}

func chapter5() error {
	alice, err := ParseWallet(fmt.Sprintf("%064x", 1)) // the worst secret there is
	if err != nil {
		return err
	}
	bob, err := ParseWallet(fmt.Sprintf("%064x", 2))
	if err != nil {
		return err
	}
	fmt.Println("Alice's private key is the number 1.")
	fmt.Printf("public key   X %.8s…  Y %.8s…\n", alice.PublicKey()[:64], alice.PublicKey()[64:])
	raw := base58.Decode(alice.Address())
	fmt.Printf("version      %x\nhash         %x\nchecksum     %x\n", raw[:1], raw[1:21], raw[21:])
	fmt.Printf("address      %s\n", alice.Address())
	_, err = ParseAddress("1GKY" + alice.Address()[4:])
	fmt.Printf("mistyped     %v\n", err)

	coinbase := NewCoinbase(alice.Address(), time.Unix(1_700_000_000, 0))
	owner, err := ParseAddress(alice.Address())
	if err != nil {
		return err
	}
	coin := Coin{OutPoint{coinbase.TxID, 0}, owner, Subsidy, 0}
	coins := slices.Values([]Coin{coin})
	tx, err := NewTransaction(alice, bob.Address(), 100, coins)
	if err != nil {
		return err
	}
	digest := tx.digest(0, alice.Address())
	fmt.Println("\nAlice has 1000 coins, and pays Bob 100.")
	fmt.Printf("SHA-256      %.16s…\nSHA-1 of it  %.8x…\nsignature    %.16s…\n",
		sha256Hex(tx.signingText(0, alice.Address())), digest, tx.Vins[0].Signature)
	fmt.Println("verifies     error:", tx.verify(0))

	tx.Vouts[0].Value = 900
	fmt.Println("\nBob changes 100 to 900 on the way.")
	fmt.Println("verifies     error:", tx.verify(0))

	theft, err := NewTransaction(bob, bob.Address(), 1000, coins)
	if err != nil {
		return err
	}
	view := NewCoinView(func(o OutPoint) (Coin, bool) { return coin, o == coin.OutPoint })
	fmt.Println("\nBob signs for Alice's coin, with his own key.")
	fmt.Println("verifies     error:", theft.verify(0))
	fmt.Println("applies      error:", view.Apply(theft))
	return nil
}
