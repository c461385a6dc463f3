package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const testAddr = "127.0.0.1:8080"

// ask answers a request without a network. change may change it first.
func ask(t testing.TB, node Node, target string, change func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	s := newServer(node, testAddr, quiet())
	return askServer(s, target, change)
}

func askServer(s *server, target string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = testAddr
	if u, err := url.ParseRequestURI(target); err == nil {
		r.URL = u
	}
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	s.refuseOthers(s.routes()).ServeHTTP(w, r)
	return w
}

// manyTxs returns a block with n transactions.
func manyTxs(n int) Block {
	b := Block{Merkle: [][]string{{"leaf"}}, LeafTexts: []string{"text"}}
	b.Txs = n
	for i := range n {
		b.Transactions = append(b.Transactions, Tx{TxID: fmt.Sprint(i)})
	}
	return b
}

// What a page gets, or a sentence that says why not.
func TestAnswers(t *testing.T) {
	tests := []struct {
		target string
		status int
		want   []string // in the body
	}{
		{"/", 200, []string{"<!doctype html>"}},
		{"/static/style.css", 200, nil},
		{"/static/main.js", 200, nil},

		{"/api/status", 200, []string{`"height":7`}},
		{"/api/chain", 200, []string{`"blocks":[{"height":7,`, `"height":0,`}},
		{"/api/chain?count=1", 200, []string{`"blocks":[{"height":7,`}},
		{"/api/chain?highest=3&count=2", 200, []string{`"blocks":[{"height":3,`}},
		{"/api/chain?highest=-1&count=200", 200, []string{`"blocks":[{"height":7,`}},
		{"/api/block/last", 200, []string{`"txs":450`, `"merkle":null`, `"leaf_texts":null`, `[{"txid":"0"`, `{"txid":"199"`}},
		{"/api/block/last?tx=400", 200, []string{`"txs":450`, `[{"txid":"400"`, `{"txid":"449"`}},
		{"/api/block/last?tx=450", 200, []string{`"txs":450`, `"transactions":[]`}},
		{"/api/tx/abcdef", 200, []string{`"state":"dropped"`}},
		{"/api/history/alice", 200, []string{`"omitted":50`, `"changes":[]`}},
		{"/api/history/alice?count=500", 200, []string{`"omitted":500`}},
		{"/api/wallets", 200, []string{`{"wallets":[]}`}},
		{"/api/pool", 200, []string{`{"omitted":0,"pool":[]}`}},
		{"/api/peers", 200, []string{`{"peers":[]}`}},
		{"/api/table", 200, []string{`"k":20`, `"contacts":[]`}},

		{"/api/block/7f", 404, []string{"no such thing: see `go run . chain`"}},
		{"/api/tx/7f", 404, []string{"no such thing"}},
		{"/api/history/7f", 404, []string{"no such thing"}},
		{"/api", 404, []string{"there is nothing at /api"}},
		{"/api/", 404, []string{"there is nothing at /api/"}},
		{"/api/block/", 404, []string{"there is nothing at /api/block/"}},
		{"/api/block/1/2", 404, []string{"there is nothing at /api/block/1/2"}},
		{"/api/wallet.dat", 404, []string{"there is nothing at"}},
		{"/favicon.ico", 404, []string{"there is nothing at /favicon.ico"}},
		{"/index.html", 404, []string{"there is nothing at"}},
		{"/%3Cscript%3E", 404, []string{`there is nothing at /\u003cscript\u003e`}},

		{"/static", 404, nil},
		{"/static/", 404, nil},
		{"/static/.", 404, nil},
		{"/static/..", 404, nil},
		{"/static/nothing.js", 404, nil},
		{"/static/../view.go", 404, nil},
		{"/static//main.js", 404, nil},
		{"//static/main.js", 404, nil},
		{"/static/%2e%2e/view.go", 404, nil},
		{"/static/..%2fview.go", 404, nil},
		{"/static/%2e%2e%2fview.go", 404, nil},
		{"/static/..%5cview.go", 404, nil},
		{"/static/main.js%00", 404, nil},
		{"/static/%2fetc%2fpasswd", 404, nil},
		{"/../../etc/passwd", 404, nil},

		{"/api/chain?count=0", 400, []string{`count is \"0\": give a whole number from 1 to 200`}},
		{"/api/chain?count=201", 400, []string{"count is"}},
		{"/api/chain?count=", 400, []string{"count is"}},
		{"/api/chain?count=0x10", 400, []string{"count is"}},
		{"/api/chain?count=1e2", 400, []string{"count is"}},
		{"/api/chain?count=%3Cb%3E", 400, []string{`count is \"\u003cb\u003e\"`}},
		{"/api/chain?highest=-2", 400, []string{"highest is"}},
		{"/api/chain?highest=99999999999999999999", 400, []string{"highest is"}},
		{"/api/chain?highest=x&count=y", 400, []string{"highest is"}},
		{"/api/chain?count=%zz", 400, []string{"what stands after the ?"}},
		{"/api/chain?count=1;highest=2", 400, []string{"what stands after the ?"}},
		{"/api/block/last?tx=-1", 400, []string{"tx is"}},
		{"/api/history/alice?count=501", 400, []string{"count is"}},
		{"/events?after=x", 400, []string{`after is \"x\": give the id of an event`}},
		{"/events?after=-1", 400, []string{"after is"}},
	}

	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			node := newFake()
			node.block = manyTxs(450)
			w := ask(t, node, tt.target, nil)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			for _, want := range tt.want {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("got %.300s, want %s in it", w.Body, want)
				}
			}

			header := w.Header()
			for name, want := range map[string]string{
				"Content-Security-Policy":      policy,
				"X-Content-Type-Options":       "nosniff",
				"Referrer-Policy":              "no-referrer",
				"Cross-Origin-Resource-Policy": "same-origin",
				"Cross-Origin-Opener-Policy":   "same-origin",
			} {
				if got := header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			isFile := w.Code == 200 && !strings.HasPrefix(tt.target, "/api")
			if got := header.Get("Cache-Control"); isFile && got != "no-cache" || !isFile && got != "no-store" {
				t.Errorf("Cache-Control is %q", got)
			}
			if !isFile && header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("Content-Type is %q", header.Get("Content-Type"))
			}
			if header.Get("Location") != "" {
				t.Errorf("redirected to %s", header.Get("Location"))
			}
		})
	}
}

