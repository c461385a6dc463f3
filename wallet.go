package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/btcsuite/btcutil/base58"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old and slow, and what addresses are made of
)

const addressVersion = 0 // Bitcoin's main network: addresses begin with 1

var (
	ErrChecksum  = errors.New("address is mistyped: its checksum does not match")
	ErrAddress   = errors.New("not an address")
	ErrNotInFile = errors.New("address is not in this node's wallet")
)

// PubKeyHash is RIPEMD-160(SHA-256(public key)): 20 raw bytes, never hex.
type PubKeyHash [ripemd160.Size]byte

// hash160 returns the hash of a public key, the 64 bytes X‖Y. Bitcoin hashes
// the same point with a leading 04, or 02 or 03 and X alone, so its address
// for a key is another one than ours.
func hash160(pubKey []byte) (h PubKeyHash) {
	sum := sha256.Sum256(pubKey)
	r := ripemd160.New()
	r.Write(sum[:])
	r.Sum(h[:0])
	return h
}

// Address returns the Base58Check text of h: version, hash and four bytes of
// a double SHA-256, in an alphabet without 0, O, I and l.
func (h PubKeyHash) Address() string { return base58.CheckEncode(h[:], addressVersion) }

// ParseAddress returns the hash that a Base58Check address pays to, or
// [ErrChecksum] for a mistyped address, or [ErrAddress] for any other bad text.
//
// Article: address_to_pubkey_hash. Bitcoin: https://en.bitcoin.it/wiki/Base58Check_encoding
func ParseAddress(s string) (h PubKeyHash, err error) {
	if len(s) < 26 || len(s) > 34 { // before the decoder, whose cost grows as the square
		return h, fmt.Errorf("%w: %.40q", ErrAddress, s)
	}

	hash, version, err := base58.CheckDecode(s)
	if errors.Is(err, base58.ErrChecksum) {
		return h, fmt.Errorf("%w: %q", ErrChecksum, s)
	}
	if err != nil || version != addressVersion || len(hash) != len(h) {
		return h, fmt.Errorf("%w: %q", ErrAddress, s)
	}
	return PubKeyHash(hash), nil
}

// A Wallet is one key pair on the curve secp256k1.
type Wallet struct {
	key     *secp256k1.PrivateKey
	pubKey  []byte // the 64 bytes X‖Y
	address string
	name    string // for the people at this node; "": none
}

// NewWallet draws a key from the operating system's randomness.
func NewWallet() (*Wallet, error) {
	key, err := secp256k1.GeneratePrivateKeyFromRand(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("new wallet: %w", err)
	}
	return newWallet(key), nil
}

// ParseWallet reads a private key: 64 hex digits, a number from 1 to below
// the order of the curve.
func ParseWallet(privateKey string) (*Wallet, error) {
	raw, err := hex.DecodeString(privateKey)
	if err != nil || len(raw) != secp256k1.PrivKeyBytesLen {
		return nil, fmt.Errorf("private key: %w", ErrMalformed)
	}

	var n secp256k1.ModNScalar
	if overflow := n.SetByteSlice(raw); overflow || n.IsZero() {
		return nil, fmt.Errorf("private key: %w: outside the curve's order", ErrMalformed)
	}
	return newWallet(secp256k1.NewPrivateKey(&n)), nil
}

func newWallet(key *secp256k1.PrivateKey) *Wallet {
	pubKey := key.PubKey().SerializeUncompressed()[1:]
	return &Wallet{key: key, pubKey: pubKey, address: hash160(pubKey).Address()}
}

// PrivateKey returns the key as 64 hex digits.
func (w *Wallet) PrivateKey() string { return hex.EncodeToString(w.key.Serialize()) }

// PublicKey returns X‖Y as 128 hex digits.
func (w *Wallet) PublicKey() string { return hex.EncodeToString(w.pubKey) }

// Address returns the address that pays to w.
func (w *Wallet) Address() string { return w.address }

