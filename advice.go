package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"gosimpleblockchain/rpc"
)

// What a user should type next. It must work as it is printed.

// greet prints what to type on a second machine, in a second terminal and in a
// browser, in the words of say.
func (n *Node) greet(w io.Writer, say func(string) string) {
	line := func(where, text string) { fmt.Fprintln(w, padTo(say(where), 22), say(text)) }
	line("On a second machine:", onSecondMachine(n.Addr(), machineAddr()))
	line("On this machine:", n.config.second(n.Addr().String()))
	next := "go run . genesis_block"
	if _, err := n.chain.Tip(); err == nil || len(n.config.Bootstrap) > 0 {
		next = "go run . peers" // there is a chain, or there may be one to join
	}
	line("In a second terminal:", addRPC(next, n.RPCAddr()))
	if n.page != nil {
		line("In your browser:", n.pageURL())
	}
}

// onSecondMachine returns the command that joins the node that listens at an
// address of this machine, or why there is none. machine is the address of this
// machine on the network, if it has one.
func onSecondMachine(listen netip.AddrPort, machine netip.Addr) string {
	addr := listen.Addr()
	if addr.IsUnspecified() {
		addr = machine
	}

	switch {
	case !addr.IsValid():
		return "nothing yet: this machine is on no network"
	case addr.IsLoopback():
		return fmt.Sprintf("nothing: no other machine reaches -listen %s", listen)
	}
	return "go run . start -bootstrap " + netip.AddrPortFrom(addr, listen.Port()).String()
}

// machineAddr returns the address by which other machines reach this one, if it
// is on a network: the one from which packets leave by the default route.
func machineAddr() netip.Addr {
	// Dialing UDP sends nothing. These are addresses for documentation (RFC 5737,
	// RFC 3849): no machine has them.
	for _, far := range []string{"203.0.113.1:9", "[2001:db8::1]:9"} {
		conn, err := net.Dial("udp", far)
		if err != nil {
			continue
		}
		conn.Close()
		if addr := conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(); addr.IsGlobalUnicast() {
			return addr
		}
	}

	// Two machines on one cable have no default route.
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr().IsGlobalUnicast() {
			return prefix.Addr()
		}
	}
	return netip.Addr{}
}

// second returns the command for one more node on this machine, with ports that
// are free and a directory of its own. It joins the node that listens at an
// address of this machine, or else those that this one was to join.
func (c NodeConfig) second(listen string) string {
	port := freePort(5679, +1)
	number := port - 5677
	if filepath.Clean(c.Data) == fmt.Sprintf("data%d", number) {
		number++
	}
	command := fmt.Sprintf("go run . start -listen :%d -rpc 127.0.0.1:%d -data data%d", port, freePort(9998, -1), number)

	seeds := c.Bootstrap
	if listen != "" {
		seeds = []string{dialable(listen)}
	}
	if len(seeds) > 0 {
		command += " -bootstrap " + strings.Join(seeds, ",")
	}
	return command
}

// again returns the command that starts this node once more, with other flags in
// place of those that say which chain to take.
func (c NodeConfig) again(flags string) string {
	command := "go run . start"
	add := func(name, value, usual string) {
		if value != usual {
			command += " -" + name + " " + value
		}
	}
	add("listen", c.Listen, defaultListen)
	add("rpc", c.RPC, defaultRPC)
	add("view", cmp.Or(c.View, viewOff), defaultView)
	add("data", c.Data, defaultData)
	add("pool-size", strconv.Itoa(c.PoolSize), strconv.Itoa(defaultPoolSize))
	if c.SpendPending {
		command += " -spend-pending"
	}
	return command + flags
}

// restart returns the command that starts this node again as it is, once it has
// stopped.
func (c NodeConfig) restart() string {
	flags := ""
	if len(c.Bootstrap) > 0 {
		flags += " -bootstrap " + strings.Join(c.Bootstrap, ",")
	}
	if c.Genesis != "" {
		flags += " -genesis " + c.Genesis
	}
	return c.again(flags)
}

// dialable returns an address at which a node on this machine that listens at
// an address is reached, by other machines, too, if it can be.
func dialable(listen string) string {
	host, port, _ := net.SplitHostPort(listen)
	if ip, err := netip.ParseAddr(host); host != "" && (err != nil || !ip.IsUnspecified()) {
		return listen
	}

	machine := machineAddr()
	if !machine.IsValid() {
		machine = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return net.JoinHostPort(machine.String(), port)
}

func freePort(port, step int) int {
	for range 100 {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			ln.Close()
			break
		}
		port += step
	}
	return port
}

// noChain says where a chain is to be had. Only where nobody may have one yet
// does it tell to start one: a second is hard to get rid of.
func (n *Node) noChain() error {
	for _, p := range n.peers.Peers() {
		if p.Height >= 0 {
			return fmt.Errorf("no chain yet, but %s has one: `go run . peers` tells why it is not here", p.Addr)
		}
	}
	if seeds := n.config.Bootstrap; len(seeds) > 0 {
		return fmt.Errorf("no chain yet: it comes from %s: see `go run . peers`", strings.Join(seeds, " or "))
	}
	return errors.New("no chain yet: start one with `go run . genesis_block`")
}

// advice tells what to type if err says that another node has a port or the
// directory of this one.
func (n *Node) advice(ctx context.Context, err error) string {
	if !isAddrInUse(err) && !errors.Is(err, ErrInUse) {
		return ""
	}
	return ": for a second node on this machine: " + n.config.second(n.holder(ctx, err))
}

func isAddrInUse(err error) bool {
	const wsaAddrInUse = syscall.Errno(10048) // Windows' own
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaAddrInUse)
}

// adviseView tells what to type if err says that the page's port is taken.
func adviseView(addr string, err error) string {
	if !isAddrInUse(err) {
		return ""
	}
	if strings.HasSuffix(addr, "+") {
		return ": to start without a page, type -view off"
	}

	return ": type another port, or leave -view out to get one that is free"
}

// holder returns the address at which the node listens that has what this one
// could not get, or "" if no node has it.
func (n *Node) holder(ctx context.Context, err error) (listen string) {
	switch {
	case errors.Is(err, ErrInUse):
		addr, _ := os.ReadFile(n.config.addrFile())
		return string(addr)
	case n.commands == nil:
		_ = rpc.Call(ctx, n.config.RPC, "Cli.Addr", "", &listen) // fails if another program has the port
		return listen
	}
	return n.config.Listen
}

// addrFile is where a node that has the directory notes where it listens, for
// one that wants the same directory.
func (c NodeConfig) addrFile() string { return filepath.Join(c.Data, "listen.addr") }

func (n *Node) noteAddr() error {
	return os.WriteFile(n.config.addrFile(), []byte(n.Addr().String()), 0o600)
}

var quotedCommand = regexp.MustCompile("`(go run \\. [^`]+)`")

// withRPC completes the commands in a text, which stand between backquotes, so
// that they ask the node that this command asked. The text may come from that
// node, which does not know by which address it was asked.
func (o *options) withRPC(text string) string {
	return quotedCommand.ReplaceAllStringFunc(text, func(quoted string) string {
		return "`" + addRPC(strings.Trim(quoted, "`"), o.rpc) + "`"
	})
}

// addRPC returns a command, with the flag that it needs to reach the node whose
// command port is at an address.
func addRPC(command, rpc string) string {
	if rpc == "" || rpc == defaultRPC || strings.Contains(command, " -rpc ") {
		return command
	}
	return command + " -rpc " + rpc
}