// A block of up to 200 transactions comes whole.
func TestWholeBlock(t *testing.T) {
	node := newFake()
	node.block = manyTxs(maxTxs)
	w := ask(t, node, "/api/block/last", nil)
	var b Block
	if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Transactions) != maxTxs || b.Merkle == nil || b.LeafTexts == nil {
		t.Errorf("%d transactions, tree %v, texts %v", len(b.Transactions), b.Merkle, b.LeafTexts)
	}
}

// Each file of the page has a type that the browser takes it by, and is sent
// once as long as it stays the same.
func TestFiles(t *testing.T) {
	entries, err := static.ReadDir("static")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if contentTypes[path.Ext(e.Name())] == "" {
			t.Errorf("%s: no content type", e.Name())
		}

		w := ask(t, newFake(), "/static/"+e.Name(), nil)
		again := ask(t, newFake(), "/static/"+e.Name(), func(r *http.Request) {
			r.Header.Set("If-None-Match", w.Header().Get("ETag"))
		})
		if w.Code != 200 || again.Code != 304 || again.Body.Len() > 0 {
			t.Errorf("%s: status %d, then %d with %d bytes", e.Name(), w.Code, again.Code, again.Body.Len())
		}
	}
}

// Whoever is not the page itself, or the person at this machine, gets nothing.
func TestRefusals(t *testing.T) {
	const api, page = "/api/status", "/"
	set := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	host := func(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
	method := func(m string) func(*http.Request) { return func(r *http.Request) { r.Method = m } }
	other := "another page asks"

	tests := []struct {
		name, target string
		change       func(*http.Request)
		status       int
		want         string // in the sentence
	}{
		{"own host", api, host("127.0.0.1:8080"), 200, ""},
		{"localhost", api, host("localhost:8080"), 200, ""},
		{"IPv6", api, host("[::1]:8080"), 200, ""},
		{"no host", api, host(""), 403, "answers at http://127.0.0.1:8080 only"},
		{"other host", api, host("evil.example:8080"), 403, "answers at"},
		{"other host, page", page, host("evil.example:8080"), 403, "answers at"},
		{"other host, file", "/static/main.js", host("evil.example:8080"), 403, "answers at"},
		{"other host, events", "/events", host("evil.example:8080"), 403, "answers at"},
		{"host that begins like ours", api, host("127.0.0.1:8080.evil.example"), 403, "answers at"},
		{"host that ends like ours", api, host("evil-localhost:8080"), 403, "answers at"},
		{"host below localhost", api, host("evil.localhost:8080"), 403, "answers at"},
		{"host with a dot", api, host("localhost.:8080"), 403, "answers at"},
		{"other port", api, host("127.0.0.1:8081"), 403, "answers at"},
		{"no port", api, host("127.0.0.1"), 403, "answers at"},
		{"other loopback address", api, host("127.0.0.2:8080"), 403, "answers at"},
		{"every address", api, host("0.0.0.0:8080"), 403, "answers at"},
		{"markup for a host", api, host("<script>:8080"), 403, "answers at"},

		{"own origin", api, set("Origin", "http://127.0.0.1:8080"), 200, ""},
		{"origin of another name", api, set("Origin", "http://localhost:8080"), 403, other},
		{"other origin", api, set("Origin", "http://evil.example"), 403, other},
		{"other origin, page", page, set("Origin", "http://evil.example"), 403, other},
		{"other origin, events", "/events", set("Origin", "http://evil.example"), 403, other},
		{"origin null", api, set("Origin", "null"), 403, other},
		{"origin empty", api, set("Origin", ""), 403, other},
		{"https", api, set("Origin", "https://127.0.0.1:8080"), 403, other},
		{"origin's other port", api, set("Origin", "http://127.0.0.1:3000"), 403, other},
		{"two origins", api, set("Origin", "http://127.0.0.1:8080", "http://evil.example"), 403, other},

		{"from the page", api, set("Sec-Fetch-Site", "same-origin"), 200, ""},
		{"typed", api, set("Sec-Fetch-Site", "none"), 200, ""},
		{"cross-site", api, set("Sec-Fetch-Site", "cross-site"), 403, other},
		{"cross-site, events", "/events", set("Sec-Fetch-Site", "cross-site"), 403, other},
		{"cross-site, file", "/static/main.js", set("Sec-Fetch-Site", "cross-site"), 403, other},
		{"other port of this machine", api, set("Sec-Fetch-Site", "same-site"), 403, other},
		{"unknown site", api, set("Sec-Fetch-Site", "new"), 403, other},
		{"two sites", api, set("Sec-Fetch-Site", "same-origin", "cross-site"), 403, other},
		{"link to the page", page, set("Sec-Fetch-Site", "cross-site"), 200, ""},

		{"HEAD", api, method("HEAD"), 200, ""},
		{"HEAD of the page", page, method("HEAD"), 200, ""},
		{"POST", api, method("POST"), 405, "ask with GET"},
		{"POST to the page", page, method("POST"), 405, "ask with GET"},
		{"POST to nothing", "/api/send", method("POST"), 405, "ask with GET"},
		{"PUT", api, method("PUT"), 405, "ask with GET"},
		{"DELETE", api, method("DELETE"), 405, "ask with GET"},
		{"PATCH", api, method("PATCH"), 405, "ask with GET"},
		{"OPTIONS", api, method("OPTIONS"), 405, "ask with GET"},
		{"TRACE", api, method("TRACE"), 405, "ask with GET"},
		{"CONNECT", api, method("CONNECT"), 405, "ask with GET"},
		{"lower case", api, method("get"), 405, "ask with GET"},
		{"no method of HTTP", api, method("SEND"), 405, "ask with GET"},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := newFake()
			w := ask(t, node, tt.target, tt.change)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if w.Code == 200 {
				return
			}

			var refused struct{ Error string }
			if err := json.Unmarshal(w.Body.Bytes(), &refused); err != nil || !strings.Contains(refused.Error, tt.want) {
				t.Errorf("got %s, %v, want %q in it", w.Body, err, tt.want)
			}
			if len(node.asked) > 0 {
				t.Errorf("the node was asked: %v", node.asked)
			}
			if got := w.Header().Get("Allow"); (got == "GET, HEAD") != (w.Code == 405) {
				t.Errorf("Allow is %q", got)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Error("others may read it")
			}
		})
	}
}

