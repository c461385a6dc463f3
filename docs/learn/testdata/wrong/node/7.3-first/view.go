// dir: view

package view

import "time"

// A Peer is another node.
type Peer struct {
	Addr       string        `json:"addr"`
	ID         string        `json:"id"`     // 40 hex digits; "": discovery doesn't know it
	Height     int           `json:"height"` // that it last told; -1: none
	State      string        `json:"state"`  // "in step", "3 blocks behind", …
	InStep     bool          `json:"in_step"`
	OtherChain bool          `json:"other_chain"`
	RoundTrip  time.Duration `json:"round_trip"` // in nanoseconds, that its last reply took; 0: none yet
}
