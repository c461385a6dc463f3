package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	netrpc "net/rpc"
	"slices"
	"time"

	"gosimpleblockchain/rpc"
	"gosimpleblockchain/view"
)

// The command `watch` tells the story of a running node in another terminal. It
// asks the node again and again what is new, and the node takes its time to
// answer.

const (
	pollTime  = 10 * time.Second // after which the node answers that there is nothing
	maxPolls  = 16               // at a time: others need the command port, too
	toldFirst = 10               // of the events before the command

	maxRemembered = 1000 // messages that are not to be repeated
)

// WatchArgs says what a reader of the node's events has.
type WatchArgs struct {
	After   uint64 // the After of the last reply; 0: none
	Changes bool   // whether the messages are left out
}

// WatchReply is what has happened since. No events: nothing has.
type WatchReply struct {
	Events   []view.Event
	After    uint64 // for the next call
	Lost     uint64 // events, between the last reply and this one
	Stopping bool   // the node stops: there will be no more
	Start    string // the command that starts the node again
}

// Watch returns what has happened in the node, as soon as there is something, or
// nothing after a while.
func (c *Cli) Watch(args WatchArgs, reply *WatchReply) error {
	n := c.node
	if n.events.polls.Add(1) > maxPolls {
		n.events.polls.Add(-1)
		return fmt.Errorf("%d others watch this node already: stop one of them by Ctrl-C", maxPolls)
	}
	defer n.events.polls.Add(-1)

	ctx, cancel := context.WithTimeout(context.Background(), pollTime)
	defer cancel()
	read := n.events.read
	if args.Changes {
		read = n.events.readChanges
	}

	reply.After, reply.Start = args.After, n.config.restart()
	b, err := read(ctx, args.After)
	switch {
	case errors.Is(err, errStreamEnds):
		reply.Stopping = true
	case err == nil:
		reply.Events, reply.After, reply.Lost = tell(b.records), b.next, b.lost
	}
	return nil
}

// watch is the command: it tells what happens until it is interrupted.
func watch(ctx context.Context, o *options) error {
	w := &watcher{options: o, told: make(map[string]string)}
	args := WatchArgs{Changes: o.quiet}
	var start string // again
	for ctx.Err() == nil && o.stdout.err == nil {
		var reply WatchReply
		err := o.poll(ctx, args, &reply)
		start = cmp.Or(reply.Start, start)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (args.After == 0 || mayGoOn(err)):
			return o.explain(err)
		case err != nil || reply.Stopping:
			return fmt.Errorf("the node on %s has stopped: start it again with `%s`", o.rpc, start)
		}

		events := reply.Events
		if args.After == 0 {
			o.hint(fmt.Sprintf("watching the node on %s: Ctrl-C ends that, and the node goes on", o.rpc))
			events = w.newest(events)
		}
		if err := w.tell(events, reply.Lost); err != nil {
			return err
		}
		args.After = reply.After
	}
	return nil
}

func (o *options) poll(ctx context.Context, args WatchArgs, reply *WatchReply) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return rpc.Call(ctx, o.rpc, "Cli.Watch", args, reply)
}

// mayGoOn reports whether a node that has answered before may still run, though a
// call fails: it says so itself, or is slow.
func mayGoOn(err error) bool {
	var fromNode netrpc.ServerError
	return errors.As(err, &fromNode) || errors.Is(err, rpc.ErrNoGreeting) || errors.Is(err, context.DeadlineExceeded)
}

// A watcher tells events.
type watcher struct {
	*options
	told map[string]string // of messages that are alike: what the last one said
}

// newest returns the last few of the events that are told.
func (w *watcher) newest(events []view.Event) []view.Event {
	events = slices.DeleteFunc(events, func(e view.Event) bool { return !w.tells(e) })
	clear(w.told)
	return events[max(0, len(events)-toldFirst):]
}

// tell prints events, and how many before them are lost.
func (w *watcher) tell(events []view.Event, lost uint64) error {
	if lost > 0 && w.json {
		fmt.Fprintf(w.stdout, "{\"lost\": %d}\n", lost)
	} else if lost > 0 {
		words := lostWords(lost)
		fmt.Fprint(w.stdout, storyLine(slog.LevelWarn, time.Now(), inLanguage(words, w.chinese)))
	}

	for _, e := range events {
		if !w.tells(e) {
			continue
		}
		if err := w.print(e); err != nil {
			return err
		}
	}
	return nil
}

func (w *watcher) print(e view.Event) error {
	if !w.json {
		var level slog.Level
		if err := level.UnmarshalText([]byte(e.Level)); err != nil {
			return fmt.Errorf("event %d of the node: %w", e.Number, err)
		}
		fmt.Fprint(w.stdout, storyLine(level, e.Time.Local(), inLanguage(e.Text, w.chinese)))
		return nil
	}

	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %d of the node: %w", e.Number, err)
	}
	fmt.Fprintf(w.stdout, "%s\n", line)
	return nil
}

// tells reports whether an event is told. Nodes shake hands every few seconds: a
// message that says to a peer what the last of its kind did is left out.
func (w *watcher) tells(e view.Event) bool {
	if w.json || w.everyMessage {
		return true
	}
	if e.Level != slog.LevelDebug.String() {
		return !toldTwice(e.Kind, e.Facts)
	}

	alike := fmt.Sprint(e.Kind, e.Facts["kind"], e.Facts["peer"], e.Facts["reply"])
	if w.told[alike] == e.Text.EN {
		return false
	}
	if len(w.told) >= maxRemembered {
		clear(w.told)
	}
	w.told[alike] = e.Text.EN
	return true
}