// At port 80 browsers leave the port out.
func TestOwnHosts(t *testing.T) {
	tests := []struct {
		addr string
		want []string
	}{
		{"127.0.0.1:8080", []string{"127.0.0.1:8080", "127.0.0.1:8080", "localhost:8080", "[::1]:8080"}},
		{"127.0.0.5:80", []string{"127.0.0.5:80", "127.0.0.1:80", "localhost:80", "[::1]:80", "127.0.0.5", "127.0.0.1", "localhost", "[::1]"}},
	}
	for _, tt := range tests {
		if got := ownHosts(tt.addr); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.addr, got, tt.want)
		}
	}
}

// hostile are texts that somebody else may put into a block or a message.
var hostile = []string{
	"<script>alert(1)</script>",
	"</script><img src=x onerror=alert(1)>",
	"<!--<script>",
	`" onmouseover="alert(1)`,
	"' & &lt;",
	"line\u2028and\u2029paragraph",
	"\n\ndata: {\"number\":1}\n\nevent: hello\r\n",
	"\xff\xfe not UTF-8 \xc3\x28",
	"\x00\x1b[31m",
}

// Texts of others are texts: no answer has a byte of them that a browser could
// take for markup, or the end of an event.
func TestHostileTexts(t *testing.T) {
	for _, text := range hostile {
		node := newFake()
		node.text = text
		for _, target := range []string{"/api/status", "/api/chain", "/api/tx/abcdef", "/api/wallets"} {
			body := ask(t, node, target, nil).Body.Bytes()
			if !json.Valid(body) || bytes.ContainsAny(body, "<>&\u2028\u2029\n\r\x00\x1b") {
				t.Errorf("%s: %q comes as %s", target, text, body)
			}
		}

		e := Event{Number: 1, Kind: text, Facts: map[string]string{text: text}, Text: Words{text, text}}
		frame := string(appendFrame(nil, e, "00000000"))
		lines := strings.Split(frame, "\n")
		if len(lines) != 5 || lines[0] != "id: 1-00000000" || lines[1] != "event: log" || !strings.HasPrefix(lines[2], "data: {") {
			t.Errorf("%q comes as %q", text, frame)
		}
		if strings.ContainsAny(frame, "<>&\u2028\u2029\r\x00\x1b") {
			t.Errorf("%q comes as %q", text, frame)
		}
	}
}

