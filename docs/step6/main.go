// Step 6 keeps the set of all coins, lets payments wait in a pool, and switches to a
// longer branch when one comes. Try `go run ./docs/step6 pool`. Without a command it
// plays a story.
package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// people are the names in our story.
var people = []string{"Alice", "Bob", "Carol", "Mallory", "Mia"}

// file is where the commands find their chain.
const file = "step6.db"

// story is what the program plays without a command.
var story = []string{
	"genesis Alice",
	"mine Mia",
	"mine Mia",
	"send Alice Bob 100",
	"steal Mallory Alice",
	"pool",
	"mine Mia",
	"balance",
	"send Alice Carol 200",
	"send Alice Bob 300",
	"balance",
	"branch Carol 2 3",
	"print",
	"pool",
	"balance",
	"mine Mia",
	"balance",
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

var errUsage = errors.New("usage: genesis NAME | mine NAME | key NAME | send FROM TO AMOUNT | steal THIEF OWNER | impersonate THIEF OWNER | redirect THIEF FROM TO AMOUNT | pool | branch NAME HEIGHT COUNT | export | balance | coins | block HEIGHT | print [HEIGHT]")

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
	case command == "key" && len(args) == 1:
		return showKey(args[0])
	case command == "steal" && len(args) == 2:
		return steal(c, args[0], args[1])
	case command == "impersonate" && len(args) == 2:
		return impersonate(c, args[0], args[1])
	case command == "redirect" && len(args) == 4:
		return redirect(c, args[0], args[1], args[2], args[3])
	case command == "pool" && len(args) == 0:
		return listPool(c)
	case command == "branch" && len(args) == 3:
		return mineBranch(c, args[0], args[1], args[2])
	case command == "export" && len(args) == 0:
		return export(c)
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
	if slices.Contains(people, name) {
		return walletOf(name).address()
	}
	return name
}

