package kademlia

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A debugLog keeps the lines of a log, all of them, without time and level.
type debugLog struct {
	mu  sync.Mutex // guards out
	out bytes.Buffer
}

func (d *debugLog) Write(line []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out.Write(line)
}

func (d *debugLog) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(d, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// take returns the lines that tell of something since it was last called.
func (d *debugLog) take(what string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := strings.Split(d.out.String(), "\n")
	d.out.Reset()
	return slices.DeleteFunc(lines, func(line string) bool { return !strings.HasPrefix(line, `msg="`+what+" ") })
}

func compareLines(t *testing.T, name string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot\n  %s\nwant\n  %s", name, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// inTable enters two nodes in each other's tables, as if each had pinged the other.
func inTable(a, b *Server) {
	a.recordPong(b.Self())
	b.recordPong(a.Self())
}

// Both ends tell of every datagram: each request in turn, and its response.
func TestDatagramsInLog(t *testing.T) {
	tests := []struct {
		name         string
		request      request // of a node with the ID 0…01
		asked, reply string  // what is told of each
	}{
		{"ping", request{method: ping}, "kind=ping", "kind=pong"},
		{"find_node", request{method: findNode, target: ID{0x20}}, "kind=find_node target=" + ID{0x20}.String() + " distance=157", "kind=nodes count=1"},
		{"find_node, nearest", request{method: findNode, target: ID{19: 3}}, "kind=find_node target=" + ID{19: 3}.String() + " distance=1", "kind=nodes count=1"},
		{"find_node, itself", request{method: findNode, target: ID{19: 1}}, "kind=find_node target=" + ID{19: 1}.String() + " distance=-1", "kind=nodes count=1"},
		{"store", request{method: store, target: ID{7}, value: []byte{1}}, "kind=store", "kind=stored"},
		{"find_value", request{method: findValue, target: ID{7}}, "kind=find_value", "kind=value"},
		{"find_value, a miss", request{method: findValue, target: ID{8}}, "kind=find_value", "kind=nodes count=1"},
		{"stun", request{method: stun}, "kind=stun", "kind=address"},
	}
	bubble(t, func(t *testing.T, m *memNet) {
		var logA, logB debugLog
		a := m.start(t, testNode(ID{19: 1}, 0), Config{Log: logA.logger()})
		b := m.start(t, testNode(ID{19: 2}, 1), Config{Log: logB.logger()})
		inTable(a, b)
		b.recordPong(testNode(ID{0x40}, 2)) // whom to tell of
		for _, tt := range tests {
			q := tt.request
			q.from = a.id
			if _, err := a.call(t.Context(), b.Self().Addr, q, 1, nil); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			synctest.Wait()
			compareLines(t, tt.name+", who asks", logA.take("datagram"), []string{
				`msg="datagram sent" peer=10.0.0.2:5678 ` + tt.asked,
				`msg="datagram received" peer=10.0.0.2:5678 ` + tt.reply,
			})
			compareLines(t, tt.name+", who answers", logB.take("datagram"), []string{
				`msg="datagram received" peer=10.0.0.1:5678 ` + tt.asked,
				`msg="datagram sent" peer=10.0.0.1:5678 ` + tt.reply,
			})
		}
	})
}

// The log tells a lookup: who is asked, who has named whom, who is silent.
func TestLookupInLog(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log debugLog
		s := m.start(t, testNode(ID{0x80}, 0), Config{Log: log.logger(), Alpha: 1})
		near, far, gone := testNode(ID{0x01}, 1), testNode(ID{0x10}, 2), testNode(ID{0x02}, 3)
		m.peer(t, near, honest(near.ID))
		m.peer(t, far, honest(far.ID, near, gone))
		s.recordPong(far)

		target := ID{0x01}
		if _, err := s.Lookup(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		compareLines(t, "lookup", log.take("lookup"), []string{
			`msg="lookup begun" lookup=1 target=` + target.String() + ` distance=159 alpha=1`,
			`msg="lookup asks" lookup=1 target=` + target.String() + ` peer=10.0.0.3:5678 hops=1 distance=156`,
			`msg="lookup answer" lookup=1 target=` + target.String() + ` peer=10.0.0.3:5678 count=2 nearest=-1`,
			`msg="lookup asks" lookup=1 target=` + target.String() + ` peer=10.0.0.2:5678 hops=2 distance=-1`,
			`msg="lookup answer" lookup=1 target=` + target.String() + ` peer=10.0.0.2:5678 count=0 nearest=-1`,
			`msg="lookup asks" lookup=1 target=` + target.String() + ` peer=10.0.0.4:5678 hops=2 distance=153`,
			`msg="lookup without answer" lookup=1 target=` + target.String() + ` peer=10.0.0.4:5678 err="find_node to 10.0.0.4:5678: kademlia: no answer"`,
			`msg="lookup ended" lookup=1 target=` + target.String() + ` asked=3 found=2`,
		})
	})
}

// Whoever has only the bytes can describe them as well.
func TestDescribe(t *testing.T) {
	tests := []struct {
		name     string
		datagram []byte
		want     string
	}{
		{"request", request{method: findNode, from: ID{19: 1}, target: ID{19: 3}}.encode(messageID{}),
			"[kind=find_node target=" + ID{19: 3}.String() + " distance=1]"},
		{"response", response{kind: nodesReply}.encode(messageID{}), "[kind=nodes count=0]"},
		{"pong", response{kind: idReply}.encode(messageID{}), "[kind=pong]"},
		{"empty", nil, "[]"},
		{"noise", []byte("garbage that is long enough for a header"), "[]"},
		{"request without a name", append(make([]byte, headerSize), 0xc0), "[]"},
		{"response of nothing", append([]byte{responseByte}, append(make([]byte, headerSize), 0xc0)...), "[]"},
	}
	for _, tt := range tests {
		if got := fmt.Sprint(Describe(tt.datagram)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// A lookup that fails says why, too.
func TestFailedLookupInLog(t *testing.T) {
	bubble(t, func(t *testing.T, m *memNet) {
		var log debugLog
		s := m.start(t, named("s", 0), Config{Log: log.logger()})
		if _, err := s.Lookup(t.Context(), s.id); !errors.Is(err, ErrNoContacts) {
			t.Errorf("got %v, want %v", err, ErrNoContacts)
		}
		compareLines(t, "nobody there", log.take("lookup"), []string{
			`msg="lookup begun" lookup=1 target=` + s.id.String() + ` distance=-1 alpha=3`,
			`msg="lookup ended" lookup=1 target=` + s.id.String() + ` asked=0 found=0 err="kademlia: no other node answers"`,
		})

		n := named("silent", 1)
		m.peer(t, n, silent)
		s.recordPong(n)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := s.Lookup(ctx, n.ID); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		lines := log.take("lookup")
		if want := `msg="lookup ended" lookup=2 target=` + n.ID.String() + ` asked=1 found=0 err="context deadline exceeded"`; len(lines) == 0 || lines[len(lines)-1] != want {
			t.Errorf("got\n  %s\nwant at the end\n  %s", strings.Join(lines, "\n  "), want)
		}
	})
}

// While nobody wants to know, to tell costs no memory.
func TestTellingUnheardCostsNothing(t *testing.T) {
	s := &Server{log: logTo(new(bytes.Buffer))} // from Info on
	n, q := named("n", 1), request{method: findNode, target: ID{1}}
	p := response{kind: nodesReply, nodes: []Node{n}}
	l := &lookup{k: 20, alpha: 3}
	l.add(n, 1)
	if allocs := testing.AllocsPerRun(100, func() {
		s.tellRequest("datagram sent", n.Addr, q)
		s.tellResponse("datagram received", n.Addr, p)
		s.tellBegun(l)
		s.tellAsks(l, n)
		s.tellAnswer(l, n, 1)
		s.tellNoAnswer(l, n, ErrTimeout)
		s.tellEnded(l, ErrNoContacts)
	}); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// Anyone can send a response to nothing. While nobody wants to know, the log
// spends no memory on it.
func TestResponseToNothingUnheardCostsNothing(t *testing.T) {
	s := &Server{log: logTo(new(bytes.Buffer))} // from Info on
	from, id := named("n", 1).Addr, messageID{1}
	if allocs := testing.AllocsPerRun(100, func() {
		s.handleResponse(from, id, nil)
	}); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}
