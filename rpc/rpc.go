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