// sign returns the ECDSA signature of digest as r‖s, 128 hex digits. Its nonce
// follows from key and digest (RFC 6979): signing twice gives the same bytes.
func (w *Wallet) sign(digest []byte) string {
	sig := ecdsa.Sign(w.key, digest)
	r, s := sig.R(), sig.S()
	rb, sb := r.Bytes(), s.Bytes()
	return hex.EncodeToString(append(rb[:], sb[:]...))
}

// verifySignature checks that signature (r‖s, 128 hex digits) signs digest
// with the key X‖Y. Digests shorter than 32 bytes are padded on the left.
func verifySignature(pubKey, digest []byte, signature string) error {
	key, err := secp256k1.ParsePubKey(append([]byte{secp256k1.PubKeyFormatUncompressed}, pubKey...))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPubKey, err)
	}

	raw, err := hex.DecodeString(signature)
	if err != nil || len(raw) != 64 {
		return fmt.Errorf("%w: want 128 hex digits", ErrSignature)
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(raw[:32]) || s.SetByteSlice(raw[32:]) {
		return fmt.Errorf("%w: r or s outside the curve's order", ErrSignature)
	}

	if !ecdsa.NewSignature(&r, &s).Verify(digest, key) {
		return ErrSignature
	}
	return nil
}

// Wallets is the wallet file: keys in the order they were made. The mining
// reward goes to the first. Methods are safe for concurrent use.
//
// The keys stand in the file in clear; Bitcoin Core can encrypt its file.
type Wallets struct {
	path    string
	syncDir func(dir string) error // makes the names in a directory durable

	mu   sync.Mutex // guards list and the file
	list []*Wallet
}

// OpenWallets reads the wallet file at path; no file means no wallets yet. A
// damaged or foreign file is an error, and stays as it is.
func OpenWallets(path string) (*Wallets, error) {
	ws := &Wallets{path: path, syncDir: syncDir}
	if err := ws.removeLeftovers(); err != nil {
		return nil, fmt.Errorf("read wallets: %w", err)
	}

	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ws, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read wallets: %w", err)
	}

	ws.list, err = decodeWallets(raw)
	if err != nil {
		return nil, fmt.Errorf("%s is not a wallet file of this program, or damaged: %w", path, err)
	}
	return ws, nil
}

// Create makes a new wallet, and returns it once it is safely in the file. Its
// name, if it is to have one, must be new.
func (ws *Wallets) Create(name string) (*Wallet, error) {
	w, err := NewWallet()
	if err != nil {
		return nil, err
	}
	return ws.add(w, name)
}

// add puts a copy of a wallet into the file, as [Wallets.Create] does.
func (ws *Wallets) add(w *Wallet, name string) (_ *Wallet, err error) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w = newWallet(w.key)
	if w.name, err = newName(ws.list, name); err != nil {
		return nil, err
	}
	if err := ws.replace(append(slices.Clone(ws.list), w)); err != nil {
		return nil, fmt.Errorf("write wallets: %w", err)
	}
	return w, nil
}

// remove takes a wallet back that nobody has been told of.
func (ws *Wallets) remove(w *Wallet) error {
	ws.mu.Lock()
	defer ws.mu.Unlock()

	i := slices.Index(ws.list, w)
	if i < 0 {
		return nil
	}
	if err := ws.replace(slices.Delete(slices.Clone(ws.list), i, i+1)); err != nil {
		return fmt.Errorf("write wallets: %w", err)
	}
	return nil
}

// replace makes list the wallets, in the file and here. Even with an error it
// may stand in the file: then it does here, too, or the next call would
// overwrite a key. ws.mu is held.
func (ws *Wallets) replace(list []*Wallet) error {
	raw, err := encodeWallets(list)
	if err != nil {
		return err
	}

	err = ws.write(raw)
	if err != nil {
		content, readErr := os.ReadFile(ws.path)
		if readErr != nil || !bytes.Equal(content, raw) {
			return err
		}
	}

	ws.list = list
	return err
}

