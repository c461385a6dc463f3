module gosimpleblockchain

go 1.25

require (
	github.com/boltdb/bolt v1.3.1
	github.com/btcsuite/btcutil v1.0.2
	github.com/decred/dcrd/dcrec/secp256k1/v4 v4.4.0
	github.com/vmihailenco/msgpack/v5 v5.4.1
	golang.org/x/crypto v0.45.0
	golang.org/x/term v0.37.0
)

require (
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
	golang.org/x/sys v0.38.0 // indirect
)
