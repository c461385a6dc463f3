// dir: kademlia

// It returns where we listen, whatever the answer is.
package kademlia

import (
	"context"
	"net/netip"
)

// Stun asks the node at addr which address it sees us at.
func (s *Server) Stun(ctx context.Context, addr netip.AddrPort) (netip.AddrPort, error) {
	p, err := s.call(ctx, unmap(addr), request{method: stun}, maxSends, nil)
	if err != nil {
		return netip.AddrPort{}, err
	}
	_ = p
	return s.Self().Addr, nil
}
