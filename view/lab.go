package view

import "context"

// A Lab is a few nodes on one machine, and wires between them that can be cut.
// What happens in it is one list of events, from its first moment on: whoever
// reads them in order knows how it stands, so the page needs nothing else, be it
// live or in a file. Its methods are called from many goroutines.
type Lab interface {
	// LabEvents returns the events after the first so many, as soon as there are
	// any.
	LabEvents(ctx context.Context, after int) ([]LabEvent, error)

	// Do carries out one line, as it is typed at the lab's prompt: "mine A". It
	// returns what the prompt prints. An error is a sentence for a person.
	Do(ctx context.Context, line string) (string, error)
}

// A LabEvent is one thing that happened in a lab. Kind says which; of the fields
// below it, those are set that its kind names.
type LabEvent struct {
	Number int    `json:"number"` // 1, 2, 3, …
	At     int64  `json:"at"`     // milliseconds since the lab began
	Kind   string `json:"kind"`   // LabStarted …

	Node    string      `json:"node,omitempty"` // its letter: "A"
	State   *LabNode    `json:"state,omitempty"`
	Chain   *LabChain   `json:"chain,omitempty"`
	Pool    []Tx        `json:"pool,omitempty"`
	Wallets []Wallet    `json:"wallets,omitempty"`
	Wire    *LabWire    `json:"wire,omitempty"`
	Message *LabMessage `json:"message,omitempty"`
	Lesson  *LabLesson  `json:"lesson,omitempty"`
	Text    *Words      `json:"text,omitempty"`
	Line    string      `json:"line,omitempty"`
}

// The kinds of a [LabEvent].
const (
	LabStarted = "started" // Node, State: a node runs
	LabKilled  = "killed"  // Node: it does no longer
	LabGrown   = "chain"   // Node, Chain: its tip moved, or a block stands beside its chain
	LabPooled  = "pool"    // Node, Pool: what waits there now
	LabCoins   = "coins"   // Node, Wallets: what its wallets have now
	LabTold    = "told"    // Node, Text: a line of the node's log, without the node's name: "mined block 1"

	LabRewired = "wire"   // Wire: how one direction stands now; all begin whole, without delay and loss
	LabPaused  = "paused" // messages over TCP stay where they are
	LabResumed = "resumed"

	LabSent    = "sent"    // Message: it is on its way
	LabArrived = "arrived" // Message: only its ID is set
	LabLost    = "lost"    // Message: its ID; Text says why

	LabDid    = "did"    // Line: somebody types it, or a lesson does; or else Text: what came of the line before
	LabLine   = "lesson" // Lesson: it begins, says something, stops, asks, or is over
	LabClosed = "closed" // nothing more will happen
)

// A LabNode is what does not change of a node while it runs.
type LabNode struct {
	Person string `json:"person"` // name of its first wallet: "alice"; "": it has none
	Addr   string `json:"addr"`   // for other nodes
	RPC    string `json:"rpc"`    // for commands; "": a node of discovery only, which has no chain
	Page   string `json:"page"`   // URL of its own page; "": none
	ID     string `json:"id"`     // in Kademlia, 40 hex digits
}

// A LabChain is what a node's chain has become.
type LabChain struct {
	Height int        `json:"height"` // of the tip; -1: no chain
	Tip    string     `json:"tip"`    // its hash, 64 hex digits
	Blocks []LabBlock `json:"blocks"` // that the node has and had not before, lowest first; beside the chain too
	Gone   []string   `json:"gone"`   // hashes of those that it has no longer
}

// A LabBlock is a block, and who pays whom in it. Which branch is a node's chain
// follows from its tip, back over Prev.
type LabBlock struct {
	Height int    `json:"height"`
	Hash   string `json:"hash"`
	Prev   string `json:"prev"`  // "" in block 0
	Miner  string `json:"miner"` // name or address that the coinbase pays
	Txs    []Tx   `json:"txs"`   // with names; the coinbase first
}

// A LabWire is one direction of the wire between two nodes.
type LabWire struct {
	From  string  `json:"from"`
	To    string  `json:"to"`
	Cut   bool    `json:"cut"`
	Delay int64   `json:"delay"` // milliseconds
	Loss  float64 `json:"loss"`  // from 0 to 1, of what is sent
}

// A LabMessage is a message between two nodes.
type LabMessage struct {
	ID    int    `json:"id"` // 1, 2, 3, … in the lab
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	UDP   bool   `json:"udp,omitempty"`   // a datagram of discovery; otherwise a message over TCP
	Reply bool   `json:"reply,omitempty"` // to a request
	Kind  string `json:"kind,omitempty"`  // "handshake", "get block", "block", "transactions", "ping", …
	Hash  string `json:"hash,omitempty"`  // of a block; txid of the first transaction
	News  bool   `json:"news,omitempty"`  // it tells its receiver what it had not known
	Text  Words  `json:"text,omitzero"`   // a label for the arrow: "block 4 da29c81f"
}

// A LabLesson is where a lesson stands.
type LabLesson struct {
	Name   string `json:"name"` // "fork"
	Title  Words  `json:"title"`
	Step   int    `json:"step"`             // from 1 on; 0: it begins
	Steps  int    `json:"steps"`            // all
	Say    Words  `json:"say,omitzero"`     // what to look at, in a paragraph or two
	Stops  bool   `json:"stops,omitempty"`  // the lesson goes on at the line "next"
	Answer Words  `json:"answer,omitzero"`  // to the question that Say asks: the last step's; shown when asked for
	Over   bool   `json:"over,omitempty"`   // the lesson is over
	Failed string `json:"failed,omitempty"` // why it did not end as it should
}
