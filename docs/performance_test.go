package docs

import (
	"bufio"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The figures of docs/performance.md and its plots are drawn from one recorded
// run of the benchmarks, testdata/bench.txt, and so are those of the Chinese page
// (performance_zh_test.go). To measure anew:
//
//	go test -run xxx -bench . ./... | tee testdata/bench.txt
//	go generate ./...
//
//go:generate go test . -run TestPerformancePage|TestChinesePictures -update

// A figure is one line of the page's table.
type figure struct {
	what      string
	limit     string // what it is measured against in the same run
	benchmark string
	unit      string
	reach     string
	least     float64 // 0: no bound
	most      float64 // 0: no bound
}

var figures = []figure{
	{"proof of work, one core", "`sha256.Sum256` in a loop", "Work/one_core", "x-limit", "≥ 1.5 ×", 1.5, 0},
	{"proof of work, all cores, per core", "the same", "Work/all_cores", "x-limit/core", "≥ 0.9 ×", 0.9, 0},
	{"validating a block of 1,000 transactions, one core", "its signature checks, one core", "Validate/cores=1", "x-limit", "≥ 0.85 ×", 0.85, 0},
	{"the same, two cores", "the same", "Validate/cores=2", "x-limit", "≥ 1.6 ×", 1.6, 0},
	{"from its JSON to the chain on disk, one core", "the same", "Accept/cores=1", "x-limit", "", 0, 0},
	{"the same, two cores", "the same", "Accept/cores=2", "x-limit", "≥ 1.7 ×", 1.7, 0},
	{"refusing a transaction of 100 kB, its last signature bad, one core", "", "Refuse/cores=1", "ns/op", "≤ 100 ms", 0, 1e8},
	{"first sync of 1,000 blocks of 3 transactions, two cores", "their signature checks, one core", "FirstSync", "x-limit", "≥ 1.3 ×", 1.3, 0},
	{"the same, blocks a second", "", "FirstSync", "blocks/s", "≥ 2000", 2000, 0},
	{"first sync over a long line: blocks in each round trip", "1, if each request waits for the last reply", "LongLine/Go", "blocks/roundtrip", "≥ 16", 16, 0},
	{"the same, from a Python node", "the same", "LongLine/Python", "blocks/roundtrip", "≥ 4", 4, 0},
	{"a fork point a thousand blocks down: round trips", "10, likewise", "LongLine/Go", "roundtrips/fork", "≤ 4", 0, 4},
	{"1,000 nodes: hops of a block to the last", "⌈log2 n⌉ = 10", "Crowd/n=1000", "block-hops", "≤ 10", 0, 10},
	{"hops of a payment", "the same", "Crowd/n=1000", "tx-hops", "≤ 10", 0, 10},
	{"messages a node for a block", "", "Crowd/n=1000", "block-msgs/node", "", 0, 0},
	{"messages a node for a payment", "", "Crowd/n=1000", "tx-msgs/node", "", 0, 0},
	{"kB a node for a block of 0.6 kB", "", "Crowd/n=1000", "block-kB/node", "", 0, 0},
	{"kB a node for a payment of 0.6 kB", "", "Crowd/n=1000", "tx-kB/node", "", 0, 0},
	{"a payment given to a node known to have it", "", "Crowd/n=1000", "tx-returned", "never", 0, 0.5},
	{"100,000 empty blocks: memory more than at 10,000", "", "LongChain", "MiB-more", "≤ 20 MiB", 0, 20},
	{"100,000 empty blocks: time for the last 10,000", "the second 10,000", "LongChain", "time-per-block-x", "≤ 1.25 ×", 0, 1.25},
	{"start with 100,000 blocks", "start with 100", "LongChain", "open-x", "≤ 1.5 ×", 0, 1.5},
	{"`balance`, 1,000 outputs in the set", "", "Balance/outputs=1000", "ns/op", "< 1 ms", 0, 1e6},
	{"`balance`, 100,000 outputs", "", "Balance/outputs=100000", "ns/op", "< 1 ms", 0, 1e6},
	{"`balance`, 1,000,000 outputs", "", "Balance/outputs=1000000", "ns/op", "< 1 ms", 0, 1e6},
	{"`send`, 100,000 outputs, 10 of them the sender's", "", "Send/outputs=100000/own=10", "ns/op", "< 10 ms", 0, 1e7},
	{"`send`, 100,000 outputs, 10,000 of them the sender's", "", "Send/outputs=100000/own=10000", "ns/op", "< 10 ms", 0, 1e7},
	{"`send` to the other node's pool, ms", "", "Propagation/pooled", "ms/send", "< 20 ms", 0, 20},
	{"the same", "a round trip on loopback", "Propagation/pooled", "x-round-trip", "", 0, 0},
	{"`send`, mined, on the other node's chain, ms", "", "Propagation/mined", "ms/send", "< 50 ms", 0, 50},
	{"a block, announced, on the chain of a node two hops away", "", "Announce/2hops", "ns/op", "< 50 ms", 0, 5e7},
	{"the same", "a round trip on loopback", "Announce/2hops", "roundtrips/block", "", 0, 0},
	{"chain.db for 1,000 blocks of 3 transactions", "the blocks' JSON", "FileSize", "x-json", "≤ 1.5 ×", 0, 1.5},
	{"idle node with 8 peers: one core, percent", "", "Idle", "%cpu", "< 1 %", 0, 1},
	{"idle node with 8 peers: memory", "", "Idle", "MiB", "< 40 MiB", 0, 40},
	{"Kademlia, 1,000 nodes: hops", "⌈log2 n⌉ = 10", "Lookup/n=1000/alive", "hops", "≤ 2.9", 0, 2.9},
	{"1,000 nodes: requests a lookup", "", "Lookup/n=1000/alive", "rpcs", "≤ 26", 0, 26},
	{"1,000 nodes, 30 % dead: nearest found, percent", "", "Lookup/n=1000/dead30", "nearest%", "≥ 99", 99, 0},
	{"1,000 nodes, 5 % loss: nearest found, percent", "", "Lookup/n=1000/loss5", "nearest%", "≥ 97", 97, 0},
	{"1,000 nodes, churn: nearest found, percent", "", "Lookup/n=1000/churn", "nearest%", "≥ 98", 98, 0},
	{"10,000 nodes: hops", "⌈log2 n⌉ = 14", "Lookup/n=10000/alive", "hops", "≤ 3.6", 0, 3.6},
	{"10,000 nodes: requests a lookup", "", "Lookup/n=10000/alive", "rpcs", "≤ 28", 0, 28},
	{"10,000 nodes: the k nearest found, percent", "", "Lookup/n=10000/alive", "recall%", "≥ 99.9", 99.9, 0},
	{"10,000 nodes, 30 % dead: median lookup at 100 ms a round trip, ms", "", "Lookup/n=10000/dead30", "median-ms", "≤ 3500", 0, 3500},
}

// A record is a run of the benchmarks: name and unit → figure.
type record struct {
	values             map[[2]string]float64
	cpu, system, cores string
}

func readRecord(t testing.TB) record {
	t.Helper()
	file, err := repository.Open("testdata/bench.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	r := record{values: make(map[[2]string]float64)}
	cores := regexp.MustCompile(`-(\d+)$`)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		if s, ok := strings.CutPrefix(line, "goos: "); ok {
			r.system = s
		} else if s, ok := strings.CutPrefix(line, "cpu: "); ok {
			r.cpu = strings.TrimSpace(s)
		}

		words := strings.Fields(line)
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}

		name := strings.TrimPrefix(words[0], "Benchmark")
		if m := cores.FindStringSubmatch(name); m != nil {
			name, r.cores = strings.TrimSuffix(name, m[0]), m[1]
		}
		for i := 2; i+1 < len(words); i += 2 {
			value, err := strconv.ParseFloat(words[i], 64)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			r.values[[2]string{name, words[i+1]}] = value
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r record) get(t testing.TB, benchmark, unit string) float64 {
	t.Helper()
	value, ok := r.values[[2]string{benchmark, unit}]
	if !ok {
		t.Errorf("testdata/bench.txt has no %s of %s", unit, benchmark)
	}
	return value
}

// table draws the page's table, in the language that say puts texts into.
func (r record) table(t testing.TB, say func(string) string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, say("Machine: %s, %s, %s cores.")+"\n\n", r.cpu, r.system, r.cores)
	fmt.Fprintf(&b, "| %s | %s | %s | %s | |\n|---|---|---|---|---|\n",
		say("what"), say("limit or peer, same run"), say("measured"), say("to reach"))
	for _, f := range figures {
		value := r.get(t, f.benchmark, f.unit)
		reached := "✓"
		switch {
		case f.reach == "":
			reached = ""
		case value < f.least || f.most > 0 && value > f.most:
			reached = say("missed")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", say(f.what), say(f.limit), f.format(value), say(f.reach), reached)
	}
	return b.String()
}

func (f figure) format(value float64) string {
	text := strconv.FormatFloat(value, 'f', max(0, 2-int(math.Log10(max(value, 1)))), 64)
	switch {
	case f.unit == "ns/op":
		return strconv.FormatFloat(value/1e6, 'f', 3, 64) + " ms"
	case f.unit == "MiB" || f.unit == "MiB-more":
		return text + " MiB"
	case strings.HasPrefix(f.unit, "x-") || strings.HasSuffix(f.unit, "-x"):
		return text + " ×"
	}
	return text
}

// A curve is a line of a plot: points of x and y.
type curve struct {
	name   string
	points [][2]float64
}

// plot draws curves over logarithmic x as an SVG, from the lowest to the highest.
func plot(title, xLabel, yLabel string, yMax float64, curves []curve) string {
	const width, height, left, bottom, top = 640, 320, 60, 50, 40
	xMin, xMax := math.Inf(1), math.Inf(-1)
	for _, c := range curves {
		for _, p := range c.points {
			xMin, xMax = min(xMin, math.Log10(p[0])), max(xMax, math.Log10(p[0]))
		}
	}

	x := func(v float64) float64 { return left + (math.Log10(v)-xMin)/(xMax-xMin)*(width-left-160) }
	y := func(v float64) float64 { return height - bottom - v/yMax*(height-bottom-top) }

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/><text x="%d" y="20" font-size="14">%s</text>`+"\n", width, height, left, title)

	// The axes.
	for i := 0; i <= 4; i++ {
		v := yMax * float64(i) / 4
		fmt.Fprintf(&b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n",
			left, y(v), width-160, y(v), left-6, y(v)+4, v)
	}
	for e := math.Ceil(xMin); e <= xMax+1e-9; e++ {
		v := math.Pow(10, e)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x(v), height-bottom+18, strconv.FormatFloat(v, 'f', -1, 64))
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (width-160+left)/2, height-10, xLabel)
	fmt.Fprintf(&b, `<text x="14" y="%d" transform="rotate(-90 14 %d)" text-anchor="middle">%s</text>`+"\n", height/2, height/2, yLabel)

	nameY := math.Inf(1) // of the curve before, which ends below
	for i, c := range curves {
		colour := []string{"#1f6feb", "#d1242f", "#1a7f37", "#8250df"}[i%4]
		var points []string
		for _, p := range c.points {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(p[0]), y(p[1])))
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x(p[0]), y(p[1]), colour)
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour)
		last := c.points[len(c.points)-1]
		nameY = min(y(last[1])+4, nameY-14)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" fill="%s">%s</text>`+"\n", x(last[0])+8, nameY, colour, c.name)
	}
	return b.String() + "</svg>\n"
}

