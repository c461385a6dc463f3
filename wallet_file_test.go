package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A wallet file that is cut off anywhere, or something else, is refused and
// stays as it is, and so does the node: it never starts with an empty wallet
// in the place of a damaged one.
func TestDamagedWallets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wallet.dat")
	wallets, err := OpenWallets(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := wallets.Create(""); err != nil {
			t.Fatal(err)
		}
	}
	whole := readFile(t, path)

	var contents [][]byte
	for n := range len(whole) {
		contents = append(contents, whole[:n])
	}
	for _, s := range []string{
		"null", "{}", "[]", `""`, "0", "wallet", "\x80\x04}q\x00.", `{"wallets": null}`, `{"wallets": [null]}`, `{"wallets": {}}`,
		`{"wallets": [{}]}`, string(whole) + "x", string(whole) + string(whole), strings.Repeat("\x00", len(whole)),
		strings.Replace(string(whole), `"address": "1`, `"address": "2`, 1),
		strings.Replace(string(whole), `"private_key": "`, `"private_key": "00`, 1),
		`{"wallets": [{"address": "", "private_key": "` + strings.Repeat("0", 64) + `"}]}`,
		`{"wallets": [{"address": "", "private_key": "` + strings.Repeat("f", 64) + `"}]}`,
	} {
		contents = append(contents, []byte(s))
	}

	data := t.TempDir()
	path = filepath.Join(data, "wallet.dat")
	for _, content := range contents {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if wallets, err := OpenWallets(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%.60q: error is %v, want one with the path; wallets %v", content, err, wallets)
		}
		if !bytes.Equal(readFile(t, path), content) {
			t.Errorf("%.60q: the file was changed", content)
		}
	}

	node, err := OpenNode(t.Context(), NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: data, PoolSize: 2}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err == nil {
		node.close()
		t.Error("a node starts with a damaged wallet file")
	}
}
