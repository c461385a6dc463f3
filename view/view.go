// Package view shows a node: as a page in the browser, and as JSON to whoever
// asks. It reads, and changes nothing.
//
// [Node] is what it needs of a node, in the types of this file. Their JSON is
// what the commands print with -json, too, so that a script may use either; names
// in it stay.
//
// Read [Serve] in server.go, then answer.go for what the page asks, and events.go
// for how it follows the node. On a first reading, skip limit.go, which is the
// bounds. Secure.go says who is refused: whoever has other pages open, too.
package view

import (
	"context"
	"time"
)

// A Node is what this package shows. Its methods are called from many
// goroutines. An error is a sentence for a person, with the command to type next.
type Node interface {
	Status() (Status, error)

	// Chain returns the blocks at the heights from highest down to
	// highest-count+1, those beside the chain too. A highest above the tip, or
	// below 0, means the tip.
	Chain(highest, count int) (Chain, error)

	// Block returns a block by its height, "last", its hash or the first six
	// digits of it, or more. It may be one beside the chain.
	Block(ref string) (Block, error)

	// Tx returns a transaction by its txid or the first six digits of it, or more.
	Tx(txid string) (TxDetail, error)

	// History returns what an address, or the name of a wallet, got and paid: the
	// newest count blocks that changed its balance; 0: all.
	History(address string, count int) (History, error)

	Wallets() ([]Wallet, error)
	Pool() ([]PoolTx, error) // in order of arrival
	Peers() ([]Peer, error)  // in the order of their addresses
	Table() (Table, error)

	// Events returns what has happened since the event with number after, as soon
	// as there is something, and how many events between are lost: the node keeps
	// the last few. As long as somebody asks, now and then, the node also tells of
	// each message. With after 0, it begins with what it still has.
	Events(ctx context.Context, after uint64) (events []Event, lost uint64, err error)
}

// Words are one text in each language of the page.
type Words struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// Status is how the node stands.
type Status struct {
	Height    int      `json:"height"`    // of the tip; -1: no chain
	Tip       string   `json:"tip"`       // its hash, 64 hex digits; "": no chain
	Genesis   string   `json:"genesis"`   // hash of block 0; "": no chain
	Peers     int      `json:"peers"`     // known
	InStep    int      `json:"in_step"`   // of these, how many have our tip
	Pool      int      `json:"pool"`      // transactions that wait
	PoolSize  int      `json:"pool_size"` // transactions that fill it
	Wallets   int      `json:"wallets"`
	Coins     int64    `json:"coins"` // confirmed, of all wallets
	ID        string   `json:"id"`    // in Kademlia, 40 hex digits
	Listen    string   `json:"listen"`
	RPC       string   `json:"rpc"`
	Page      string   `json:"page"`      // URL; "": off
	Data      string   `json:"data"`      // directory
	Bootstrap []string `json:"bootstrap"` // nodes that it was to join
	Start     string   `json:"start"`     // command that starts this node again
	Flags     string   `json:"flags"`     // to append to a command that is to reach this node: "" or " -rpc 127.0.0.1:9998"
	Second    string   `json:"second"`    // the command for another node on this machine, which joins this one; "" if there are peers
	Hint      string   `json:"hint"`      // what to do next, if something is missing: no chain, no peer; else ""
}

// Chain is a part of the chain, and of what stands beside it.
type Chain struct {
	Height  int    `json:"height"`  // of the tip; -1: no chain
	Tip     string `json:"tip"`     // its hash
	Blocks  []Row  `json:"blocks"`  // highest first; at each height the chain's own first
	Omitted int    `json:"omitted"` // blocks beside the chain that are too many to list
}

// A Row is one block in a list.
type Row struct {
	Height    int    `json:"height"`
	Hash      string `json:"hash"`            // 64 hex digits
	Prev      string `json:"prev_block_hash"` // the same; "" in block 0
	Timestamp string `json:"timestamp"`       // seconds since 1970, as it is hashed
	Txs       int    `json:"txs"`             // transactions, the coinbase included
	Bytes     int    `json:"bytes"`           // of its JSON
	Miner     string `json:"miner"`           // address that the coinbase pays first
	MinerName string `json:"miner_name"`      // of the wallet, if it is one of this node's; else ""
	OnChain   bool   `json:"on_chain"`
}

// A Block is all there is to tell of one.
type Block struct {
	Row
	MagicNo       int64      `json:"magic_no"`
	MerkleRoot    string     `json:"hash_merkle_root"`
	Nonce         *int64     `json:"nonce"`         // nil in block 0
	Work          string     `json:"work"`          // hash of the proof of work, 64 hex digits; "" in block 0
	WorkBits      int        `json:"work_bits"`     // that must be zero in front
	Confirmations int        `json:"confirmations"` // 1: it is the tip; 0: beside the chain
	Next          string     `json:"next"`          // hash of the chain's block above; "": none
	HashText      string     `json:"hash_text"`     // the text whose SHA-256 is the hash
	WorkText      string     `json:"work_text"`     // and that of the work
	Merkle        [][]string `json:"merkle"`        // levels of the tree, the leaves first; each 64 hex digits
	LeafTexts     []string   `json:"leaf_texts"`    // the JSON of which each leaf is the SHA-256
	Rules         []Rule     `json:"rules"`
	Transactions  []Tx       `json:"transactions"`
}

// A Rule is one of those that make a block or a transaction valid, and what
// became of it when it was checked just now.
type Rule struct {
	Name  string `json:"name"`  // in the code: of the error that says it is broken
	Text  Words  `json:"text"`  // the rule, as a sentence
	State string `json:"state"` // RuleHolds …
	Why   string `json:"why"`   // it is broken
}

