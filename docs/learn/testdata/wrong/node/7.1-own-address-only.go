// dir: kademlia

// It asks nobody.
package kademlia

import (
	"context"
	"net/netip"
)

// Stun asks the node at addr which address it sees us at.
func (s *Server) Stun(ctx context.Context, addr netip.AddrPort) (netip.AddrPort, error) {
	err := ctx.Err()
	if err != nil {
		return netip.AddrPort{}, err
	}
	return s.Self().Addr, nil
}
