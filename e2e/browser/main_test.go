// Package browser tests the page in a real browser: headless Chromium looks at
// real nodes, each a process of its own.
//
// It is a module of its own, so that the program needs no browser's protocol.
package browser

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

var (
	pictures     = flag.String("pictures", "", "directory for pictures of the page, to be looked at")
	updateReadme = flag.Bool("update", false, "write the picture of README.md")
)

func TestMain(m *testing.M) {
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// runTests builds the program, starts the browser, and runs the tests.
func runTests(m *testing.M) (code int, err error) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "browser-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)

	ctx, stop, err := startBrowser(dir)
	browser.ctx, browser.err = ctx, err
	if err == nil {
		defer stop()
	}

	if program, err = build(dir); err != nil {
		return 0, err
	}
	return m.Run(), nil
}
