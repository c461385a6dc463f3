package main

import "fmt"

// The article's third problem, with and without its cure.
func Example_chapter8() {
	if err := chapter8(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// start -spend-pending=false
	// Alice pays Bob 100: transaction d3a5d44b… spends 5fa0fba4…:0, pooled before: false
	// Alice pays Bob 100: transaction d3a5d44b… spends 5fa0fba4…:0, pooled before: true
	// mined block 1; dropped 1 transaction that spends the same output
	//   tip: block 1   pool: 0 of 2
	//   Alice has 1900:  1000 in 802de08e…:0  900 in d3a5d44b…:1
	//   Bob   has  100:  100 in d3a5d44b…:0
	//
	// start -spend-pending=true
	// Alice pays Bob 100: transaction d3a5d44b… spends 5fa0fba4…:0, pooled before: false
	// Alice pays Bob 100: transaction cb382ca7… spends d3a5d44b…:1, pooled before: false
	// mined block 1
	//   tip: block 1   pool: 0 of 2
	//   Alice has 1800:  1000 in 802de08e…:0  800 in cb382ca7…:1
	//   Bob   has  200:  100 in cb382ca7…:0  100 in d3a5d44b…:0
}

func chapter8() error {
	for _, pending := range []bool{false, true} {
		fmt.Printf("start -spend-pending=%t\n", pending)
		s, err := newStory(pending)
		if err != nil {
			return err
		}
		defer s.close()
		for range 2 {
			if err := s.pay("Alice", "Bob", 100); err != nil {
				return err
			}
		}
		fmt.Println(s.pool.Mine())
		s.show("Alice", "Bob")
		fmt.Println()
	}
	return nil
}
