package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// The file lists wallets in the order they were made, across restarts, since
// the reward goes to the first; only its owner may read it.
func TestWalletFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wallet.dat")
	var want []string
	for range 3 {
		ws, err := OpenWallets(path)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			w, err := ws.Create()
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, w.Address())
		}
		if got := ws.Addresses(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); runtime.GOOS != "windows" && got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
}
