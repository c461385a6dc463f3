package network

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// PeerStatus is how a peer stands.
type PeerStatus struct {
	Addr   netip.AddrPort
	Height int    // of its tip, when we last heard; -1: no chain, or never heard
	State  string // for people: "in step", "3 blocks behind", …

	InStep bool // whether it has our tip

	// OtherChain is whether the peer's chain has another genesis block than
	// ours: neither gets the other's blocks and transactions.
	OtherChain bool
}

// peerStatus tells how the peer stands to our chain.
func (c *TCPClient) peerStatus(ours Status) PeerStatus {
	tip, _ := c.Ledger.Hash(ours.Height) // "" without a chain
	c.mu.Lock()
	defer c.mu.Unlock()
	state := c.state(ours, tip)
	shown := state
	if c.connected && c.python {
		shown = fmt.Sprintf("%s (a Python node)", state)
	}
	return PeerStatus{
		Addr:       c.Addr,
		Height:     c.theirs.Height,
		State:      shown,
		InStep:     state == stateInStep,
		OtherChain: c.connected && !ours.sameChain(c.theirs),
	}
}

// state puts into words how the peer stands to our chain, and its last block,
// tip. c.mu is held.
func (c *TCPClient) state(ours Status, tip string) string {
	pause, reason := c.faults.remainingPause(c.Addr)
	ahead := c.theirs.Height - ours.Height
	switch {
	case pause > 0:
		return fmt.Sprintf("left alone for %s: %s", seconds(pause), printable(reason))
	case !c.connected && isRefusal(c.failure):
		return "has refused TCP connections for " + seconds(time.Since(c.failing))
	case !c.connected && c.failure != nil:
		return "no answer on TCP for " + seconds(time.Since(c.lastReply))
	case !c.connected:
		return "connecting"
	case c.theirs.Height < 0:
		return "no chain yet"
	case c.objection != nil:
		return printable(c.objection.Error())
	case ahead > 0 && c.notTaken != nil:
		return blocks(ahead) + " ahead: " + printable(c.notTaken.Error())
	case ahead > 0:
		return blocks(ahead) + " ahead: syncing"
	case ahead < 0:
		return blocks(-ahead) + " behind"
	case ours.Height > 0 && c.lastBlock.height != ours.Height:
		return "same height"
	case ours.Height > 0 && c.lastBlock.hash != tip:
		return "same height, other block " + short(c.lastBlock.hash)
	}
	return stateInStep
}

const stateInStep = "in step"

// isRefusal reports whether err says that the peer's machine is there, and
// nobody listens at the port.
func isRefusal(err error) bool {
	const wsaConnRefused = syscall.Errno(10061) // Windows' own
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaConnRefused)
}

// short is the beginning of a hash, enough to tell a few apart.
func short(hash string) string { return hash[:4] + "…" }

func blocks(n int) string {
	if n == 1 {
		return "1 block"
	}
	return fmt.Sprintf("%d blocks", n)
}

func seconds(d time.Duration) string {
	return fmt.Sprintf("%.0f s", d.Seconds())
}

// printable makes an error that may quote a peer fit for one line of a
// terminal.
func printable(s string) string {
	const most = 500 // a command of ours may be in it
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
