package browser

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/network"
)

// joinPeers has that many peers join the network of a node. They take what it
// has.
func joinPeers(t testing.TB, n *node, count int) {
	t.Helper()
	var ids bucketFiller
	for i := range count {
		joinPeer(t, n, i+1, ids.next(n.id()), new(followingLedger))
	}
}

// joinPeer starts a peer that the test plays, in this process, and has it join
// the network of a node. Its IP address is 127.0.2.i, for a node keeps few peers
// at one; so macOS has to be told of these.
func joinPeer(t testing.TB, n *node, i int, id kademlia.ID, ledger network.Ledger) {
	t.Helper()
	seed := netip.MustParseAddrPort(n.addr)
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 2, byte(i)}), seed.Port())
	ln, err := net.Listen("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	discovery, err := kademlia.Listen(addr, kademlia.Config{ID: id})
	if err != nil {
		ln.Close()
		t.Fatal(err)
	}

	peer := network.PeerServer{Ledger: ledger, Discovery: only{seed}, Log: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		peer.Run(ctx, ln)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		discovery.Close()
	})

	if err := discovery.Bootstrap(t.Context(), seed); err != nil {
		t.Fatal(err)
	}
}

// A bucketFiller finds IDs for which a node has room: a bucket of its table
// holds 20.
type bucketFiller struct{ contacts [160]int }

// next returns a random ID that goes into a bucket of node with fewer than 18.
func (f *bucketFiller) next(node kademlia.ID) (id kademlia.ID) {
	for {
		rand.Read(id[:])
		if i := id.CommonPrefix(node); f.contacts[i] < 18 {
			f.contacts[i]++
			return id
		}
	}
}

// only is a discovery that knows one node.
type only [1]netip.AddrPort

func (o only) Peers() []netip.AddrPort { return o[:] }
func (o only) Meet(netip.AddrPort)     {}

// A followingLedger takes what it is told.
type followingLedger struct {
	mu     sync.Mutex // guards all below
	blocks []json.RawMessage
	hashes []string
}

func (l *followingLedger) Status() (network.Status, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.blocks) == 0 {
		return network.Status{Height: -1}, nil
	}
	return network.Status{Height: len(l.blocks) - 1, Genesis: l.blocks[0], GenesisHash: l.hashes[0]}, nil
}

func (l *followingLedger) Hash(height int) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if height < 0 || height >= len(l.hashes) {
		return "", fmt.Errorf("no block %d", height)
	}
	return l.hashes[height], nil
}

func (l *followingLedger) Block(height int) (json.RawMessage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if height < 0 || height >= len(l.blocks) {
		return nil, fmt.Errorf("no block %d", height)
	}
	return l.blocks[height], nil
}

func (l *followingLedger) AddBlocks(_ context.Context, blocks []json.RawMessage) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, raw := range blocks {
		var block struct {
			Header struct {
				Height int    `json:"height"`
				Hash   string `json:"hash"`
			} `json:"block_header"`
		}
		if err := json.Unmarshal(raw, &block); err != nil {
			return err
		}
		height := block.Header.Height
		if height > len(l.blocks) {
			return fmt.Errorf("block %d on top of %d", height, len(l.blocks)-1)
		}
		l.blocks = append(l.blocks[:height], raw)
		l.hashes = append(l.hashes[:height], block.Header.Hash)
	}
	return nil
}

func (l *followingLedger) AddTransactions(context.Context, []json.RawMessage) ([]json.RawMessage, error) {
	return nil, nil
}

func (l *followingLedger) Waiting() []json.RawMessage { return nil }
