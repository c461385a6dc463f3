package main

import (
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/boltdb/bolt"

	"gosimpleblockchain/network"
)

// Buckets of the chain. Heights are 8 bytes, big endian; hashes are 32 bytes.
var (
	bucketBlocks  = []byte("blocks")  // height, hash → deflated JSON; also of blocks beside the chain
	bucketHashes  = []byte("hashes")  // hash → height of a block in bucketBlocks
	bucketHeights = []byte("heights") // height → hash of the chain's block there
	bucketSide    = []byte("side")    // height, hash → stored size (4 bytes), parent's hash: blocks beside the chain
	bucketMeta    = []byte("meta")
	bucketOwn     = []byte("own")   // txid → number in order, JSON: our own payments, from when they are pooled
	bucketPeers   = []byte("peers") // address as text → when a node there last answered: 8 bytes, Unix seconds

	keyTip     = []byte("l")      // height and hash of the chain's last block
	keyUTXOTip = []byte("utxo-2") // the same of the block that the UTXO set stands at; 2: its form, which had no heights before
)

const (
	lockWait  = 500 * time.Millisecond // for another process to let go of the file
	growBytes = 1 << 20                // by which the file grows at a time

	maxSavedPeers = 64
)

var (
	ErrInUse   = errors.New("in use by another node")
	ErrDamaged = errors.New("not a chain of this program, or damaged")

	errDamage = fmt.Errorf("%w: %w", network.ErrLedger, ErrDamaged)
)

// A blockRef names a block by height and hash (hex).
type blockRef struct {
	height int
	hash   string
}

func (b *Block) ref() blockRef { return blockRef{b.Header.Height, b.Header.Hash} }

func (h *BlockHeader) parent() blockRef { return blockRef{h.Height - 1, h.PrevBlockHash} }

// key is the ref in bucketBlocks and bucketSide.
func (r blockRef) key() []byte { return append(heightKey(r.height), hashKey(r.hash)...) }

// decodeRef is the inverse of key.
func decodeRef(k []byte) blockRef {
	return blockRef{int(binary.BigEndian.Uint64(k)), hex.EncodeToString(k[8:])}
}

func hashKey(hash string) []byte {
	k, _ := hex.DecodeString(hash)
	return k
}

func heightKey(height int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(height)) }

// openBolt opens a bolt file. Bolt maps the file into memory and trusts it: a
// truncated one would end the program by a fault, which is turned into an error.
func openBolt(path string) (db *bolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer recoverFault(path, &err)

	db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait, InitialMmapSize: mapBytes()})
	if err != nil {
		return nil, openError(path, err)
	}
	db.AllocSize = growBytes
	return db, nil
}

// mapBytes is how many addresses, not memory, a chain's file gets at once. Bolt
// does not survive that the system refuses to map a file that has grown. On
// Windows the file would be made as long, and 32 bits have none to spare: there
// it is mapped anew, twice as large, each time that it has grown so much.
func mapBytes() int {
	if runtime.GOOS == "windows" || strconv.IntSize == 32 {
		return 0
	}
	return 1 << 30
}

// openError tells what bolt says of a file that it cannot open. What comes from
// the system says nothing of the file, which may be whole.
func openError(path string, err error) error {
	var named *fs.PathError
	var system syscall.Errno
	switch {
	case errors.As(err, &named): // it has the path already
		return err
	case errors.Is(err, bolt.ErrTimeout):
		return fmt.Errorf("%s: %w", path, ErrInUse)
	case errors.Is(err, syscall.ENOMEM):
		return fmt.Errorf("%s: this system cannot map it into memory: %w: allow the node %d MiB more of address space (ulimit -v)", path, err, mapBytes()>>20)
	case errors.As(err, &system):
		return fmt.Errorf("%s: this system cannot lock it, or map it into memory: %w: keep the data on a local disk: -data DIRECTORY", path, err)
	}
	return fmt.Errorf("%s: %w: %w: %s", path, ErrDamaged, err, afterDamage)
}

// afterDamage is what to do with a damaged chain.db.
const afterDamage = "start again with -fresh: the file is moved aside, the chain comes back from the peers, and wallet.dat stays"

// recoverFault turns the panic of a bolt transaction into an error. A page that
// the disk has changed sends bolt, which trusts its pages, anywhere: into memory
// that is not mapped, too, if [debug.SetPanicOnFault] makes a panic of that.
func recoverFault(path string, err *error) {
	r := recover()
	if r != nil {
		*err = fmt.Errorf("%s: %w: %v: %s", path, errDamage, r, afterDamage)
	}
}

// view runs do in a reading bolt transaction. Its errors and those of update that
// do does not make itself, and damage, wrap [network.ErrLedger]: no peer is to
// blame for them.
func (bc *Blockchain) view(do func(*bolt.Tx) error) error { return bc.transact(bc.db.View, do) }

// update runs do in a writing bolt transaction, which an error undoes.
func (bc *Blockchain) update(do func(*bolt.Tx) error) error { return bc.transact(bc.db.Update, do) }

