package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sort"
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
	polls    atomic.Int32 // calls of Cli.Watch under way
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
func (r *ring) newest(n int) (recs []record) {
	n = min(n, len(r.kept))
	for i := len(r.kept) - n; i < len(r.kept); i++ {
		recs = append(recs, *r.at(i))
	}
	return recs
}

// at returns the record at i, the oldest at 0.
func (r *ring) at(i int) *record { return &r.kept[(r.oldest+i)%len(r.kept)] }

// after returns the next n records with a higher number than that.
func (r *ring) after(number uint64, n int) (recs []record) {
	i := sort.Search(len(r.kept), func(i int) bool { return r.at(i).number > number })
	for ; i < len(r.kept) && len(recs) < n; i++ {
		recs = append(recs, *r.at(i))
	}
	return recs
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

// news returns a channel that is closed at the next record.
func (s *stream) news() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next()
}

// next is news while s.mu is held.
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

// A batch is what a reader gets at once.
type batch struct {
	records []record
	lost    uint64 // records that the reader has missed before these
	next    uint64 // after which to read on
}

// read returns the records after the one with a number, as soon as there are any.
// After 0, or a number of an earlier run of the node, come the last that are kept.
func (s *stream) read(ctx context.Context, after uint64) (batch, error) {
	s.watching.Add(1)
	defer s.watching.Add(-1)
	defer func() { s.watched.Store(time.Now().Add(watchFor).UnixNano()) }() // runs first

	return s.wait(ctx, func() (b batch) {
		if after == 0 || after > s.last {
			b.records = merge(s.changes.newest(eventsPage/2), s.messages.newest(eventsPage/2))
			b.next = s.last
			return b
		}

		b.records = merge(s.changes.after(after, eventsPage), s.messages.after(after, eventsPage))
		b.records = b.records[:min(len(b.records), eventsPage)]
		if n := len(b.records); n > 0 {
			b.next = b.records[n-1].number
			b.lost = b.next - after - uint64(n)
		}
		return b
	})
}

// readChanges is read for one who does not care for messages, and so does not
// cause them to be kept. It counts changes only: after is how many the reader has
// got or lost.
func (s *stream) readChanges(ctx context.Context, after uint64) (batch, error) {
	return s.wait(ctx, func() batch { return s.changesAfter(after) })
}

// newChanges is readChanges for one who does not wait.
func (s *stream) newChanges(after uint64) batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changesAfter(after)
}

// changesAfter returns the changes after the first so many. s.mu is held.
func (s *stream) changesAfter(after uint64) (b batch) {
	total := s.changes.total
	if after == 0 || after > total {
		return batch{records: s.changes.newest(eventsPage), next: total}
	}

	b.records = s.changes.newest(int(min(total-after, keptRecords)))
	b.lost = total - after - uint64(len(b.records))
	b.records = b.records[:min(len(b.records), eventsPage)]
	b.next = after + b.lost + uint64(len(b.records))
	return b
}

// wait returns what look returns as soon as there are records in it. s.mu is held
// while it looks.
func (s *stream) wait(ctx context.Context, look func() batch) (batch, error) {
	for {
		s.mu.Lock()
		b := look()
		if len(b.records) > 0 {
			s.mu.Unlock()
			return b, nil
		}
		more := s.next()
		s.mu.Unlock()

		select {
		case <-more:
		case <-s.ended:
			return batch{}, errStreamEnds
		case <-ctx.Done():
			return batch{}, ctx.Err()
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
	known    knownFacts
}

// Enabled implements [slog.Handler]. It is what a message costs that nobody
// wants.
func (h streamHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || h.terminal.Enabled(ctx, level) || h.stream.wantsMessages()
}

// Handle implements [slog.Handler].
func (h streamHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelInfo || h.stream.wantsMessages() {
		h.stream.add(h.known.record(r))
	}
	if h.terminal.Enabled(ctx, r.Level) {
		return h.terminal.Handle(ctx, r)
	}
	return nil
}

// WithAttrs implements [slog.Handler].
func (h streamHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return streamHandler{h.stream, h.terminal.WithAttrs(attrs), h.known.withAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h streamHandler) WithGroup(name string) slog.Handler {
	return streamHandler{h.stream, h.terminal.WithGroup(name), h.known.withGroup(name)}
}

// knownFacts are what a handler knows of each record before it comes.
type knownFacts struct {
	facts []slog.Attr
	group string // before the keys of what comes: "" or "name."
}

func (k knownFacts) withAttrs(attrs []slog.Attr) knownFacts {
	k.facts = slices.Clone(k.facts)
	for _, a := range attrs {
		k.facts = appendFact(k.facts, k.group, a)
	}
	return k
}

func (k knownFacts) withGroup(name string) knownFacts {
	if name != "" {
		k.group += name + "."
	}
	return k
}

// record returns a record as it is kept. It has no number yet.
func (k knownFacts) record(r slog.Record) record {
	facts := slices.Grow(slices.Clip(k.facts), r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		facts = appendFact(facts, k.group, a)
		return true
	})
	return record{time: r.Time, level: r.Level, message: r.Message, facts: facts}
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
	b, err := i.node.events.read(ctx, after)
	return tell(b.records), b.lost, err
}

func (r record) factTexts() map[string]string {
	texts := make(map[string]string, len(r.facts))
	for _, f := range r.facts {
		texts[f.Key] = f.Value.String()
	}
	return texts
}

// tell returns the events that records are, with their sentences.
func tell(recs []record) (events []view.Event) {
	for _, rec := range recs {
		facts := rec.factTexts()
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