// TestPerformancePage holds the page's table, in both languages, and its plots to the
// recorded run.
func TestPerformancePage(t *testing.T) {
	r := readRecord(t)
	inEnglish := func(text string) string { return text }
	inChinese := func(text string) string { return chineseFigure(t, text) }
	want := map[string]string{
		"docs/performance.md":    r.page(t, "docs/performance.md", inEnglish),
		"docs/zh/performance.md": r.page(t, "docs/zh/performance.md", inChinese),
		"docs/img/balance.svg":   r.balancePlot(t),
		"docs/img/lookup.svg":    r.lookupPlot(t),
	}
	for path, text := range want {
		if got, err := fs.ReadFile(repository, path); err == nil && string(got) == text {
			continue
		}
		if !*updateDocs {
			t.Errorf("%s differs from testdata/bench.txt: run `go generate ./...`", path)
		} else if err := write(path, text); err != nil {
			t.Fatal(err)
		}
	}
}

// page returns the page at path with the table of this record.
func (r record) page(t testing.TB, path string, say func(string) string) string {
	t.Helper()
	page, err := fs.ReadFile(repository, path)
	if err != nil {
		t.Fatal(err)
	}
	before, _, after := cutFigures(string(page))
	if after == "" {
		t.Fatalf("%s has no place for the figures", path)
	}
	return before + r.table(t, say) + after
}

