package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
)

var update = flag.Bool("update", false, "draw ../img/target.svg anew")

// The page's picture of the eight tries is drawn from their works:
// `go test ./docs/step2 -run TestPicture -update` draws it anew.
func TestPicture(t *testing.T) {
	const file = "../img/target.svg"
	want := drawTries()
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Errorf("%s isn't what the step finds: draw it anew with -update", file)
	}
}

// drawTries draws the works of block 1, from nonce 0 to the one that Mia finds, as
// dots on a line from 0 to 2^256.
func drawTries() []byte {
	const left, width, y = 40.0, 680.0, 74.0
	end := left + width/16 // the target, for 4 zero bits

	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 140" width="760" height="140" role="img" aria-label="The works of nonces 0 to 7 as dots on a line from 0 to 2^256: only that of nonce 7 lies left of the target, 2^252, a sixteenth of the way">
<style>
text{font:13px sans-serif;fill:#24292f}.line{stroke:#57606a;stroke-width:2}.try{fill:#57606a}.hit{fill:#1a7f37}.zone{fill:#1a7f37;opacity:.25}.found{fill:#1a7f37;font-weight:bold}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.line{stroke:#9198a1}.try{fill:#9198a1}.hit{fill:#3fb950}.zone{fill:#3fb950}.found{fill:#3fb950}}
</style>
<rect class="zone" x="%g" y="%g" width="%g" height="40"/>
<line class="line" x1="%g" y1="%g" x2="%g" y2="%g"/>
`, left, y-20, end-left, left, y, left+width, y)
	for _, mark := range []struct {
		x    float64
		text string
	}{{left, "0"}, {end, "2²⁵²"}, {left + width, "2²⁵⁶"}} {
		fmt.Fprintf(&svg, `<line class="line" x1="%g" y1="%g" x2="%g" y2="%g"/><text x="%g" y="%g" text-anchor="middle">%s</text>`+"\n",
			mark.x, y-20, mark.x, y+20, mark.x, y+38, mark.text)
	}
	fmt.Fprintf(&svg, `<text x="%g" y="%g">target</text>`+"\n", end+24, y+38)

	b := blockOne()
	h, tries := b.Header, mine(b, workBits)
	for h.Nonce = 0; h.Nonce < tries; h.Nonce++ {
		first, err := strconv.ParseUint(h.work()[:8], 16, 32) // as many digits as the page prints
		if err != nil {
			panic(err)
		}
		x := left + width*float64(first)/(1<<32)
		dot, label := "try", ""
		if h.Nonce == tries-1 {
			dot, label = "hit", ` class="found"`
		}
		fmt.Fprintf(&svg, `<circle class="%s" cx="%.1f" cy="%g" r="6"/><text%s x="%.1f" y="%g" text-anchor="middle">%d</text>`+"\n",
			dot, x, y, label, x, y-28, h.Nonce)
	}
	fmt.Fprintf(&svg, `<text x="%g" y="20">nonce:</text>`+"\n", left)
	svg.WriteString("</svg>\n")
	return svg.Bytes()
}
