package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Of the lines with one message, logBurst are written at once, and from then on
// one in each logInterval.
const (
	logBurst    = 100
	logInterval = 6 * time.Second
)

// newLog returns a logger that writes to w what is on a level or above: sentences
// for people, or slog's lines of text for tools. Most lines have their
// cause in what peers do, as often as they like: a stranger's payments and blocks
// must not fill the disk. So lines are limited by their message, a constant, and
// the next one that is written says how many were omitted. That holds neither
// for what our own payments cause, which has the attribute own=true, nor for what
// only -v shows.
func newLog(w io.Writer, level slog.Level, asText, chinese bool) *slog.Logger {
	var lines slog.Handler = storyHandler{out: &sharedWriter{w: w}, level: level, chinese: chinese}
	if asText {
		lines = slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})
	}
	return slog.New(limitedHandler{lines, &logLimits{lines: make(map[string]*logLimit)}})
}

// A storyHandler is a [slog.Handler] that tells the story of a node to people.
type storyHandler struct {
	out     *sharedWriter
	level   slog.Level
	chinese bool
	known   knownFacts
}

// A sharedWriter writes one text after another.
type sharedWriter struct {
	mu sync.Mutex // guards w
	w  io.Writer
}

// Enabled implements [slog.Handler].
func (h storyHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

// Handle implements [slog.Handler].
func (h storyHandler) Handle(_ context.Context, r slog.Record) error {
	rec := h.known.record(r)
	facts := rec.factTexts()
	if toldTwice(rec.message, facts) {
		return nil
	}
	line := storyLine(rec.level, rec.time, inLanguage(sentence(rec.message, facts), h.chinese))

	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	_, err := io.WriteString(h.out.w, line)
	return err
}

// WithAttrs implements [slog.Handler].
func (h storyHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return storyHandler{h.out, h.level, h.chinese, h.known.withAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h storyHandler) WithGroup(name string) slog.Handler {
	return storyHandler{h.out, h.level, h.chinese, h.known.withGroup(name)}
}

// A limitedHandler passes on the lines that its limits let through.
type limitedHandler struct {
	slog.Handler
	limits *logLimits
}

func (h limitedHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelInfo || isOwn(r) {
		return h.Handler.Handle(ctx, r)
	}

	omitted, ok := h.limits.allow(r.Message, r.Time)
	if !ok {
		return nil
	}
	if omitted > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("omitted", omitted))
	}
	return h.Handler.Handle(ctx, r)
}

func (h limitedHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return limitedHandler{h.Handler.WithAttrs(attrs), h.limits}
}

func (h limitedHandler) WithGroup(name string) slog.Handler {
	return limitedHandler{h.Handler.WithGroup(name), h.limits}
}

// isOwn reports whether a line is about a payment of our own.
func isOwn(r slog.Record) (own bool) {
	r.Attrs(func(a slog.Attr) bool {
		own = own || a.Key == "own" && a.Value.Kind() == slog.KindBool && a.Value.Bool()
		return !own
	})
	return own
}

// logLimits are what is left to each message.
type logLimits struct {
	mu    sync.Mutex // guards lines
	lines map[string]*logLimit
}

type logLimit struct {
	room    time.Duration // for lines, of which each takes logInterval
	last    time.Time
	omitted int // since the last one that was written
}

// allow counts one more line with a message. It reports whether the line may be
// written and, if so, how many were omitted before it.
func (l *logLimits) allow(message string, now time.Time) (omitted int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := l.lines[message]
	if line == nil {
		line = &logLimit{room: logBurst * logInterval, last: now}
		l.lines[message] = line
	}

	line.room = min(line.room+max(0, now.Sub(line.last)), logBurst*logInterval)
	line.last = now
	if line.room < logInterval {
		line.omitted++
		return 0, false
	}
	line.room -= logInterval
	omitted, line.omitted = line.omitted, 0
	return omitted, true
}
