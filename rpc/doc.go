// Package rpc lets the commands of a node call the node that runs, with
// net/rpc on the loopback address. To the standard library it adds what a
// server needs so that no client can stop it: bounds on the number of
// connections, on what one of them may send and on the time a request takes to
// arrive, and an end that waits for its goroutines.
//
// There is no password: whoever can open a connection to the loopback address
// can spend the coins of the node's wallets. That is why [Listen] takes no
// other address. Bitcoin asks for a cookie that it writes to the data
// directory.
//
// Read [Listen] and [Serve] in server.go, then [Call] in client.go. On a first
// reading, skip limit.go, which is the bounds.
//
// Article: RPCServer, RPCClient.
package rpc
