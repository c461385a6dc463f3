package network

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"
)

// PeerStatus is how a peer stands.
type PeerStatus struct {
	Addr   netip.AddrPort
	Height int    // of its tip, when we last heard; -1: no chain, or never heard
	State  string // for people: "in step", "3 blocks behind", …
}

// peerStatus tells how the peer stands to our chain.
func (c *TCPClient) peerStatus(ours Status) PeerStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	return PeerStatus{Addr: c.Addr, Height: c.theirs.Height, State: c.state(ours)}
}

// state puts into words how the peer stands. c.mu is held.
func (c *TCPClient) state(ours Status) string {
	pause, reason := c.faults.remainingPause(c.Addr)
	ahead := c.theirs.Height - ours.Height
	switch {
	case pause > 0:
		return fmt.Sprintf("left alone for %s: %s", seconds(pause), printable(reason))
	case !c.connected && c.unreachable:
		return "no answer on TCP since " + seconds(time.Since(c.lastReply))
	case !c.connected:
		return "connecting"
	case c.theirs.Height < 0:
		return "no chain yet"
	case !ours.sameChain(c.theirs):
		return "other genesis block " + c.theirs.GenesisHash[:4] + "…"
	case ahead > 0:
		return blocks(ahead) + " ahead: syncing"
	case ahead < 0:
		return blocks(-ahead) + " behind"
	}
	return "in step"
}

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
	const most = 200
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
