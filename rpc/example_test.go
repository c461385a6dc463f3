package rpc_test

import (
	"context"
	"errors"
	"fmt"

	"gosimpleblockchain/rpc"
)

// Purse has the method that the example calls.
type Purse struct{}

// Balance sets coins to what addr has.
func (Purse) Balance(addr string, coins *int) error {
	if addr != "A" {
		return errors.New("not an address of this wallet")
	}
	*coins = 1000
	return nil
}

func Example() {
	ln, err := rpc.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- rpc.Serve(ctx, ln, Purse{}) }()

	for _, addr := range []string{"A", "B"} {
		var coins int
		err := rpc.Call(ctx, ln.Addr().String(), "Cli.Balance", addr, &coins)
		fmt.Println(coins, err)
	}

	_, err = rpc.Listen(":9999")
	fmt.Println(err)
	cancel()
	fmt.Println(<-done)
	// Output:
	// 1000 <nil>
	// 0 not an address of this wallet
	// listen on :9999: not a loopback address
	// <nil>
}
