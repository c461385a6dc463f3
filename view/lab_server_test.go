package view

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const testToken = "5d1f0c"

// A fakeLab has a list of events, and notes the lines that it is to carry out.
type fakeLab struct {
	mu     sync.Mutex // guards all below
	list   []LabEvent
	more   chan struct{} // closed and replaced at each event
	closed bool
	lines  []string
	do     func(ctx context.Context, line string) (string, error) // if not nil, is what Do does
}

func newFakeLab(events ...LabEvent) *fakeLab {
	lab := &fakeLab{more: make(chan struct{})}
	lab.tell(events...)
	return lab
}

func (l *fakeLab) tell(events ...LabEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		e.Number = len(l.list) + 1
		l.list = append(l.list, e)
		l.closed = l.closed || e.Kind == LabClosed
	}
	close(l.more)
	l.more = make(chan struct{})
}

// LabEvents implements [Lab].
func (l *fakeLab) LabEvents(ctx context.Context, after int) ([]LabEvent, error) {
	for {
		l.mu.Lock()
		list, more, closed := l.list, l.more, l.closed
		l.mu.Unlock()
		if after < len(list) {
			return list[after:min(len(list), after+200)], nil
		}
		if closed {
			return nil, errFake
		}

		select {
		case <-more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Do implements [Lab].
func (l *fakeLab) Do(ctx context.Context, line string) (string, error) {
	l.mu.Lock()
	l.lines = append(l.lines, line)
	do := l.do
	l.mu.Unlock()
	if do != nil {
		return do(ctx, line)
	}
	if line == "fail" {
		return "", errors.New("no such thing: `help` lists the words")
	}
	return "did <" + line + ">", nil
}

// told are events of a kind each.
func told(kinds ...string) (events []LabEvent) {
	for _, kind := range kinds {
		events = append(events, LabEvent{Kind: kind})
	}
	return events
}

func serveLab(t testing.TB, ln *pipes, lab Lab) (stop func() error) {
	t.Helper()
	return run(t, func(ctx context.Context) error { return ServeLab(ctx, ln, lab, testToken, quiet()) })
}

// askLab answers a request without a network.
func askLab(s *labServer, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.refuseOthers(s.routes()).ServeHTTP(w, r)
	return w
}

// post returns a request to carry out a line, as the page sends it.
func post(body string) *http.Request {
	r := httptest.NewRequest("POST", "/do", strings.NewReader(body))
	r.Host = testAddr
	r.Header.Set("Origin", "http://"+testAddr)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Lab-Token", testToken)
	return r
}

// Only the page itself, opened with the token, changes anything.
func TestDo(t *testing.T) {
	const mine = `{"line": "mine A"}`
	set := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	method := func(m string) func(*http.Request) { return func(r *http.Request) { r.Method = m } }
	path := func(p string) func(*http.Request) { return func(r *http.Request) { r.URL.Path = p } }
	const look, other = "this page may only look: open the whole URL that `lab` printed", "another page asks"

	tests := []struct {
		name, body string
		change     func(*http.Request)
		status     int
		want       string // in the answer
	}{
		{"a line", mine, nil, 200, `{"said":"did \u003cmine A\u003e"}`},
		{"spaces around", `{"line": "  mine A "}`, nil, 200, `did \u003cmine A\u003e`},
		{"charset", mine, set("Content-Type", "application/json; charset=utf-8"), 200, "did"},
		{"a browser that tells less", mine, func(r *http.Request) { r.Header.Del("Origin"); r.Header.Del("Sec-Fetch-Site") }, 200, "did"},
		{"the longest line", `{"line": "` + strings.Repeat("x", maxLine) + `"}`, nil, 200, "did"},
		{"the lab's error", `{"line": "fail"}`, nil, 422, "no such thing: `help` lists the words"},

		{"no token", mine, func(r *http.Request) { r.Header.Del("X-Lab-Token") }, 403, look},
		{"empty token", mine, set("X-Lab-Token", ""), 403, look},
		{"wrong token", mine, set("X-Lab-Token", "5d1f0d"), 403, look},
		{"short token", mine, set("X-Lab-Token", "5d1f0"), 403, look},
		{"long token", mine, set("X-Lab-Token", testToken+"0"), 403, look},
		{"two tokens", mine, set("X-Lab-Token", testToken, testToken), 403, look},
		{"token elsewhere", mine, func(r *http.Request) {
			r.Header.Del("X-Lab-Token")
			r.URL.RawQuery = "token=" + testToken
			r.Header.Set("Cookie", "token="+testToken)
		}, 403, look},

		{"other origin", mine, set("Origin", "http://evil.example"), 403, other},
		{"origin null", mine, set("Origin", "null"), 403, other},
		{"other port's origin", mine, set("Origin", "http://127.0.0.1:3000"), 403, other},
		{"cross-site", mine, set("Sec-Fetch-Site", "cross-site"), 403, other},
		{"other port of this machine", mine, set("Sec-Fetch-Site", "same-site"), 403, other},
		{"other host", mine, func(r *http.Request) { r.Host = "evil.example:8080" }, 403, "answers at"},

		{"GET", "", method("GET"), 405, "sent here with POST"},
		{"HEAD", "", method("HEAD"), 405, "sent here with POST"},
		{"PUT", mine, method("PUT"), 405, "sent here with POST"},
		{"OPTIONS", "", method("OPTIONS"), 405, "sent here with POST"},
		{"POST to the page", mine, path("/"), 405, "ask with GET"},
		{"POST to events", mine, path("/events"), 405, "ask with GET"},
		{"POST below", mine, path("/do/"), 405, "ask with GET"},

		{"a form", "line=mine+A", set("Content-Type", "application/x-www-form-urlencoded"), 415, "application/json"},
		{"text", mine, set("Content-Type", "text/plain"), 415, "application/json"},
		{"no type", mine, func(r *http.Request) { r.Header.Del("Content-Type") }, 415, "application/json"},
		{"bad type", mine, set("Content-Type", "application/json;;"), 415, "application/json"},
		{"two types", mine, set("Content-Type", "application/json", "text/plain"), 415, "application/json"},

		{"empty body", "", nil, 400, "a line is sent as"},
		{"garbage", "mine A", nil, 400, "a line is sent as"},
		{"no line", "{}", nil, 400, "a line is sent as"},
		{"null", `{"line": null}`, nil, 400, "a line is sent as"},
		{"a number", `{"line": 7}`, nil, 400, "a line is sent as"},
		{"a list", `[{"line": "mine A"}]`, nil, 400, "a line is sent as"},
		{"two objects", mine + mine, nil, 400, "a line is sent as"},
		{"half an object", `{"line": "mi`, nil, 400, "a line is sent as"},
		{"empty line", `{"line": "  "}`, nil, 400, "the line is empty"},
		{"two lines", `{"line": "mine A\nmine B"}`, nil, 400, "one line of plain text"},
		{"control characters", `{"line": "mine \u001b[31mA"}`, nil, 400, "one line of plain text"},
		{"a long line", `{"line": "` + strings.Repeat("x", maxLine+1) + `"}`, nil, 400, "at most 500 bytes"},
		{"a long body", `{"line": "` + strings.Repeat(" ", maxBody) + `"}`, nil, 413, "at most 4096 bytes"},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lab := newFakeLab()
			r := post(tt.body)
			if tt.change != nil {
				tt.change(r)
			}
			w := askLab(newLabServer(lab, testToken, testAddr, quiet()), r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("got %d %s, want %d with %s", w.Code, w.Body, tt.status, tt.want)
			}
			if !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Security-Policy") != policy || w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("got %s with %v", w.Body, w.Header())
			}

			done := tt.status == 200 || tt.status == 422
			if done != (len(lab.lines) == 1) {
				t.Errorf("the lab did %q", lab.lines)
			}
			if got := w.Header().Get("Allow"); (got == "POST") != (w.Code == 405 && r.URL.Path == doPath) {
				t.Errorf("Allow is %q", got)
			}
		})
	}
}