func (bc *Blockchain) transact(run func(func(*bolt.Tx) error) error, do func(*bolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer recoverFault(bc.db.Path(), &err)

	var refused error // by do
	err = run(func(tx *bolt.Tx) error {
		refused = do(tx)
		return refused
	})
	if err != nil && refused == nil {
		return fmt.Errorf("%w: %w", network.ErrLedger, err)
	}
	return err
}

// moveAside renames the chain's file at path, if there is one, and returns its
// new name. A file that another node uses stays: that node would go on with it
// under any name. A damaged one may go.
func moveAside(path string, now time.Time) (aside string, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	db, err := openBolt(path)
	if errors.Is(err, ErrInUse) {
		return "", err
	}
	if err == nil {
		db.Close()
	}

	aside = path + ".old-" + now.Format("20060102-150405")
	if _, err := os.Lstat(aside); err == nil { // a rename would end it
		return "", fmt.Errorf("%s: %w", aside, fs.ErrExist)
	}
	return aside, os.Rename(path, aside)
}

// prepare checks that the file is whole and ours, makes the buckets of a new
// one, and brings the UTXO set to the tip.
func (bc *Blockchain) prepare(ctx context.Context, path string) error {
	return bc.update(func(tx *bolt.Tx) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Size() < tx.Size() || tx.Size() == 0 { // 0: of the first page, too, a part is missing
			return fmt.Errorf("%s: %w: %d bytes of %d are left: %s", path, ErrDamaged, info.Size(), tx.Size(), afterDamage)
		}

		first, _ := tx.Cursor().First()
		for _, name := range [][]byte{bucketBlocks, bucketHashes, bucketHeights, bucketSide, bucketMeta, bucketCoins, bucketOwners, bucketUndo} {
			if first != nil && tx.Bucket(name) == nil {
				return fmt.Errorf("%s: %w: it has other buckets", path, ErrDamaged)
			}
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}

		for _, name := range [][]byte{bucketOwn, bucketPeers} { // files of older nodes have none
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}

		last, _ := tx.Bucket(bucketHeights).Cursor().Last()
		if last != nil && !bytes.Equal(last, heightKey(chain{tx}.tip().height)) {
			return damaged("the tip is not the last block")
		}

		return UTXOSet{tx}.catchUp(ctx, bc.log)
	})
}

// read calls do with the chain as it stands during the call.
func read[T any](bc *Blockchain, do func(chain) (T, error)) (v T, err error) {
	err = bc.view(func(tx *bolt.Tx) error {
		v, err = do(chain{tx})
		return err
	})
	return v, err
}

// A chain is the blocks' buckets as one bolt transaction sees them.
type chain struct{ tx *bolt.Tx }

// tip returns the last block of the chain; its height is -1 if there is none.
func (c chain) tip() blockRef {
	v := c.tx.Bucket(bucketMeta).Get(keyTip) // not the last height: after deletions Cursor.Last may find none
	if v == nil {
		return blockRef{height: -1}
	}
	return decodeRef(v)
}

// setTip notes the last block of the chain, and that the UTXO set is there.
func (c chain) setTip(tip blockRef) error {
	meta := c.tx.Bucket(bucketMeta)
	if err := meta.Put(keyTip, tip.key()); err != nil {
		return err
	}
	return meta.Put(keyUTXOTip, tip.key())
}

// at returns the chain's block at height; its hash is "" if there is none.
func (c chain) at(height int) blockRef {
	return blockRef{height, hex.EncodeToString(c.tx.Bucket(bucketHeights).Get(heightKey(height)))}
}

// has reports whether a block is on the chain.
func (c chain) has(ref blockRef) bool { return ref.hash != "" && c.at(ref.height) == ref }

// stored reports whether a block is on the chain or beside it.
func (c chain) stored(ref blockRef) bool {
	return ref.height >= 0 && isHex(ref.hash, 64) && c.tx.Bucket(bucketBlocks).Get(ref.key()) != nil
}

// block returns a stored block, or [ErrNoBlock]. A disk may change bits: the
// block must have the hash that it is stored under, and the transactions that
// the hash covers.
func (c chain) block(ref blockRef) (*Block, error) {
	raw, err := c.json(ref)
	if err != nil {
		return nil, err
	}

	b := decodeOwnForm(raw)
	if b == nil {
		return nil, damaged("block %d is not as it was written", ref.height)
	}
	h := &b.Header
	if b.MagicNo != magicNo || b.ref() != ref || h.hash() != ref.hash || b.merkleRoot() != h.HashMerkleRoot {
		return nil, damaged("block %d is not %s", ref.height, ref.hash)
	}
	return b, nil
}

// json returns the JSON of a stored block, or [ErrNoBlock].
func (c chain) json(ref blockRef) (json.RawMessage, error) {
	if ref.hash == "" && (ref.height < 0 || ref.height > c.tip().height) {
		return nil, ErrNoBlock
	}
	v := c.tx.Bucket(bucketBlocks).Get(ref.key())
	if v == nil {
		return nil, damaged("block %d is missing", ref.height)
	}

	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(v)))
	if err != nil {
		return nil, damaged("block %d: %v", ref.height, err)
	}
	return raw, nil
}