// The states of a [Rule].
const (
	RuleHolds     = "holds"
	RuleBroken    = "broken"
	RuleUnchecked = "unchecked" // an earlier one is broken
)

// A Tx is who pays whom.
type Tx struct {
	TxID     string   `json:"txid"`
	Coinbase bool     `json:"coinbase"`
	Inputs   []Input  `json:"inputs"` // none in a coinbase
	Outputs  []Output `json:"outputs"`
}

// An Input spends a coin.
type Input struct {
	TxID      string `json:"txid"` // of the transaction that made the coin
	Vout      int    `json:"vout"` // index of it there
	Owner     string `json:"owner"`
	OwnerName string `json:"owner_name"` // of the wallet; "": not one of this node's, or it has none
	Value     int64  `json:"value"`      // coins; -1: not known
	Signature string `json:"signature"`
	PubKey    string `json:"pub_key"`
}

// An Output makes a coin.
type Output struct {
	Value   int64  `json:"value"` // coins
	Address string `json:"address"`
	Name    string `json:"name"`   // of the wallet, as in Input
	Change  bool   `json:"change"` // it goes back to whoever pays
	Spent   bool   `json:"spent"`
	SpentBy string `json:"spent_by"` // txid, in a TxDetail of the chain; else ""
}

// A TxDetail is all there is to tell of a transaction.
type TxDetail struct {
	Tx
	State         string   `json:"state"`         // TxInBlock …
	Height        int      `json:"height"`        // of its block; -1: in none
	BlockHash     string   `json:"block_hash"`    // "": in none
	Position      int      `json:"position"`      // in its block, from 0
	Confirmations int      `json:"confirmations"` // 1: its block is the tip; 0: it is not on the chain
	Waits         string   `json:"waits"`         // in the pool: for what
	Reason        string   `json:"reason"`        // dropped: why
	Rules         []Rule   `json:"rules"`         // checked at its place
	IDText        string   `json:"id_text"`       // the text whose SHA-256 is the txid
	SigningTexts  []string `json:"signing_texts"` // what each input signs: of the first ones, if they are many
	LeafText      string   `json:"leaf_text"`     // its JSON, whose SHA-256 is its leaf
	Leaf          string   `json:"leaf"`          // that
}

// The states of a transaction.
const (
	TxInBlock  = "block"   // of the chain
	TxInBranch = "branch"  // only in a block beside the chain
	TxInPool   = "pool"    // waiting
	TxDropped  = "dropped" // from the pool, not long ago
)

// A History is what an address got and paid.
type History struct {
	Address string    `json:"address"`
	Name    string    `json:"name"` // of the wallet; "": none
	Balance int64     `json:"balance"`
	Waiting int64     `json:"waiting"` // by which the pool would change it
	Changes []Balance `json:"changes"` // newest first
	Omitted int       `json:"omitted"` // older ones
}

// A Balance is what a block changed.
type Balance struct {
	Height    int      `json:"height"`
	Timestamp string   `json:"timestamp"` // of the block
	Got       int64    `json:"got"`       // coins made in the block that stand at its end
	Paid      int64    `json:"paid"`      // older coins spent in it
	After     int64    `json:"after"`     // balance
	TxIDs     []string `json:"txids"`     // that touch the address, in order
}

// A Wallet is one of the node's.
type Wallet struct {
	Address   string `json:"address"`
	Name      string `json:"name"`
	Confirmed int64  `json:"confirmed"` // coins
	Waiting   int64  `json:"waiting"`   // by which the pool would change them
	Total     int64  `json:"total"`     // both
}

// A PoolTx waits for a block.
type PoolTx struct {
	Tx
	Own   bool   `json:"own"`   // sent from here
	Waits string `json:"waits"` // for what
}

// A Peer is another node.
type Peer struct {
	Addr       string `json:"addr"`
	ID         string `json:"id"`     // 40 hex digits; "": discovery doesn't know it
	Height     int    `json:"height"` // that it last told; -1: none
	State      string `json:"state"`  // "in step", "3 blocks behind", …
	InStep     bool   `json:"in_step"`
	OtherChain bool   `json:"other_chain"`
}

// A Table is the node's routing table of Kademlia.
type Table struct {
	ID       string    `json:"id"`       // the node's own, 40 hex digits
	K        int       `json:"k"`        // contacts that a bucket holds
	Contacts []Contact `json:"contacts"` // farthest bucket first
}

// A Contact is an entry of the table.
type Contact struct {
	ID      string  `json:"id"`
	Addr    string  `json:"addr"`
	Bucket  int     `json:"bucket"`  // leading bits that it shares with the node's ID: 0 is farthest
	Strikes int     `json:"strikes"` // requests that it left unanswered since it last answered
	Silent  float64 `json:"silent"`  // seconds since then
}

// An Event is a line of the node's log, of those it keeps only while somebody
// watches too: each message that it sends and receives.
type Event struct {
	Number uint64            `json:"number"` // 1, 2, 3, …
	Time   time.Time         `json:"time"`
	Level  string            `json:"level"` // DEBUG: a message; INFO, WARN: something changed, or needs a look
	Kind   string            `json:"kind"`  // the log's constant message: "block accepted", "message sent", …
	Facts  map[string]string `json:"facts"` // its keys: peer, height, hash, tx, err, …
	Text   Words             `json:"text"`  // a sentence that tells it
}
