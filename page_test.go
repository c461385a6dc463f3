package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"gosimpleblockchain/view"
)

// A node has a page if it is told to, and says where.
func TestPage(t *testing.T) {
	greeting := func(n *testNode) string {
		var out bytes.Buffer
		n.greet(&out, new(options).say)
		return out.String()
	}

	off := startNode(t, NodeConfig{})
	if got := greeting(off); strings.Contains(got, "browser") {
		t.Errorf("without a page: %s", got)
	}

	n := startNode(t, NodeConfig{View: "127.0.0.1:0"})
	if got, want := greeting(n), "\nIn your browser:       "+n.pageURL()+"\n"; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	resp, err := http.Get(n.pageURL())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || !bytes.Contains(text, []byte("<title>")) {
		t.Errorf("status %d, %v: %s", resp.StatusCode, err, text)
	}
}

// A port that is taken is passed over, or is an error if it was asked for.
func TestPagePort(t *testing.T) {
	taken := startNode(t, NodeConfig{View: "127.0.0.1:0"}).page.Addr().String()
	if ln, err := listenView(taken + "+"); err != nil {
		t.Error(err)
	} else {
		defer ln.Close()
		if ln.Addr().String() == taken {
			t.Errorf("two pages at %s", taken)
		}
	}

	for _, tt := range []struct {
		view string
		code int
		want string
	}{
		{taken, 1, "-view " + taken + ": listen tcp "},
		{taken, 1, ": type another port, or leave -view out to get one that is free\n"},
		{"0.0.0.0:0", 1, "-view 0.0.0.0:0: listen on 0.0.0.0:0: not a loopback address\n"},
		{"192.0.2.1:8080", 1, "not a loopback address"},
		{":8080", 2, "flag -view: give HOST:PORT"},
		{"on", 2, "flag -view: give HOST:PORT"},
		{"127.0.0.1:8080+", 2, "flag -view: give HOST:PORT"},
		{"127.0.0.1:99999", 2, "flag -view: give HOST:PORT"},
	} {
		code, _, stderr := runCommand("start", "-rpc", "127.0.0.1:0", "-listen", "127.0.0.1:0", "-data", t.TempDir(), "-view", tt.view)
		if code != tt.code || !strings.Contains(stderr, tt.want) {
			t.Errorf("-view %s: exit code %d, %q, want %d, %q", tt.view, code, stderr, tt.code, tt.want)
		}
	}
}

// The command that starts a node again starts the page where it was.
func TestPageAgain(t *testing.T) {
	for args, want := range map[string]string{
		"":                     "go run . start",
		"-view off":            "go run . start -view off",
		"-view 127.0.0.1:8000": "go run . start -view 127.0.0.1:8000",
	} {
		var o options
		c := &command{name: "start", flags: startFlags}
		if err := c.parse(&o, strings.Fields(args)); err != nil {
			t.Fatal(err)
		}
		o.node.RPC = o.rpc
		if got := o.node.again(""); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A page is one more connection of the browser: it follows the node's events.
type page struct {
	conn net.Conn
	in   *bufio.Reader
}

func openPage(t testing.TB, n *testNode) *page {
	t.Helper()
	conn, err := net.Dial("tcp", n.page.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET /events HTTP/1.0\r\nHost: %s\r\n\r\n", n.page.Addr()); err != nil {
		t.Fatal(err)
	}
	return &page{conn, bufio.NewReader(conn)}
}

// next returns the next event of the log, or the error of a stream that ends.
func (p *page) next() (e view.Event, err error) {
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			return e, err
		}
		if data, ok := strings.CutPrefix(line, `data: {"number"`); ok {
			return e, json.Unmarshal([]byte(`{"number"`+data), &e)
		}
	}
}

// await reads on until the stream tells of a block's hash.
func (p *page) await(hash string) error {
	for {
		e, err := p.next()
		if err != nil {
			return err
		}
		if e.Facts["hash"] == hash && (e.Kind == "block mined" || e.Kind == "block accepted") {
			return nil
		}
	}
}

// A hundred pages, and one that reads nothing, all see the block; the node stops
// as ever.
func TestManyPages(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	n := startNode(t, NodeConfig{PoolSize: 1, View: "127.0.0.1:0"})
	from, to := n.startChain(), n.createWallet()
	var pages []*page
	for range 100 {
		pages = append(pages, openPage(t, n))
	}
	openPage(t, n) // and reads nothing

	for range 5 {
		n.send(from, to, 1)
	}
	hash := tipOf(t, n.chain).Header.Hash
	var reading sync.WaitGroup
	for _, p := range pages {
		reading.Go(func() {
			if err := p.await(hash); err != nil {
				t.Error(err)
			}
		})
	}
	reading.Wait()

	n.stop()
	for {
		_, err := pages[0].next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
