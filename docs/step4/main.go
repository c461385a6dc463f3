// Step 4 moves coins: transactions spend what earlier ones have paid. Try
// `go run ./docs/step4 send Alice Bob 100`. Without a command it plays a story.
package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// people are the addresses of the people of our story. Chapter 5 makes such
// addresses; until then they're just texts that stand for people.
var people = map[string]string{
	"Alice":   "12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P",
	"Bob":     "1EMLhBb7Guyxwfi5E1zkgai8Vi1ZevfZWd",
	"Carol":   "1MzCqaLfW4D5s5SubBGVKpREeaDUtsqmBq",
	"Mia":     "15hkwGPVQaj5E693hFu7JhuNjk4pseRsX9",
	"Mallory": "1JNwwTNvGLG2EcjFG4Mws7bQQJvFjmi433",
}

// file is where the commands find their chain.
const file = "step4.db"

// story is what the program plays without a command.
var story = []string{
	"genesis Alice",
	"mine Mia",
	"mine Mia",
	"send Alice Bob 100",
	"block 3",
	"balance",
	"send Mia Carol 1500",
	"coins",
	"send Bob Carol 150",
	"steal Mallory Alice",
	"balance",
	"counterfeit Mallory",
}

func main() {
	var err error
	if len(os.Args) > 1 {
		err = run(file, os.Args[1:])
	} else {
		err = play()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// play runs the story, on a chain of its own.
func play() error {
	dir, err := os.MkdirTemp("", "step")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	for _, line := range story {
		fmt.Println(">", line)
		if err := run(filepath.Join(dir, file), strings.Fields(line)); err != nil {
			fmt.Println("refused:", err)
		}
		fmt.Println()
	}
	return nil
}

// run opens the chain in a file, carries out one command, and closes the file.
func run(path string, args []string) error {
	c, err := openChain(path)
	if err != nil {
		return err
	}

	text, err := do(c, args)
	if err := errors.Join(err, c.close()); err != nil {
		return err
	}
	fmt.Print(text)
	return nil
}

var errUsage = errors.New("usage: genesis NAME | mine NAME | send FROM TO AMOUNT | steal THIEF OWNER | counterfeit NAME | balance | coins | block HEIGHT | print [HEIGHT]")

// do carries out a command and returns what it has to say.
func do(c *Chain, args []string) (string, error) {
	command, args := args[0], args[1:]
	switch {
	case command == "genesis" && len(args) == 1:
		return genesis(c, args[0])
	case command == "mine" && len(args) == 1:
		return mineNext(c, args[0])
	case command == "send" && len(args) == 3:
		return send(c, args[0], args[1], args[2])
	case command == "steal" && len(args) == 2:
		return steal(c, args[0], args[1])
	case command == "counterfeit" && len(args) == 1:
		return counterfeit(c, args[0])
	case command == "balance" && len(args) == 0:
		return balance(c)
	case command == "coins" && len(args) == 0:
		return listCoins(c)
	case command == "block" && len(args) == 1:
		return printBlock(c, args[0])
	case command == "print" && len(args) == 0:
		return printChain(c)
	case command == "print" && len(args) == 1:
		return printHeader(c, args[0])
	}
	return "", errUsage
}

// addressOf returns the address of somebody in our story. Whoever else there is may
// be named by an address.
func addressOf(name string) string {
	if address, ok := people[name]; ok {
		return address
	}
	return name
}

// nameOf returns the name of whoever has an address, or the address.
func nameOf(address string) string {
	for name := range people {
		if people[name] == address {
			return name
		}
	}
	return address
}

// genesis starts the chain with a block 0 that pays somebody.
func genesis(c *Chain, name string) (string, error) {
	tip, err := c.tip()
	if err != nil {
		return "", err
	}
	if tip != nil {
		return "", errors.New("there is a chain already: see it with print")
	}

	b := newBlock(nil, []*Transaction{newCoinbase(addressOf(name), 0)})
	if err := c.add(b); err != nil {
		return "", err
	}
	return fmt.Sprintf("block 0, %.8s, pays %s 1000\n", b.Header.Hash, name), nil
}

// mineNext mines the next block, which pays somebody, with payments in it.
func mineNext(c *Chain, name string, payments ...*Transaction) (string, error) {
	b, err := template(c, name, payments...)
	if err != nil {
		return "", err
	}

	tries := mine(b, workBits)
	if err := c.add(b); err != nil {
		return "", err
	}
	return fmt.Sprintf("block %d, %.8s, pays %s 1000; tries: %d\n", b.Header.Height, b.Header.Hash, name, tries), nil
}

// template returns the next block, with a coinbase that pays somebody and then the
// payments. It lacks its work yet.
func template(c *Chain, name string, payments ...*Transaction) (*Block, error) {
	tip, err := c.tip()
	if err != nil {
		return nil, err
	}
	if tip == nil {
		return nil, errors.New("there is no chain yet: start one with genesis NAME")
	}

	transactions := []*Transaction{newCoinbase(addressOf(name), tip.Header.Height+1)}
	return newBlock(tip, append(transactions, payments...)), nil
}

// confirm puts a payment into the next block, which Mia mines.
func confirm(c *Chain, tx *Transaction) (string, error) {
	text, err := mineNext(c, "Mia", tx)
	return describe(tx) + text, err
}

// send pays somebody.
func send(c *Chain, from, to, amount string) (string, error) {
	n, err := strconv.Atoi(amount)
	if err != nil {
		return "", fmt.Errorf("%q is no amount", amount)
	}
	coins, err := c.coins()
	if err != nil {
		return "", err
	}

	payer := addressOf(from)
	tx, err := newTransaction(payer, addressOf(to), n, coinsOf(coins, payer))
	if err != nil {
		return "", err
	}
	return confirm(c, tx)
}

// steal pays a thief all the coins of somebody else.
func steal(c *Chain, thief, owner string) (string, error) {
	coins, err := c.coins()
	if err != nil {
		return "", err
	}

	victim := addressOf(owner)
	loot := coinsOf(coins, victim)
	tx, err := newTransaction(victim, addressOf(thief), sumOf(loot), loot)
	if err != nil {
		return "", err
	}
	return confirm(c, tx)
}

// counterfeit tries to make a coin worth ten times as much.
func counterfeit(c *Chain, name string) (string, error) {
	coins, err := c.coins()
	if err != nil {
		return "", err
	}

	own := coinsOf(coins, addressOf(name))
	if len(own) == 0 {
		return "", fmt.Errorf("%s has no coin to copy", name)
	}
	tx := &Transaction{
		Vins:  []TXInput{{TxID: own[0].TxID, Vout: own[0].Vout}},
		Vouts: []TXOutput{{Value: 10 * own[0].Value, PubKeyHash: own[0].PubKeyHash}},
	}
	tx.TxID = tx.id()
	return confirm(c, tx)
}

// describe tells what a transaction spends and makes.
func describe(tx *Transaction) string {
	var text strings.Builder
	fmt.Fprintf(&text, "transaction %.8s\n", tx.TxID)
	for _, in := range tx.Vins {
		if tx.isCoinbase() {
			fmt.Fprintf(&text, "  makes coins from nothing\n")
		} else {
			fmt.Fprintf(&text, "  spends %.8s:%d\n", in.TxID, in.Vout)
		}
	}
	for i, out := range tx.Vouts {
		fmt.Fprintf(&text, "  makes  %.8s:%d  %4d for %s\n", tx.TxID, i, out.Value, nameOf(out.PubKeyHash))
	}
	return text.String()
}

// balance tells what each of our people has.
func balance(c *Chain) (string, error) {
	coins, err := c.coins()
	if err != nil {
		return "", err
	}

	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(people)) {
		fmt.Fprintf(&text, "%-8s %5d\n", name, sumOf(coinsOf(coins, people[name])))
	}
	fmt.Fprintf(&text, "%-8s %5d\n", "all", sumOf(coins))
	return text.String(), nil
}

// listCoins lists the coins there are, oldest first.
func listCoins(c *Chain) (string, error) {
	coins, err := c.coins()
	if err != nil {
		return "", err
	}

	var text strings.Builder
	for _, coin := range coins {
		fmt.Fprintf(&text, "%.8s:%d  %5d  %s\n", coin.TxID, coin.Vout, coin.Value, nameOf(coin.PubKeyHash))
	}
	return text.String(), nil
}

// printBlock shows the transactions of the block at a height.
func printBlock(c *Chain, height string) (string, error) {
	n, err := strconv.Atoi(height)
	if err != nil {
		return "", fmt.Errorf("%q is no height", height)
	}
	b, err := c.blockAt(n)
	if err != nil {
		return "", err
	}

	var text strings.Builder
	fmt.Fprintf(&text, "block %d, %.8s\n", b.Header.Height, b.Header.Hash)
	for _, tx := range b.Transactions {
		text.WriteString(describe(tx))
	}
	return text.String(), nil
}

// printChain lists the blocks from the tip down, as their parents lead, each in a
// line such as
//
//	block 2  834f4792  parent "d43571cb"
func printChain(c *Chain) (string, error) {
	b, err := c.tip()
	if err != nil {
		return "", err
	}

	var text strings.Builder
	for b != nil {
		fmt.Fprintf(&text, "block %d  %.8s  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash)
		if b, err = c.parent(b); err != nil {
			return "", err
		}
	}
	return text.String(), nil
}

// printHeader shows the header of the block at a height, as the article's print
// does.
func printHeader(c *Chain, height string) (string, error) {
	n, err := strconv.Atoi(height)
	if err != nil {
		return "", fmt.Errorf("%q is no height", height)
	}

	b, err := c.blockAt(n)
	if err != nil {
		return "", err
	}
	return b.Header.json() + "\n", nil
}
