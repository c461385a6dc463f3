package browser

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A hundred pages follow a node, and one of them never reads. A payment's block
// is mined all the same, and each of the others hears of it; one of them is in a
// browser, and shows it.
func TestHundredPages(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "-spend-pending")
	from := n.address("genesis_block")
	to := n.address("createwallet")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const pages = 98
	heard := make(chan error, pages)
	ready := make(chan error, pages)
	for range pages {
		go func() { heard <- follow(ctx, n.page, "block mined", ready) }()
	}
	for range pages {
		if err := <-ready; err != nil {
			t.Fatal(err)
		}
	}
	neverRead(t, n.page)
	p := open(t, n.page)
	p.await("block 0", fmt.Sprintf(`document.querySelector('%s')`, card(0)))

	began := time.Now()
	n.pay(from, to, 1)
	n.pay(from, to, 2)
	t.Logf("two payments and their block took %s", time.Since(began).Round(time.Millisecond))
	checkSoon(t, "block 1 is on the page", p.await("block 1", fmt.Sprintf(`document.querySelector('%s')`, card(1))))
	for range pages {
		if err := <-heard; err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d pages had heard of it after %s", pages, time.Since(began).Round(time.Millisecond))
}

// follow reads the events of a page until one of a kind has come. It says on
// ready that the stream is open, or why not.
func follow(ctx context.Context, page, kind string, ready chan<- error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page+"/events", nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: new(http.Transport)} // a connection of its own
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %s", response.Status)
	}
	ready <- err
	if err != nil {
		return err
	}

	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if strings.Contains(lines.Text(), fmt.Sprintf(`"kind":%q`, kind)) {
			return nil
		}
	}
	return fmt.Errorf("the stream ends without %q: %w", kind, lines.Err())
}

// neverRead asks for the events, and for nothing that comes of it.
func neverRead(t *testing.T, page string) {
	t.Helper()
	host := strings.TrimPrefix(page, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET /events HTTP/1.1\r\nHost: %s\r\n\r\n", host); err != nil {
		t.Fatal(err)
	}
}