// A lab without a token lets nobody in, whatever they send.
func TestDoWithoutToken(t *testing.T) {
	for _, given := range []string{"", "x"} {
		lab := newFakeLab()
		r := post(`{"line": "mine A"}`)
		r.Header.Set("X-Lab-Token", given)
		if w := askLab(newLabServer(lab, "", testAddr, quiet()), r); w.Code != 403 || len(lab.lines) > 0 {
			t.Errorf("token %q: status %d, the lab did %q", given, w.Code, lab.lines)
		}
	}
}

// The page of a node takes no line, be the token known or not.
func TestNodeTakesNoLine(t *testing.T) {
	s := newServer(newFake(), testAddr, quiet())
	for _, path := range []string{"/do", "/", "/events", "/api/send"} {
		r := post(`{"line": "mine A"}`)
		r.URL.Path = path
		w := httptest.NewRecorder()
		s.refuseOthers(s.routes()).ServeHTTP(w, r)
		if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST %s: got %d %s", path, w.Code, w.Body)
		}
	}
	r := httptest.NewRequest("GET", "/do", nil)
	r.Host = testAddr
	w := httptest.NewRecorder()
	s.refuseOthers(s.routes()).ServeHTTP(w, r)
	if w.Code != 404 {
		t.Errorf("GET /do: got %d %s", w.Code, w.Body)
	}
}

