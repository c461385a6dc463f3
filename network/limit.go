package network

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// quietLog writes each line at most once a minute, however often a peer
// causes it. Lines are told apart by their message, a constant, so that a
// peer cannot make up new ones.
type quietLog struct {
	mu    sync.Mutex // guards lines
	lines map[string]*quietLine
}

type quietLine struct {
	written time.Time
	kept    int // lines kept back since
}

func (q *quietLog) warn(log *slog.Logger, msg string, args ...any) {
	q.mu.Lock()
	if q.lines == nil {
		q.lines = make(map[string]*quietLine)
	}
	line, seen := q.lines[msg]
	if seen && time.Since(line.written) < time.Minute {
		line.kept++
		q.mu.Unlock()
		return
	}
	if seen && line.kept > 0 {
		args = append(args, "repeated", line.kept)
	}
	q.lines[msg] = &quietLine{written: time.Now()}
	q.mu.Unlock()
	log.Warn(msg, args...)
}

// window allows max events in each span of time. The zero value allows none.
type window struct {
	max   int
	span  time.Duration
	began time.Time
	n     int
}

func (w *window) allow() bool {
	if now := time.Now(); now.Sub(w.began) >= w.span {
		w.began, w.n = now, 0
	}
	w.n++
	return w.n <= w.max
}

func (w *window) reset() { w.n = 0 }

const (
	firstPause = 10 * time.Second // after the first fault
	lastPause  = 10 * time.Minute
	maxFaults  = 1024 // peers remembered
)

// faults remembers which peers served what they should not, and how long to
// leave each alone. It outlives the clients, so that a peer gains nothing by
// leaving discovery and coming back.
type faults struct {
	mu    sync.Mutex // guards peers
	peers map[netip.AddrPort]fault
}

type fault struct {
	reason string
	pause  time.Duration
	until  time.Time
}

// forgotten reports whether a peer has been left alone and then behaved for
// as long as the longest pause.
func (f fault) forgotten() bool { return time.Since(f.until) > lastPause }

// add notes a fault of peer and returns how long to leave it alone: twice as
// long as after the one before.
func (fs *faults) add(peer netip.AddrPort, reason string) time.Duration {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.peers == nil {
		fs.peers = make(map[netip.AddrPort]fault)
	}
	f, seen := fs.peers[peer]
	switch {
	case !seen || f.forgotten():
		f.pause = firstPause
	default:
		f.pause = min(2*f.pause, lastPause)
	}
	f.reason, f.until = reason, time.Now().Add(f.pause)
	if !seen && len(fs.peers) >= maxFaults {
		fs.evict()
	}
	fs.peers[peer] = f
	return f.pause
}

// evict drops the entry that ends first. fs.mu is held.
func (fs *faults) evict() {
	var first netip.AddrPort
	for peer, f := range fs.peers {
		if !first.IsValid() || f.until.Before(fs.peers[first].until) {
			first = peer
		}
	}
	delete(fs.peers, first)
}

// left returns how long peer is still to be left alone, and why.
func (fs *faults) left(peer netip.AddrPort) (time.Duration, string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f, seen := fs.peers[peer]
	if !seen {
		return 0, ""
	}
	return max(0, time.Until(f.until)), f.reason
}
