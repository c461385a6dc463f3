package wire

import (
	"net"
	"net/netip"
	"time"
)

// A PacketConn is a UDP socket that is plugged in.
type PacketConn struct {
	*net.UDPConn
	host *Host
}

// ListenUDP opens a UDP socket.
func (h *Host) ListenUDP(addr netip.AddrPort) (*PacketConn, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	h.register(conn.LocalAddr().(*net.UDPAddr).AddrPort())
	return &PacketConn{conn, h}, nil
}

// WriteToUDPAddrPort sends a datagram, which gets lost at a cut, or by chance. To
// an address where no host ever was it goes as if there were no wires.
func (c *PacketConn) WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error) {
	n := c.host.network
	n.mu.Lock()
	peer := n.hosts[unmap(addr)]
	if peer == nil || n.closed {
		n.mu.Unlock()
		return c.UDPConn.WriteToUDPAddrPort(b, addr)
	}

	b = append([]byte(nil), b...)
	m := n.send(Message{From: c.host.name, To: peer.name, UDP: true, Bytes: b})
	w := n.wire(m.From, m.To)
	switch {
	case w.Cut:
		n.end(m, Lost, WhyCut)
	case w.luck.Float64() < w.Loss:
		n.end(m, Lost, WhyLoss)
	case w.Delay > 0:
		delay := w.Delay // as it is now
		n.wg.Go(func() { c.deliver(m, addr, delay) })
	default:
		n.end(m, Arrived, "")
		n.mu.Unlock()
		return c.UDPConn.WriteToUDPAddrPort(b, addr)
	}
	n.mu.Unlock()
	return len(b), nil
}

// deliver brings a datagram to its address after a while.
func (c *PacketConn) deliver(m Message, addr netip.AddrPort, delay time.Duration) {
	n := c.host.network
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.host.done:
	case <-n.done:
	}

	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case c.host.isClosed() || n.closed:
		n.end(m, Lost, WhyGone)
	case n.wire(m.From, m.To).Cut:
		n.end(m, Lost, WhyCut)
	default:
		n.end(m, Arrived, "")
		c.UDPConn.WriteToUDPAddrPort(m.Bytes, addr)
	}
}
