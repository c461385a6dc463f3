// Package wire joins nodes of one process by wires that can be cut. The nodes
// are real, and so are their sockets, on loopback; but each writes into a wire,
// which may be cut, slow or lossy, each direction for itself, and which tells of
// all that passes. What a node needs to know of that is nothing: a [Host] stands
// where it would ask the system for a socket.
//
// Read [Network] first, then udp.go, which is the easy half, and tcp.go.
package wire

import (
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// A Network is some hosts, and a wire from each to each. At first all wires are
// whole. Its methods are safe for concurrent use.
//
// It has a clock of its own, which stands still while the network is paused: a
// message that has 100 ms to go still has them when it goes on.
type Network struct {
	tell func(Event)
	seed uint64
	wg   sync.WaitGroup // every goroutine of the network

	done chan struct{} // closed by Close

	mu      sync.Mutex    // guards all below
	changed chan struct{} // closed, and made anew, when something changes
	closed  bool
	hosts   map[netip.AddrPort]*Host // by the address at which each listens
	dialled map[netip.AddrPort]*Host // by the near end of each connection
	wires   map[direction]*wire
	conns   map[*conn]bool
	lastID  int

	paused   bool
	began    time.Time     // of the clock
	stood    time.Duration // for how long the clock has stood still
	pausedAt time.Time
}

// A State is how one direction of a wire stands.
type State struct {
	Cut   bool
	Delay time.Duration
	Loss  float64 // from 0 to [MaxLoss], of what is sent
}

// MaxLoss is the most that a wire can lose. With more, cut it.
const MaxLoss = 0.9

// A Message is one datagram, or what one Write hands to a connection.
type Message struct {
	ID       int // 1, 2, 3, … in the network
	From, To string
	UDP      bool
	Reply    bool   // it goes back to the host that dialled; never set with UDP
	Bytes    []byte // not to be changed
}

// An Event is what becomes of a message: it is sent, and then it arrives or is
// lost.
type Event struct {
	Message
	What What
	Why  string // it is lost
}

// What happens to a message.
type What int

const (
	Sent What = iota
	Arrived
	Lost
)

// Why a message is lost.
const (
	WhyCut  = "the wire is cut"
	WhyLoss = "the wire loses some"
	WhyGone = "the connection is gone"
)

// direction is one of the two of a wire.
type direction struct{ from, to string }

// wire is how a direction stands, and its luck.
type wire struct {
	State
	luck *rand.Rand
}

// New returns a network without hosts. Tell is called for each event, one after
// the other; it must not block, nor call the network. The seed decides what lossy
// wires lose: of the same messages the same ones.
func New(seed uint64, tell func(Event)) *Network {
	return &Network{
		tell:    tell,
		seed:    seed,
		done:    make(chan struct{}),
		changed: make(chan struct{}),
		hosts:   make(map[netip.AddrPort]*Host),
		dialled: make(map[netip.AddrPort]*Host),
		wires:   make(map[direction]*wire),
		conns:   make(map[*conn]bool),
		began:   time.Now(),
	}
}

// Close closes every connection. When it returns, no goroutine of the network is
// left. To close again does nothing. The hosts' listeners and UDP sockets their
// owners close.
func (n *Network) Close() {
	n.mu.Lock()
	if !n.closed {
		n.closed = true
		close(n.done)
	}
	for c := range n.conns {
		c.Conn.Close()
	}
	n.announceChange()
	n.mu.Unlock()

	n.wg.Wait()
}

// Set makes the direction of a wire stand so from now on. What is on its way over
// TCP waits at a cut; datagrams get lost there.
func (n *Network) Set(from, to string, s State) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s.Loss = min(max(s.Loss, 0), MaxLoss)
	n.wire(from, to).State = s
	n.setDeadlines()
	n.announceChange()
}

// State returns how the direction of a wire stands.
func (n *Network) State(from, to string) State {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.wire(from, to).State
}

// isCutBetween reports whether a wire is cut, one way or both. n.mu is held.
func (n *Network) isCutBetween(a, b string) bool { return n.wire(a, b).Cut || n.wire(b, a).Cut }

// wire returns the direction of a wire. n.mu is held.
func (n *Network) wire(from, to string) *wire {
	d := direction{from, to}
	if n.wires[d] == nil {
		name := fnv.New64a()
		name.Write([]byte(from + ">" + to))
		n.wires[d] = &wire{luck: rand.New(rand.NewPCG(n.seed, name.Sum64()))}
	}
	return n.wires[d]
}

// Pause holds every message over TCP where it is. Datagrams go on: without them
// the nodes would soon take each other for gone.
func (n *Network) Pause() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.paused {
		return
	}
	n.paused, n.pausedAt = true, time.Now()
	n.setDeadlines()
	n.announceChange()
}

// Resume lets messages go on.
func (n *Network) Resume() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.paused {
		return
	}
	n.paused = false
	n.stood += time.Since(n.pausedAt)
	n.setDeadlines()
	n.announceChange()
}

// Step lets the oldest message through that is held by the pause, and no cut. It
// returns false if there is none.
func (n *Network) Step() (Message, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var next *parcel
	for c := range n.conns {
		if n.isCut(c) {
			continue
		}
		i := slices.IndexFunc(c.queue, func(p *parcel) bool { return !p.released })
		if i < 0 || c.queue[i].isEnd {
			continue
		}
		if p := c.queue[i]; next == nil || p.ID < next.ID {
			next = p
		}
	}
	if next == nil || !n.paused {
		return Message{}, false
	}

	next.released = true
	n.announceChange()
	return next.Message, true
}

// InFlight returns the messages over TCP that are on their way, oldest first.
func (n *Network) InFlight() (messages []Message) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		for _, p := range c.queue {
			if !p.isEnd && !p.released {
				messages = append(messages, p.Message)
			}
		}
	}
	sortByID(messages)
	return messages
}

// announceChange wakes whoever waits for the network to be another. n.mu is held.
func (n *Network) announceChange() {
	close(n.changed)
	n.changed = make(chan struct{})
}

// now is the time of the network's clock. n.mu is held.
func (n *Network) now() time.Duration {
	if n.paused {
		return n.pausedAt.Sub(n.began) - n.stood
	}
	return time.Since(n.began) - n.stood
}

// send tells of a message that begins its way. n.mu is held.
func (n *Network) send(m Message) Message {
	n.lastID++
	m.ID = n.lastID
	n.tell(Event{Message: m, What: Sent})
	return m
}

// end tells what has become of a message. n.mu is held.
func (n *Network) end(m Message, what What, why string) {
	n.tell(Event{Message: m, What: what, Why: why})
}
