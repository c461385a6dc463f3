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
	recs, lost, err := s.read(t.Context(), 0)
	if got := tellRecords(recs); got != want || lost != 0 || err != nil {
		t.Fatalf("got %d lost, %v, and\n%swant\n%s", lost, err, got, want)
	}

	log.Debug("four")
	recs, lost, err = s.read(t.Context(), 3)
	if got := tellRecords(recs); got != "4 four\n" || lost != 0 || err != nil {
		t.Errorf("then %d lost, %v, and %s", lost, err, got)
	}
	recs, _, _ = s.read(t.Context(), 1000) // the node was started again
	if len(recs) != 4 {
		t.Errorf("%d records after a number of before, want 4", len(recs))
	}
}

// Who reads slowly misses messages and is told how many, but no change.
func TestStreamLoses(t *testing.T) {
	s, log := newStreamLog()
	log.Info("first")
	if _, _, err := s.read(t.Context(), 0); err != nil {
		t.Fatal(err)
	}

	log.Info("change") // 2
	for range 3 * keptRecords {
		log.Debug("message")
	}
	log.Info("change")

	var told, missed uint64
	for after := uint64(1); after < s.last; {
		recs, lost, err := s.read(t.Context(), after)
		if err != nil || len(recs) > eventsPage {
			t.Fatalf("%d records, %v", len(recs), err)
		}
		told += uint64(len(recs))
		missed += lost
		after = recs[len(recs)-1].number
	}
	if told != keptRecords+2 || missed != 2*keptRecords {
		t.Errorf("%d told and %d missed, want %d and %d", told, missed, keptRecords+2, 2*keptRecords)
	}

	recs, lost, err := s.readChanges(t.Context(), 1)
	if len(recs) != 2 || lost != 0 || err != nil {
		t.Errorf("%d changes, %d lost, %v; want 2", len(recs), lost, err)
	}
	for range keptRecords + 5 {
		log.Info("change")
	}
	recs, lost, err = s.readChanges(t.Context(), 3)
	if len(recs) != eventsPage || lost != 5 || err != nil {
		t.Errorf("%d changes, %d lost, %v; want %d and 5", len(recs), lost, err, eventsPage)
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
		if _, _, err := s.readChanges(t.Context(), 0); err != nil || enabled() {
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

// Whoever waits is woken by a record, by the end of its context, and by that of
// the node, which is told after all that was logged before.
func TestStreamWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := newStreamLog()
		const readers = 100
		var got [readers]string
		for i := range readers {
			go func() {
				recs, _, _ := s.read(t.Context(), 0)
				got[i] = tellRecords(recs)
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
		if _, _, err := s.read(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the context", err)
		}

		log.Info("last words")
		s.end()
		if recs, _, err := s.read(t.Context(), 1); len(recs) != 1 || err != nil {
			t.Errorf("%d records before the end, %v", len(recs), err)
		}
		if _, _, err := s.read(t.Context(), 2); !errors.Is(err, errStreamEnds) {
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
	_, _, _ = s.read(t.Context(), 0) // from now on, messages are kept

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
				recs, lost, err := s.read(t.Context(), after)
				if err != nil || len(recs) == 0 {
					t.Errorf("%d records, %v", len(recs), err)
					return
				}
				last := recs[len(recs)-1].number
				if after+lost+uint64(len(recs)) != last {
					t.Errorf("after %d: %d records and %d lost, up to %d", after, len(recs), lost, last)
				}
				after = last
			}
		})
	}
	writing.Wait()
	reading.Wait()
}