// The lab's page, its files, and what it has not.
func TestLabFiles(t *testing.T) {
	tests := []struct {
		path   string
		status int
		want   string
	}{
		{"/", 200, `src="/static/lab.js"`},
		{"/static/lab.js", 200, "savedRecord"},
		{"/static/lab_state.js", 200, "export function apply"},
		{"/static/lab.css", 200, ".lab-block"},
		{"/lab.html", 404, "there is nothing at"},
		{"/static/../view.go", 404, ""},
		{"/api/status", 404, "there is nothing at"},
		{"/events?after=x", 400, "after is"},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("GET", tt.path, nil)
		r.Host = testAddr
		w := askLab(newLabServer(newFakeLab(), testToken, testAddr, quiet()), r)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: got %d %.200s, want %d with %q", tt.path, w.Code, w.Body, tt.status, tt.want)
		}
		if strings.Contains(w.Body.String(), testToken) {
			t.Errorf("%s tells the token", tt.path)
		}
	}
}

// A bug that a line meets ends the request, and gives its place back.
func TestBugInDo(t *testing.T) {
	lab := newFakeLab()
	lab.do = func(context.Context, string) (string, error) { panic("a bug") }
	s := newLabServer(lab, testToken, testAddr, quiet())
	for range maxDoing + 1 {
		if w := askLab(s, post(`{"line": "mine A"}`)); w.Code != 500 {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
	}
}

// A line may wait for something to happen, but not too many at a time.
func TestDoIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lab := newFakeLab()
		release := make(chan struct{})
		lab.do = func(context.Context, string) (string, error) { <-release; return "", nil }
		s := newLabServer(lab, testToken, testAddr, quiet())

		var waiting sync.WaitGroup
		for range maxDoing {
			waiting.Go(func() {
				if w := askLab(s, post(`{"line": "wait agree"}`)); w.Code != 200 || w.Body.String() != `{"said":""}` {
					t.Errorf("got %d %s", w.Code, w.Body)
				}
			})
		}
		synctest.Wait()
		if w := askLab(s, post(`{"line": "mine A"}`)); w.Code != 503 || !strings.Contains(w.Body.String(), "16 lines are carried out already") {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		close(release)
		waiting.Wait()
		if w := askLab(s, post(`{"line": "mine A"}`)); w.Code != 200 {
			t.Errorf("afterwards: got %d %s", w.Code, w.Body)
		}
	})
}

