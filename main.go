// Gosimpleblockchain is a small Bitcoin, made to be read: proof of work,
// transactions over unspent outputs, wallets, a chain on disk, and a network
// of nodes that find each other and agree.
//
// One program is both the node and its command line. Start a node with
//
//	go run . start
//
// and give it commands from another terminal; go run . -h lists them.
//
// The files follow the chapters of a tutorial:
//
//	block.go merkle.go                 1  a chain of blocks
//	pow.go                             2  proof of work
//	db.go blockchain.go fork.go        3  the chain on disk, and its branches
//	verify.go pages.go                 3  whether the disk has kept it
//	command.go cli.go rpc              3  commands, and the node's answers
//	transaction.go                     4  payments
//	wallet.go names.go                 5  keys, addresses and names
//	utxo_set.go txpool.go miner.go     6  unspent coins, and the way into a block
//	kademlia network node.go           7  the network, and the whole
//	advice.go                          7  what to type next
//
// To see it work: events.go keeps what a node does for those who want to know,
// and story.go says it in words, for the log (logs.go), for watch.go, and for
// demo.go, which plays the tutorial on two nodes. Inspect.go, find.go, rules.go
// and status.go gather the facts of chain and node, which look.go and tree.go
// print, and package view shows in the browser. Lang.go puts what is printed into
// Chinese, if the user reads that: zh.go and zh_look.go have each text. Json.go,
// parallel.go and colour.go serve the rest.
//
// To see it break: lab.go opens a few nodes that are joined by package wire, whose
// wires can be cut. Lab_commands.go has the words for what one can do there,
// lab_events.go tells what happens, lab_plain.go draws that as text, and
// lessons.go are the stories; lab_command.go, lab_session.go and lab_prompt.go are
// for whoever sits at the terminal. Attack.go has a thief try the ways to cheat of
// attacks.go on a copy of the chain, and odds.go plays what no rule can refuse.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

const memoryGoal = 96 << 20 // bytes, from which on garbage is collected sooner: hostile peers make much

func main() {
	debug.SetMemoryLimit(memoryGoal)
	signal.Ignore(syscall.SIGPIPE) // that nobody reads on is an error of writing, after which all is put away

	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup lets the program outlive its terminal
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program, whatever it does

	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
