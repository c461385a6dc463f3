//go:build challenge

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcutil/base58"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// The checks of chapter 5's challenges.

// A mended is what mend returns.
type mended struct {
	address string
	err     error
}

func checkMend(t *testing.T, text, want string) {
	t.Helper()
	call := fmt.Sprintf("mend(%.60q)", text)
	got := attempt(t, call, func() mended {
		address, err := mend(text)
		return mended{address, err}
	})
	switch {
	case want == "" && !errors.Is(got.err, errNoAddress):
		t.Errorf("%s returns %q and the error %v, want errNoAddress", call, got.address, got.err)
	case want != "" && (got.address != want || got.err != nil):
		t.Errorf("%s returns %q and the error %v, want %q", call, got.address, got.err, want)
	}
}

// addresses are some of each length: 34 characters, 33 and 27.
func addresses() []string {
	all := []string{"1111111111111111111114oLvT2", "1cMh228HTCiwS8ZsaakH8A8wze1JR5ZsP", base58.CheckEncode(bytes.Repeat([]byte{255}, 20), 0)}
	for _, name := range people {
		all = append(all, walletOf(name).address())
	}
	return all
}

func TestHole5_7MendNothing(t *testing.T) {
	for _, address := range addresses() {
		checkMend(t, address, address)
	}
}

func TestHole5_7MendOne(t *testing.T) {
	rng := rand.New(rand.NewSource(57))
	const typed = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0OIl -"
	for _, address := range addresses() {
		for i := range address {
			wrong := typed[rng.Intn(len(typed))]
			if wrong == address[i] {
				wrong = 'l'
			}
			checkMend(t, address[:i]+string(wrong)+address[i+1:], address)
		}
		checkMend(t, address[:9]+"é"+address[10:], address)
		checkMend(t, "l"+address[1:], address)
	}
}

func TestHole5_7MendNoAddress(t *testing.T) {
	rng := rand.New(rand.NewSource(58))
	texts := []string{"", "1", "hello", "Alice", strings.Repeat("1", 34), strings.Repeat("é", 34),
		"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",         // version 5, a script's
		"mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",         // version 111, of Bitcoin's test network
		"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", // of the newer kind
	}
	for _, address := range addresses() {
		texts = append(texts, address[:len(address)-1], address[1:], address+"1", "1"+address, " "+address, address+"\n")

		// Two are wrong: nobody knows what was meant.
		i := 1 + rng.Intn(len(address)/2)
		j := i + 1 + rng.Intn(len(address)-i-1)
		two := []byte(address)
		two[i], two[j] = '?', '!'
		texts = append(texts, string(two))
	}
	for _, text := range texts {
		checkMend(t, text, "")
	}
}

// A stranger may send anything.
func TestHole5_7MendLong(t *testing.T) {
	for _, text := range []string{strings.Repeat("z", 1_000_000), strings.Repeat("1", 300_000), addressOf("Alice") + strings.Repeat("A", 500_000)} {
		checkMend(t, text, "")
	}
}

// walletNumber returns the wallet whose private key is a small number.
func walletNumber(n uint32) Wallet {
	var k secp256k1.ModNScalar
	k.SetInt(n)
	return Wallet{secp256k1.NewPrivateKey(&k)}
}

func TestHole5_8BitcoinAddress(t *testing.T) {
	check := func(whose string, w Wallet, want string) {
		t.Helper()
		if got := attempt(t, "bitcoinAddress", func() string { return bitcoinAddress(w) }); got != want {
			t.Errorf("Bitcoin's address of %s, whose Y is %s: got %q, want %q", whose, []string{"even", "odd"}[w.pubKey()[63]%2], got, want)
		}
	}
	for name, want := range map[string]string{
		"Alice":   "1M6bLsmB9wENoifHUj7ep2JEYph5oETdTu",
		"Bob":     "164dCb3NNvGWCdqjf94gasW8znyqASaX4t",
		"Carol":   "1GfAVdNmPEz2FpeQ44qovH9vty1McisN7a",
		"Mallory": "1CqQ8WftAProb9p182CBzPpnYLj6fu1n8k",
		"Mia":     "1D5CNuJKQqRtZgbSFJhsa9eFha97JRDtyb",
	} {
		check(name, walletOf(name), want)
	}
	for number, want := range map[uint32]string{
		1:   "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
		2:   "1cMh228HTCiwS8ZsaakH8A8wze1JR5ZsP",
		3:   "1CUNEBjYrCn2y1SdiUMohaKUi4wpP326Lb",
		153: "12bkr6BP2pYFggCCr3XvkTSNzJRXYvZL9a",
		345: "1Fc98BYWQvQEYptmVyPhRGrT7QevVtmD1X",
	} {
		check(fmt.Sprintf("private key %d", number), walletNumber(number), want)
	}
}

