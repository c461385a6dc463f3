package main

// An inspector shows a node to its readers. It implements [view.Node].
type inspector struct{ node *Node }
