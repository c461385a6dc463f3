package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/boltdb/bolt"
)

// Each benchmark reports its figure as a ratio to a limit that it measures in
// the same run; docs/performance.md says how to read them.

// perOp returns the nanoseconds that do takes: the median of five rounds, each
// of enough calls to tell.
func perOp(do func()) float64 {
	var rounds []float64
	for n := 1; len(rounds) < 5; {
		began := time.Now()
		for range n {
			do()
		}
		if took := time.Since(began); took < 100*time.Millisecond {
			n *= 2
		} else {
			rounds = append(rounds, float64(took.Nanoseconds())/float64(n))
		}
	}
	slices.Sort(rounds)
	return rounds[2]
}

// ns returns the nanoseconds an operation took so far.
func ns(b *testing.B) float64 { return float64(b.Elapsed().Nanoseconds()) / float64(b.N) }

// Limit: SHA-256 over text and nonce as one piece, one core.
func BenchmarkWork(b *testing.B) {
	text := ProofOfWork{&articleHeader}.text()
	buf := append([]byte(nil), text...)
	nonce := int64(0)
	limit := perOp(func() {
		nonce++
		sha256.Sum256(strconv.AppendInt(buf[:len(text)], nonce, 10))
	})
	b.Run("one core", func(b *testing.B) {
		w := newWorkHash(text)
		b.ReportAllocs()
		proofs := 0
		for nonce := range int64(b.N) {
			if w.meetsTarget(nonce) {
				proofs++
			}
		}
		b.StopTimer()
		h, want := articleHeader, 0
		for h.Nonce = range int64(min(b.N, 10_000)) {
			if (ProofOfWork{&h}).Valid() {
				want++
			}
		}
		if proofs < want {
			b.Fatalf("%d proofs, want %d at least", proofs, want)
		}
		b.ReportMetric(limit/ns(b), "x-limit")
	})
	b.Run("all cores", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			w := newWorkHash(text)
			for nonce := int64(0); pb.Next(); nonce++ {
				w.meetsTarget(nonce)
			}
		})
		b.ReportMetric(limit/ns(b)/float64(runtime.GOMAXPROCS(0)), "x-limit/core")
	})
}

// fanOut returns a chain whose last block splits one coinbase into n outputs
// of one coin, and the transactions that spend each.
func fanOut(b *testing.B, n int) (chain []*Block, spends []*Transaction) {
	w := testWallet(b, 0)
	chain = []*Block{mine(b, nil, w, 0)}
	for len(spends) < n {
		parent := chain[len(chain)-1]
		split := &Transaction{Vins: []TXInput{{TxID: parent.Transactions[0].TxID}}}
		for range min(Subsidy, n-len(spends)) {
			split.Vouts = append(split.Vouts, TXOutput{1, w.Address()})
		}
		split.Sign(w)
		chain = append(chain, mine(b, parent, w, 0, split))
		for i := range split.Vouts {
			spends = append(spends, pay(b, w, testWallet(b, 1).Address(), 1, coin(b, split, i)))
		}
	}
	return chain, spends
}

// onCores runs do as a benchmark on one core and on two. Limit: the signature
// checks of the same transactions alone, on one core.
func onCores(b *testing.B, txs []*Transaction, do func(b *testing.B)) {
	for _, cores := range []int{1, 2} {
		b.Run(fmt.Sprintf("cores=%d", cores), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			limit := perOp(func() {
				for _, tx := range txs {
					if err := newSigningTexts(tx).verify(0); err != nil {
						b.Fatal(err)
					}
				}
			})
			runtime.GOMAXPROCS(cores)
			b.ResetTimer()
			do(b)
			b.ReportMetric(limit/ns(b), "x-limit")
		})
	}
}