// A found is what vanity returns.
type found struct {
	w       Wallet
	address string
	err     error
}

func search(t *testing.T, prefix string, limit int) found {
	t.Helper()
	return attempt(t, fmt.Sprintf("vanity(%.40q, %d)", prefix, limit), func() found {
		w, address, err := vanity(prefix, limit)
		return found{w, address, err}
	})
}

func TestHole5_9Vanity(t *testing.T) {
	for _, prefix := range []string{"", "1", "1A", "1a", "1G", "1z", "12", "11", "1Q", "1B"} {
		for range 3 {
			got := search(t, prefix, 100_000)
			if got.err != nil {
				t.Fatalf("vanity(%q, 100000): %v, but that's enough keys to find one", prefix, got.err)
			}
			if got.w.key == nil {
				t.Fatalf("vanity(%q, 100000) returns a wallet without a key", prefix)
			}
			if !strings.HasPrefix(got.address, prefix) {
				t.Fatalf("vanity(%q, 100000) returns the address %s", prefix, got.address)
			}
			if want := got.w.address(); got.address != want {
				t.Fatalf("vanity(%q, 100000) returns a wallet, and an address that isn't the wallet's: whoever pays to %s has lost the coins, for this key has %s", prefix, got.address, want)
			}
		}
	}
}

// Keys that somebody could guess are no keys.
func TestHole5_9VanityAtRandom(t *testing.T) {
	var keys []*big.Int
	for _, prefix := range []string{"", "", "1", "1", "1A", "1A", "1B", "1z"} {
		got := search(t, prefix, 100_000)
		if got.err != nil || got.w.key == nil {
			t.Fatalf("vanity(%q, 100000): %v", prefix, got.err)
		}
		keys = append(keys, new(big.Int).SetBytes(got.w.key.Serialize()))
	}

	least := new(big.Int).Lsh(big.NewInt(1), 200)
	for i, key := range keys {
		if key.Cmp(least) < 0 {
			t.Fatalf("a private key is %x, a small number: it isn't drawn at random", key)
		}
		for _, other := range keys[:i] {
			difference := new(big.Int).Sub(key, other)
			if difference.CmpAbs(least) < 0 {
				t.Fatalf("two searches give the private keys %x and %x: whoever knows one of them can guess the other", other, key)
			}
		}
	}

	guesses := []string{"", "0", "1", "a", "seed", "vanity", "key", "1A", "1B", "secret", "password"}
	for _, prefix := range []string{"", "1", "1A", "1B", "1z"} {
		for i := range 3000 {
			guesses = append(guesses, fmt.Sprintf("%s%d", prefix, i), fmt.Sprintf("%s %d", prefix, i))
		}
	}
	for _, guess := range guesses {
		brain := new(big.Int).SetBytes(walletOf(guess).key.Serialize())
		for _, key := range keys {
			if key.Cmp(brain) == 0 {
				t.Fatalf("a private key is the SHA-256 of %q: that can be guessed", guess)
			}
		}
	}
}

func TestHole5_9VanityGivesUp(t *testing.T) {
	tests := []struct {
		prefix string
		limit  int
	}{
		{"1zzzzzzzzzz", 1000},
		{"1BcBcBcBcBc", 1000},
		{"1Bitcoin", 1},
		{"1", 0},
		{"", 0},
	}
	for _, tt := range tests {
		if got := search(t, tt.prefix, tt.limit); !errors.Is(got.err, errGivenUp) {
			t.Errorf("vanity(%q, %d) returns the address %q and the error %v, want errGivenUp", tt.prefix, tt.limit, got.address, got.err)
		}
	}

	// With a single key it's found about one time in 23.
	hits := 0
	for range 400 {
		if search(t, "1A", 1).err == nil {
			hits++
		}
	}
	if hits == 0 || hits > 80 {
		t.Errorf("vanity(\"1A\", 1) finds an address %d times in 400; some 17 times would be right. Does it draw more keys than it may?", hits)
	}
}

func TestHole5_9VanityNoPrefix(t *testing.T) {
	prefixes := []string{"Go", "A", "2", "3J98", "bc1", "10", "1O", "1I", "1l", "1Go0", "1A1l", "1 ", " 1", "1-", "1Ж", "1é", "1+", strings.Repeat("1", 35), "1" + strings.Repeat("A", 34)}
	for _, prefix := range prefixes {
		for _, limit := range []int{1 << 30, 3, 0} {
			began := time.Now()
			got := search(t, prefix, limit)
			if !errors.Is(got.err, errNoPrefix) {
				t.Errorf("vanity(%.40q, %d) returns the error %v, want errNoPrefix", prefix, limit, got.err)
			}
			if time.Since(began) > 5*time.Second {
				t.Fatalf("vanity(%.40q, %d) searches first, and then finds that no address begins like that", prefix, limit)
			}
		}
	}
}
