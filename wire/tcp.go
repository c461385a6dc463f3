package wire

import (
	"errors"
	"net"
	"os"
	"time"
)

// A conn is one end of a connection over TCP, and the wire that leads away from
// it: what is written waits in a queue until it may go. As with TCP itself,
// nothing gets lost as long as the connection lasts. What a lossy wire drops is
// sent again after a while, and what comes to a cut waits for the wire to be
// mended, as long as that takes: the clocks of both ends, by which they would
// hang up, stand still meanwhile.
type conn struct {
	net.Conn
	host *Host
	wake chan struct{} // holds a token: there is something new in the queue

	// Of the network, whose lock guards all below.
	peer     *Host     // nil: not known yet
	dialled  bool      // by this end
	queue    []*parcel // what is on its way
	closed   bool
	deadline time.Time     // of reading; zero: none
	left     time.Duration // until then, while the clock stands still
	standing bool          // it does
}

// A parcel is a message on its way, or the end of the connection.
type parcel struct {
	Message
	isEnd    bool
	due      time.Duration // by the network's clock, when it is there at the earliest
	released bool          // from a pause, or gone already
}

const (
	resendAfter = 200 * time.Millisecond // what was lost; twice as long each time
	maxResends  = 6
)

// plug makes an end of a connection. Of one that was accepted the peer is found
// out when it has said something.
func (h *Host) plug(nc net.Conn, peer *Host) (net.Conn, error) {
	n := h.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || h.isClosed() {
		nc.Close()
		return nil, net.ErrClosed
	}

	c := &conn{Conn: nc, host: h, wake: make(chan struct{}, 1), peer: peer, dialled: peer != nil}
	n.conns[c] = true
	if c.dialled {
		n.dialled[unmap(nc.LocalAddr().(*net.TCPAddr).AddrPort())] = h
	}
	n.wg.Go(c.carry)
	return c, nil
}

func (h *Host) isClosed() bool {
	select {
	case <-h.done:
		return true
	default:
		return false
	}
}

// Write puts a message on the wire. It does not wait for it to arrive, unless the
// other end is not of this network.
func (c *conn) Write(b []byte) (int, error) {
	n := c.host.network
	n.mu.Lock()
	c.findPeer()
	if c.peer == nil && !c.closed && !n.closed {
		n.mu.Unlock()
		return c.Conn.Write(b) // to somebody who is not of this network, and may not read
	}
	defer n.mu.Unlock()
	if c.closed || n.closed {
		return 0, net.ErrClosed
	}

	m := n.send(Message{
		From:  c.host.name,
		To:    c.peer.name,
		Reply: !c.dialled,
		Bytes: append([]byte(nil), b...),
	})
	w := n.wire(m.From, m.To)
	due := n.now() + w.Delay
	for i := 0; i < maxResends && w.luck.Float64() < w.Loss; i++ {
		due += resendAfter << i
	}
	c.enqueue(&parcel{Message: m, due: due})
	return len(b), nil
}

// findPeer finds out who has dialled. n.mu is held.
func (c *conn) findPeer() {
	if c.peer != nil {
		return
	}
	c.peer = c.host.network.dialled[unmap(c.RemoteAddr().(*net.TCPAddr).AddrPort())]
	if c.peer != nil {
		c.Conn.SetWriteDeadline(time.Time{}) // it was taken for a stranger
	}
}

