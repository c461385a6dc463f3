// Package rpc lets the commands of a node call the node that runs, with
// net/rpc on the loopback address. To the standard library it adds what a
// server needs that must not be stopped by its clients: bounds on
// connections, on the size of a request and on the time it takes to arrive,
// and an end that waits for its goroutines.
//
// There is no password: whoever can open a connection to the loopback address
// can spend the coins of the node's wallets. That is why [Listen] takes no
// other address. Bitcoin asks for a cookie that it writes to the data
// directory.
//
// Article: RPCServer, RPCClient.
package rpc

import (
	"errors"
	"time"
)

// Name is the name under which the methods are called: "Cli.Balance".
const Name = "Cli"

var (
	// ErrNotLoopback is an address that others than this machine could reach.
	ErrNotLoopback = errors.New("not a loopback address")

	// ErrNoNode is an address at which no node answers.
	ErrNoNode = errors.New("no node answers")
)

const (
	maxConns   = 32               // at a time
	maxRequest = 1 << 20          // bytes
	idle       = 30 * time.Second // for a request to arrive, or a reply to leave
	grace      = 700 * time.Millisecond
)

// The client first asks for a greeting, so that it learns soon whether a node
// is there at all; its call itself may take as long as the work takes.
const (
	helloName    = "Hello"
	helloMethod  = "Hello.Hello"
	helloText    = "gosimpleblockchain"
	helloTimeout = 2 * time.Second
)

// hello is the service that greets.
type hello struct{}

// Hello sets text to the name of this program.
func (hello) Hello(_ struct{}, text *string) error {
	*text = helloText
	return nil
}
