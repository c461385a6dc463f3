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
	breath    = 100 * time.Millisecond // between two writes: a burst of events is one
)

// events answers with a stream of what happens: server-sent events, as
// https://html.spec.whatwg.org/multipage/server-sent-events.html has them. First
// comes "hello"; then each event of the node as "log", and "lost" where some are
// missing. The browser asks again when the stream breaks off, and says the id of
// the last event that it got.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	after, err := s.resumeAt(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		refuse(w, http.StatusServiceUnavailable, fmt.Sprintf("%d pages follow this node already: close some", maxStreams))
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

	s.follow(r.Context(), stream, after)
}

// follow writes the events since one, until the page is gone, or does not read,
// or ctx is done.
func (s *server) follow(ctx context.Context, stream *stream, after uint64) {
	for {
		news, lost, err := s.awaitNews(ctx, after)
		quiet := errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
		if err != nil && !quiet {
			return
		}

		var text bytes.Buffer
		if quiet {
			text.WriteString(": nothing new\n\n")
		}
		if lost > 0 {
			fmt.Fprintf(&text, "event: lost\ndata: {\"lost\":%d}\n\n", lost)
		}
		for _, e := range news {
			text.Write(s.frames.encode(e, s.run))
			after = e.Number
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

// awaitNews returns the events since one, or context.DeadlineExceeded when there
// are none for a while.
func (s *server) awaitNews(ctx context.Context, after uint64) ([]Event, uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	return s.node.Events(ctx, after)
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
func (s *server) resumeAt(r *http.Request) (after uint64, err error) {
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

// frames are the last events as they are sent: many pages get the same.
type frames struct {
	mu   sync.Mutex // guards last
	last [256]frame // that of event n at n % 256
}

type frame struct {
	number uint64
	text   []byte
}

// encode returns the bytes of an event. Its JSON has no line break.
func (f *frames) encode(e Event, run string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()

	kept := &f.last[e.Number%uint64(len(f.last))]
	if kept.number != e.Number || kept.text == nil {
		data, err := json.Marshal(e) // a year beyond 9999 is an error
		if err != nil {
			data = []byte("{}")
		}
		*kept = frame{e.Number, fmt.Appendf(nil, "id: %d-%s\nevent: log\ndata: %s\n\n", e.Number, run, data)}
	}
	return kept.text
}