// Find returns the wallet of an address, or [ErrNotInFile].
func (ws *Wallets) Find(address string) (*Wallet, error) {
	ws.mu.Lock()
	defer ws.mu.Unlock()

	for _, w := range ws.list {
		if w.Address() == address {
			return w, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrNotInFile, address)
}

// Addresses lists the wallets' addresses in the order they were made.
func (ws *Wallets) Addresses() []string {
	ws.mu.Lock()
	defer ws.mu.Unlock()

	var addresses []string
	for _, w := range ws.list {
		addresses = append(addresses, w.Address())
	}
	return addresses
}

// all lists the wallets in the order they were made.
func (ws *Wallets) all() []*Wallet {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return slices.Clone(ws.list)
}

// walletFile is the file's JSON.
type walletFile struct {
	Wallets []walletEntry `json:"wallets"`
}

// A walletEntry holds a key; the address stands beside it for the reader and
// as a check.
type walletEntry struct {
	Name       string `json:"name,omitempty"`
	Address    string `json:"address"`
	PrivateKey string `json:"private_key"`
}

// decodeWallets reads a wallet file. Each address must be that of its key.
func decodeWallets(raw []byte) ([]*Wallet, error) {
	var file walletFile
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	if file.Wallets == nil {
		return nil, fmt.Errorf(`no "wallets": %w`, ErrMalformed)
	}

	var list []*Wallet
	for i, entry := range file.Wallets {
		w, err := ParseWallet(entry.PrivateKey)
		if err != nil {
			return nil, fmt.Errorf("wallet %d: %w", i, err)
		}
		if w.Address() != entry.Address {
			return nil, fmt.Errorf("wallet %d: %w: %.40q, but its key has %s", i, ErrAddress, entry.Address, w.Address())
		}
		if w.name, err = newName(list, entry.Name); err != nil {
			return nil, fmt.Errorf("wallet %d: %w", i, err)
		}
		list = append(list, w)
	}
	return list, nil
}

func encodeWallets(list []*Wallet) ([]byte, error) {
	file := walletFile{Wallets: []walletEntry{}}
	for _, w := range list {
		file.Wallets = append(file.Wallets, walletEntry{w.name, w.Address(), w.PrivateKey()})
	}
	return json.MarshalIndent(file, "", "  ")
}

// write replaces the content of the file, or leaves it as it was: at no moment,
// not even after a power cut, is it half written. A path that is a symbolic link
// stays one, and the file that it leads to is replaced.
func (ws *Wallets) write(content []byte) error {
	path, err := followLinks(ws.path)
	if err != nil {
		return err
	}

	err = replaceFile(path, func(f *os.File) error {
		if _, err := f.Write(content); err != nil {
			return err
		}
		return f.Sync() // the content must be on disk before the name is
	})
	if err != nil {
		return err
	}

	err = ws.syncDir(filepath.Dir(path))
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EOPNOTSUPP) {
		return nil // shared folders and other file systems that cannot: no more is to be had there
	}
	return err
}

// replaceFile replaces the content of a file by what write writes, or leaves it as
// it was. Nobody else knows the name of the temporary file, which has mode 0600.
func replaceFile(path string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // if it has not been renamed by then

	err = write(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// removeLeftovers removes the temporary files of writes that a crash cut off:
// there are keys in them.
func (ws *Wallets) removeLeftovers() error {
	path, err := followLinks(ws.path)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}

	for _, entry := range entries {
		name, isTemporary := strings.CutSuffix(entry.Name(), ".tmp")
		number, isOurs := strings.CutPrefix(name, filepath.Base(path)+".")
		if !isTemporary || !isOurs || !isDigits(number, 20) {
			continue
		}
		if err := os.Remove(filepath.Join(filepath.Dir(path), entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// followLinks returns the path of the file that a symbolic link leads to, which
// need not exist. A path that is no link leads to itself.
func followLinks(path string) (string, error) {
	target, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return target, err
	}

	next, err := os.Readlink(path)
	if err != nil {
		return path, nil // there is nothing yet, nor a link
	}
	if !filepath.IsAbs(next) {
		next = filepath.Join(filepath.Dir(path), next)
	}
	return followLinks(next)
}

// syncDir makes a rename in dir durable. Windows has no such call, and needs none.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}

	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
