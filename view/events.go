package view

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	heartbeat = 15 * time.Second       // after which a stream without events says that it lives
	breath    = 200 * time.Millisecond // between two writes: a burst of events is one
)

// events answers with a stream of what happens: server-sent events, as
// https://html.spec.whatwg.org/multipage/server-sent-events.html has them. First
// comes "hello"; then each event of the node as "log", and "lost" where some are
// missing. The browser asks again when the stream breaks off, and says the id of
// the last event that it got.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	s.stream(w, r, s.follow)
}

// stream begins a stream of events, and lets follow write them: those after one
// of which the page says that it has got it.
func (s *site) stream(w http.ResponseWriter, r *http.Request, follow func(context.Context, *stream, uint64)) {
	after, err := s.resumeAt(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		refuse(w, http.StatusServiceUnavailable, fmt.Sprintf("%d pages follow the events already: close one", maxStreams))
		return
	}

	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	if r.Method == http.MethodHead {
		return
	}
	stream := &stream{w, http.NewResponseController(w)}
	stream.control.SetReadDeadline(time.Time{}) // nothing more is to arrive
	hello := fmt.Appendf(nil, "retry: 1000\nevent: hello\ndata: {\"after\":%d,\"run\":%q}\n\n", after, s.run)
	if stream.write(hello) != nil {
		return
	}

	follow(r.Context(), stream, after)
}

// follow writes the events since one, until the page is gone, or does not read,
// or ctx is done.
func (s *server) follow(ctx context.Context, stream *stream, after uint64) {
	b := s.batches.since(after)
	for {
		err := s.fill(ctx, b)
		quiet := errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
		if err != nil && !quiet {
			return
		}

		// What came while the page read goes into the same write.
		var text bytes.Buffer
		if quiet {
			text.WriteString(": nothing new\n\n")
		}
		for b.isFull() && text.Len() < sendBuffer {
			text.Write(b.text)
			b = b.next
		}
		if newest, lost := s.batches.ahead(b); lost > 0 {
			fmt.Fprintf(&text, lostFrame, lost)
			b = newest
		}
		if stream.write(text.Bytes()) != nil {
			return
		}

		select {
		case <-time.After(breath):
		case <-ctx.Done():
			return
		}
	}
}

// A stream is where events go.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// write fails when the page does not read for a while.
func (s *stream) write(text []byte) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := s.w.Write(text); err != nil {
		return err
	}
	return s.control.Flush()
}

// newRun returns a name for one run of a server. The next one numbers its events
// from 1 again: an id is the number of an event and the run, "12-9f3a07c1".
func newRun() string {
	var random [4]byte
	rand.Read(random[:])
	return hex.EncodeToString(random[:])
}

// resumeAt returns the number of the last event that a page has got, or 0: it
// begins, or it has got those of another run. The browser says the id by itself;
// the page may, with ?after=, which has precedence.
func (s *site) resumeAt(r *http.Request) (after uint64, err error) {
	id := r.Header.Get("Last-Event-ID")
	q := parseQuery(r)
	if q.values.Has("after") {
		id = q.values.Get("after")
	}
	if q.err != nil || id == "" {
		return 0, q.err
	}

	number, run, _ := strings.Cut(id, "-")
	after, err = strconv.ParseUint(number, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("after is %.40q: give the id of an event", id)
	}
	if run != "" && run != s.run {
		return 0, nil
	}
	return after, nil
}

// A batch is what the node tells at once, as it is sent: the same for all pages
// that have got the event before it. They wait for it together, and one of them,
// whichever, asks the node. A list of batches is kept as long as a page reads it.
type batch struct {
	after uint64        // number of the event before
	turn  chan struct{} // whoever asks the node has put a token in
	full  chan struct{} // closed when what follows is there

	text []byte
	next *batch
}

func (b *batch) isFull() bool {
	select {
	case <-b.full:
		return true
	default:
		return false
	}
}

// fill waits until a batch is full. The error is that of the node, of ctx, or
// context.DeadlineExceeded when nothing happens for a while.
func (s *server) fill(ctx context.Context, b *batch) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	select {
	case <-b.full:
		return nil
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if b.isFull() {
		return nil
	}

	news, lost, err := s.node.Events(ctx, b.after)
	if err == nil && len(news) == 0 {
		err = errNoNews // or we would ask for ever
	}
	if err != nil {
		return err
	}

	last := b.after
	if lost > 0 {
		b.text = fmt.Appendf(b.text, lostFrame, lost)
	}
	for _, e := range news {
		b.text = appendFrame(b.text, e, s.run)
		last = e.Number
	}
	b.next = s.batches.next(last)
	close(b.full)
	return nil
}

var errNoNews = errors.New("the node says that something happened, but not what")

const lostFrame = "event: lost\ndata: {\"lost\":%d}\n\n"

// appendFrame appends an event as it is sent. Its JSON has no line break.
func appendFrame(text []byte, e Event, run string) []byte {
	data, err := json.Marshal(e) // a year beyond 9999 is an error
	if err != nil {
		data = []byte("{}")
	}
	return fmt.Appendf(text, "id: %d-%s\nevent: log\ndata: %s\n\n", e.Number, run, data)
}

// maxBehind is how many events a page may be behind the others: so many are kept
// for it.
const maxBehind = 2000

// batches know the newest batch, which all pages wait for in the end.
type batches struct {
	mu     sync.Mutex // guards newest
	newest *batch
}

// since returns the batch after an event that a page says it has got.
func (bs *batches) since(after uint64) *batch {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if bs.newest != nil && bs.newest.after == after {
		return bs.newest
	}
	return newBatch(after)
}

// next returns the batch after an event that the node has told: from now on the
// newest, if the event is.
func (bs *batches) next(after uint64) *batch {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if bs.newest != nil && bs.newest.after == after {
		return bs.newest
	}
	b := newBatch(after)
	if bs.newest == nil || bs.newest.after < after {
		bs.newest = b
	}
	return b
}

func newBatch(after uint64) *batch {
	return &batch{after: after, turn: make(chan struct{}, 1), full: make(chan struct{})}
}

// ahead returns the newest batch, and how many events a page loses that goes on
// there, if b is too far behind.
func (bs *batches) ahead(b *batch) (newest *batch, lost uint64) {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if !b.isFull() || bs.newest.after < b.after+maxBehind {
		return b, 0
	}
	return bs.newest, bs.newest.after - b.after
}
