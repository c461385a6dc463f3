package view

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Whatever is asked for, the answer is a file of the page, or JSON that is no
// markup, and no bug is met.
func FuzzRequest(f *testing.F) {
	for _, target := range []string{
		"/", "/static/main.js", "/static/../view.go", "/static/%2e%2e%2fview.go", "/api/status",
		"/api/chain?highest=3&count=2", "/api/chain?count=%zz", "/api/block/last?tx=9", "/api/block/<b>",
		"/api/tx/abcdef", "/api/history/alice?count=500", "/api/wallets", "/events?after=1-2", "/%00", "//", "*",
	} {
		f.Add("GET", target, "127.0.0.1:8080", "", "")
		f.Add("HEAD", target, "localhost:8080", "http://localhost:8080", "same-origin")
		f.Add("POST", target, "evil.example", "http://evil.example", "cross-site")
	}
	node := newFake()
	node.block = manyTxs(3)
	close(node.gone) // a stream ends at once
	s := newServer(node, testAddr, quiet())

	f.Fuzz(func(t *testing.T, method, target, host, origin, site string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return // net/http refuses it before us
		}
		r := &http.Request{Method: method, URL: u, Host: host, Header: make(http.Header)}
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}

		w := httptest.NewRecorder()
		s.refuseOthers(s.routes()).ServeHTTP(w, r)
		isOwn := host == "127.0.0.1:8080" || host == "localhost:8080" || host == "[::1]:8080"
		switch {
		case w.Code == http.StatusInternalServerError:
			t.Errorf("a bug: %s", w.Body)
		case w.Code == http.StatusOK && !isOwn:
			t.Errorf("answered to host %q", host)
		case w.Header().Get("Location") != "":
			t.Errorf("redirected to %q", w.Header().Get("Location"))
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			if !json.Valid(w.Body.Bytes()) || strings.ContainsAny(w.Body.String(), "<>&") {
				t.Errorf("got %s", w.Body)
			}
		}
	})
}

// What stands in a query is a number within bounds, the usual one, or an error.
func FuzzQuery(f *testing.F) {
	for _, text := range []string{"", "count=3", "count=", "count=1&count=2", "count=-1", "count=%zz", "count=1&count=;", "after=3-ab", "after=-", "count=01", "count=+5"} {
		f.Add(text, "12-00000000")
	}
	s := newServer(newFake(), testAddr, quiet())
	f.Fuzz(func(t *testing.T, text, id string) {
		r := &http.Request{URL: &url.URL{RawQuery: text}, Header: http.Header{"Last-Event-Id": {id}}}
		q := parseQuery(r)
		if n := q.number("count", 1, 200, 50); n < 1 || n > 200 || q.err != nil && n != 50 {
			t.Errorf("%q: count %d, %v", text, n, q.err)
		}
		if after, err := s.resumeAt(r); err != nil && after != 0 {
			t.Errorf("%q, %q: after %d, %v", text, id, after, err)
		}
	})
}
