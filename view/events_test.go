package view

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// kinds returns the messages of the next n events of a stream.
func (r *reader) kinds(n int) (kinds string) {
	r.t.Helper()
	for range n {
		text := r.next()
		_, kind, _ := strings.Cut(text, `"kind":"`)
		kind, _, ok := strings.Cut(kind, `"`)
		if !ok {
			r.t.Fatalf("got %s, want an event of the log", text)
		}
		kinds += kind
	}
	return kinds
}

// id returns the id of the next event.
func (r *reader) id() string {
	r.t.Helper()
	id, _, _ := strings.Cut(strings.TrimPrefix(r.next(), "id: "), " ")
	return id
}

// A page gets all events in order, at once, and is told what it missed.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		node.tell("a", "b")
		ln := newPipes()
		defer serve(t, ln, node, quiet())()

		page := open(t, ln.dial(t), "/events")
		if got := page.resp.Header.Get("Content-Type"); got != "text/event-stream; charset=utf-8" {
			t.Errorf("Content-Type is %q", got)
		}
		if got := page.resp.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control is %q", got)
		}
		if got, want := page.next(), `retry: 1000 event: hello data: {"after":0,"run":"`; !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := page.kinds(2); got != "ab" {
			t.Errorf("got %q, want ab", got)
		}

		time.Sleep(heartbeat / 2)
		began := time.Now()
		node.tell("c")
		got := page.next()
		if took := time.Since(began); !strings.Contains(got, `"kind":"c"`) || took > breath {
			t.Errorf("got %q after %s", got, took)
		}

		node.mu.Lock()
		node.lost = 7
		node.mu.Unlock()
		node.tell("d")
		if got, want := page.next(), `event: lost data: {"lost":7}`; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := page.kinds(1); got != "d" {
			t.Errorf("got %q, want d", got)
		}
	})
}

// A stream that was cut off goes on where it was, unless the node has started
// anew meanwhile.
func TestEventsResume(t *testing.T) {
	const run = "0123abcd"
	tests := []struct {
		name, target string
		header       string // Last-Event-ID
		want         uint64
	}{
		{"new page", "/events", "", 0},
		{"the browser's id", "/events", "3-" + run, 3},
		{"the page's id", "/events?after=3-" + run, "", 3},
		{"both", "/events?after=3-" + run, "9-" + run, 3},
		{"number only", "/events?after=3", "", 3},
		{"another run's", "/events", "3-76543210", 0},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			node := newFake()
			node.tell("a", "b", "c", "d")
			s := newServer(node, testAddr, quiet())
			s.run = run
			r, _ := http.NewRequest("GET", tt.target, nil)
			if tt.header != "" {
				r.Header.Set("Last-Event-ID", tt.header)
			}
			if got, err := s.resumeAt(r); got != tt.want || err != nil {
				t.Errorf("%s: got %d, %v, want %d", tt.name, got, err, tt.want)
			}
		})
	}

	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		node.tell("a", "b", "c", "d")
		ln := newPipes()
		defer serve(t, ln, node, quiet())()
		first := open(t, ln.dial(t), "/events")
		first.next()
		first.id()
		id := first.id()
		second := open(t, ln.dial(t), "/events", "Last-Event-ID: "+id)
		if got := second.next(); !strings.Contains(got, `{"after":2,`) {
			t.Errorf("got %q", got)
		}
		if got := second.kinds(2); got != "cd" {
			t.Errorf("got %q, want cd", got)
		}
	})
}

// A stream on which nothing happens says that it lives.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipes()
		defer serve(t, ln, newFake(), quiet())()
		page := open(t, ln.dial(t), "/events")
		page.next()

		for range 100 {
			began := time.Now()
			if got := page.next(); got != ": nothing new" {
				t.Fatalf("got %q", got)
			}
			if took := time.Since(began); took > heartbeat+breath {
				t.Fatalf("silent for %s", took)
			}
		}
	})
}

// A burst of events is a few writes, and the node is asked once for all pages.
func TestBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		ln := newPipes()
		defer serve(t, ln, node, quiet())()
		var reading sync.WaitGroup
		for range 100 {
			page := open(t, ln.dial(t), "/events")
			page.next()
			reading.Go(func() {
				if got, want := page.kinds(1000), strings.Repeat("e", 1000); got != want {
					t.Errorf("got %s", got)
				}
			})
		}
		synctest.Wait()

		before := node.count("events")
		for range 1000 {
			node.tell("e")
			time.Sleep(time.Millisecond)
		}
		reading.Wait()
		if asked, most := node.count("events")-before, 15; asked > most {
			t.Errorf("asked %d times in a second, want at most %d", asked, most)
		}
	})
}

// Who comes late is told all the same, and waits with the others from then on.
func TestLatePages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		ln := newPipes()
		defer serve(t, ln, node, quiet())()
		open(t, ln.dial(t), "/events?after=18446744073709551615") // which nobody else may get to wait for
		var pages []*reader
		for i := range 20 {
			page := open(t, ln.dial(t), "/events")
			page.next()
			pages = append(pages, page)
			if got, want := page.kinds(i), strings.Repeat("e", i); got != want {
				t.Errorf("page %d got %q", i, got)
			}
			node.tell("e")
			for _, page := range pages {
				if got := page.kinds(1); got != "e" {
					t.Errorf("got %q", got)
				}
			}
		}

		time.Sleep(breath)
		synctest.Wait()
		before := node.count("events")
		node.tell("e")
		for _, page := range pages {
			page.kinds(1)
		}
		time.Sleep(breath)
		synctest.Wait()
		if asked := node.count("events") - before; asked > 2 { // the page of a false number asks for itself
			t.Errorf("asked %d times, want once for all", asked)
		}
	})
}

