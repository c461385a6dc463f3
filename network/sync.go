package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// sync fetches the blocks of a higher chain from where it and ours part, and
// hands them to the ledger. It reports whether our tip rose. An error that
// wraps badPeerError is the peer's fault.
//
// When several peers are ahead, each client syncs on its own, and the ledger
// ignores what comes twice: so no peer can hold up another, save for the time
// that the ledger takes for a batch. Bitcoin fetches different blocks from each.
func (c *TCPClient) sync(ctx context.Context, conn *msgConn, ours, theirs Status) (rose bool, err error) {
	raised, syncErr := c.fetchBranch(ctx, conn, ours, theirs)
	syncErr = c.judgeMove(syncErr)
	now, err := c.Ledger.Status()
	if err != nil {
		return false, err
	}

	var bad *badPeerError
	if errors.As(syncErr, &bad) && !now.sameChain(theirs) {
		// We had no chain, and while this peer sent us its own, another
		// peer's came first. That is nobody's fault.
		return false, nil
	}
	if errors.Is(syncErr, ErrTooDeep) {
		syncErr = fmt.Errorf("%w: %s", syncErr, c.GiveUp(c.Addr))
	}
	if errors.Is(syncErr, ErrTooDeep) || errors.Is(syncErr, ErrNotYet) || c.toleratesFault(syncErr) {
		c.recordNotTaken(syncErr)
		syncErr = nil // there is more to talk about than blocks
	}

	isTheirs := now.Height <= theirs.Height // what is higher has come from others, meanwhile
	if raised > 0 && isTheirs {
		hash, _ := c.Ledger.Hash(now.Height) // "" from a damaged disk
		c.Log.Info("blocks synced", "peer", c.Addr, "height", now.Height, "hash", hash, "blocks", raised)
	}
	return now.Height > ours.Height, syncErr
}

// fetchBranch fetches and adds what the peer's chain has beyond ours, in two
// steps: where do the chains part, and what comes after? It returns by how many
// blocks that has raised our tip.
func (c *TCPClient) fetchBranch(ctx context.Context, conn *msgConn, ours, theirs Status) (raised int, err error) {
	fork, hash, err := c.forkPoint(conn, ours)
	if err != nil {
		return 0, err
	}
	return c.fetchBlocks(ctx, conn, fork+1, theirs.Height, hash)
}

// forkPoint returns the height and the hash of a block that both chains
// have: -1 and "" if we have none. It is the last such block, or somewhat
// below it, for the steps back from our tip double: 1, 2, 4, 8 …. So a fork
// of a thousand blocks costs eleven steps, and at worst twice the blocks.
//
// We don't wait after each step. First we ask for one block, then for two at once,
// then for four …: eleven steps take four round trips. Bitcoin sends the hashes at
// these heights in one message, a block locator.
func (c *TCPClient) forkPoint(conn *msgConn, ours Status) (height int, hash string, err error) {
	if ours.Height < 0 {
		return -1, "", nil
	}

	heights := stepsBack(ours.Height)
	for n := 1; len(heights) > 0; n = min(2*n, c.maxRequests()) {
		n = min(n, len(heights))
		common, err := c.highestCommon(conn, heights[:n])
		if err != nil {
			return 0, "", err
		}
		if common != nil {
			return common.height, common.hash, nil
		}
		heights = heights[n:]
	}
	return 0, ours.GenesisHash, nil // which the handshakes have compared
}

// stepsBack returns the heights from a tip down, in steps that double. Block 0 is
// not among them.
func stepsBack(tip int) (heights []int) {
	for step := 1; tip > 0; step *= 2 {
		heights = append(heights, tip)
		tip -= step
	}
	return heights
}

// highestCommon asks for the peer's blocks at some heights, all at once, and
// returns the first that is ours, too, or nil. It receives all the replies.
func (c *TCPClient) highestCommon(conn *msgConn, heights []int) (common *header, err error) {
	for _, height := range heights {
		if err := c.requestBlock(conn, height); err != nil {
			return nil, err
		}
	}

	for _, height := range heights {
		_, theirs, err := c.receiveBlock(conn, height)
		if err != nil {
			return nil, err
		}
		ours, err := c.Ledger.Hash(height)
		if err != nil {
			continue // our chain has become shorter meanwhile
		}
		if theirs.hash == ours && common == nil {
			common = &theirs
		}
	}
	return common, nil
}

