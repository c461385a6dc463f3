package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"gosimpleblockchain/view"
)

// The log of a node is one stream of events. The lines of its terminal, the
// demonstration, `watch` and the page are readers of it.

const (
	keptRecords = 512 // of each kind: changes, and messages
	eventsPage  = 200 // that a reader gets at once

	maxFacts     = 16  // of a record
	maxFactBytes = 500 // of a fact: a whole hash has 64

	// watchFor is for how long after a reader has asked the messages are kept.
	watchFor = 30 * time.Second
)

// errStreamEnds tells a reader that the node stops.
var errStreamEnds = errors.New("the node stops")

// A stream keeps the last records of a log for readers, who may be many and
// slow: each remembers only which record it has seen last, and is told how many
// it has missed. What changed is always kept, and apart from the messages, which
// are kept only while somebody watches them: thousands of messages do not push
// out a block. It is safe for concurrent use, and nobody who logs waits for a
// reader.
type stream struct {
	watching atomic.Int32 // readers of messages that wait now
	watched  atomic.Int64 // when messages are no longer kept, in ns since 1970; 0: they are not

	mu       sync.Mutex    // guards all below
	last     uint64        // number of the newest record
	changes  ring          // Info and above
	messages ring          // Debug
	more     chan struct{} // closed and set to nil at the next record; nil: nobody waits
	ended    chan struct{} // closed when the node stops
}

func newStream() *stream { return &stream{ended: make(chan struct{})} }

// A record is a line of the log. It does not change.
type record struct {
	number  uint64 // 1, 2, 3, … of all records
	time    time.Time
	level   slog.Level
	message string // a constant
	facts   []slog.Attr
}

// A ring is the newest records of a kind, in order.
type ring struct {
	kept   []record // keptRecords at most; then the oldest is at oldest
	oldest int
	total  uint64 // that ever were
}

func (r *ring) add(rec record) {
	r.total++
	if len(r.kept) < keptRecords {
		r.kept = append(r.kept, rec)
		return
	}
	r.kept[r.oldest] = rec
	r.oldest = (r.oldest + 1) % keptRecords
}

// newest returns the n newest records, or all that are kept.
func (r *ring) newest(n int) []record {
	all := slices.Concat(r.kept[r.oldest:], r.kept[:r.oldest])
	return all[max(0, len(all)-n):]
}

// after returns the records with a higher number than that.
func (r *ring) after(number uint64) []record {
	all := r.newest(keptRecords)
	i, _ := slices.BinarySearchFunc(all, number+1, func(rec record, n uint64) int { return cmp.Compare(rec.number, n) })
	return all[i:]
}

// add keeps a record, gives it its number, and wakes the readers that wait.
func (s *stream) add(rec record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	rec.number = s.last
	if rec.level < slog.LevelInfo {
		s.messages.add(rec)
	} else {
		s.changes.add(rec)
	}

	if s.more != nil {
		close(s.more)
		s.more = nil
	}
}

// next returns a channel that is closed at the next record. s.mu is held.
func (s *stream) next() <-chan struct{} {
	if s.more == nil {
		s.more = make(chan struct{})
	}
	return s.more
}

// end tells those who wait that the node stops.
func (s *stream) end() { close(s.ended) }

// wantsMessages reports whether somebody watches, or did a short while ago.
func (s *stream) wantsMessages() bool {
	if s.watching.Load() > 0 {
		return true
	}
	until := s.watched.Load()
	if until == 0 {
		return false
	}
	if time.Now().UnixNano() < until {
		return true
	}
	s.watched.CompareAndSwap(until, 0) // or the clock would be asked each time
	return false
}

// read returns the records after the one with a number, as soon as there are
// any, and how many between are lost. After 0, or a number of an earlier run of
// the node, come the last that are kept.
func (s *stream) read(ctx context.Context, after uint64) (recs []record, lost uint64, err error) {
	s.watching.Add(1)
	defer s.watching.Add(-1)
	defer func() { s.watched.Store(time.Now().Add(watchFor).UnixNano()) }() // runs first

	return s.wait(ctx, func() ([]record, uint64) {
		if after == 0 || after > s.last {
			return merge(s.changes.newest(eventsPage/2), s.messages.newest(eventsPage/2)), 0
		}

		recs := merge(s.changes.after(after), s.messages.after(after))
		if len(recs) == 0 {
			return nil, 0
		}
		recs = recs[:min(len(recs), eventsPage)]
		return recs, recs[len(recs)-1].number - after - uint64(len(recs))
	})
}

