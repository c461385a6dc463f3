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

// status says how the peer stands to our chain.
func (c *TCPClient) status(ours Status) PeerStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	left, reason := c.faults.left(c.Addr)
	ahead := c.theirs.Height - ours.Height
	st := PeerStatus{Addr: c.Addr, Height: c.theirs.Height}
	switch {
	case left > 0:
		st.State = fmt.Sprintf("left alone for %s: %s", seconds(left), printable(reason))
	case !c.connected && c.failed:
		st.State = "no answer on TCP since " + seconds(time.Since(c.answered))
	case !c.connected:
		st.State = "connecting"
	case c.theirs.Height < 0:
		st.State = "no chain yet"
	case !ours.sameChain(c.theirs):
		st.State = "other genesis block " + c.theirs.GenesisHash[:4] + "…"
	case ahead > 0:
		st.State = blocks(ahead) + " ahead: syncing"
	case ahead < 0:
		st.State = blocks(-ahead) + " behind"
	default:
		st.State = "in step"
	}
	return st
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