// A bug ends the request that meets it, and is told in the log.
func TestBug(t *testing.T) {
	var out bytes.Buffer
	node := newFake()
	node.before = func(method string) {
		if method == "status" {
			panic("a bug")
		}
	}
	s := newServer(node, testAddr, slog.New(slog.NewTextHandler(&out, nil)))

	for range 3 { // it holds no lock, and no place
		w := askServer(s, "/api/status", nil)
		if w.Code != 500 || !strings.Contains(w.Body.String(), "a bug in this program") {
			t.Errorf("status %d, %s", w.Code, w.Body)
		}
	}
	if !strings.Contains(out.String(), `err="a bug"`) {
		t.Errorf("log: %s", out.String())
	}
	if w := askServer(s, "/api/peers", nil); w.Code != 200 {
		t.Errorf("another request: status %d", w.Code)
	}
}

// Pages that ask at the same time share the node's answer, but nobody gets one
// that is older than the question.
func TestQuestionsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		release := make(chan struct{})
		node.before = func(string) { <-release }
		s := newServer(node, testAddr, quiet())

		var asking sync.WaitGroup
		ask := func() {
			asking.Go(func() {
				if w := askServer(s, "/api/status", nil); w.Code != 200 {
					t.Errorf("status %d", w.Code)
				}
			})
		}
		ask()
		synctest.Wait()
		if got := node.count("status"); got != 1 {
			t.Errorf("asked %d times, want 1", got)
		}

		for range 100 { // after the first question
			ask()
		}
		synctest.Wait()
		close(release)
		asking.Wait()
		if got := node.count("status"); got != 2 {
			t.Errorf("asked %d times, want twice", got)
		}
		if len(s.questions.open) > 0 {
			t.Errorf("%d questions are kept", len(s.questions.open))
		}
	})
}

// No more questions than that reach the node at a time.
func TestQuestionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := newFake()
		release := make(chan struct{})
		node.before = func(string) { <-release }
		s := newServer(node, testAddr, quiet())

		var asking sync.WaitGroup
		for i := range 50 {
			asking.Go(func() { askServer(s, fmt.Sprint("/api/block/", i), nil) })
		}
		synctest.Wait()
		if got := node.count("block"); got != maxAsked {
			t.Errorf("%d questions at a time, want %d", got, maxAsked)
		}
		close(release)
		asking.Wait()
	})
}

// Whatever a client sends, it ends within a time, and takes nothing from others.
func TestHostileClients(t *testing.T) {
	tests := []struct {
		name string
		send string
		took time.Duration // until the connection is closed
	}{
		{"nothing", "", patience},
		{"half a request", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n", patience},
		{"no HTTP", "hello\r\n\r\n", 0},
		{"a body that does not come", "GET /api/status HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Length: 100\r\n\r\n", patience},
		{"a long header", "GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 20<<10) + "\r\n\r\n", 500 * time.Millisecond},
		{"a long path", "GET /" + strings.Repeat("x", 20<<10) + " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n", 500 * time.Millisecond},
		{"a request, and no more", "GET /api/status HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n", idle},
		{"another server's", "GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n", 0},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ln := newPipes()
				defer serve(t, ln, newFake(), quiet())()
				conn := ln.dial(t)
				began := time.Now()
				go conn.Write([]byte(tt.send)) // it may not be read to its end
				answer, _ := io.ReadAll(conn)
				if took := time.Since(began); took != tt.took {
					t.Errorf("closed after %s, want %s: %q", took, tt.took, answer)
				}
				if tt.name == "another server's" && !bytes.Contains(answer, []byte("403 Forbidden")) {
					t.Errorf("got %q", answer)
				}
			})
		})
	}
}