// readChanges is read for one who does not care for messages, and so does not
// cause them to be kept. It counts only what it reads: seen is how many changes
// it has read or lost.
func (s *stream) readChanges(ctx context.Context, seen uint64) (recs []record, lost uint64, err error) {
	return s.wait(ctx, func() ([]record, uint64) {
		total := s.changes.total
		if seen == 0 || seen > total {
			return s.changes.newest(eventsPage), 0
		}

		recs := s.changes.newest(int(min(total-seen, keptRecords)))
		lost := total - seen - uint64(len(recs))
		return recs[:min(len(recs), eventsPage)], lost
	})
}

// wait returns what look returns as soon as that is something. s.mu is held
// while it looks.
func (s *stream) wait(ctx context.Context, look func() ([]record, uint64)) (recs []record, lost uint64, err error) {
	for {
		s.mu.Lock()
		recs, lost := look()
		if len(recs) > 0 {
			s.mu.Unlock()
			return recs, lost, nil
		}
		more := s.next()
		s.mu.Unlock()

		select {
		case <-more:
		case <-s.ended:
			return nil, 0, errStreamEnds
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}

// merge returns the records of both in the order of their numbers.
func merge(changes, messages []record) []record {
	all := slices.Concat(changes, messages)
	slices.SortFunc(all, func(a, b record) int { return cmp.Compare(a.number, b.number) })
	return all
}

// handler returns the log's handler, which hands each record to the stream and,
// if it is on a level that the terminal shows, to the terminal.
func (s *stream) handler(terminal slog.Handler) slog.Handler {
	return streamHandler{stream: s, terminal: terminal}
}

// A streamHandler is a [slog.Handler] of a stream.
type streamHandler struct {
	stream   *stream
	terminal slog.Handler
	facts    []slog.Attr // of all its records
	group    string      // before the keys of what comes: "" or "name."
}

// Enabled implements [slog.Handler]. It is what a message costs that nobody
// wants.
func (h streamHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || h.terminal.Enabled(ctx, level) || h.stream.wantsMessages()
}

// Handle implements [slog.Handler].
func (h streamHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelInfo || h.stream.wantsMessages() {
		facts := slices.Grow(slices.Clip(h.facts), r.NumAttrs())
		r.Attrs(func(a slog.Attr) bool {
			facts = appendFact(facts, h.group, a)
			return true
		})
		h.stream.add(record{time: r.Time, level: r.Level, message: r.Message, facts: facts})
	}

	if h.terminal.Enabled(ctx, r.Level) {
		return h.terminal.Handle(ctx, r)
	}
	return nil
}

// WithAttrs implements [slog.Handler].
func (h streamHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	facts := slices.Clone(h.facts)
	for _, a := range attrs {
		facts = appendFact(facts, h.group, a)
	}
	return streamHandler{h.stream, h.terminal.WithAttrs(attrs), facts, h.group}
}

// WithGroup implements [slog.Handler].
func (h streamHandler) WithGroup(name string) slog.Handler {
	group := h.group
	if name != "" {
		group += name + "."
	}
	return streamHandler{h.stream, h.terminal.WithGroup(name), h.facts, group}
}

// appendFact appends what an attribute says. A record may be kept for long, and
// read while the node goes on: what is long is cut, and what could change, or
// holds on to more, becomes text now. Numbers and the like are as good as text.
func appendFact(facts []slog.Attr, group string, a slog.Attr) []slog.Attr {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, member := range v.Group() {
			facts = appendFact(facts, group, member)
		}
		return facts
	}
	if a.Key == "" || len(facts) >= maxFacts {
		return facts
	}

	switch v.Kind() {
	case slog.KindString, slog.KindAny:
		v = slog.StringValue(cut(v.String(), maxFactBytes))
	}
	return append(facts, slog.Attr{Key: group + a.Key, Value: v})
}

// cut returns the first bytes of a text that is longer, and a mark.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return strings.Clone(s[:most]) + "…"
}

// Events implements [view.Node].
func (i inspector) Events(ctx context.Context, after uint64) (events []view.Event, lost uint64, err error) {
	recs, lost, err := i.node.events.read(ctx, after)
	return tell(recs), lost, err
}

// tell returns the events that records are, with their sentences.
func tell(recs []record) (events []view.Event) {
	for _, rec := range recs {
		facts := make(map[string]string, len(rec.facts))
		for _, f := range rec.facts {
			facts[f.Key] = f.Value.String()
		}
		events = append(events, view.Event{
			Number: rec.number,
			Time:   rec.time,
			Level:  rec.level.String(),
			Kind:   rec.message,
			Facts:  facts,
			Text:   sentence(rec.message, facts),
		})
	}
	return events
}