// postTo writes a request to carry out a line to a connection.
func postTo(t testing.TB, conn io.Writer, line string) {
	t.Helper()
	body := fmt.Sprintf(`{"line": %q}`, line)
	_, err := fmt.Fprintf(conn, "POST /do HTTP/1.1\r\nHost: %s\r\nX-Lab-Token: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", testAddr, testToken, len(body), body)
	if err != nil {
		t.Fatal(err)
	}
}

// A line that takes a minute is answered, for all the deadlines of a request.
func TestDoTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lab := newFakeLab()
		lab.do = func(ctx context.Context, _ string) (string, error) {
			select {
			case <-time.After(time.Minute):
				return "at last", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
		ln := newPipes()
		defer serveLab(t, ln, lab)()
		conn := ln.dial(t)
		postTo(t, conn, "wait agree")
		answer := receive(t, conn)
		body, _ := io.ReadAll(answer.in)
		if answer.resp.StatusCode != 200 || string(body) != `{"said":"at last"}` {
			t.Errorf("got %d %s", answer.resp.StatusCode, body)
		}
	})
}

// A line ends when whoever asked is gone, or the server is to end.
func TestDoEnds(t *testing.T) {
	for _, name := range []string{"the page goes", "the server ends"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lab := newFakeLab()
				ended := make(chan error, 1)
				lab.do = func(ctx context.Context, _ string) (string, error) {
					<-ctx.Done()
					ended <- ctx.Err()
					return "", ctx.Err()
				}
				ln := newPipes()
				stop := serveLab(t, ln, lab)
				conn := ln.dial(t)
				postTo(t, conn, "wait agree")
				synctest.Wait()
				if name == "the page goes" {
					conn.Close()
				} else {
					go io.Copy(io.Discard, conn)
					if err := stop(); err != nil {
						t.Errorf("ServeLab: %v", err)
					}
				}
				if err := <-ended; err == nil {
					t.Error("it goes on")
				}
			})
		})
	}
}

// labEventOf returns the event of a frame: "id: 3-ab data: {…}".
func labEventOf(t testing.TB, frame string) (id string, e LabEvent) {
	t.Helper()
	id, data, _ := strings.Cut(strings.TrimPrefix(frame, "id: "), " data: ")
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		t.Fatalf("%q: %v", frame, err)
	}
	return id, e
}

// A page gets all events from the first on, and then each as it happens; one that
// comes again gets those that it lacks.
func TestLabEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lab := newFakeLab(told(LabStarted, LabGrown)...)
		ln := newPipes()
		defer serveLab(t, ln, lab)()
		page := open(t, ln.dial(t), "/events")
		hello := page.next()
		if !strings.HasPrefix(hello, `retry: 1000 event: hello data: {"after":0,"run":"`) {
			t.Errorf("it begins with %q", hello)
		}

		wants := []string{LabStarted, LabGrown, LabTold, LabPooled}
		id := ""
		for i, want := range wants {
			if i == 2 {
				synctest.Wait()
				lab.tell(told(LabTold, LabPooled)...)
			}
			var e LabEvent
			id, e = labEventOf(t, page.next())
			if e.Kind != want || e.Number != i+1 || !strings.HasPrefix(id, fmt.Sprintf("%d-", i+1)) {
				t.Errorf("got %s %+v, want %d %s", id, e, i+1, want)
			}
		}

		lab.tell(told(LabKilled, LabClosed)...)
		again := open(t, ln.dial(t), "/events", "Last-Event-ID: "+id)
		again.next()
		if _, e := labEventOf(t, again.next()); e.Number != 5 || e.Kind != LabKilled {
			t.Errorf("again: got %+v, want the fifth", e)
		}
		if _, e := labEventOf(t, again.next()); e.Kind != LabClosed {
			t.Errorf("got %+v, want the end", e)
		}
		if rest, err := io.ReadAll(again.in); len(rest) > 0 || err != nil {
			t.Errorf("after the end comes %q, %v", rest, err)
		}

		other := open(t, ln.dial(t), "/events?after=4-0000other")
		other.next()
		if _, e := labEventOf(t, other.next()); e.Number != 1 {
			t.Errorf("with the id of another lab: got %+v, want the first", e)
		}
	})
}

