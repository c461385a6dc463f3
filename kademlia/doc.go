// Package kademlia finds the other nodes of a peer-to-peer network over UDP,
// with no server in the middle. It speaks the messages of the Python library
// bmuller/kademlia 2.2, so nodes of both kinds share one network.
//
// The algorithm is that of Maymounkov and Mazières, "Kademlia: A Peer-to-peer
// Information System Based on the XOR Metric" (2002): "the paper" below.
//
// # Distance
//
// When it starts, a node picks 160 random bits as its [ID]. The distance of two
// IDs is their XOR, read as a number: the more leading bits they share, the nearer
// they are. It has nothing to do with geography.
//
//	1011…              1011…
//	1010…  XOR         0110…  XOR
//	0001…  near        1101…  far
//
// # Buckets
//
// A node, 1011… here, keeps a [Table] of contacts in buckets: bucket i holds
// those that share exactly i leading bits with it. Each covers half as many IDs
// as the one before, but none holds more than k = 20 contacts. So the node
// knows its neighbours in full, and of all others a few.
//
//	       all IDs
//	      0/     \1
//	bucket 0      ·             0…     half of all IDs: 20 contacts
//	            0/ \1
//	            ·   bucket 1    11…    a quarter: 20 contacts
//	          0/ \1
//	   bucket 2   ·             100…   an eighth: 20 contacts
//	            0/ \1
//	     bucket 3   ·           1010…  and so on, to where it knows all
//
// # Lookup
//
// To find the nodes nearest to an ID, [Server.Lookup] asks the nearest that it
// knows for the nearest that they know, then asks those, and so on. Whoever is
// asked knows the target's neighbourhood better than we do: each step at least
// halves the distance, so among n nodes it takes about log n steps. To join, a
// node looks up its own ID ([Server.Bootstrap]): the answers are its neighbours,
// and every node that was asked has heard of it.
//
// # Messages
//
// Every node answers ping (who are you?), find_node (whom do you know near this
// ID?), store and find_value (the same for keys: the network is also a
// distributed hash table), and stun (which address do you see me at?). A UDP
// datagram holds one message, with its values in MessagePack.
//
// # Trust
//
// Nothing is signed: an ID is what a node says it is. So the table takes a node
// in only after it has answered a ping from its address with its ID; what others
// say of it only tells us whom to ask. A stranger's address may be forged: until
// it has answered a ping it may not store anything, and gets no answer that is
// longer than its question.
//
// A contact is therefore an ID at an address. Whoever claims the ID of another
// node stands beside it, not in its place.
//
// Ethereum signs its nodes' records and BitTorrent derives IDs from IP
// addresses; both would shut Python's nodes out.
//
// # Reading the source
//
// Three files are the paper: id.go (distance), table.go (buckets) and lookup.go.
// Around them, maintain.go joins a network and keeps the table fresh, server.go
// answers other nodes, call.go asks one of them something, and store.go keeps
// values. On a first reading, skip the rest: message.go and msgpack.go, which are
// what messages look like in bytes, cache.go, a map that forgets, and trust.go,
// which is all defence.
package kademlia
