package main

import "gosimpleblockchain/view"

// shown is the inspector, as far as it has the methods of [view.Node].
type shown struct {
	inspector
	missing
}

type missing struct{ view.Node }
