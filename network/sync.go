package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// badPeerError is a peer that serves what an honest one never would. We hang
// up and leave it alone for a while.
type badPeerError struct{ err error }

func (e *badPeerError) Error() string { return e.err.Error() }
func (e *badPeerError) Unwrap() error { return e.err }

func badPeer(format string, args ...any) error {
	return &badPeerError{fmt.Errorf(format, args...)}
}

// sync fetches the blocks of a higher chain from where it and ours part, and
// hands them to the ledger. It reports whether our tip rose. An error that
// wraps badPeerError is the peer's fault.
//
// When several peers are ahead, each client syncs on its own, and the ledger
// ignores what comes twice: so no peer can hold up another, save for the time
// that the ledger takes for a batch. Bitcoin fetches different blocks from each.
func (c *TCPClient) sync(ctx context.Context, conn *conn, ours, theirs Status) (moved bool, err error) {
	from, prev, err := c.forkPoint(conn, ours, theirs)
	if err == nil {
		err = c.fetch(ctx, conn, from+1, theirs.Height, prev)
	}
	now, statusErr := c.Ledger.Status()
	if statusErr != nil {
		return false, statusErr
	}
	var bad *badPeerError
	if errors.As(err, &bad) && !now.sameChain(theirs) {
		// We had no chain, and while this peer sent us its own, another
		// peer's came first. That is nobody's fault.
		return false, nil
	}
	if now.Height > ours.Height {
		c.Log.Info("blocks synced", "peer", c.Addr, "height", now.Height, "blocks", now.Height-ours.Height)
	}
	return now.Height > ours.Height, err
}

// forkPoint returns the height and the hash of a block that both chains
// have: -1 and "" if we have none. It is the last such block, or somewhat
// below it, for the steps back from our tip double: 1, 2, 4, 8 …. So a fork
// of a thousand blocks costs eleven requests, and at worst twice the blocks.
//
// Bitcoin sends the hashes at these heights in one message, a block locator.
func (c *TCPClient) forkPoint(conn *conn, ours, theirs Status) (height int, hash string, err error) {
	if ours.Height < 0 {
		return -1, "", nil
	}
	step := 1
	for height = ours.Height; height > 0; height -= step / 2 {
		step *= 2
		ours, err := c.Ledger.Hash(height)
		if err != nil {
			continue // our chain became shorter meanwhile
		}
		_, its, err := c.fetchBlock(conn, height)
		if err != nil {
			return 0, "", err
		}
		if its.hash == ours {
			return height, ours, nil
		}
	}
	return 0, ours.GenesisHash, nil
}

// fetchBlock asks the peer for one block and checks that it is the one at
// that height.
func (c *TCPClient) fetchBlock(conn *conn, height int) (json.RawMessage, header, error) {
	reply, err := c.ask(conn, Msg{Code: GetBlockMsg, Data: fmt.Append(nil, height)})
	if errors.Is(err, errNone) {
		return nil, header{}, badPeer("does not serve block %d of its chain", height)
	}
	if err != nil {
		return nil, header{}, err
	}
	h, err := parseHeader(reply.Data)
	if err != nil {
		return nil, header{}, badPeer("block %d: %w", height, err)
	}
	if h.height != height {
		return nil, header{}, badPeer("serves block %d as block %d", h.height, height)
	}
	return reply.Data, h, nil
}

// fetch asks for the blocks from … to, of which the first follows the block
// with hash prev, and adds them. While the ledger works on a batch, the next
// one is fetched; there is never a third. What came before an error is added.
func (c *TCPClient) fetch(ctx context.Context, conn *conn, from, to int, prev string) error {
	fetchCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan []json.RawMessage)
	added := make(chan error, 1)
	go func() {
		var err error
		for batch := range batches {
			err = c.Ledger.AddBlocks(ctx, batch)
			<-c.turn
			if err != nil {
				cancel() // there is no use in fetching more
				break
			}
		}
		added <- err
	}()
	fetchErr := c.fetchBatches(fetchCtx, conn, from, to, prev, batches)
	close(batches)
	addErr := <-added
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(addErr, ErrNotYet):
		return addErr
	case addErr != nil:
		return badPeer("%w", addErr)
	}
	return fetchErr
}

// fetchBatches sends the blocks from … to as batches, until ctx is done.
func (c *TCPClient) fetchBatches(ctx context.Context, conn *conn, from, to int, prev string, batches chan<- []json.RawMessage) error {
	for from <= to {
		batch, last, err := c.fetchBatch(ctx, conn, from, to, prev)
		if len(batch) > 0 {
			if err := c.handIn(ctx, batch, batches); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		from, prev = from+len(batch), last
	}
	return nil
}

// fetchBatch asks for blocks from … to, until it has enough for a batch. It
// returns those that came before an error, and the hash of the last.
func (c *TCPClient) fetchBatch(ctx context.Context, conn *conn, from, to int, prev string) (batch []json.RawMessage, last string, err error) {
	size := 0
	for height := from; height <= to && len(batch) < maxBatchBlocks && size < maxBatchBytes; height++ {
		if ctx.Err() != nil {
			return batch, prev, ctx.Err()
		}
		block, h, err := c.fetchBlock(conn, height)
		if err != nil {
			return batch, prev, err
		}
		if h.prev != prev {
			return batch, prev, badPeer("block %d does not follow the block before it", height)
		}
		prev = h.hash
		batch = append(batch, block)
		size += len(block)
	}
	return batch, prev, nil
}