// fetchBlocks asks for the blocks from … to, of which the first follows the
// block with hash prev, and adds them. While the ledger works on a batch, the
// next one is fetched; there is never a third. What came before an error is
// added.
func (c *TCPClient) fetchBlocks(ctx context.Context, conn *msgConn, from, to int, prev string) (raised int, err error) {
	conns, err := c.blockConns(ctx, conn, from, to)
	if err != nil {
		return 0, err
	}
	s := &blockStream{client: c, conns: conns, next: from, asked: from, last: to, prev: prev, size: maxBatchBytes}
	fetchCtx, stopFetching := context.WithCancel(ctx)
	defer stopFetching()

	wait := func() (int, error) { return 0, nil } // for the batch before to be added
	for s.next <= s.last {
		batch, fetchErr := s.fetchBatch(fetchCtx)
		n, err := wait()
		raised += n
		if err != nil {
			batch.large.giveBack()
			return raised, err
		}

		wait = c.startAdding(ctx, batch, stopFetching)
		if fetchErr != nil {
			n, err := wait()
			raised += n
			if err != nil {
				return raised, err
			}
			return raised, fetchErr
		}
	}
	n, err := wait()
	return raised + n, err
}

// A blockStream fetches consecutive blocks. If each request waited for the reply
// to the one before, the line would be idle most of the time: a round trip of 50 ms
// makes 20 blocks a second, however fast the line is. So several requests are always
// on their way, but no more than fill a batch if all blocks are as long as the last.
type blockStream struct {
	client *TCPClient
	conns  []*msgConn // which take turns
	next   int        // height of the block that is to come
	asked  int        // height of the first block that is not asked for
	last   int        // height of the last block
	prev   string     // hash of the block in front of the next
	size   int        // of that block's JSON; before the first has come, of a large one's
}

// conn returns the connection over which a block comes.
func (s *blockStream) conn(height int) *msgConn { return s.conns[height%len(s.conns)] }

// request asks for blocks until enough are on their way.
func (s *blockStream) request() error {
	ahead := max(len(s.conns), min(maxBatchBytes/s.size, s.client.maxRequests()))
	for s.asked < s.next+ahead && s.asked <= s.last {
		if err := s.client.requestBlock(s.conn(s.asked), s.asked); err != nil {
			return err
		}
		s.asked++
	}
	return nil
}

// fetch puts the next block into a batch.
func (s *blockStream) fetch(b *batch) error {
	if err := s.request(); err != nil {
		return err
	}

	conn := s.conn(s.next)
	conn.inBatch = true // a large block keeps its turn until it is added
	block, h, err := s.client.receiveBlock(conn, s.next)
	conn.inBatch = false
	b.large = conn.large.handOver()
	if err != nil {
		return err
	}

	if h.prev != s.prev {
		return hasMoved("block %d does not follow the block before it", s.next)
	}
	s.client.recordMove(false)
	s.next, s.prev, s.size = s.next+1, h.hash, len(block)
	b.blocks = append(b.blocks, block)
	b.size += len(block)
	return nil
}

// batch is blocks to be added in one go.
type batch struct {
	blocks []json.RawMessage
	size   int       // of all
	large  largeTurn // of the last block, if that is large
}

// isFull reports whether the batch is to be added now.
func (b *batch) isFull() bool {
	return len(b.blocks) >= maxBatchBlocks || b.size >= maxBatchBytes || b.large.taken
}

// fetchBatch fetches blocks until they fill a batch. It returns those that came
// before an error.
func (s *blockStream) fetchBatch(ctx context.Context) (b batch, err error) {
	for s.next <= s.last && !b.isFull() {
		if err := ctx.Err(); err != nil {
			return b, err
		}
		if err := s.fetch(&b); err != nil {
			return b, err
		}
	}
	return b, nil
}

// requestBlock asks the peer for one block.
func (c *TCPClient) requestBlock(conn *msgConn, height int) error {
	return conn.request(Msg{Code: GetBlockMsg, Data: fmt.Append(nil, height)})
}

// receiveBlock receives the block that was asked for, and checks that it is the
// one at that height.
func (c *TCPClient) receiveBlock(conn *msgConn, height int) (json.RawMessage, header, error) {
	reply, err := c.receiveReply(conn)
	if errors.Is(err, errNone) {
		return nil, header{}, hasMoved("does not serve block %d of its chain", height)
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
	if err := c.recordBlock(h); err != nil {
		return nil, header{}, err
	}
	return reply.Data, h, nil
}

// recordBlock keeps what block the peer served last. Block 0 must be that of
// its handshake, which we may have chosen it for.
func (c *TCPClient) recordBlock(h header) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h.height == 0 && h.hash != c.theirs.GenesisHash {
		return badPeer("serves another block 0 than in its handshake")
	}
	c.lastBlock = h
	return nil
}