// Many events come one after another, without a pause between.
func TestManyLabEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lab := newFakeLab()
		for range 20_000 {
			lab.list = append(lab.list, LabEvent{Number: len(lab.list) + 1, Kind: LabTold})
		}
		ln := newPipes()
		defer serveLab(t, ln, lab)()
		page := open(t, ln.dial(t), "/events")
		page.next()
		began := time.Now()
		for i := range 20_000 {
			if _, e := labEventOf(t, page.next()); e.Number != i+1 {
				t.Fatalf("got %d, want %d", e.Number, i+1)
			}
		}
		if took := time.Since(began); took > 2*breath {
			t.Errorf("took %s", took)
		}
	})
}

// A stream without events says that it lives; so does one whose page claims to
// have got more than there is.
func TestLabHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newPipes()
		defer serveLab(t, ln, newFakeLab())()
		page := open(t, ln.dial(t), "/events?after=18446744073709551615")
		page.next()
		for range 3 {
			if got := page.next(); got != ": nothing new" {
				t.Errorf("got %q", got)
			}
		}
	})
}

// A text of a peer ends neither the event that it stands in, nor the JSON.
func TestHostileLabEvents(t *testing.T) {
	for _, text := range hostile {
		frame := string(labFrame(LabEvent{Number: 1, Line: text, Text: &Words{text, text}, Chain: &LabChain{Blocks: []LabBlock{{Miner: text}}}}, "00000000"))
		lines := strings.Split(frame, "\n")
		if len(lines) != 4 || lines[0] != "id: 1-00000000" || !strings.HasPrefix(lines[1], "data: {") || strings.ContainsAny(frame, "<>&\u2028\u2029\r\x00\x1b") {
			t.Errorf("%q comes as %q", text, frame)
		}
	}
}

// Whatever a page sends, the lab gets one line of plain text, or nothing.
func FuzzDo(f *testing.F) {
	for _, body := range []string{`{"line": "mine A"}`, `{"line": ""}`, `{"Line": "x", "line": "y"}`, `{"line": "\ud800"}`, `{"line": "a\nb"}`, "[]", "{", "null", "", "\xff"} {
		f.Add(body, "application/json", testToken)
		f.Add(body, "text/plain; a=b", "")
	}
	f.Fuzz(func(t *testing.T, body, kind, token string) {
		lab := newFakeLab()
		r := post(body)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("X-Lab-Token", token)
		w := askLab(newLabServer(lab, testToken, testAddr, quiet()), r)
		if !json.Valid(w.Body.Bytes()) || w.Code == 500 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if len(lab.lines) > 0 && token != testToken {
			t.Errorf("the lab did %q for token %q", lab.lines, token)
		}
		for _, line := range lab.lines {
			if line == "" || len(line) > maxLine || strings.ContainsAny(line, "\n\r\x00\x1b") {
				t.Errorf("the lab did %q", line)
			}
		}
	})
}

// A writeMeter notes how long the longest write was.
type writeMeter struct {
	httptest.ResponseRecorder
	longest int
}

func (w *writeMeter) Write(b []byte) (int, error) {
	w.longest = max(w.longest, len(b))
	return len(b), nil
}

func (w *writeMeter) SetWriteDeadline(time.Time) error { return nil }

// Large events are not gathered: as many pages as there may be would fill the memory.
func TestLabStreamIsBounded(t *testing.T) {
	const size = 30_000
	lab := newFakeLab()
	for range 50 {
		lab.tell(LabEvent{Kind: LabTold, Text: &Words{EN: strings.Repeat("x", size)}})
	}
	lab.tell(LabEvent{Kind: LabClosed})
	w := new(writeMeter)
	s := newLabServer(lab, testToken, "127.0.0.1:1", nil)
	s.followLab(t.Context(), &stream{w, http.NewResponseController(w)}, 0)
	if most := sendBuffer + 2*size; w.longest > most {
		t.Errorf("%d bytes at once, want at most %d", w.longest, most)
	}
}
