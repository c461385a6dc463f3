package network

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gosimpleblockchain/kademlia"
)

// A crowd is many nodes on a network in memory: real servers and clients, who find
// each other by a real Kademlia. Only their ledgers are made up. It is for use in a
// synctest bubble.
type crowd struct {
	net   *crowdNet
	k     int // of Kademlia
	luck  *rand.Rand
	nodes []*crowdNode
}

type crowdNode struct {
	*PeerServer
	addr   netip.AddrPort
	disc   *kademlia.Server
	ledger *crowdLedger
}

// A crowdLedger is a fakeLedger that reads its genesis block only once.
type crowdLedger struct {
	*fakeLedger
	start Status
}

func newCrowdLedger() *crowdLedger {
	l := &crowdLedger{fakeLedger: newLedger(0, crowdBranch)}
	l.start, _ = l.fakeLedger.Status()
	return l
}

func (l *crowdLedger) Status() (Status, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.start
	now.Height = len(l.chain) - 1
	return now, nil
}

// crowdBranch makes blocks as long as one with a reward and nothing else.
var crowdBranch = strings.Repeat("a", 150)

const (
	// crowdHeartbeat is the longest with which a node that dialled another keeps
	// its place there. Each heartbeat of a thousand nodes takes seconds.
	crowdHeartbeat = silentPeriod - time.Second

	newsTime = 3 * time.Second // until nobody says more of a piece of news
)

// startCrowd starts n nodes, twice as many each second. Each joins through an
// earlier one.
func startCrowd(t *testing.T, n, k int) *crowd {
	c := &crowd{net: newCrowdNet(1), k: k, luck: rand.New(rand.NewPCG(1, 1))}
	for len(c.nodes) < n {
		for range min(max(len(c.nodes), 1), n-len(c.nodes)) {
			c.join(t)
		}
		pass(time.Second)
	}
	pass(crowdHeartbeat)
	return c
}

// join starts a node.
func (c *crowd) join(t *testing.T) {
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], uint32(10<<24+len(c.nodes)+1))
	addr := netip.AddrPortFrom(netip.AddrFrom4(ip), defaultPort)
	disc, err := kademlia.Serve(c.net.listenUDP(addr), kademlia.Config{K: c.k})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { disc.Close() })
	if len(c.nodes) > 0 {
		seed := c.pick().addr
		go disc.Bootstrap(t.Context(), seed)
	}

	node := &crowdNode{addr: addr, disc: disc, ledger: newCrowdLedger()}
	node.PeerServer = &PeerServer{
		Ledger:    node.ledger,
		Discovery: disc,
		Log:       slog.New(slog.DiscardHandler),
		Dial:      c.net.dialer(addr.Addr()),
		Heartbeat: crowdHeartbeat,
	}
	startOn(t, c.net.listen(addr), node.Run)
	c.nodes = append(c.nodes, node)
}

// pick returns a random node.
func (c *crowd) pick() *crowdNode { return c.nodes[c.luck.IntN(len(c.nodes))] }

// clients returns how many peers a node talks to, on average.
func (c *crowd) clients() float64 {
	connected := 0
	for _, node := range c.nodes {
		for _, client := range node.allClients() {
			if client.isConnected() {
				connected++
			}
		}
	}
	return float64(connected) / float64(len(c.nodes))
}

// news is what a node tells others of its own accord: a block or a transaction.
type news struct {
	text string // that is in each message which carries it
	tell func()
}

// block is a block that a node mines.
func (c *crowd) block() news {
	node := c.pick()
	height := len(node.ledger.chain)
	block := testBlock(height, blockHash(node.ledger.chain[height-1]), crowdBranch)
	return news{blockHash(block), func() {
		node.ledger.extend(1, crowdBranch)
		node.Announce()
	}}
}

// payment is a transaction as long as a usual one, made at a node.
func (c *crowd) payment(t *testing.T) news {
	node := c.pick()
	id := fmt.Sprintf("%064x", c.luck.Uint64())
	tx := fmt.Appendf(nil, `{"txid": "%s", "vins": [%500d], "vouts": []}`, id, 0)
	return news{id, func() {
		node.ledger.AddTransactions(t.Context(), []json.RawMessage{tx})
		node.Broadcast(tx)
	}}
}

// spread is what became of a piece of news.
type spread struct {
	hops      []int         // to each node that got it from others, in order
	time      time.Duration // until the last had it
	links     int           // pairs of nodes that it went between
	crossings int           // of such a link; two are one each way
	returned  int           // of them, to a node that the sender knew to have it
}

// spread has all the news told at the same moment, and returns what became of each
// piece.
func (c *crowd) spread(all ...news) (spreads []spread) {
	var texts []string
	for _, n := range all {
		texts = append(texts, n.text)
	}
	c.net.watch(texts...)

	began := time.Now()
	for _, n := range all {
		n.tell()
	}
	pass(newsTime)
	for _, n := range all {
		spreads = append(spreads, trace(c.net.crossings(n.text), began))
	}
	return spreads
}