// Every rule, on a block in memory.
func BenchmarkValidate(b *testing.B) {
	chain, spends := fanOut(b, 1000)
	block := mine(b, chain[len(chain)-1], testWallet(b, 0), 0, spends...)
	bc := newChain(b)
	add(b, bc, chain...)
	validate := func(block *Block) error {
		if err := block.Check(context.Background(), time.Now()); err != nil {
			return err
		}
		return bc.UTXO(func(s UTXOSet) (err error) {
			view := NewCoinView(s.Coin)
			for i := 0; i < len(block.Transactions) && err == nil; i++ {
				err = view.Apply(block.Transactions[i])
			}
			return err
		})
	}
	onCores(b, spends, func(b *testing.B) {
		for range b.N {
			if err := validate(block); err != nil {
				b.Fatal(err)
			}
		}
	})
	last := *spends[len(spends)-1]
	last.Vins = []TXInput{last.Vins[0]}
	last.Vins[0].Signature = spends[0].Vins[0].Signature
	forged := mine(b, chain[len(chain)-1], testWallet(b, 0), 0, append(spends[:len(spends)-1:len(spends)-1], &last)...)
	if err := validate(forged); !errors.Is(err, ErrSignature) {
		b.Fatalf("with a forged signature: %v, want %v", err, ErrSignature)
	}
}

// manyInputs returns a block of one transaction with so many inputs that it is
// nearly as large as a block may be, and the blocks before it.
func manyInputs(tb testing.TB, n int) (chain []*Block, last *Block) {
	w := testWallet(tb, 0)
	var coins []Coin
	var parent *Block
	for len(coins) < n {
		now := time.Unix(1_700_000_000+int64(len(chain)), 0)
		coinbase := NewCoinbase(w.Address(), now)
		coinbase.Vouts = slices.Repeat([]TXOutput{{1, w.Address()}}, min(Subsidy, n-len(coins)))
		coinbase.TxID = coinbase.ID()
		var header *BlockHeader
		if parent != nil {
			header = &parent.Header
		}
		parent = work(tb, NewBlock(header, []*Transaction{coinbase}, now))
		chain = append(chain, parent)
		for i := range coinbase.Vouts {
			coins = append(coins, coin(tb, coinbase, i))
		}
	}
	return chain, mine(tb, parent, w, 0, pay(tb, w, w.Address(), int64(n), coins...))
}

