package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// newStreamLog returns a stream, and a log that writes to it alone.
func newStreamLog() (*stream, *slog.Logger) {
	s := newStream()
	return s, slog.New(s.handler(slog.DiscardHandler))
}

// tellRecords returns a line a record: its number, message and facts.
func tellRecords(recs []record) (text string) {
	for _, r := range recs {
		text += fmt.Sprint(r.number, " ", r.message)
		for _, f := range r.facts {
			text += " " + f.String()
		}
		text += "\n"
	}
	return text
}

// A reader gets what it has not seen, in order, with all that the log's handlers
// know of it.
func TestStream(t *testing.T) {
	s, log := newStreamLog()
	long := strings.Repeat("ж", maxFactBytes)
	log.Info("one", "height", 1, "err", errors.New("out"), slog.Group("g", "a", 1, "b", true))
	log.With("node", "A").WithGroup("deep").With("x", 1).Warn("two", "y", time.Second)
	log.Info("three", "long", long)
	log.Debug("no message is kept before somebody asks")

	want := "1 one height=1 err=out g.a=1 g.b=true\n" +
		"2 two node=A deep.x=1 deep.y=1s\n" +
		"3 three long=" + long[:maxFactBytes] + "…\n"
	b, err := s.read(t.Context(), 0)
	if got := tellRecords(b.records); got != want || b.lost != 0 || b.next != 3 || err != nil {
		t.Fatalf("got %d lost, next %d, %v, and\n%swant\n%s", b.lost, b.next, err, got, want)
	}

	log.Debug("four")
	b, err = s.read(t.Context(), 3)
	if got := tellRecords(b.records); got != "4 four\n" || b.lost != 0 || err != nil {
		t.Errorf("then %d lost, %v, and %s", b.lost, err, got)
	}
	b, _ = s.read(t.Context(), 1000) // the node was started again
	if len(b.records) != 4 {
		t.Errorf("%d records after a number of before, want 4", len(b.records))
	}
}

// Who reads slowly misses messages and is told how many, but no change.
func TestStreamLoses(t *testing.T) {
	s, log := newStreamLog()
	log.Info("first")
	if _, err := s.read(t.Context(), 0); err != nil {
		t.Fatal(err)
	}

	log.Info("change") // 2
	for range 3 * keptRecords {
		log.Debug("message")
	}
	log.Info("change")

	var told, missed uint64
	for after := uint64(1); after < s.last; {
		b, err := s.read(t.Context(), after)
		if err != nil || len(b.records) > eventsPage {
			t.Fatalf("%d records, %v", len(b.records), err)
		}
		told += uint64(len(b.records))
		missed += b.lost
		after = b.next
	}
	if told != keptRecords+2 || missed != 2*keptRecords {
		t.Errorf("%d told and %d missed, want %d and %d", told, missed, keptRecords+2, 2*keptRecords)
	}

	b, err := s.readChanges(t.Context(), 1)
	if len(b.records) != 2 || b.lost != 0 || b.next != 3 || err != nil {
		t.Errorf("%d changes, %d lost, next %d, %v; want 2", len(b.records), b.lost, b.next, err)
	}
	for range keptRecords + 5 {
		log.Info("change")
	}
	b, err = s.readChanges(t.Context(), 3)
	if len(b.records) != eventsPage || b.lost != 5 || b.next != 3+5+eventsPage || err != nil {
		t.Errorf("%d changes, %d lost, next %d, %v; want %d and 5", len(b.records), b.lost, b.next, err, eventsPage)
	}
}

// Messages are computed only while somebody watches them, and for a short while
// after, or if the terminal shows them.
func TestStreamIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := newStreamLog()
		enabled := func() bool { return log.Enabled(t.Context(), slog.LevelDebug) }
		if enabled() || !log.Enabled(t.Context(), slog.LevelInfo) {
			t.Error("with no reader, messages are computed, or changes are not")
		}

		// Who asks for changes alone needs no messages.
		log.Info("change")
		if _, err := s.readChanges(t.Context(), 0); err != nil || enabled() {
			t.Errorf("messages are computed for one who does not want them (%v)", err)
		}

		// A reader that waits is there for as long as it waits.
		ctx, cancel := context.WithCancel(t.Context())
		go s.read(ctx, 1)
		time.Sleep(time.Hour)
		if !enabled() {
			t.Error("a reader waits, but messages are not computed")
		}
		cancel()
		synctest.Wait()
		time.Sleep(watchFor - time.Second)
		if !enabled() {
			t.Error("the reader has no time to ask again")
		}
		time.Sleep(2 * time.Second)
		if enabled() || s.watched.Load() != 0 {
			t.Error("messages are computed after the reader is gone")
		}

		verbose := slog.New(newStream().handler(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})))
		if !verbose.Enabled(t.Context(), slog.LevelDebug) {
			t.Error("the terminal wants messages, but does not get them")
		}
	})
}

// A message that nobody wants allocates nothing.
func TestUnwantedMessageIsFree(t *testing.T) {
	s, log := newStreamLog()
	say := func() {
		log.LogAttrs(context.Background(), slog.LevelDebug, "message sent", slog.String("kind", "get block"), slog.Int("height", 12345))
	}
	if got := testing.AllocsPerRun(1000, say); got != 0 || s.last != 0 {
		t.Errorf("%v allocations, %d records", got, s.last)
	}
}

// Whoever waits is woken by a record, by the end of its context, and by that of
// the node, which is told after all that was logged before.
func TestStreamWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := newStreamLog()
		const readers = 100
		var got [readers]string
		for i := range readers {
			go func() {
				b, _ := s.read(t.Context(), 0)
				got[i] = tellRecords(b.records)
			}()
		}
		synctest.Wait()
		log.Info("news")
		synctest.Wait()
		for i := range got {
			if got[i] != "1 news\n" {
				t.Fatalf("reader %d got %q", i, got[i])
			}
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.read(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the context", err)
		}

		log.Info("last words")
		s.end()
		if b, err := s.read(t.Context(), 1); len(b.records) != 1 || err != nil {
			t.Errorf("%d records before the end, %v", len(b.records), err)
		}
		if _, err := s.read(t.Context(), 2); !errors.Is(err, errStreamEnds) {
			t.Errorf("got %v, want %v", err, errStreamEnds)
		}
	})
}

// A hundred readers and a few writers, at once: each reader gets every number
// once, or is told that it is lost.
func TestStreamManyReaders(t *testing.T) {
	const readers, writers, each = 100, 4, 2 * keptRecords
	s, log := newStreamLog()
	log.Info("begin")
	_, _ = s.read(t.Context(), 0) // from now on, messages are kept

	var reading, writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for i := range each {
				if i%10 == 0 {
					log.Info("change", "i", i)
				} else {
					log.Debug("message", "i", i)
				}
			}
		})
	}
	for range readers {
		reading.Go(func() {
			after := uint64(1)
			for after < 1+writers*each {
				b, err := s.read(t.Context(), after)
				n := len(b.records)
				if err != nil || n == 0 {
					t.Errorf("%d records, %v", n, err)
					return
				}
				if after+b.lost+uint64(n) != b.next || b.records[n-1].number != b.next {
					t.Errorf("after %d: %d records and %d lost, up to %d", after, n, b.lost, b.next)
				}
				after = b.next
			}
		})
	}
	writing.Wait()
	reading.Wait()
}