// Serve ends what waits at once, lets a running request end, and does not wait
// for one that hangs.
func TestShutdown(t *testing.T) {
	tests := []struct {
		name  string
		after time.Duration // until the running request ends; 0: there is none
		took  time.Duration // until Serve ends
		want  string        // of Serve
	}{
		{"idle", 0, 0, ""},
		{"a request that ends", grace / 2, grace / 2, ""},
		{"a request that hangs", time.Hour, 2 * grace, "1 requests of the page still run"},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := newFake()
				release := make(chan struct{})
				node.before = func(method string) {
					if method == "status" {
						<-release
					}
				}
				ln := newPipes()
				stop := serve(t, ln, node, quiet())

				open(t, ln.dial(t), "/api/peers").resp.Body.Close() // and stays connected
				ln.dial(t)                                          // and says nothing
				if tt.after > 0 {
					conn := ln.dial(t)
					send(t, conn, "/api/status")
					go io.Copy(io.Discard, conn)
				}
				synctest.Wait()

				began := time.Now()
				go func() { time.Sleep(tt.after); close(release) }()
				err := stop()
				if err == nil && tt.want != "" || err != nil && err.Error() != tt.want {
					t.Errorf("Serve: got %v, want %q", err, tt.want)
				}
				if got := time.Since(began); got != tt.took {
					t.Errorf("Serve ended after %s, want %s", got, tt.took)
				}
				<-release
				synctest.Wait()
			})
		})
	}
}

// Connections without a request make room for those that come; one with a
// request keeps its place.
func TestConnectionLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipes()
		defer serve(t, ln, newFake(), quiet())()

		follower := open(t, ln.dial(t), "/events")
		follower.next()
		for range maxConns - 1 { // which say nothing
			ln.dial(t)
		}
		synctest.Wait()

		began := time.Now()
		late := open(t, ln.dial(t), "/api/status")
		if took := time.Since(began); late.resp.StatusCode != 200 || took != 0 {
			t.Errorf("status %d after %s, want 200 at once", late.resp.StatusCode, took)
		}
		if got := follower.next(); got != ": nothing new" {
			t.Errorf("the follower gets %q", got)
		}
	})
}

// Lives of a server, with pages that follow it, leave no goroutine and free
// their port.
func TestLives(t *testing.T) {
	addr := "127.0.0.1:0"
	life := func() {
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		addr = ln.Addr().String()
		node := newFake()
		stop := serve(t, ln, node, quiet())

		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: "+addr+"\r\n\r\n")
		receive(t, conn).next()
		if err := stop(); err != nil {
			t.Error(err)
		}
	}

	life()
	before := runtime.NumGoroutine()
	for range 50 {
		life()
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 10_000 { // one that is done may not be gone yet
		if runtime.NumGoroutine() <= before {
			return
		}
		<-tick.C
	}
	t.Errorf("got %d goroutines, want %d", runtime.NumGoroutine(), before)
}

// Peers fill the pool, with thousands of payments or with large ones: an answer
// holds as many as a page can use, and the first in any case.
func TestFullPool(t *testing.T) {
	payment := func(outputs int) PoolTx { return PoolTx{Tx: Tx{Outputs: make([]Output, outputs)}} }
	tests := []struct {
		name          string
		pool          []PoolTx
		shown, hidden int
	}{
		{"none", nil, 0, 0},
		{"few", slices.Repeat([]PoolTx{payment(2)}, 3), 3, 0},
		{"many", slices.Repeat([]PoolTx{payment(2)}, 5000), maxPooled, 5000 - maxPooled},
		{"large", slices.Repeat([]PoolTx{payment(maxPoolCoins / 4)}, 9), 4, 5},
		{"one that is too large", slices.Repeat([]PoolTx{payment(maxPoolCoins + 1)}, 2), 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shown, omitted := firstPayments(tt.pool)
			if len(shown) != tt.shown || omitted != tt.hidden {
				t.Errorf("got %d payments, %d omitted, want %d and %d", len(shown), omitted, tt.shown, tt.hidden)
			}
		})
	}
}