// learnTip asks for the peer's block at the height of our tip, unless we know
// it: two chains of one height may end in different blocks. A Python node may
// have put another into its place.
func (c *TCPClient) learnTip(conn *msgConn, height int) error {
	c.mu.Lock()
	known := height <= 0 || c.lastBlock.height == height && !c.python
	c.mu.Unlock()
	if known {
		return nil
	}

	if err := c.requestBlock(conn, height); err != nil {
		return err
	}
	_, _, err := c.receiveBlock(conn, height)
	var bad *badPeerError
	var moved *movedError
	if errors.As(err, &bad) || errors.As(err, &moved) {
		return nil // an honest peer that just switches branches may lack the block
	}
	return err
}

// recordNotTaken keeps why the peer's blocks are not taken, for now. Only after
// a pause are they fetched again: each try costs as much as a batch.
func (c *TCPClient) recordNotTaken(err error) {
	c.mu.Lock()
	first := c.notTaken == nil
	c.notTaken, c.tryAgain = err, time.Now().Add(notTakenPause)
	c.mu.Unlock()
	if first {
		c.Log.Warn("blocks of peer not taken yet", "peer", c.Addr, "err", err)
	}
}

// isTooSoonToSync reports whether blocks that were not taken are not to be
// fetched again yet.
func (c *TCPClient) isTooSoonToSync() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.notTaken != nil && time.Now().Before(c.tryAgain)
}

// judgeMove lets it pass that a peer has moved: we shake hands again, soon. Twice
// in a row, with no block in between, it is the peer's fault.
func (c *TCPClient) judgeMove(err error) error {
	var moved *movedError
	if !errors.As(err, &moved) {
		return err
	}
	if again := c.recordMove(true); again {
		return &badPeerError{moved}
	}
	c.checkClaim()
	return nil
}

// recordMove keeps whether the peer has moved since it last served what it had
// promised, and returns whether it had before.
func (c *TCPClient) recordMove(moved bool) (before bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, c.moved = c.moved, moved
	return before
}

// startAdding waits until it is our turn, and then has the ledger add a batch
// while the caller goes on. The caller must call wait, which returns once the
// batch is added: by how many blocks our tip has risen, and why it was not added
// whole. In that case onError is called at once.
//
// To decode and check blocks takes all processors, and several times the
// memory of their text: of all peers, some of them hostile, one at a time may
// cause that.
func (c *TCPClient) startAdding(ctx context.Context, b batch, onError func()) (wait func() (raised int, err error)) {
	if len(b.blocks) == 0 {
		b.large.giveBack()
		return func() (int, error) { return 0, nil }
	}
	network := NetworkOf(c.Addr.Addr())
	if err := c.adding.take(ctx, network); err != nil {
		b.large.giveBack()
		return func() (int, error) { return 0, err }
	}

	type outcome struct {
		raised int
		err    error
	}
	added := make(chan outcome, 1)
	go func() {
		before := c.height()
		err := c.Ledger.AddBlocks(ctx, b.blocks)
		raised := c.height() - before
		c.adding.giveBack(network)
		b.large.giveBack()
		if err != nil {
			onError()
		}
		added <- outcome{raised, err}
	}()
	return func() (int, error) {
		o := <-added
		return o.raised, c.judgeAdding(ctx, o.err)
	}
}

// judgeAdding returns err, of the ledger, as the peer's fault if it is that.
func (c *TCPClient) judgeAdding(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil, errors.Is(err, ErrNotYet), errors.Is(err, ErrTooDeep):
		return err
	case errors.Is(err, ErrLedger):
		c.quiet.warn(c.Log, "blocks not stored", "peer", c.Addr, "err", err)
		return err
	}
	return badPeer("%w", err)
}

// height returns that of our tip; -1: no chain, or one that cannot be read.
func (c *TCPClient) height() int {
	ours, err := c.Ledger.Status()
	if err != nil {
		return -1
	}
	return ours.Height
}

// badPeerError is a peer that serves what an honest one never would. We hang
// up and leave it alone for a while.
type badPeerError struct{ err error }

func (e *badPeerError) Error() string { return e.err.Error() }
func (e *badPeerError) Unwrap() error { return e.err }

func badPeer(format string, args ...any) error {
	return &badPeerError{fmt.Errorf(format, args...)}
}

// movedError is a peer that does not serve the chain of its handshake: an
// honest one has switched to another branch since.
type movedError struct{ err error }

func (e *movedError) Error() string { return e.err.Error() }

func hasMoved(format string, args ...any) error {
	return &movedError{fmt.Errorf(format, args...)}
}
