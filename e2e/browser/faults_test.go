package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What the other tests' page must not do, done by a page that is not the
// program's: each is noted, or they would find nothing.
func TestFaults(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"none", `<p>fine</p>`, ""},
		{"error on the console", `<script>console.error("ouch", 7)</script>`, `console: "ouch" 7`},
		{"exception", `<script>nowhere()</script>`, "exception: Uncaught ReferenceError: nowhere is not defined"},
		{"rejected promise", `<script>Promise.reject(new Error("no"))</script>`, "exception: Uncaught (in promise) Error: no"},
		{"missing file", `<img src="/missing.png">`, "status 404: ORIGIN/missing.png"},
		{"another place", `<img src="http://127.0.0.2:9/spy.png">`, "request to another place: http://127.0.0.2:9/spy.png"},
		{"against the policy", `<script src="https://example.invalid/x.js"></script>`, "forbidden by the policy: script-src"},
		{"nobody there", `<script>fetch("/hang-up").catch(() => {})</script>`, "ERR_EMPTY_RESPONSE: ORIGIN/hang-up"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/":
					w.Header().Set("Content-Security-Policy", "script-src 'self' 'unsafe-inline'")
					fmt.Fprintf(w, `<!doctype html><title>test</title><link rel=icon href="data:,"><body>%s<i id=end></i>`, tt.body)
				case "/hang-up":
					panic(http.ErrAbortHandler)
				default:
					http.NotFound(w, r)
				}
			}))
			defer server.Close()

			p := open(t, server.URL+"/")
			p.await("loaded page", `document.readyState == "complete"`)
			var got string
			for began := time.Now(); time.Since(began) < patience; {
				got += strings.ReplaceAll(strings.Join(p.takeFaults(), "\n"), server.URL, "ORIGIN")
				if strings.Contains(got, tt.want) {
					break
				}
				eval[bool](p, "true") // the browser tells of what went before
			}
			if !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
