package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/boltdb/bolt"
)

const childChain = "TEST_CHILD_CHAIN" // the path of a chain, for TestAddressSpaceChild

// A process without the addresses that the file needs is told so when it opens
// it, and not, by a fault, when the file has grown.
func TestAddressSpace(t *testing.T) {
	if mapBytes() == 0 {
		t.Skip("there are none to spare here: the file is mapped anew as it grows")
	}
	cmd := exec.Command(must(os.Executable())(t), "-test.run=^TestAddressSpaceChild$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), childChain+"="+filepath.Join(t.TempDir(), "chain.db"))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "too little: true false") || !strings.Contains(string(out), "grown") {
		t.Errorf("child: %v\n%.2000s", err, out)
	}
}

// TestAddressSpaceChild opens a chain with too few addresses left, and then with
// as many as the file needs once and for all.
func TestAddressSpaceChild(t *testing.T) {
	path := os.Getenv(childChain)
	if path == "" {
		t.Skip("TestAddressSpace runs it")
	}
	heap := make([]byte, 256<<20) // Go keeps the addresses
	runtime.KeepAlive(heap)
	heap = nil
	runtime.GC()

	limitAddressSpace(t, 256<<20)
	_, err := OpenBlockchain(t.Context(), path, slog.New(slog.DiscardHandler))
	fmt.Println("too little:", errors.Is(err, syscall.ENOMEM), errors.Is(err, ErrDamaged), err)

	limitAddressSpace(t, 2<<30)
	bc := openChain(t, path)
	limitAddressSpace(t, 48<<20) // for Go itself; to map the file anew, twice as large, takes more
	for i := range 80 {
		err := bc.update(func(tx *bolt.Tx) error {
			return tx.Bucket(bucketMeta).Put(fmt.Append(nil, "filler ", i), make([]byte, 1<<20))
		})
		if err != nil {
			fmt.Println(err)
			os.Exit(1) // to close the file may wait for ever
		}
	}
	fmt.Println("grown")
}

// limitAddressSpace lets the process map so many more bytes, and no more.
func limitAddressSpace(t *testing.T, more uint64) {
	t.Helper()
	var pages uint64
	if _, err := fmt.Sscan(string(readFile(t, "/proc/self/statm")), &pages); err != nil {
		t.Fatal(err)
	}

	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = pages*uint64(os.Getpagesize()) + more
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &limit); err != nil {
		t.Fatal(err)
	}
}
