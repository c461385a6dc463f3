package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The checks of chapter 4's holes. `learn check` runs them on your functions.

const (
	alice   = "12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P"
	bob     = "1EMLhBb7Guyxwfi5E1zkgai8Vi1ZevfZWd"
	carol   = "1MzCqaLfW4D5s5SubBGVKpREeaDUtsqmBq"
	mia     = "15hkwGPVQaj5E693hFu7JhuNjk4pseRsX9"
	mallory = "1JNwwTNvGLG2EcjFG4Mws7bQQJvFjmi433"
)

// attempt makes a call that may go wrong: one that panics, or doesn't come to an
// end, fails the test with a word of what it was.
func attempt[T any](t *testing.T, call string, f func() T) (got T) {
	t.Helper()
	panicked := make(chan any, 1)
	go func() {
		defer func() { panicked <- recover() }()
		got = f()
	}()

	select {
	case p := <-panicked:
		if p != nil {
			t.Fatalf("%s panics: %v", call, p)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%s is still running after 10 s: does its loop end?", call)
	}
	return got
}

// nameOfTx is the txid that a transaction should have, worked out by the test
// itself.
func nameOfTx(tx *Transaction) string {
	var text strings.Builder
	for _, in := range tx.Vins {
		fmt.Fprintf(&text, "{'txid': '%s', 'vout': %d, 'signature': '', 'pub_key': '%s'}", in.TxID, in.Vout, in.PubKey)
	}
	for _, out := range tx.Vouts {
		fmt.Fprintf(&text, "{'value': %d, 'pub_key_hash': '%s'}", out.Value, out.PubKeyHash)
	}
	return sha256Hex(text.String())
}

// named gives a transaction its txid.
func named(tx *Transaction) *Transaction {
	tx.TxID = nameOfTx(tx)
	return tx
}

// reward is the coinbase of a block at a height.
func reward(address string, height int) *Transaction {
	return named(&Transaction{
		Vins:  []TXInput{{Vout: -1, PubKey: timeOf(height)}},
		Vouts: []TXOutput{{Value: 1000, PubKeyHash: address}},
	})
}

// payment spends coins, and makes outputs.
func payment(coins []Coin, outs ...TXOutput) *Transaction {
	tx := &Transaction{Vouts: outs}
	for _, c := range coins {
		tx.Vins = append(tx.Vins, TXInput{TxID: c.TxID, Vout: c.Vout})
	}
	return named(tx)
}

// coinOf is an output of a transaction as a coin.
func coinOf(tx *Transaction, vout int) Coin {
	return Coin{OutPoint{tx.TxID, vout}, tx.Vouts[vout]}
}

// copyTx returns a transaction that shares nothing with the given one.
func copyTx(tx *Transaction) *Transaction {
	return &Transaction{TxID: tx.TxID, Vins: slices.Clone(tx.Vins), Vouts: slices.Clone(tx.Vouts)}
}

// randomCoins returns n coins of an address, each of 1 to 1000.
func randomCoins(random *rand.Rand, address string, n int) (coins []Coin) {
	for i := range n {
		coins = append(coins, Coin{
			OutPoint{sha256Hex(fmt.Sprint("coin ", i, random.Int())), random.Intn(4)},
			TXOutput{Value: 1 + random.Intn(1000), PubKeyHash: address},
		})
	}
	return coins
}

// list shows coins in a message.
func list(coins []Coin) string {
	var text []string
	for _, c := range coins {
		text = append(text, fmt.Sprintf("%.4s:%d (%d)", c.TxID, c.Vout, c.Value))
	}
	return "[" + strings.Join(text, " ") + "]"
}

// The payment that the page follows, two inputs of the Python program's chain, and
// one of each kind.
func TestHole4_1ID(t *testing.T) {
	const pythonKey = "e12bf3cf1abe15ad8cf194d6f98c20f56e69bad3bf2fed50100bb446db628b34abdee619172f587bcccbc3ec1717197d362e40d2e379c625dcc2e9a41d1d1072"
	tests := []struct {
		name string
		tx   Transaction
		want string
	}{
		{"the coinbase of block 0", Transaction{
			Vins:  []TXInput{{Vout: -1, PubKey: "1231006505.0"}},
			Vouts: []TXOutput{{1000, alice}},
		}, "a06c1c35c5b42fe344893948838df4dd71f26e64a5b9602470a8919a7ebcb6cd"},
		{"Alice's payment to Bob", Transaction{
			Vins:  []TXInput{{TxID: "a06c1c35c5b42fe344893948838df4dd71f26e64a5b9602470a8919a7ebcb6cd"}},
			Vouts: []TXOutput{{100, bob}, {900, alice}},
		}, "70270b9d43855a5629a0c32e6a878b388f599c006c155e52e32b40e27acec780"},
		{"Mia's payment out of two coins", Transaction{
			Vins: []TXInput{
				{TxID: "53799110566571910dbb15d071303d82593a91f3e081dc62e9fb4cde616ae355"},
				{TxID: "913c427204c1de0dfbb6bb115be362fc15bafe815472f8ca8e72463afde25387"},
			},
			Vouts: []TXOutput{{1500, carol}, {500, mia}},
		}, "13bcbad472f336cfdca0cde5fc2914c0d4745cf8469311c60b6cd862022b17dc"},
		{"a signed payment of the Python program's", Transaction{
			Vins: []TXInput{{
				TxID:      "2c3ea380e6301ef23ee3b482f3831a28013f25ed666cd750aca8201223932dca",
				Signature: "70e9553282a7a1a62c6e322bf4bc39d01f0371d87395282f18088ccbad65104a624d35e221b5341d0876efca945160329fd5dd6b6e3436fc2745d6ff7ea7bb59",
				PubKey:    pythonKey,
			}},
			Vouts: []TXOutput{{1, "141FZcqvuNzWo1cgVMFLuQ1rVeQXH5xv1d"}, {999, "141FZcqvuNzWo1cgVMFLuQ1rVeQXH5xv1d"}},
		}, "a70b9baf953ae4e90d679b546e9aa7f57258d898dcf53ee8c36b9436285b987b"},
	}
	for _, tt := range tests {
		if got := attempt(t, "id", tt.tx.id); got != tt.want {
			t.Errorf("the name of %s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Transactions of every size, with what stands in each field.
func TestHole4_1IDOfMany(t *testing.T) {
	random := rand.New(rand.NewSource(41))
	for ins := 0; ins <= 5; ins++ {
		for outs := 0; outs <= 5; outs++ {
			tx := &Transaction{TxID: sha256Hex("wrong")}
			for range ins {
				tx.Vins = append(tx.Vins, TXInput{
					TxID: sha256Hex(fmt.Sprint(random.Int())), Vout: random.Intn(12),
					Signature: sha256Hex(fmt.Sprint(random.Int())), PubKey: sha256Hex(fmt.Sprint(random.Int())),
				})
			}
			for range outs {
				tx.Vouts = append(tx.Vouts, TXOutput{1 + random.Intn(100_000), []string{alice, bob, mia}[random.Intn(3)]})
			}

			before := copyTx(tx)
			if got, want := attempt(t, "id", tx.id), nameOfTx(tx); got != want {
				t.Fatalf("the name of a transaction with %d inputs and %d outputs: got %q, want %q", ins, outs, got, want)
			}
			if !reflect.DeepEqual(tx, before) {
				t.Fatal("id changes the transaction; it should only look at it")
			}
			for i := range tx.Vins {
				signed := copyTx(tx)
				signed.Vins[i].Signature = "another"
				if attempt(t, "id", signed.id) != nameOfTx(tx) {
					t.Fatalf("another signature in input %d gives another name: it isn't a part of it", i)
				}
			}
		}
	}
}

func TestHole4_2NewCoinbase(t *testing.T) {
	for height, want := range []string{ // of the blocks of our story
		"a06c1c35c5b42fe344893948838df4dd71f26e64a5b9602470a8919a7ebcb6cd",
		"53799110566571910dbb15d071303d82593a91f3e081dc62e9fb4cde616ae355",
		"913c427204c1de0dfbb6bb115be362fc15bafe815472f8ca8e72463afde25387",
		"396cd157ffc59d095b1b033c6c9f8cc8aafe0cc40dc1f1ab5758751de336071b",
	} {
		to := mia
		if height == 0 {
			to = alice
		}
		checkCoinbase(t, to, height)
		if tx := newCoinbase(to, height); tx.TxID != want {
			t.Errorf("the coinbase of block %d is called %q, want %q", height, tx.TxID, want)
		}
	}
	for height := range 50 {
		checkCoinbase(t, []string{alice, bob, carol, mia, mallory}[height%5], height)
	}
}

// checkCoinbase checks the coinbase that newCoinbase makes, field by field.
func checkCoinbase(t *testing.T, address string, height int) {
	t.Helper()
	call := fmt.Sprintf("newCoinbase(%.8q…, %d)", address, height)
	tx := attempt(t, call, func() *Transaction { return newCoinbase(address, height) })
	if tx == nil {
		t.Fatalf("%s returns nil", call)
	}

	if len(tx.Vins) != 1 {
		t.Fatalf("%s has %d inputs, want 1", call, len(tx.Vins))
	}
	if want := (TXInput{Vout: -1, PubKey: timeOf(height)}); tx.Vins[0] != want {
		t.Fatalf("%s: its input is\n%+v, want\n%+v", call, tx.Vins[0], want)
	}
	if len(tx.Vouts) != 1 {
		t.Fatalf("%s has %d outputs, want 1", call, len(tx.Vouts))
	}
	if want := (TXOutput{subsidy, address}); tx.Vouts[0] != want {
		t.Fatalf("%s: its output is\n%+v, want\n%+v", call, tx.Vouts[0], want)
	}
	if want := nameOfTx(tx); tx.TxID != want {
		t.Fatalf("%s is called %q, want %q, which is its hash", call, tx.TxID, want)
	}
}

// A made is what newTransaction returns.
type made struct {
	tx  *Transaction
	err error
}

// pay calls newTransaction for Alice, who pays Bob.
func pay(t *testing.T, amount int, coins []Coin) made {
	t.Helper()
	call := fmt.Sprintf("newTransaction(Alice, Bob, %d, %s)", amount, list(coins))
	got := attempt(t, call, func() made {
		tx, err := newTransaction(alice, bob, amount, coins)
		return made{tx, err}
	})
	if got.tx == nil && got.err == nil {
		t.Fatalf("%s returns neither a transaction nor an error", call)
	}
	return got
}

// checkPayment checks a payment from Alice to Bob that has to be possible.
func checkPayment(t *testing.T, amount int, coins []Coin) {
	t.Helper()
	call := fmt.Sprintf("pay %d out of %s", amount, list(coins))
	got := pay(t, amount, slices.Clone(coins))
	if got.err != nil {
		t.Fatalf("%s: %v; want a transaction", call, got.err)
	}

	var want Transaction
	sum := 0
	for i := 0; sum < amount; i++ {
		want.Vins = append(want.Vins, TXInput{TxID: coins[i].TxID, Vout: coins[i].Vout})
		sum += coins[i].Value
	}
	if !slices.Equal(got.tx.Vins, want.Vins) {
		t.Fatalf("%s spends\n%+v, want\n%+v", call, got.tx.Vins, want.Vins)
	}

	want.Vouts = []TXOutput{{amount, bob}}
	if sum > amount {
		want.Vouts = append(want.Vouts, TXOutput{sum - amount, alice})
	}
	if !slices.Equal(got.tx.Vouts, want.Vouts) {
		t.Fatalf("%s spends %d coins, %d in all, and makes\n%+v, want\n%+v", call, len(want.Vins), sum, got.tx.Vouts, want.Vouts)
	}
	if name := nameOfTx(got.tx); got.tx.TxID != name {
		t.Fatalf("%s is called %q, want %q, which is its hash", call, got.tx.TxID, name)
	}
}

// The page's payment.
func TestHole4_3NewTransaction(t *testing.T) {
	checkPayment(t, 100, []Coin{coinOf(reward(alice, 0), 0)})
	got := pay(t, 100, []Coin{coinOf(reward(alice, 0), 0)})
	if want := "70270b9d43855a5629a0c32e6a878b388f599c006c155e52e32b40e27acec780"; got.tx.TxID != want {
		t.Errorf("Alice's payment to Bob is called %q, want %q", got.tx.TxID, want)
	}
}

// Every amount that two small wallets can pay, and one that they can't.
func TestHole4_3EachAmount(t *testing.T) {
	random := rand.New(rand.NewSource(43))
	for _, values := range [][]int{{1}, {5}, {3, 4}, {4, 3}, {1, 1, 1}, {2, 7, 1, 5}, {7, 5, 2, 1}, {9, 1, 10}} {
		coins := randomCoins(random, alice, len(values))
		sum := 0
		for i, value := range values {
			coins[i].Value = value
			sum += value
		}
		for amount := 1; amount <= sum; amount++ {
			checkPayment(t, amount, coins)
		}
		for _, amount := range []int{sum + 1, sum + 2, 10 * sum} {
			if got := pay(t, amount, coins); !errors.Is(got.err, errNotEnough) {
				t.Fatalf("pay %d out of %s: the error is %v, want one that wraps errNotEnough", amount, list(coins), got.err)
			}
		}
	}
}

func TestHole4_3RandomAmounts(t *testing.T) {
	random := rand.New(rand.NewSource(44))
	for range 500 {
		coins := randomCoins(random, alice, 1+random.Intn(12))
		checkPayment(t, 1+random.Intn(sumOf(coins)), coins)
	}
}

// Whoever likes may pay themselves.
func TestHole4_3ToOneself(t *testing.T) {
	coins := []Coin{coinOf(reward(alice, 0), 0)}
	got := attempt(t, "newTransaction(Alice, Alice, 100, …)", func() made {
		tx, err := newTransaction(alice, alice, 100, coins)
		return made{tx, err}
	})
	if got.err != nil || got.tx == nil {
		t.Fatalf("Alice pays herself 100 of 1000 coins: the error is %v, want a transaction", got.err)
	}
	if want := []TXOutput{{100, alice}, {900, alice}}; !slices.Equal(got.tx.Vouts, want) {
		t.Errorf("Alice pays herself 100 of 1000 coins, which makes\n%+v, want\n%+v", got.tx.Vouts, want)
	}
}

func TestHole4_3AmountBelow1(t *testing.T) {
	coins := []Coin{coinOf(reward(alice, 0), 0), coinOf(reward(alice, 1), 0)}
	for _, amount := range []int{0, -1, -500, -1000, -5000, math.MinInt} {
		for _, own := range [][]Coin{coins, nil} {
			if got := pay(t, amount, own); got.err == nil {
				t.Errorf("pay %d out of %s: there's no error; want one, since nobody can pay less than 1", amount, list(own))
			}
		}
	}
}

func TestHole4_3EmptyPurse(t *testing.T) {
	for _, amount := range []int{1, 100} {
		if got := pay(t, amount, nil); !errors.Is(got.err, errNotEnough) {
			t.Errorf("pay %d out of no coins: the error is %v, want one that wraps errNotEnough", amount, got.err)
		}
	}
}

// A spending is what spend returns.
type spending struct {
	left, taken []Coin
	err         error
}

// callSpend calls spend, and checks that it changes nothing that it's given.
func callSpend(t *testing.T, coins []Coin, tx *Transaction) spending {
	t.Helper()
	coinsBefore, txBefore := slices.Clone(coins), copyTx(tx)
	got := attempt(t, "spend", func() spending {
		left, taken, err := spend(coins, tx)
		return spending{left, taken, err}
	})
	if !slices.Equal(coins, coinsBefore) {
		t.Fatalf("spend changes the caller's coins:\n%s, before\n%s", list(coins), list(coinsBefore))
	}
	if !reflect.DeepEqual(tx, txBefore) {
		t.Fatal("spend changes the transaction; it should only look at it")
	}

	// Whoever appends to what is left, as apply does, mustn't write over them.
	_ = append(got.left, Coin{})
	if !slices.Equal(coins, coinsBefore) {
		t.Fatal("what spend returns is a part of the caller's slice: whoever appends to it writes over the coins behind")
	}
	return got
}

// Some coins out of many, in any order.
func TestHole4_4Spend(t *testing.T) {
	random := rand.New(rand.NewSource(45))
	for n := 1; n <= 8; n++ {
		for range 50 {
			coins := randomCoins(random, alice, n)
			order := random.Perm(n)[:1+random.Intn(n)]

			var wantTaken, wantLeft []Coin
			for _, i := range order {
				wantTaken = append(wantTaken, coins[i])
			}
			for i, c := range coins {
				if !slices.Contains(order, i) {
					wantLeft = append(wantLeft, c)
				}
			}

			got := callSpend(t, coins, payment(wantTaken, TXOutput{1, bob}))
			if got.err != nil {
				t.Fatalf("spend %s out of %s: %v", list(wantTaken), list(coins), got.err)
			}
			if !slices.Equal(got.left, wantLeft) {
				t.Fatalf("spend %s out of %s leaves\n%s, want\n%s", list(wantTaken), list(coins), list(got.left), list(wantLeft))
			}
			if !slices.Equal(got.taken, wantTaken) {
				t.Fatalf("spend %s out of %s has taken\n%s, want\n%s, in the order of the inputs", list(wantTaken), list(coins), list(got.taken), list(wantTaken))
			}
		}
	}
}

// Coins that differ in one thing only.
func TestHole4_4TheRightCoin(t *testing.T) {
	first, second := sha256Hex("first"), sha256Hex("second")
	coins := []Coin{
		{OutPoint{first, 0}, TXOutput{5, alice}},
		{OutPoint{first, 1}, TXOutput{5, alice}},
		{OutPoint{second, 0}, TXOutput{5, alice}},
		{OutPoint{second, 1}, TXOutput{5, alice}},
	}
	for i, c := range coins {
		got := callSpend(t, coins, payment([]Coin{c}, TXOutput{5, bob}))
		want := slices.Delete(slices.Clone(coins), i, i+1)
		if got.err != nil || !slices.Equal(got.left, want) || !slices.Equal(got.taken, []Coin{c}) {
			t.Errorf("spend %.4s:%d out of %s leaves %s, with error %v; want %s", c.TxID, c.Vout, list(coins), list(got.left), got.err, list(want))
		}
	}
}

func TestHole4_4NoSuchCoin(t *testing.T) {
	coins := randomCoins(rand.New(rand.NewSource(46)), alice, 4)
	unknown := Coin{OutPoint{sha256Hex("unknown"), 0}, TXOutput{5, alice}}
	wrongIndex := coins[1]
	wrongIndex.Vout += 7
	for _, ins := range [][]Coin{
		{unknown},
		{wrongIndex},
		{unknown, coins[0]},
		{coins[0], unknown},
		{coins[3], coins[0], wrongIndex},
		{coins[2], {OutPoint: OutPoint{"", -1}}}, // like a coinbase's, but it isn't alone
		{{OutPoint: OutPoint{"", -1}}, {OutPoint: OutPoint{"", -1}}},
	} {
		if got := callSpend(t, coins, payment(ins, TXOutput{1, bob})); !errors.Is(got.err, errNoCoin) {
			t.Errorf("spend %s out of %s: the error is %v, want one that wraps errNoCoin", list(ins), list(coins), got.err)
		}
	}
	if got := callSpend(t, nil, payment(coins[:1], TXOutput{1, bob})); !errors.Is(got.err, errNoCoin) {
		t.Errorf("spend a coin where there are none: the error is %v, want one that wraps errNoCoin", got.err)
	}
}

// One coin, named twice: by the second time it's gone.
func TestHole4_4SameCoinTwice(t *testing.T) {
	coins := randomCoins(rand.New(rand.NewSource(47)), alice, 3)
	for _, ins := range [][]Coin{
		{coins[0], coins[0]},
		{coins[2], coins[1], coins[2]},
	} {
		if got := callSpend(t, coins, payment(ins, TXOutput{1, bob})); !errors.Is(got.err, errNoCoin) {
			t.Errorf("spend %s out of %s: the error is %v; want one that wraps errNoCoin, since one of them is named twice", list(ins), list(coins), got.err)
		}
	}
}

// Anybody may send a transaction without inputs. It's no coinbase, and spends nothing.
func TestHole4_4NoInputs(t *testing.T) {
	coins := randomCoins(rand.New(rand.NewSource(51)), alice, 2)
	got := callSpend(t, coins, payment(nil, TXOutput{1, mallory}))
	if got.err == nil && (!slices.Equal(got.left, coins) || len(got.taken) > 0) {
		t.Errorf("a transaction without inputs leaves %s and takes %s, out of %s", list(got.left), list(got.taken), list(coins))
	}
}

func TestHole4_4Coinbase(t *testing.T) {
	for n := range 4 {
		coins := randomCoins(rand.New(rand.NewSource(48)), alice, n)
		got := callSpend(t, coins, reward(mia, 7))
		if got.err != nil || !slices.Equal(got.left, coins) || len(got.taken) > 0 {
			t.Errorf("a coinbase spends nothing, but out of %s spend leaves %s and takes %s, with error %v", list(coins), list(got.left), list(got.taken), got.err)
		}
	}
}

func TestHole4_5Check(t *testing.T) {
	coins := func(values ...int) (coins []Coin) {
		for i, value := range values {
			coins = append(coins, Coin{OutPoint{sha256Hex(fmt.Sprint("coin ", i)), i}, TXOutput{value, alice}})
		}
		return coins
	}
	tests := []struct {
		name  string
		taken []Coin
		outs  []int
		ok    bool
	}{
		{"all of a coin", coins(1000), []int{1000}, true},
		{"a payment and its change", coins(1000), []int{100, 900}, true},
		{"less than it takes", coins(1000), []int{100, 800}, true},
		{"one more than it takes", coins(1000), []int{1001}, false},
		{"ten times what it takes", coins(1000), []int{10_000}, false},
		{"change that's one too large", coins(1000), []int{100, 901}, false},
		{"each output fits, the sum doesn't", coins(1000), []int{600, 600}, false},
		{"three outputs, of which the last is too much", coins(10), []int{4, 4, 3}, false},
		{"three outputs that fit", coins(10), []int{4, 4, 2}, true},
		{"two coins", coins(3, 4), []int{7}, true},
		{"two coins, the smaller first", coins(1, 900), []int{901}, true},
		{"two coins, one too much", coins(3, 4), []int{8}, false},
		{"three coins", coins(1, 2, 3), []int{5, 1}, true},
		{"more than the subsidy, out of coins", coins(900, 900), []int{1500, 300}, true},
		{"an output of 0", coins(10), []int{0}, false},
		{"an output of 0 at the end", coins(10), []int{10, 0}, false},
		{"an output of 0 in between", coins(10), []int{3, 0, 7}, false},
		{"an output of -500", coins(1000), []int{-500, 1500}, false},
		{"an output of -500 at the end", coins(1000), []int{1500, -500}, false},
		{"an output of -1 among others", coins(10), []int{5, -1, 6}, false},
		{"only an output of -500", coins(1000), []int{-500}, false},
		{"a sum too large for an int", coins(1000), []int{math.MaxInt, math.MaxInt}, false},
		{"a sum too large for an int, from the second on", coins(1000), []int{1, math.MaxInt, math.MaxInt}, false},
		{"a sum that comes around to what it takes", coins(1000), []int{math.MaxInt, math.MaxInt, 1002}, false},
		{"nothing taken", nil, []int{1}, false},
		{"nothing taken, nothing made", nil, nil, false},
		{"nothing taken, an output of 0", nil, []int{0}, false},
	}
	for _, tt := range tests {
		var outs []TXOutput
		for _, value := range tt.outs {
			outs = append(outs, TXOutput{value, bob})
		}
		checkVerdict(t, tt.name, payment(tt.taken, outs...), tt.taken, tt.ok)
	}
}

// checkVerdict checks what a transaction's check says of it.
func checkVerdict(t *testing.T, name string, tx *Transaction, taken []Coin, ok bool) {
	t.Helper()
	txBefore, takenBefore := copyTx(tx), slices.Clone(taken)
	err := attempt(t, "check", func() error { return tx.check(taken) })
	if !reflect.DeepEqual(tx, txBefore) || !slices.Equal(taken, takenBefore) {
		t.Fatalf("%s: check changes what it's given; it should only look at it", name)
	}

	var values []int
	for _, out := range tx.Vouts {
		values = append(values, out.Value)
	}
	switch {
	case ok && err != nil:
		t.Errorf("%s: it takes %s and makes %v: check says %q, want no error", name, list(taken), values, err)
	case !ok && err == nil:
		t.Errorf("%s: it takes %s and makes %v: check finds no fault, want an error", name, list(taken), values)
	}
}

func TestHole4_5CheckCoinbase(t *testing.T) {
	tests := []struct {
		outs []int
		ok   bool
	}{
		{[]int{1000}, true},
		{[]int{999}, true},
		{[]int{1}, true},
		{[]int{400, 600}, true},
		{[]int{1001}, false},
		{[]int{1_000_000}, false},
		{[]int{600, 600}, false},
		{[]int{1000, 1}, false},
		{[]int{0}, false},
		{[]int{-1}, false},
		{[]int{2000, -1000}, false},
		{[]int{-1000, 2000}, false},
		{[]int{math.MaxInt, math.MaxInt}, false},
	}
	for _, tt := range tests {
		tx := reward(mia, 3)
		tx.Vouts = nil
		for _, value := range tt.outs {
			tx.Vouts = append(tx.Vouts, TXOutput{value, mia})
		}
		checkVerdict(t, "a coinbase", named(tx), nil, tt.ok)
	}
}

// One output too many, for random coins.
func TestHole4_5CheckRandom(t *testing.T) {
	random := rand.New(rand.NewSource(49))
	for range 500 {
		taken := randomCoins(random, alice, 1+random.Intn(5))
		var outs []TXOutput
		for rest := sumOf(taken); rest > 0; {
			out := TXOutput{1 + random.Intn(rest), bob}
			outs = append(outs, out)
			rest -= out.Value
		}
		checkVerdict(t, "all that it takes", payment(taken, outs...), taken, true)
		checkVerdict(t, "1 less than it takes", payment(taken, outs[:len(outs)-1]...), taken, true)

		i := random.Intn(len(outs))
		more := slices.Clone(outs)
		more[i].Value++
		checkVerdict(t, "1 more than it takes", payment(taken, more...), taken, false)
		none := slices.Clone(outs)
		none[i].Value = 0
		checkVerdict(t, fmt.Sprintf("output %d is 0", i), payment(taken, none...), taken, false)
	}
}

// An outcome is what applyBlock returns.
type outcome struct {
	coins []Coin
	err   error
}

func callApplyBlock(t *testing.T, coins []Coin, height int, txs ...*Transaction) outcome {
	t.Helper()
	b := &Block{Header: BlockHeader{Height: height}, Transactions: txs}
	before := slices.Clone(coins)
	var txsBefore []*Transaction
	for _, tx := range txs {
		txsBefore = append(txsBefore, copyTx(tx))
	}

	got := attempt(t, "applyBlock", func() outcome {
		coins, err := applyBlock(coins, b)
		return outcome{coins, err}
	})
	if !slices.Equal(coins, before) {
		t.Fatal("applyBlock changes the caller's coins; apply returns new ones")
	}
	for i, tx := range txsBefore {
		if len(b.Transactions) != len(txsBefore) || !reflect.DeepEqual(b.Transactions[i], tx) {
			t.Fatal("applyBlock changes the block; it should only look at it")
		}
	}
	return got
}

// The blocks of our story, one after the other.
func TestHole4_6ApplyBlock(t *testing.T) {
	start, one, two := reward(alice, 0), reward(mia, 1), reward(mia, 2)
	toBob := payment([]Coin{coinOf(start, 0)}, TXOutput{100, bob}, TXOutput{900, alice})
	toCarol := payment([]Coin{coinOf(one, 0), coinOf(two, 0)}, TXOutput{1500, carol}, TXOutput{500, mia})
	three, four := reward(mia, 3), reward(mia, 4)

	blocks := [][]*Transaction{{start}, {one}, {two}, {three, toBob}, {four, toCarol}}
	wants := [][]Coin{
		{coinOf(start, 0)},
		{coinOf(start, 0), coinOf(one, 0)},
		{coinOf(start, 0), coinOf(one, 0), coinOf(two, 0)},
		{coinOf(one, 0), coinOf(two, 0), coinOf(three, 0), coinOf(toBob, 0), coinOf(toBob, 1)},
		{coinOf(three, 0), coinOf(toBob, 0), coinOf(toBob, 1), coinOf(four, 0), coinOf(toCarol, 0), coinOf(toCarol, 1)},
	}
	var coins []Coin
	for height, txs := range blocks {
		got := callApplyBlock(t, coins, height, txs...)
		if got.err != nil {
			t.Fatalf("block %d of our story: %v", height, got.err)
		}
		if !slices.Equal(got.coins, wants[height]) {
			t.Fatalf("after block %d of our story the coins are\n%s, want\n%s", height, list(got.coins), list(wants[height]))
		}
		coins = wants[height]
	}
}

// Payments that spend what was made one transaction earlier, in the same block.
func TestHole4_6OneOnTopOfTheOther(t *testing.T) {
	for n := 1; n <= 6; n++ {
		txs := []*Transaction{reward(mia, 5)}
		last := coinOf(txs[0], 0)
		for i := range n {
			tx := payment([]Coin{last}, TXOutput{1000 - i, []string{alice, bob, carol}[i%3]})
			txs = append(txs, tx)
			last = coinOf(tx, 0)
		}
		got := callApplyBlock(t, nil, 5, txs...)
		if got.err != nil {
			t.Fatalf("a coinbase, and %d payments that each spend what the one before has made: %v", n, got.err)
		}
		if !slices.Equal(got.coins, []Coin{last}) {
			t.Fatalf("a coinbase, and %d payments that each spend what the one before has made: the coins are %s, want %s", n, list(got.coins), list([]Coin{last}))
		}

		slices.Reverse(txs[1:])
		if got := callApplyBlock(t, nil, 5, txs...); n > 1 && got.err == nil {
			t.Fatalf("%d payments, of which each spends what the one after it makes: there's no error; want one", n)
		}
	}
}

func TestHole4_6BadBlocks(t *testing.T) {
	coins := randomCoins(rand.New(rand.NewSource(50)), alice, 4)
	good := func(i int) *Transaction { return payment(coins[i:i+1], TXOutput{coins[i].Value, bob}) }
	rename := func(tx *Transaction) *Transaction {
		tx = copyTx(tx)
		tx.TxID = sha256Hex("any name")
		return tx
	}
	edited := good(1)
	edited.Vouts[0].PubKeyHash = mallory // and its name stays
	greedy := payment(coins[2:3], TXOutput{coins[2].Value + 1, bob})
	greedyCoinbase := reward(mia, 5)
	greedyCoinbase.Vouts[0].Value = 1001

	tests := []struct {
		name string
		txs  []*Transaction
	}{
		{"no transactions", nil},
		{"no coinbase", []*Transaction{good(0)}},
		{"no coinbase, two payments", []*Transaction{good(0), good(1)}},
		{"the coinbase second", []*Transaction{good(0), reward(mia, 5)}},
		{"two coinbases", []*Transaction{reward(mia, 5), reward(mallory, 6)}},
		{"a second coinbase at the end", []*Transaction{reward(mia, 5), good(0), good(1), reward(mallory, 6)}},
		{"a coinbase with a wrong name", []*Transaction{rename(reward(mia, 5))}},
		{"a coinbase without a name", []*Transaction{{Vins: reward(mia, 5).Vins, Vouts: reward(mia, 5).Vouts}}},
		{"a payment with a wrong name", []*Transaction{reward(mia, 5), rename(good(0))}},
		{"a wrong name at the end", []*Transaction{reward(mia, 5), good(0), good(1), rename(good(2))}},
		{"a payment that was edited, and kept its name", []*Transaction{reward(mia, 5), good(0), edited, good(2)}},
		{"a coinbase of 1001", []*Transaction{named(greedyCoinbase)}},
		{"a payment that makes too much", []*Transaction{reward(mia, 5), good(0), greedy, good(3)}},
		{"a payment that makes too much at the end", []*Transaction{reward(mia, 5), greedy}},
		{"one payment twice", []*Transaction{reward(mia, 5), good(0), good(0)}},
		{"one coin spent by two payments", []*Transaction{reward(mia, 5), good(0), payment(coins[:1], TXOutput{1, carol})}},
		{"a coin that isn't there", []*Transaction{reward(mia, 5), good(0), payment([]Coin{coinOf(reward(bob, 9), 0)}, TXOutput{1, bob})}},
		{"a payment that spends nothing", []*Transaction{reward(mia, 5), payment(nil, TXOutput{1, bob})}},
	}
	for _, tt := range tests {
		if got := callApplyBlock(t, coins, 5, tt.txs...); got.err == nil {
			t.Errorf("a block with %s: there's no error; want one", tt.name)
		}
	}

	got := callApplyBlock(t, coins, 5, reward(mia, 5), good(0), good(1), good(2), good(3))
	if got.err != nil {
		t.Errorf("a block with a coinbase and four good payments: %v", got.err)
	}
}