// A page that reads slowly loses events, and is told how many. What is kept for
// it is bounded.
func TestSlowPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		ln := newPipes()
		defer serve(t, ln, node, quiet())()
		slow, fast := open(t, ln.dial(t), "/events"), open(t, ln.dial(t), "/events")
		slow.next()
		fast.next()
		go io.Copy(io.Discard, fast.in)
		node.tell("e")
		if got := slow.kinds(1); got != "e" {
			t.Errorf("got %q", got)
		}

		const more = 3 * maxBehind // while it reads nothing, for less time than it has
		for range more {
			node.tell("e")
			time.Sleep(patience / 2 / more)
		}

		seen, lost := 0, 0
		for seen+lost < more {
			text := slow.next()
			var n int
			if _, err := fmt.Sscanf(text, `event: lost data: {"lost":%d}`, &n); err == nil {
				lost += n
			} else {
				seen++
			}
		}
		if lost < maxBehind || seen+lost != more {
			t.Errorf("saw %d and lost %d of %d", seen, lost, more)
		}
	})
}

// A page that does not read is dropped after a while, and keeps nobody waiting
// meanwhile.
func TestPageThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		ln := newPipes()
		stop := serve(t, ln, node, quiet())

		stuck := ln.dial(t)
		send(t, stuck, "/events")
		reading := open(t, ln.dial(t), "/events")
		reading.next()

		began := time.Now()
		node.tell("a", "b")
		if got := reading.kinds(2); got != "ab" || time.Since(began) > breath {
			t.Errorf("got %q after %s", got, time.Since(began))
		}

		time.Sleep(patience)
		synctest.Wait()
		if _, err := stuck.Write([]byte("GET / HTTP/1.1\r\n")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("writing to the server: %v, want that it is closed", err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// A page that is closed is forgotten at once.
func TestPageIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipes()
		s := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		node := newFake()
		go func() { s <- Serve(ctx, ln, node, quiet()) }()

		for range 3 * maxStreams { // more than there is room for at a time
			conn := ln.dial(t)
			page := open(t, conn, "/events")
			if page.resp.StatusCode != 200 {
				t.Fatalf("status %d", page.resp.StatusCode)
			}
			conn.Close()
			synctest.Wait()
		}
		cancel()
		if err := <-s; err != nil {
			t.Error(err)
		}
	})
}

// So many pages follow a node and no more; one has room again when another ends.
// Whoever does not follow is answered meanwhile.
func TestStreamLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		ln := newPipes()
		defer serve(t, ln, node, quiet())()
		var conns []net.Conn
		for range maxStreams {
			conn := ln.dial(t)
			conns = append(conns, conn)
			open(t, conn, "/events").next()
		}

		refused := open(t, ln.dial(t), "/events")
		if refused.resp.StatusCode != 503 || refused.resp.Header.Get("Retry-After") != "1" {
			t.Errorf("status %d, %v", refused.resp.StatusCode, refused.resp.Header)
		}
		if body, _ := io.ReadAll(refused.in); !strings.Contains(string(body), "200 pages follow the events already") {
			t.Errorf("got %s", body)
		}
		if got := open(t, ln.dial(t), "/api/status").resp.StatusCode; got != 200 {
			t.Errorf("status %d", got)
		}

		conns[0].Close()
		synctest.Wait()
		open(t, ln.dial(t), "/events").next()
	})
}

// A hundred streams, one of which nobody reads, end with the server.
func TestStreamsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		ln := newPipes()
		stop := serve(t, ln, node, quiet())
		for range 99 {
			page := open(t, ln.dial(t), "/events")
			page.next()
			go io.Copy(io.Discard, page.in)
		}
		send(t, ln.dial(t), "/events")
		node.tell("a")

		began := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > grace {
			t.Errorf("took %s", took)
		}
	})
}

// When the node has nothing more to say, the stream ends; the browser will ask
// again.
func TestEventsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		ln := newPipes()
		defer serve(t, ln, node, quiet())()
		page := open(t, ln.dial(t), "/events")
		page.next()
		close(node.gone)
		if rest, err := io.ReadAll(page.in); len(rest) > 0 || err != nil {
			t.Errorf("got %q, %v", rest, err)
		}
	})
}

// A silentNode says that something happened, but not what.
type silentNode struct{ *fakeNode }

func (silentNode) Events(context.Context, uint64) ([]Event, uint64, error) { return nil, 0, nil }

// It is not asked for ever.
func TestNoNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipes()
		defer serve(t, ln, silentNode{newFake()}, quiet())()
		page := open(t, ln.dial(t), "/events")
		page.next()
		if rest, err := io.ReadAll(page.in); len(rest) > 0 || err != nil {
			t.Errorf("got %q, %v", rest, err)
		}
	})
}

// To ask for the head only follows nothing.
func TestHeadOfEvents(t *testing.T) {
	w := ask(t, newFake(), "/events", func(r *http.Request) { r.Method = "HEAD" })
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
}

// Over real sockets: a page on the network of this machine gets an event.
func TestEventsOverTCP(t *testing.T) {
	node := newFake()
	addr, _ := start(t, node)
	for _, host := range []string{addr, strings.Replace(addr, "127.0.0.1", "localhost", 1)} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /events HTTP/1.1\r\nHost: %s\r\nOrigin: http://%[1]s\r\n\r\n", host)
		page := receive(t, conn)
		page.next()
		node.tell("a")
		if got := page.kinds(1); got != "a" {
			t.Errorf("got %q", got)
		}
	}
}
