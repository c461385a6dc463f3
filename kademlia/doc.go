// Package kademlia finds the other nodes of a peer-to-peer network over UDP,
// with no server in the middle. It speaks the messages of the Python library
// bmuller/kademlia 2.2, so nodes of both kinds share one network.
//
// The algorithm is that of Maymounkov and Mazières, "Kademlia: A Peer-to-Peer
// Information System Based on the XOR Metric" (2002), "the paper" below.
//
// # Distance
//
// Every node picks 160 random bits as its [ID]. How far two IDs are from each
// other is their XOR, read as a number. It has nothing to do with geography:
//
//	node   a = 1011…      a XOR b = 0001…: near, they share 3 leading bits
//	node   b = 1010…      a XOR c = 1101…: far, they share none
//	node   c = 0110…
//
// # Buckets
//
// All IDs are the leaves of a binary tree. Node 1011… sorts the others by the
// subtree in which their path leaves its own, and keeps at most k = 20 of each:
// a k-bucket. The [Table] so covers its own corner densely and half of the
// network with just 20 contacts.
//
//	          (root)
//	         0/    \1
//	bucket 0 ▲      ·
//	  half of all  0/ \1
//	      bucket 1 ▲   ·          each bucket covers half
//	         a quarter 0/ \1      as much as the one before
//	            bucket… ▲  ·
//	                      self
//
// # Lookup
//
// To find the nodes nearest to some ID ([Server.Lookup]), we ask the nearest
// that we know for the nearest that they know, then those, and so on. Each
// step knows the target's corner better than the last, so a network of n nodes
// takes about log(n) steps. Joining is a lookup of the own ID
// ([Server.Bootstrap]): its answers are the new neighbours, and who was asked
// has heard of us.
//
// # Messages
//
// A node answers ping (are you there, and who are you), find_node (whom do you
// know near this ID), find_value and store (the same for keys, which makes the
// network a distributed hash table), and stun (which address do you see me at).
// One UDP datagram holds one message, its payload as MessagePack.
//
// # Trust
//
// Nothing is signed: an ID is what a node says it is. So only a node that has
// answered a ping from its address enters the table; hearsay is no more than a
// place to ask at. A stranger gets no answer longer than its question before
// that, since the question's sender address may be forged.
package kademlia
