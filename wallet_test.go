package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// B43: the file is text that any version reads, lists wallets in the order
// they were made, and stays as it is if it is damaged or somebody else's.
func TestWalletFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wallet.dat")
	ws, err := OpenWallets(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := ws.Create(); err != nil {
			t.Fatal(err)
		}
	}
	again, err := OpenWallets(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.Addresses(), ws.Addresses(); len(want) != 5 || !slices.Equal(got, want) {
		t.Errorf("read back %q, want %q", got, want)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := string(raw)
	key := testWallet(t, 0).PrivateKey()
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"cut", whole[:len(whole)/2]},
		{"more behind it", whole + "x"},
		{"other JSON", `{"name": "x"}`},
		{"a list", `[]`},
		{"another's address", strings.Replace(whole, ws.Addresses()[0], testWallet(t, 0).Address(), 1)},
		{"key too short", `{"wallets": [{"address": "` + testWallet(t, 0).Address() + `", "private_key": "` + key[2:] + `"}]}`},
		{"key 0", `{"wallets": [{"address": "x", "private_key": "` + strings.Repeat("0", 64) + `"}]}`},
		{"key above the order", `{"wallets": [{"address": "x", "private_key": "` + strings.Repeat("f", 64) + `"}]}`},
		{"Python's pickle", "\x80\x03}q\x00X\x22\x00\x00\x00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if ws, err := OpenWallets(path); err == nil {
				t.Errorf("read %q, want an error", ws.Addresses())
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != tt.text {
				t.Errorf("the file is changed to %q, %v", got, err)
			}
		})
	}
}
