package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// A Host is where a node is plugged in. A node that is killed closes its Host,
// and gets a new one of the same name when it starts again.
type Host struct {
	network *Network
	name    string
	done    chan struct{} // closed by Close
}

// Host returns a new host. At a time there should be one of a name.
func (n *Network) Host(name string) *Host {
	return &Host{network: n, name: name, done: make(chan struct{})}
}

// Close ends the host's connections and its calls of Dial. It is called once.
func (h *Host) Close() {
	close(h.done)

	n := h.network
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		if c.host == h {
			c.close()
		}
	}
}

// Listen listens for connections over TCP.
func (h *Host) Listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	h.register(ln.Addr().(*net.TCPAddr).AddrPort())
	return &listener{ln, h}, nil
}

// register makes an address known as that of the host.
func (h *Host) register(addr netip.AddrPort) {
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	h.network.hosts[unmap(addr)] = h
}

// Dial connects to another host. While the wire is cut, in either direction, it
// waits: the clock that would call it off stands still then, as with a
// connection that is there already.
func (h *Host) Dial(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
	n := h.network
	for {
		n.mu.Lock()
		peer := n.hosts[unmap(addr)]
		if peer == nil {
			n.mu.Unlock()
			return nil, fmt.Errorf("dial %s: no host is there", addr)
		}
		cut := n.isCutBetween(h.name, peer.name)
		changed, closed := n.changed, n.closed
		n.mu.Unlock()

		if closed {
			return nil, net.ErrClosed
		}
		if !cut {
			return h.connect(ctx, addr, peer)
		}
		select {
		case <-changed:
		case <-h.done:
			return nil, net.ErrClosed
		}
	}
}

// connect makes a connection over a wire that is whole.
func (h *Host) connect(ctx context.Context, addr netip.AddrPort, peer *Host) (net.Conn, error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer cancel()
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}

	return h.plug(nc, peer)
}

// connectTimeout is more than a connection on loopback takes.
const connectTimeout = 5 * time.Second

// A listener wraps the connections that it accepts.
type listener struct {
	net.Listener
	host *Host
}

func (ln *listener) Accept() (net.Conn, error) {
	nc, err := ln.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return ln.host.plug(nc, nil)
}

// unmap gives an IPv4 address one form, whichever socket it came by.
func unmap(addr netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}

func sortByID(messages []Message) {
	slices.SortFunc(messages, func(a, b Message) int { return a.ID - b.ID })
}
