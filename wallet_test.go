package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
)

func openWallets(t testing.TB, path string) *Wallets {
	t.Helper()
	return must(OpenWallets(path))(t)
}

// wantInFile checks that the file has the wallets that ws has.
func wantInFile(t testing.TB, ws *Wallets) {
	t.Helper()
	if got, want := openWallets(t, ws.path).Addresses(), ws.Addresses(); !slices.Equal(got, want) {
		t.Errorf("the file has %q, memory %q", got, want)
	}
}

// wantMode0600 checks that nobody else can read a file. Windows has no modes.
func wantMode0600(t testing.TB, path string) {
	t.Helper()
	info := must(os.Stat(path))(t)
	if got := info.Mode().Perm(); runtime.GOOS != "windows" && got != 0o600 {
		t.Errorf("%s: mode %o, want 600", path, got)
	}
}

// The file lists wallets in the order they were made, across restarts, since
// the reward goes to the first; only its owner may read it.
func TestWalletFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wallet.dat")
	var want []string
	for range 3 {
		ws := openWallets(t, path)
		for range 2 {
			w := must(ws.Create(""))(t)
			want = append(want, w.Address())
		}
		if got := ws.Addresses(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	wantMode0600(t, path)
}

// Shared folders and some network file systems cannot sync a directory. The file
// is renamed by then, and a wallet is made all the same.
func TestWalletWithoutDirSync(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EINVAL, syscall.ENOTSUP, syscall.EOPNOTSUPP} {
		ws := openWallets(t, filepath.Join(t.TempDir(), "wallet.dat"))
		ws.syncDir = func(dir string) error { return &fs.PathError{Op: "sync", Path: dir, Err: errno} }
		if _, err := ws.Create(""); err != nil {
			t.Error(err)
		}
		if got := len(ws.Addresses()); got != 1 {
			t.Errorf("%v: %d wallets, want 1", errno, got)
		}
		wantInFile(t, ws)
	}
}

// Whatever goes wrong while the file is written, it has the wallets that memory
// has: no key that is in the file is overwritten by the next one.
func TestWalletErrors(t *testing.T) {
	tests := []struct {
		name   string
		damage func(t *testing.T, ws *Wallets) (repair func())
		want   error
		made   bool // the wallet is there, although its maker was told of an error
	}{
		{"directory not synced", func(t *testing.T, ws *Wallets) func() {
			ws.syncDir = func(string) error { return syscall.EIO }
			return func() { ws.syncDir = syncDir }
		}, syscall.EIO, true},
		{"directory gone", func(t *testing.T, ws *Wallets) func() {
			dir := filepath.Dir(ws.path)
			rename(t, dir, dir+".away")
			return func() { rename(t, dir+".away", dir) }
		}, fs.ErrNotExist, false},
		{"not renamed", func(t *testing.T, ws *Wallets) func() {
			rename(t, ws.path, ws.path+".away")
			if err := os.Mkdir(ws.path, 0o700); err != nil { // a file cannot take its name
				t.Fatal(err)
			}
			return func() {
				if err := os.Remove(ws.path); err != nil {
					t.Fatal(err)
				}
				rename(t, ws.path+".away", ws.path)
			}
		}, nil, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			ws := openWallets(t, filepath.Join(dir, "wallet.dat"))
			must(ws.Create(""))(t)

			repair := test.damage(t, ws)
			_, err := ws.Create("")
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
			repair()

			want := 1
			if test.made {
				want = 2
			}
			if got := len(ws.Addresses()); got != want {
				t.Errorf("%d wallets, want %d", got, want)
			}
			wantInFile(t, ws)

			must(ws.Create(""))(t)
			wantInFile(t, ws)
			if got := list(t, dir); len(got) != 1 {
				t.Errorf("files are %q, want one", got)
			}
		})
	}
}

func rename(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// A wallet file that is a symbolic link, even to a file that does not exist yet,
// stays one: the keys go where it leads.
func TestWalletLink(t *testing.T) {
	tests := []struct {
		name   string
		target string // relative to the link, or below the directory of the test if it is absolute
		exists bool
	}{
		{"to a file", "stick/keys", true},
		{"to no file yet", "stick/keys", false},
		{"absolute", "/stick/keys", true},
		{"absolute, to no file yet", "/stick/keys", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			link, target := filepath.Join(dir, "wallet.dat"), filepath.Join(dir, test.target)
			if err := os.Mkdir(filepath.Dir(target), 0o700); err != nil {
				t.Fatal(err)
			}

			to := test.target
			if filepath.IsAbs(to) {
				to = target
			}
			if err := os.Symlink(to, link); err != nil {
				t.Skip(err) // Windows allows it to administrators only
			}

			want := 2
			if test.exists {
				must(openWallets(t, target).Create(""))(t)
				want++
			}
			ws := openWallets(t, link)
			must(ws.Create(""))(t)
			must(ws.Create(""))(t)

			if got := len(openWallets(t, target).Addresses()); got != want {
				t.Errorf("the target has %d wallets, want %d", got, want)
			}
			wantInFile(t, ws)
			wantMode0600(t, target)
			if info := must(os.Lstat(link))(t); info.Mode()&fs.ModeSymlink == 0 {
				t.Error("the link was replaced")
			}
			if got := list(t, filepath.Dir(target)); len(got) != 1 {
				t.Errorf("files beside the target: %q", got)
			}
		})
	}
}

// What somebody left at the name that a temporary file may have, neither lends
// its mode to the wallet file, nor do the keys go where it leads.
func TestWalletTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	path, elsewhere := filepath.Join(dir, "wallet.dat"), filepath.Join(dir, "elsewhere")
	for _, file := range []string{elsewhere, path + ".tmp", path} {
		if err := os.WriteFile(file, []byte(`{"wallets": []}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	ws := openWallets(t, path)
	must(ws.Create(""))(t)
	wantMode0600(t, path)

	if err := os.Remove(path + ".tmp"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path+".tmp"); err != nil {
		t.Skip(err)
	}
	must(ws.Create(""))(t)
	if got := openWallets(t, elsewhere).Addresses(); len(got) != 0 {
		t.Errorf("keys went elsewhere: %q", got)
	}
	wantMode0600(t, path)
}

// What a crash has left of a write is removed at the next start, and nothing
// else is.
func TestWalletLeftovers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"wallet.dat.12345.tmp", "wallet.dat.old.tmp", "wallet.dat.12345", "other.12345.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	openWallets(t, filepath.Join(dir, "wallet.dat"))
	want := []string{"other.12345.tmp", "wallet.dat.12345", "wallet.dat.old.tmp"}
	if got := list(t, dir); !slices.Equal(got, want) {
		t.Errorf("files are %q, want %q", got, want)
	}
}