// What stands above and below the figures.
const beginFigures, endFigures = "<!-- figures -->", "<!-- end of figures -->"

// cutFigures returns the figures of a page, and what stands before and after them. A
// page that has none is all before.
func cutFigures(page string) (before, figures, after string) {
	before, rest, hasBegin := strings.Cut(page, beginFigures+"\n")
	figures, after, hasEnd := strings.Cut(rest, endFigures)
	if !hasBegin || !hasEnd {
		return page, "", ""
	}
	return before + beginFigures + "\n", figures, endFigures + after
}

func (r record) balancePlot(t testing.TB) string {
	t.Helper()
	return plot("balance: one scan, whatever the set holds", "outputs in the set", "microseconds", 200,
		[]curve{r.curve(t, "balance", "Balance/outputs=%d", "ns/op", 1e-3, 1e3, 1e5, 1e6)})
}

func (r record) lookupPlot(t testing.TB) string {
	t.Helper()
	sizes := []float64{100, 1000, 10000}
	promised := curve{name: "log2 n, promised"}
	for _, n := range sizes {
		promised.points = append(promised.points, [2]float64{n, math.Ceil(math.Log2(n))})
	}
	return plot("Kademlia: hops to the nearest node", "nodes", "hops", 16, []curve{
		r.curve(t, "hops, mean", "Lookup/n=%d/alive", "hops", 1, sizes...),
		r.curve(t, "hops, worst", "Lookup/n=%d/alive", "maxhops", 1, sizes...),
		promised,
	})
}

// curve returns the figures of a benchmark at several sizes, each times scale.
func (r record) curve(t testing.TB, name, benchmark, unit string, scale float64, sizes ...float64) curve {
	t.Helper()
	c := curve{name: name}
	for _, n := range sizes {
		c.points = append(c.points, [2]float64{n, r.get(t, fmt.Sprintf(benchmark, int(n)), unit) * scale})
	}
	return c
}