// nameOf returns the name of whoever has an address, or the address.
func nameOf(address string) string {
	for _, name := range people {
		if walletOf(name).address() == address {
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

// mineNext mines the next block, which pays somebody, with the payments of the pool.
// Those that don't fit are dropped.
func mineNext(c *Chain, name string) (string, error) {
	waiting, err := c.waiting()
	if err != nil {
		return "", err
	}
	fit, drops, err := c.choose(waiting)
	if err != nil {
		return "", err
	}

	tip, err := c.tip()
	if err != nil {
		return "", err
	}
	if tip == nil {
		return "", errors.New("there is no chain yet: start one with genesis NAME")
	}
	b := template(tip, name, fit...)
	tries := mine(b, workBits)
	if err := c.add(b); err != nil {
		return "", err
	}
	if err := c.drop(drops); err != nil {
		return "", err
	}

	var text strings.Builder
	for _, d := range drops {
		fmt.Fprintf(&text, "dropped %.8s: %v\n", d.tx.TxID, d.err)
	}
	fmt.Fprintf(&text, "block %d, %.8s, pays %s 1000; payments: %d, tries: %d\n", b.Header.Height, b.Header.Hash, name, len(fit), tries)
	return text.String(), nil
}

// template returns the block after parent, with a coinbase that pays somebody and
// then the payments. It lacks its work yet.
func template(parent *Block, name string, payments ...*Transaction) *Block {
	transactions := []*Transaction{newCoinbase(addressOf(name), parent.Header.Height+1)}
	return newBlock(parent, append(transactions, payments...))
}

// confirm puts a payment into the pool. When that makes the pool full, Mia mines.
func confirm(c *Chain, tx *Transaction) (string, error) {
	waiting, err := c.pay(tx)
	if err != nil {
		return "", err
	}

	text := describe(tx) + fmt.Sprintf("pool %d of %d\n", waiting, poolSize)
	if waiting < poolSize {
		return text, nil
	}
	mined, err := mineNext(c, "Mia")
	return text + mined, err
}

// mineBranch mines some blocks that pay somebody, on top of the chain's block at a
// height, and shows them to the chain one by one.
func mineBranch(c *Chain, name, height, count string) (string, error) {
	from, err := strconv.Atoi(height)
	if err != nil {
		return "", fmt.Errorf("%q is no height", height)
	}
	n, err := strconv.Atoi(count)
	if err != nil {
		return "", fmt.Errorf("%q is no number of blocks", count)
	}
	b, err := c.blockAt(from)
	if err != nil {
		return "", err
	}

	var text strings.Builder
	for range n {
		b = template(b, name)
		mine(b, workBits)
		if err := c.add(b); err != nil {
			return text.String(), err
		}
		tip, err := c.tip()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "block %d, %.8s, has the parent %.8s. The tip is block %d, %.8s\n",
			b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash, tip.Header.Height, tip.Header.Hash)
	}
	return text.String(), nil
}

// export returns the chain's blocks as JSON, one a line, from block 0 up.
func export(c *Chain) (string, error) {
	tip, err := c.tip()
	if err != nil || tip == nil {
		return "", err
	}

	var text strings.Builder
	for height := 0; height <= tip.Header.Height; height++ {
		b, err := c.blockAt(height)
		if err != nil {
			return "", err
		}
		text.WriteString(b.json() + "\n")
	}
	return text.String(), nil
}

// listPool lists the payments that wait.
func listPool(c *Chain) (string, error) {
	txs, err := c.waiting()
	if err != nil {
		return "", err
	}

	var text strings.Builder
	for _, tx := range txs {
		text.WriteString(describe(tx))
	}
	fmt.Fprintf(&text, "pool %d of %d\n", len(txs), poolSize)
	return text.String(), nil
}

// payment returns a payment from somebody to somebody, signed.
func payment(c *Chain, from, to, amount string) (*Transaction, error) {
	n, err := strconv.Atoi(amount)
	if err != nil {
		return nil, fmt.Errorf("%q is no amount", amount)
	}
	coins, err := c.coins()
	if err != nil {
		return nil, err
	}
	return newTransaction(walletOf(from), addressOf(to), n, coinsOf(coins, addressOf(from)))
}

// send pays somebody.
func send(c *Chain, from, to, amount string) (string, error) {
	tx, err := payment(c, from, to, amount)
	if err != nil {
		return "", err
	}
	return confirm(c, tx)
}

// loot returns a transaction that pays a thief all the coins of somebody else. It
// isn't signed.
func loot(c *Chain, thief, owner string) (*Transaction, error) {
	coins, err := c.coins()
	if err != nil {
		return nil, err
	}

	tx := new(Transaction)
	own := coinsOf(coins, addressOf(owner))
	for _, coin := range own {
		tx.Vins = append(tx.Vins, TXInput{TxID: coin.TxID, Vout: coin.Vout})
	}
	tx.Vouts = []TXOutput{{Value: sumOf(own), PubKeyHash: addressOf(thief)}}
	return tx, nil
}

// steal spends somebody else's coins with the thief's own key.
func steal(c *Chain, thief, owner string) (string, error) {
	tx, err := loot(c, thief, owner)
	if err != nil {
		return "", err
	}
	tx.sign(walletOf(thief))
	return confirm(c, tx)
}

// impersonate spends somebody else's coins with their public key, which everybody
// can see, but the thief has to sign without their private one.
func impersonate(c *Chain, thief, owner string) (string, error) {
	tx, err := loot(c, thief, owner)
	if err != nil {
		return "", err
	}
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(walletOf(owner).pubKey())
		tx.Vins[i].Signature = walletOf(thief).sign(tx.digest(i, addressOf(owner)))
	}
	tx.TxID = tx.id()
	return confirm(c, tx)
}

// redirect catches a payment on its way and writes the thief's address into it.
func redirect(c *Chain, thief, from, to, amount string) (string, error) {
	tx, err := payment(c, from, to, amount)
	if err != nil {
		return "", err
	}
	tx.Vouts[0].PubKeyHash = addressOf(thief)
	tx.TxID = tx.id()
	return confirm(c, tx)
}

// showKey shows how somebody's address is made.
func showKey(name string) (string, error) {
	if !slices.Contains(people, name) {
		return "", fmt.Errorf("there's nobody called %q here", name)
	}

	w := walletOf(name)
	return fmt.Sprintf("private key      %x\npublic key  X    %x\n            Y    %x\nhash160          %x\naddress          %s\n",
		w.key.Serialize(), w.pubKey()[:32], w.pubKey()[32:], hash160(w.pubKey()), w.address()), nil
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
	for _, name := range people {
		fmt.Fprintf(&text, "%-8s %5d\n", name, sumOf(coinsOf(coins, addressOf(name))))
	}
	fmt.Fprintf(&text, "%-8s %5d\n", "all", sumOf(coins))
	return text.String(), nil
}

// listCoins lists the coins there are, in the order of their names.
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
