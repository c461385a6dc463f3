package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// However often peers cause a line, a hundred of it are written, and then ten a
// minute; none that is omitted goes uncounted. Another line is not the worse for
// it, nor are those of our own payments, nor what -v shows.
func TestLogLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := newLog(&out, slog.LevelDebug, true)
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
	log := newLog(&out, slog.LevelInfo, true)
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