// A block of one transaction with as many inputs as there is room for: each
// signs a text of all of them. Limit: the signature checks of as many
// transactions of one input, on one core.
func BenchmarkManyInputs(b *testing.B) {
	const inputs = 2750
	_, block := manyInputs(b, inputs)
	_, spends := fanOut(b, inputs)
	onCores(b, spends, func(b *testing.B) {
		for range b.N {
			if err := block.Check(context.Background(), time.Now()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// What a stranger's transaction costs at most until it is refused: it has as many
// inputs as the pool takes, and only the last signature is bad. Limit: the signature
// checks of as many transactions of one input, on one core.
func BenchmarkRefuse(b *testing.B) {
	const inputs = 263
	bc := newChain(b)
	pool := newPool(b, bc)
	raw := rawTxs(forgeLast(b, bc, inputs))
	_, spends := fanOut(b, inputs)
	onCores(b, spends, func(b *testing.B) {
		for range b.N {
			if _, err := pool.AddTransactions(context.Background(), raw); !errors.Is(err, ErrSignature) {
				b.Fatalf("%v, want %v", err, ErrSignature)
			}
		}
	})
}

// From JSON to the chain on disk: decoding, every rule, the new tip and coins.
func BenchmarkAccept(b *testing.B) {
	chain, spends := fanOut(b, 1000)
	raw := raws(mine(b, chain[len(chain)-1], testWallet(b, 0), 0, spends...))
	onCores(b, spends, func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			bc := newChain(b)
			add(b, bc, chain...)
			b.StartTimer()
			if err := bc.AddBlocks(context.Background(), raw); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if got := balanceOf(b, bc, testWallet(b, 1).Address()); got != 1000 {
				b.Fatalf("payee has %d, want 1000", got)
			}
			bc.Close()
			b.StartTimer()
		}
	})
}

// threes returns a chain of n blocks with three transactions each: a coinbase
// and two payments of one input.
func threes(tb testing.TB, n int) []json.RawMessage {
	w, other := testWallet(tb, 0), testWallet(tb, 1).Address()
	block := mine(tb, nil, w, 0)
	chain := raws(block)
	unspent := []Coin{reward(tb, block)}
	for len(chain) < n {
		var txs []*Transaction
		for range min(2, len(unspent)) {
			tx := pay(tb, w, other, 1, unspent[0])
			if unspent = unspent[1:]; len(tx.Vouts) > 1 {
				unspent = append(unspent, coin(tb, tx, 1))
			}
			txs = append(txs, tx)
		}
		block = mine(tb, block, w, 0, txs...)
		chain = append(chain, raws(block)...)
		if len(unspent) < 8 {
			unspent = append(unspent, reward(tb, block))
		}
	}
	return chain
}

// Limit: the signature checks alone, on one core.
func BenchmarkFirstSync(b *testing.B) {
	const blocks = 1000
	chain := threes(b, blocks)
	source := newChain(b)
	if err := source.AddBlocks(context.Background(), chain); err != nil {
		b.Fatal(err)
	}
	var txs []*Transaction
	for height := range blocks {
		block, err := source.BlockAt(height)
		if err != nil {
			b.Fatal(err)
		}
		txs = append(txs, block.Transactions[1:]...)
	}
	began := time.Now()
	for _, tx := range txs {
		if err := newSigningTexts(tx).verify(0); err != nil {
			b.Fatal(err)
		}
	}
	limit := float64(time.Since(began).Nanoseconds())
	a := startNode(b, NodeConfig{})
	if err := a.chain.AddBlocks(context.Background(), chain); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		n := join(b, NodeConfig{}, a)
		n.awaitLog("peer connected")
		b.StartTimer()
		n.awaitTip(a)
		b.StopTimer()
		n.stop()
		b.StartTimer()
	}
	b.ReportMetric(limit/ns(b), "x-limit")
	b.ReportMetric(blocks/ns(b)*1e9, "blocks/s")
}

// Limit: the blocks' JSON.
func BenchmarkFileSize(b *testing.B) {
	chain := threes(b, 1000)
	var text int
	for _, raw := range chain {
		text += len(raw)
	}
	for range b.N {
		bc := newChain(b)
		if err := bc.AddBlocks(context.Background(), chain); err != nil {
			b.Fatal(err)
		}
		_ = bc.db.View(func(tx *bolt.Tx) error {
			b.ReportMetric(float64(tx.Size())/float64(text), "x-json") // the file itself grows in steps
			return nil
		})
		bc.Close()
	}
}

// fill puts n coins of others into bc's UTXO set, and own coins of owner.
func fill(tb testing.TB, bc *Blockchain, n, own int, owner PubKeyHash) {
	tb.Helper()
	for done := 0; done < n; {
		err := bc.db.Update(func(tx *bolt.Tx) error {
			for range min(20_000, n-done) {
				o := OutPoint{sha256Hex(fmt.Append(nil, done)), 0}
				c := Coin{o, PubKeyHash([]byte(sha256Hex([]byte(o.TxID))[:20])), 1, done}
				if done < own {
					c.Owner = owner
				}
				if err := (UTXOSet{tx}).put(c); err != nil {
					return err
				}
				done++
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// To reach: the same for every size of the set, and below a millisecond.
func BenchmarkBalance(b *testing.B) {
	w := testWallet(b, 0)
	owner := hash160(w.pubKey)
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("outputs=%d", n), func(b *testing.B) {
			bc := newChain(b)
			fill(b, bc, n, 10, owner)
			b.ResetTimer()
			for range b.N {
				if got := balanceOf(b, bc, w.Address()); got != 10 {
					b.Fatalf("balance %d, want 10", got)
				}
			}
		})
	}
}

// To reach: below ten milliseconds, in process.
func BenchmarkSend(b *testing.B) {
	w, to := testWallet(b, 0), testWallet(b, 1).Address()
	for _, own := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("outputs=100000/own=%d", own), func(b *testing.B) {
			bc := newChain(b)
			fill(b, bc, 100_000, own, hash160(w.pubKey))
			pool := NewTxPool(bc, nil, 2, time.Second, false, bc.log)
			b.ResetTimer()
			for range b.N {
				tx, err := pool.NewTransaction(w, to, 5)
				if err != nil || len(tx.Vins) != 5 {
					b.Fatalf("%d inputs, %v", len(tx.Vins), err)
				}
				if err := pool.Add(context.Background(), tx, true); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				pool.txs, pool.bytes = nil, 0
				b.StartTimer()
			}
		})
	}
}

// empties adds n blocks of a coinbase each, made as they are added.
func empties(tb testing.TB, bc *Blockchain, n int) {
	w := testWallet(tb, 0)
	var parent *Block
	if tip, err := bc.Tip(); err == nil {
		parent = tip
	}
	for n > 0 {
		var batch []*Block
		for range min(n, 500) {
			parent = mine(tb, parent, w, 0)
			batch = append(batch, parent)
		}
		add(tb, bc, batch...)
		n -= len(batch)
	}
}

// heap returns the bytes in use after a collection.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse)
}

// To reach: memory and time per block at a height of 100,000 as at 10,000. Also
// the time to open a long chain, next to a short one's.
func BenchmarkLongChain(b *testing.B) {
	short := newChain(b)
	empties(b, short, 100)
	bc := newChain(b)
	timed := func(n int) (perBlock float64) {
		var batches []float64
		for range n / 500 {
			began := time.Now()
			empties(b, bc, 500)
			batches = append(batches, float64(time.Since(began).Nanoseconds())/500)
		}
		slices.Sort(batches)
		return batches[len(batches)/2] // the disk makes some wait
	}
	empties(b, bc, 10_000)
	small := heap()
	early := timed(10_000)
	empties(b, bc, 70_000)
	late := timed(10_000)
	open := func(bc *Blockchain) float64 {
		path := bc.db.Path()
		if err := bc.Close(); err != nil {
			b.Fatal(err)
		}
		return perOp(func() {
			again, err := OpenBlockchain(b.Context(), path, bc.log)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := again.Tip(); err != nil {
				b.Fatal(err)
			}
			again.Close()
		})
	}
	large := heap()
	if tip := tipOf(b, bc); tip.Header.Height != 99_999 {
		b.Fatalf("height %d, want 99999", tip.Header.Height)
	}
	b.ReportMetric(late/early, "time-per-block-x")
	b.ReportMetric((large-small)/(1<<20), "MiB-more")
	b.ReportMetric(open(bc)/open(short), "open-x")
	b.ReportMetric(0, "ns/op")
}

// roundTrip returns the nanoseconds of one byte there and back over TCP.
func roundTrip(b *testing.B) float64 {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	go func() {
		if conn, err := ln.Accept(); err == nil {
			io.Copy(conn, conn)
			conn.Close()
		}
	}()
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 1)
	return perOp(func() {
		if _, err := conn.Write(buf); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, buf); err != nil {
			b.Fatal(err)
		}
	})
}

