package main

// It hashes the JSON, which has the signatures in it, and the name itself.
func (tx *Transaction) id() string { return sha256Hex(tx.json()) }