// trace follows a piece of news through the network.
func trace(crossings []crossing, began time.Time) (s spread) {
	if len(crossings) == 0 {
		return s
	}

	type path struct{ from, to netip.Addr }
	arrivals := make(map[path]time.Time)
	for _, x := range crossings {
		there, back := path{x.from, x.to}, path{x.to, x.from}
		_, again := arrivals[there]
		arrival, wasGiven := arrivals[back]
		if !again && !wasGiven {
			s.links++
		}
		if again || wasGiven && arrival.Before(x.sent) {
			s.returned++
		}
		s.crossings++
		arrivals[there] = x.arrives
	}

	hops := map[netip.Addr]int{crossings[0].from: 0}
	slices.SortFunc(crossings, func(a, b crossing) int { return a.arrives.Compare(b.arrives) })
	for _, x := range crossings {
		if _, has := hops[x.to]; !has {
			hops[x.to] = hops[x.from] + 1
			s.hops = append(s.hops, hops[x.to])
			s.time = x.arrives.Sub(began)
		}
	}
	slices.Sort(s.hops)
	return s
}

func (s spread) mostHops() int   { return s.hops[len(s.hops)-1] }
func (s spread) medianHops() int { return s.hops[len(s.hops)/2] }

func (s spread) String() string {
	return fmt.Sprintf("%d hops, median %d, to %d nodes in %v; over %d links, crossed %d times, %d of them returned",
		s.mostHops(), s.medianHops(), len(s.hops), s.time, s.links, s.crossings, s.returned)
}

// check fails unless the news has reached every node, by no more hops than Kademlia
// promises for a lookup.
func (s spread) check(t *testing.T, n int) {
	t.Helper()
	if len(s.hops) != n-1 {
		t.Fatalf("it reached %d of %d nodes", len(s.hops)+1, n)
	}
	t.Log(s)
	if most := int(math.Ceil(math.Log2(float64(n)))); s.mostHops() > most {
		t.Errorf("%d hops, want at most %d", s.mostHops(), most)
	}
}

// checkOnce fails if a node gave it back to one that had given it.
func (s spread) checkOnce(t *testing.T) {
	t.Helper()
	if s.returned > 0 {
		t.Errorf("it went %d times to a node that was known to have it", s.returned)
	}
}

// Among 64 nodes that know some 25 others each, a block and a transaction go from
// one to all in a few hops. No transaction goes to a node that is known to have it,
// even when many are on their way and wait for each other. Only two nodes that give
// it to each other at the same moment can't know.
func TestCrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 64
		c := startCrowd(t, n, 4)
		t.Logf("%.1f clients a node", c.clients())
		c.spread(c.block())[0].check(t, n)

		one := c.spread(c.payment(t))
		many := c.spread(c.payment(t), c.payment(t), c.payment(t), c.payment(t), c.payment(t), c.payment(t))
		for _, payment := range append(one, many...) {
			payment.check(t, n)
			payment.checkOnce(t)
		}
	})
}

// BenchmarkCrowd counts what it takes until a block and a transaction are with all
// of n nodes. Time is virtual, as in kademlia's BenchmarkLookup: what the nodes see.
func BenchmarkCrowd(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(50)) // a thousand nodes are 1.7 GB
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			for b.Loop() {
				virtually(b, func(t *testing.T) { startCrowd(t, n, 0).measure(t, b) })
			}
			b.ReportMetric(0, "ns/op") // real time says nothing here
		})
	}
}

// measure reports the cost of a block and a transaction, one after the other.
func (c *crowd) measure(t *testing.T, b *testing.B) {
	n := len(c.nodes)
	pieces := []news{c.block(), c.payment(t)}
	costs := make([]traffic, len(pieces))
	spreads := make([]spread, len(pieces))
	for i, piece := range pieces {
		before := c.net.traffic()
		spreads[i] = c.spread(piece)[0]
		costs[i] = c.net.traffic().minus(before)
		spreads[i].check(t, n)
	}

	// What was no news but a heartbeat comes again one heartbeat later.
	pass(crowdHeartbeat - time.Duration(len(pieces))*newsTime)
	for i := range pieces {
		before := c.net.traffic()
		pass(newsTime)
		costs[i] = costs[i].minus(c.net.traffic().minus(before))
	}

	b.ReportMetric(c.clients(), "clients/node")
	b.ReportMetric(math.Ceil(math.Log2(float64(n))), "log2n")
	for i, kind := range []string{"block", "tx"} {
		s := spreads[i]
		b.ReportMetric(float64(s.mostHops()), kind+"-hops")
		b.ReportMetric(float64(s.medianHops()), kind+"-median-hops")
		b.ReportMetric(float64(s.time)/float64(time.Millisecond), kind+"-ms")
		b.ReportMetric(float64(costs[i].messages)/float64(n), kind+"-msgs/node")
		b.ReportMetric(float64(costs[i].bytes)/float64(n)/1000, kind+"-kB/node")
		b.ReportMetric(float64(s.crossings)/float64(n), kind+"-copies/node")
		b.ReportMetric(float64(s.crossings)/float64(s.links), kind+"-crossings/link")
		b.ReportMetric(float64(s.returned), kind+"-returned")
	}
}

// virtually runs f in a synctest bubble. A bubble needs a test, so f is one: of a
// benchmark's functions, only this way leads there.
func virtually(b *testing.B, f func(*testing.T)) {
	b.Helper()
	all := func(pat, str string) (bool, error) { return true, nil }
	done := false // RunTests minds -count and -cpu: the benchmark does already
	if !testing.RunTests(all, []testing.InternalTest{{Name: b.Name(), F: func(t *testing.T) {
		if !done {
			done = true
			synctest.Test(t, f)
		}
	}}}) {
		b.Fatal("the test inside failed")
	}
}
