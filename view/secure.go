package view

import (
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
)

// Whoever has the page open has other pages open, too. None of them may ask this
// server for anything: the browser tells from which page a request comes, and
// under which name it looked up our address. The name matters because a page at
// evil.example may have its name resolved to 127.0.0.1, and the browser then
// takes us for a part of evil.example (DNS rebinding).

// policy lets the page load what this server has, and nothing else: a text of a
// peer that was taken for markup, by mistake, could neither run nor report home.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ownHosts returns the names, with port, of a server that listens at an address.
func ownHosts(addr string) (hosts []string) {
	_, port, _ := net.SplitHostPort(addr)
	hosts = []string{addr}
	for _, host := range []string{"127.0.0.1", "localhost", "::1"} {
		hosts = append(hosts, net.JoinHostPort(host, port))
	}

	if port == "80" { // which browsers leave out
		for _, host := range slices.Clone(hosts) {
			hosts = append(hosts, strings.TrimSuffix(host, ":80"))
		}
	}
	return hosts
}

// refuseOthers passes on the requests that our own page makes, or a person who
// types the address, and sets what every answer says.
func (s *site) refuseOthers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.catch(w, r)

		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")

		if status, why := s.reasonToRefuse(r); status != 0 {
			if status == http.StatusMethodNotAllowed {
				h.Set("Allow", s.allowed(r))
			}
			refuse(w, status, why)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// reasonToRefuse returns the status and the sentence for a request that is
// refused, or 0.
func (s *site) reasonToRefuse(r *http.Request) (status int, why string) {
	switch {
	case !slices.Contains(s.own, r.Host):
		return http.StatusForbidden, "this page answers at " + s.page + " only: open that"

	case !isOneOf(r.Header.Values("Origin"), "", "http://"+r.Host):
		return http.StatusForbidden, "another page asks, and this one answers to itself only"

	// A link in another page may lead to ours, and to nothing beside it. Other
	// ports of this machine are other pages, too: "same-site".
	case r.URL.Path != "/" && !isOneOf(r.Header.Values("Sec-Fetch-Site"), "", "same-origin", "none"):
		return http.StatusForbidden, "another page asks, and this one answers to itself only"

	case s.isDo(r) && r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed, "a line is sent here with POST"

	case !s.isDo(r) && r.Method != http.MethodGet && r.Method != http.MethodHead:
		return http.StatusMethodNotAllowed, "the page only reads: ask with GET"

	// The multiplexer would redirect it.
	case r.URL.Path != path.Clean("/"+r.URL.Path):
		return http.StatusNotFound, "there is nothing at " + r.URL.Path
	}
	return 0, ""
}

// isDo reports whether a request asks for the path that changes something.
func (s *site) isDo(r *http.Request) bool { return s.do != "" && r.URL.Path == s.do }

// allowed returns the methods of a path, as the header Allow has them.
func (s *site) allowed(r *http.Request) string {
	if s.isDo(r) {
		return "POST"
	}
	return "GET, HEAD"
}

// isOneOf reports whether a header says one of some values; "" stands for a
// header that is missing.
func isOneOf(header []string, values ...string) bool {
	switch len(header) {
	case 0:
		return slices.Contains(values, "")
	case 1:
		return header[0] != "" && slices.Contains(values, header[0])
	}
	return false
}
