package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The log as a person sees it: one line for one cause, none over 80 columns.
func TestStoryLog(t *testing.T) {
	const (
		hash = "da29f3c1da29f3c1da29f3c1da29f3c1da29f3c1da29f3c1da29f3c1da29f3c1"
		txid = "62a80c1d62a80c1d62a80c1d62a80c1d62a80c1d62a80c1d62a80c1d62a80c1d"
		peer = "127.0.0.1:5679"
	)
	var out bytes.Buffer
	log := newLog(&out, slog.LevelDebug, false, false).Handler()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	write := func(level slog.Level, message string, args ...any) {
		r := slog.NewRecord(at, level, message, 0)
		r.Add(args...)
		if err := log.Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second)
	}

	write(slog.LevelInfo, "listening", "addr", "[::]:5678", "rpc", "127.0.0.1:9999", "data", "data")
	write(slog.LevelInfo, "peer connected", "peer", peer, "height", -1)
	write(slog.LevelInfo, "block accepted", "height", 0, "hash", hash, "added", 1, "removed", 0)
	write(slog.LevelDebug, "message sent", "peer", peer, "kind", "get block", "height", 1)
	write(slog.LevelInfo, "block accepted", "height", 1, "hash", hash, "added", 1, "removed", 0)
	write(slog.LevelInfo, "blocks synced", "peer", peer, "height", 1, "hash", hash, "blocks", 1)
	write(slog.LevelInfo, "transaction dropped", "tx", txid, "own", true, "err",
		errors.New(txid+": input 0: coin is already spent: "+hash+":0 by "+txid))
	write(slog.LevelWarn, "chain of peer not taken", "peer", peer, "err",
		"other genesis block 0dd5…: to take its chain, stop this node and type `go run . start -bootstrap "+peer+" -fresh`")
	write(slog.LevelInfo, "block accepted", "height", 4, "hash", hash, "added", 3, "removed", 0)
	write(slog.LevelInfo, "something new", "x", 1)

	const want = "" +
		"03:04:05 listens on [::]:5678; commands on 127.0.0.1:9999; data in data\n" +
		"03:04:06 connected to 127.0.0.1:5679, which has no chain yet\n" +
		"03:04:07 has a chain now: its block 0 is da29f3c1\n" +
		"03:04:08   asked 127.0.0.1:5679 for block 1\n" +
		"03:04:10 got block 1, da29f3c1, from 127.0.0.1:5679, which was ahead\n" +
		"03:04:11 dropped its own payment 62a80c1d: coin is already spent: da29f3c1:0 by\n" +
		"         62a80c1d\n" +
		"03:04:12 ! does not take the chain of 127.0.0.1:5679: other genesis block 0dd5…:\n" +
		"         to take its chain, stop this node and type\n" +
		"         `go run . start -bootstrap 127.0.0.1:5679 -fresh`\n" +
		"03:04:13 put 3 blocks on its chain, up to block 4, da29f3c1\n" +
		"03:04:14 something new x=1\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// However often peers cause a line, a hundred of it are written, and then ten a
// minute; none that is omitted goes uncounted. Another line is not the worse for
// it, nor are those of our own payments, nor what -v shows.
func TestLogLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := newLog(&out, slog.LevelDebug, true, false)
		lines := func(text string) int {
			defer out.Reset()
			return strings.Count(out.String(), text)
		}

		for range 10_000 {
			log.Info("flood", "own", false)
		}
		log.With("peer", "x").Info("flood")
		log.Info("other")
		if got := lines("msg=flood"); got != logBurst {
			t.Errorf("%d lines at once, want %d", got, logBurst)
		}

		for range 600 {
			time.Sleep(100 * time.Millisecond)
			log.Warn("flood")
		}
		if got := lines("msg=flood"); got != 10 {
			t.Errorf("%d lines in a minute, want 10", got)
		}
		log.Info("flood") // one too many
		time.Sleep(time.Hour)
		log.Info("flood")
		if got := lines("msg=flood omitted="); got != 1 {
			t.Errorf("%d lines tell of those omitted, want 1", got)
		}
		for range logBurst {
			log.Info("flood")
		}
		if got := lines("msg=flood"); got != logBurst-1 {
			t.Errorf("%d lines after an hour of peace, want %d", got, logBurst-1)
		}

		for range 1000 {
			log.Info("flood", "own", true)
			log.Debug("flood")
		}
		if got := lines("msg=flood"); got != 2000 {
			t.Errorf("%d lines of our own and of -v, want 2000", got)
		}
		log.Info("other")
		if got := lines("msg=other"); got != 1 {
			t.Error("another message is omitted")
		}
	})
}

// Strangers' payments, all of one coin, are pooled and dropped by the hundred;
// the log does not grow with them. What becomes of our own payment is in it.
func TestStrangersPaymentsInLog(t *testing.T) {
	const payments = 300
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	bc := newChain(t)
	genesis := mine(t, nil, alice, 0)
	block := mine(t, genesis, bob, 0)
	add(t, bc, genesis, block)
	bc.now = func() time.Time { return vectorTime }

	var out bytes.Buffer
	log := newLog(&out, slog.LevelInfo, true, false)
	wallets := &Wallets{path: t.TempDir() + "/wallet.dat", list: []*Wallet{bob}}
	p := NewTxPool(bc, wallets, maxPoolTxs, time.Hour, false, log)
	bc.onChange = p.Update

	var txs []*Transaction
	for amount := range payments {
		txs = append(txs, pay(t, alice, bob.Address(), int64(1+amount), reward(t, genesis)))
	}
	if added, err := p.AddTransactions(t.Context(), rawTxs(txs...)); len(added) != payments || err != nil {
		t.Fatalf("%d pooled, %v", len(added), err)
	}
	own := pay(t, bob, alice.Address(), 5, reward(t, block))
	if err := p.Add(context.Background(), own, true); err != nil {
		t.Fatal(err)
	}

	// A block spends the coins of all.
	bobs := pay(t, bob, alice.Address(), 6, reward(t, block))
	add(t, bc, mine(t, block, alice, 0, txs[0], bobs))
	wantPooled(t, p)

	for _, event := range []string{"pooled", "dropped"} {
		line := `msg="transaction ` + event + `" tx=`
		if got := strings.Count(out.String(), line); got != logBurst+1 {
			t.Errorf("%d lines of payments %s, want %d and our own", got, event, logBurst)
		}
		if !strings.Contains(out.String(), line+own.TxID) {
			t.Errorf("our own payment is not among those %s", event)
		}
	}
}