// deflate compresses b's JSON. Most of it is hex digits, four bits of sense in
// eight: deflated, two blocks take the room of one.
func (bc *Blockchain) deflate(b *candidate) error {
	w, err := bc.deflater()
	if err != nil {
		return err
	}

	var deflated bytes.Buffer
	w.Reset(&deflated)
	if _, err := w.Write(b.AppendJSON(nil)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	b.deflated = deflated.Bytes()

	select {
	case bc.deflaters <- w:
	default:
	}
	return nil
}

// deflater returns an idle writer, or a new one. Each takes a megabyte, so they
// aren't in a [sync.Pool]: the garbage collector comes often, and would empty it.
func (bc *Blockchain) deflater() (*flate.Writer, error) {
	select {
	case w := <-bc.deflaters:
		return w, nil
	default:
		return flate.NewWriter(nil, flate.BestSpeed)
	}
}

// savePayment keeps a payment of our own, so that it outlives the node.
func (bc *Blockchain) savePayment(txid string, json []byte) error {
	return bc.update(func(tx *bolt.Tx) error {
		own := tx.Bucket(bucketOwn)
		if own.Get(hashKey(txid)) != nil {
			return nil
		}

		n, err := own.NextSequence()
		if err != nil {
			return err
		}
		return own.Put(hashKey(txid), append(binary.BigEndian.AppendUint64(nil, n), json...))
	})
}

// savedPayments returns the JSON of our own payments in order of arrival.
func (bc *Blockchain) savedPayments() (payments []json.RawMessage, err error) {
	err = bc.view(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketOwn).ForEach(func(_, v []byte) error {
			payments = append(payments, bytes.Clone(v))
			return nil
		})
	})
	slices.SortFunc(payments, func(a, b json.RawMessage) int { return bytes.Compare(a, b) }) // the number comes first
	for i, v := range payments {
		payments[i] = v[8:]
	}
	return payments, err
}

// savedAmong returns the txids of those of txs that are our own payments.
func (bc *Blockchain) savedAmong(txs []*Transaction) (txids []string, err error) {
	if len(txs) == 0 {
		return nil, nil
	}
	err = bc.view(func(tx *bolt.Tx) error {
		for _, t := range txs {
			if tx.Bucket(bucketOwn).Get(hashKey(t.TxID)) != nil {
				txids = append(txids, t.TxID)
			}
		}
		return nil
	})
	return txids, err
}

func (bc *Blockchain) forgetPayments(txids []string) error {
	return bc.update(func(tx *bolt.Tx) error {
		for _, txid := range txids {
			if err := tx.Bucket(bucketOwn).Delete(hashKey(txid)); err != nil {
				return err
			}
		}
		return nil
	})
}

// savePeers keeps the addresses at which nodes have answered, and when they last
// did. Of more than maxSavedPeers, those that have been silent for longest go; and
// of one network no more than a quarter stays, or whoever has many ports would push
// out those who are away.
func (bc *Blockchain) savePeers(answered map[netip.AddrPort]time.Time) error {
	return bc.update(func(tx *bolt.Tx) error {
		last := readPeers(tx)
		for addr, at := range answered {
			if at.After(last[addr]) {
				last[addr] = at
			}
		}
		addrs := slices.SortedFunc(maps.Keys(last), func(a, b netip.AddrPort) int {
			return cmp.Or(last[b].Compare(last[a]), a.Compare(b))
		})

		if err := tx.DeleteBucket(bucketPeers); err != nil {
			return err
		}
		peers, err := tx.CreateBucket(bucketPeers)
		if err != nil {
			return err
		}
		saved, of := 0, make(map[netip.Prefix]int)
		for _, addr := range addrs {
			from := network.NetworkOf(addr.Addr())
			if saved == maxSavedPeers || of[from] == maxSavedPeers/4 {
				continue
			}
			saved, of[from] = saved+1, of[from]+1
			seconds := binary.BigEndian.AppendUint64(nil, uint64(last[addr].Unix()))
			if err := peers.Put([]byte(addr.String()), seconds); err != nil {
				return err
			}
		}
		return nil
	})
}

// savedPeers returns the addresses at which nodes have answered.
func (bc *Blockchain) savedPeers() ([]netip.AddrPort, error) {
	return read(bc, func(c chain) ([]netip.AddrPort, error) {
		return slices.Collect(maps.Keys(readPeers(c.tx))), nil
	})
}

// readPeers returns when a node last answered at each saved address. An entry
// that makes no sense is left out: the others will do.
func readPeers(tx *bolt.Tx) map[netip.AddrPort]time.Time {
	last := make(map[netip.AddrPort]time.Time)
	cursor := tx.Bucket(bucketPeers).Cursor()
	for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
		addr, err := netip.ParseAddrPort(string(k))
		if err == nil && len(v) == 8 {
			last[addr] = time.Unix(int64(binary.BigEndian.Uint64(v)), 0)
		}
	}
	return last
}