// From the command to the other node's pool, and from the command that fills
// the pool to the block on the other node's chain. Limit: loopback round trips.
func BenchmarkPropagation(b *testing.B) {
	trip := roundTrip(b)
	for _, tt := range []struct {
		name string
		pool int
		done func(n *testNode, count int) bool
	}{
		{"pooled", 5000, func(n *testNode, count int) bool { return n.logs.count("transaction pooled") >= count }},
		{"mined", 1, func(n *testNode, count int) bool { return n.logs.count("block accepted") > count }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			a := startNode(b, NodeConfig{PoolSize: tt.pool})
			other := join(b, NodeConfig{PoolSize: 5000}, a)
			genesis := a.startChain()
			other.awaitTip(a)
			cli, hint := &Cli{a.Node}, ""
			b.ResetTimer()
			for i := range min(b.N, 900) {
				// Its own address, another amount each time: one coin is enough.
				if err := cli.Send(SendArgs{genesis, genesis, int64(i%999 + 1)}, &hint); err != nil {
					b.Fatal(err)
				}
				other.await(tt.name, func() bool { return tt.done(other, i+1) })
			}
			b.StopTimer()
			perSend := float64(b.Elapsed().Nanoseconds()) / float64(min(b.N, 900))
			b.ReportMetric(perSend/1e6, "ms/send")
			b.ReportMetric(perSend/trip, "x-round-trip")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// What a message costs that nobody reads, that one reads, and to tell it in
// words. Limit: a log that takes no message at all.
func BenchmarkMessage(b *testing.B) {
	peer := netip.MustParseAddrPort("127.0.0.1:5678")
	say := func(log *slog.Logger) {
		log.LogAttrs(context.Background(), slog.LevelDebug, "message received",
			slog.Any("peer", &peer), slog.String("kind", "get block"), slog.Int("height", 12345))
	}
	deaf := slog.New(slog.DiscardHandler)
	limit := perOp(func() { say(deaf) })

	b.Run("no reader", func(b *testing.B) {
		_, log := newStreamLog()
		b.ReportAllocs()
		for b.Loop() {
			say(log)
		}
		b.ReportMetric(ns(b)/limit, "x-no-log")
	})
	b.Run("reader", func(b *testing.B) {
		s, log := newStreamLog()
		s.watching.Add(1)
		b.ReportAllocs()
		for b.Loop() {
			say(log)
		}
		b.ReportMetric(ns(b)/limit, "x-no-log")
	})
	b.Run("in words", func(b *testing.B) {
		s, log := newStreamLog()
		s.watching.Add(1)
		say(log)
		batch := must(s.read(b.Context(), 0))(b)
		b.ReportAllocs()
		for b.Loop() {
			tell(batch.records)
		}
		b.ReportMetric(ns(b)/limit, "x-no-log")
	})
}

// openPages opens pages of a node, which do what those of a browser do: each follows
// the events and, when there are some, asks how the node stands, twice a second at
// most. The function that it returns closes them, and waits.
func openPages(b *testing.B, n *testNode, count int) (closeAll func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: count}}
	var open sync.WaitGroup
	for range count {
		p := openPage(b, n)
		news := make(chan struct{}, 1)
		open.Go(func() {
			defer close(news)
			for {
				if _, err := p.in.ReadString('\n'); err != nil {
					return
				}
				select {
				case news <- struct{}{}:
				default:
				}
			}
		})
		open.Go(func() {
			for range news {
				for _, path := range []string{"/api/status", "/api/chain", "/api/pool"} {
					if resp, err := client.Get(n.pageURL() + path); err == nil {
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
				}
				select {
				case <-time.After(500 * time.Millisecond):
				case <-ctx.Done():
				}
			}
		})
		context.AfterFunc(ctx, func() { p.conn.Close() })
	}
	return func() {
		cancel()
		open.Wait()
		client.CloseIdleConnections()
	}
}

// Mining and a first sync, with pages open. Limit: the same without a page, in
// turns. To reach: 0.95 with one page.
func BenchmarkPages(b *testing.B) {
	chain := threes(b, 1000)
	source := startNode(b, NodeConfig{})
	if err := source.chain.AddBlocks(context.Background(), chain); err != nil {
		b.Fatal(err)
	}

	syncing := func(count int) float64 {
		n := join(b, NodeConfig{View: "127.0.0.1:0"}, source)
		defer n.stop()
		defer openPages(b, n, count)()
		n.awaitLog("peer connected")
		began := time.Now()
		n.awaitTip(source)
		return time.Since(began).Seconds()
	}
	mining := func(count int) float64 {
		n := startNode(b, NodeConfig{PoolSize: 1, View: "127.0.0.1:0"})
		defer n.stop()
		genesis := n.startChain()
		defer openPages(b, n, count)()
		cli, hint := &Cli{n.Node}, ""
		began := time.Now()
		for i := range 200 {
			if err := cli.Send(SendArgs{genesis, genesis, int64(i + 1)}, &hint); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(began).Seconds()
	}

	for _, tt := range []struct {
		name string
		took func(pages int) float64
	}{{"sync", syncing}, {"mining", mining}} {
		b.Run(tt.name, func(b *testing.B) {
			took := make(map[int][]float64)
			for range 7 {
				for _, count := range []int{0, 1, 100} {
					took[count] = append(took[count], tt.took(count))
				}
			}
			for _, rounds := range took {
				slices.Sort(rounds)
			}
			b.ReportMetric(took[0][3]/took[1][3], "x-limit/1-page")
			b.ReportMetric(took[0][3]/took[100][3], "x-limit/100-pages")
			b.ReportMetric(took[0][3], "s/alone")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// What a page asks first, of a chain of 100,000 blocks, one of its oldest blocks,
// and the balance of whoever mined them all. To reach: below a second, together.
func BenchmarkLongPage(b *testing.B) {
	dir := b.TempDir()
	bc := openChain(b, filepath.Join(dir, "chain.db"))
	empties(b, bc, 100_000)
	if err := bc.Close(); err != nil {
		b.Fatal(err)
	}
	n := startNode(b, NodeConfig{Data: dir, View: "127.0.0.1:0"})

	took := make(map[string]float64)
	for b.Loop() {
		for name, path := range map[string]string{
			"page":    "/",
			"status":  "/api/status",
			"chain":   "/api/chain?count=50",
			"old":     "/api/chain?highest=50000&count=50",
			"block":   "/api/block/50000",
			"history": "/api/history/" + testWallet(b, 0).Address(),
			"wallets": "/api/wallets",
			"pool":    "/api/pool",
			"peers":   "/api/peers",
			"table":   "/api/table",
		} {
			began := time.Now()
			resp, err := http.Get(n.pageURL() + path)
			if err != nil {
				b.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusOK {
				b.Fatalf("%s: status %d, %s, %v", path, resp.StatusCode, body, err)
			}
			took[name] += float64(time.Since(began).Nanoseconds()) / 1e6
		}
	}
	for name, ms := range took {
		b.ReportMetric(ms/float64(b.N), "ms/"+name)
	}
}

// What a person asks of a chain of 100,000 blocks: a transaction by its first
// digits, one that is not there, and the balances of whoever mined them all. To
// reach: below a tenth of a second, but for what takes every block: to say that a
// txid is nowhere, and to list all changes of a balance.
func BenchmarkLook(b *testing.B) {
	bc, w := newChain(b), testWallet(b, 0)
	empties(b, bc, 100_000)
	i := inspect(newPool(b, bc, w))
	old := must(bc.BlockAt(1000))(b).Transactions[0].TxID[:16]
	nobody := testWallet(b, 1).Address()

	for _, bm := range []struct {
		name string
		look func() error
	}{
		{"tx=old", func() error { _, err := i.Tx(old); return err }},
		{"tx=unknown", func() error {
			if _, err := i.Tx("0123456789abcdef"); err == nil {
				return errors.New("it is found")
			}
			return nil
		}},
		{"history=20", func() error { _, err := i.History(w.Address(), 20); return err }},
		{"history=500", func() error { _, err := i.History(w.Address(), 500); return err }},
		{"history=all", func() error { _, err := i.History(w.Address(), 0); return err }},
		{"history=nobody", func() error { _, err := i.History(nobody, 20); return err }},
		{"chain=500", func() error { _, err := i.Chain(50_000, 500); return err }},
		{"block", func() error { _, err := i.Block("50000"); return err }},
		{"wallets", func() error { _, err := i.Wallets(); return err }},
	} {
		b.Run(bm.name, func(b *testing.B) {
			for b.Loop() {
				if err := bm.look(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(ns(b)/1e6, "ms/op")
		})
	}
}
