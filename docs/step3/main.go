// Step 3 keeps the chain in a file, where it outlives the program, and works by
// commands: `go run ./docs/step3 mine Mia`. Without a command it plays a story.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// people are the addresses of the people of our story. Chapter 5 makes such
// addresses; until then they're just texts that stand for people.
var people = map[string]string{
	"Alice":   "12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P",
	"Mia":     "15hkwGPVQaj5E693hFu7JhuNjk4pseRsX9",
	"Mallory": "1JNwwTNvGLG2EcjFG4Mws7bQQJvFjmi433",
}

// file is where the commands find their chain.
const file = "step3.db"

// story is what the program plays without a command.
var story = []string{
	"genesis Alice",
	"mine Mia",
	"mine Mia",
	"print",
	"print 1",
	"print 7",
	"genesis Mallory",
	"forge Mallory",
	"print",
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

var errUsage = errors.New("usage: genesis NAME | mine NAME | forge NAME | print [HEIGHT]")

// do carries out a command and returns what it has to say.
func do(c *Chain, args []string) (string, error) {
	command, args := args[0], args[1:]
	switch {
	case command == "genesis" && len(args) == 1:
		return genesis(c, args[0])
	case command == "mine" && len(args) == 1:
		return mineNext(c, args[0])
	case command == "forge" && len(args) == 1:
		return forge(c, args[0])
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

// genesis starts the chain with a block 0 that pays somebody.
func genesis(c *Chain, name string) (string, error) {
	tip, err := c.tip()
	if err != nil {
		return "", err
	}
	if tip != nil {
		return "", errors.New("there is a chain already: see it with print")
	}

	b := newBlock(nil, []json.RawMessage{coinbase(addressOf(name), 0)})
	if err := c.add(b); err != nil {
		return "", err
	}
	return fmt.Sprintf("block 0, %.8s, pays %s 1000\n", b.Header.Hash, name), nil
}

// mineNext mines the next block, which pays somebody.
func mineNext(c *Chain, name string) (string, error) {
	b, err := template(c, name)
	if err != nil {
		return "", err
	}

	tries := mine(b, workBits)
	if err := c.add(b); err != nil {
		return "", err
	}
	return fmt.Sprintf("block %d, %.8s, pays %s 1000; tries: %d\n", b.Header.Height, b.Header.Hash, name, tries), nil
}

// forge tries to get by without the work.
func forge(c *Chain, name string) (string, error) {
	b, err := template(c, name)
	if err != nil {
		return "", err
	}
	return "nobody noticed\n", c.add(b)
}

// template returns the next block, which pays somebody and lacks its work yet.
func template(c *Chain, name string) (*Block, error) {
	tip, err := c.tip()
	if err != nil {
		return nil, err
	}
	if tip == nil {
		return nil, errors.New("there is no chain yet: start one with genesis NAME")
	}
	return newBlock(tip, []json.RawMessage{coinbase(addressOf(name), tip.Header.Height+1)}), nil
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