// enqueue puts a parcel on the wire. n.mu is held.
func (c *conn) enqueue(p *parcel) {
	c.queue = append(c.queue, p)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// carry brings each parcel of the queue to the other end, in order, when it may
// go, until one is the end of the connection.
func (c *conn) carry() {
	n := c.host.network
	defer c.unplug()
	for {
		n.mu.Lock()
		changed := n.changed
		p, wait := c.next()
		n.mu.Unlock()

		switch {
		case p == nil && wait < 0:
			return
		case p == nil:
			c.wait(changed, wait)
		case p.isEnd:
			return
		default:
			if _, err := c.Conn.Write(p.Bytes); err != nil {
				return
			}
		}
	}
}

// next takes the first parcel out of the queue, if it may go. If not, it returns
// how long that takes; 0: until something changes; below 0: for ever. n.mu is held.
func (c *conn) next() (p *parcel, wait time.Duration) {
	n := c.host.network
	switch {
	case n.closed:
		return nil, -1
	case len(c.queue) == 0:
		return nil, 0
	}

	p = c.queue[0]
	c.findPeer()
	switch {
	case n.isCut(c):
		return nil, 0
	case n.paused && !p.released && c.peer != nil:
		return nil, 0
	case !p.released && p.due > n.now():
		return nil, p.due - n.now()
	}
	c.queue = c.queue[1:]
	if !p.isEnd {
		n.end(p.Message, Arrived, "") // before the receiver can tell what it makes of it
	}
	return p, 0
}

// wait waits until something changes, or a while has passed unless that is 0.
func (c *conn) wait(changed <-chan struct{}, d time.Duration) {
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-changed:
	case <-c.wake:
	case <-over:
	}
}

// unplug ends the connection. What is still on its way is lost.
func (c *conn) unplug() {
	n := c.host.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.dialled { // before the port is free for another
		delete(n.dialled, unmap(c.LocalAddr().(*net.TCPAddr).AddrPort()))
	}
	c.Conn.Close()

	for _, p := range c.queue {
		if !p.isEnd {
			n.end(p.Message, Lost, WhyGone)
		}
	}
	c.queue, c.closed = nil, true
	delete(n.conns, c)
}

// isCut reports whether a connection's wire is cut where it leads away from its
// end. n.mu is held.
func (n *Network) isCut(c *conn) bool {
	return c.peer != nil && n.wire(c.host.name, c.peer.name).Cut
}

// Close ends the connection. The other end hears of it when all that was written
// before has arrived.
func (c *conn) Close() error {
	n := c.host.network
	n.mu.Lock()
	defer n.mu.Unlock()
	c.close()
	return nil
}

// close is Close while n.mu is held.
func (c *conn) close() {
	if c.closed {
		return
	}
	c.closed = true
	c.Conn.SetReadDeadline(time.Unix(1, 0)) // ends a Read
	c.enqueue(&parcel{isEnd: true, due: c.host.network.now()})
}

// Read implements [net.Conn].
func (c *conn) Read(b []byte) (int, error) {
	k, err := c.Conn.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) && c.isClosed() {
		err = net.ErrClosed
	}
	return k, err
}

func (c *conn) isClosed() bool {
	n := c.host.network
	n.mu.Lock()
	defer n.mu.Unlock()
	return c.closed
}

// SetReadDeadline implements [net.Conn]. Time does not count while the clock of
// the connection stands still.
func (c *conn) SetReadDeadline(t time.Time) error {
	n := c.host.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.standing = n.stands(c)
	c.deadline, c.left = t, time.Until(t)
	if c.standing && !t.IsZero() && c.left > 0 {
		t = time.Time{}
	}
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline implements [net.Conn]. A Write waits only for a stranger.
func (c *conn) SetWriteDeadline(t time.Time) error {
	n := c.host.network
	n.mu.Lock()
	defer n.mu.Unlock()
	c.findPeer()
	if c.peer != nil {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline implements [net.Conn].
func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.SetReadDeadline(t)
}

// setDeadlines stops and starts the clocks of connections, now that the network
// has changed. n.mu is held.
func (n *Network) setDeadlines() {
	for c := range n.conns {
		stands := n.stands(c)
		if stands == c.standing || c.closed {
			continue
		}

		c.standing = stands
		switch {
		case c.deadline.IsZero():
		case stands:
			c.left = time.Until(c.deadline)
			if c.left > 0 { // what is past stays past
				c.Conn.SetReadDeadline(time.Time{})
			}
		default:
			c.deadline = time.Now().Add(c.left)
			c.Conn.SetReadDeadline(c.deadline)
		}
	}
}

// stands reports whether the clock of a connection stands still. n.mu is held.
func (n *Network) stands(c *conn) bool {
	c.findPeer()
	return n.paused || c.peer != nil && n.isCutBetween(c.host.name, c.peer.name)
}
