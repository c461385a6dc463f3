// dir: .

package main

import (
	"context"
	"fmt"
	"net/netip"

	"gosimpleblockchain/view"
)

// Peers implements [view.Node].
func (i inspector) Peers() (shown []view.Peer, err error) {
	ids := make(map[netip.AddrPort]string)
	for _, n := range i.node.discovery.Nodes() {
		ids[n.Addr] = n.ID.String()
	}

	for _, p := range i.node.peers.Peers() {
		shown = append(shown, view.Peer{
			Addr:       p.Addr.String(),
			ID:         ids[p.Addr],
			Height:     p.Height,
			State:      ownCommands(p.State),
			InStep:     p.InStep,
			OtherChain: p.OtherChain,
			RoundTrip:  p.RoundTrip,
		})
	}
	return shown, nil
}

func peers(ctx context.Context, o *options) error {
	return look(ctx, o, "Peers", "", func(peers []view.Peer) {
		var lines []string
		for _, p := range peers {
			id := p.ID
			if id == "" {
				id = "-" // discovery doesn't know the peer
			}
			lines = append(lines, fmt.Sprintf("%s  %s  height %d  %s  rtt %v", p.Addr, id, p.Height, p.State, p.RoundTrip))
		}
		hint := ""
		if len(lines) == 0 {
			hint = o.hintForPeers(ctx)
		}
		o.list(lines, hint)
	})
}
