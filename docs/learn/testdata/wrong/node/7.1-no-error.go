// dir: kademlia

// It forgets the error.
package kademlia

import (
	"context"
	"net/netip"
)

// Stun asks the node at addr which address it sees us at.
func (s *Server) Stun(ctx context.Context, addr netip.AddrPort) (netip.AddrPort, error) {
	p, _ := s.call(ctx, unmap(addr), request{method: stun}, maxSends, nil)
	return p.addr, nil
}
