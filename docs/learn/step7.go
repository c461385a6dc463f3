package main

// step7 are the challenges of chapter 7, the network.
var step7 = []hole{
	{ID: "7.1", Func: "Server.Stun", Title: "Who am I?", Challenge: true,
		Task: "In package kademlia, give *Server the method Stun(ctx context.Context, addr netip.AddrPort) (netip.AddrPort, error). It asks the node at addr " +
			"which address it sees us at, and returns that. All nodes answer this request already, and none asks. If nobody answers, the error is ErrTimeout, as Ping's; " +
			"after Close it's ErrClosed, and when ctx is done it's that of ctx.",
		Nudge: "server.go shows what a node answers to stun, and maintain.go how Ping asks. What's different?",
		Idea: "call does all of the work: it sends a request, again if need be, and gives you the response or the error. You choose the method of the request, " +
			"and pick the field of the response in which an address comes. Stun has no arguments, so the other fields of the request stay empty."},
	{ID: "7.2", Func: "TCPServer.handle", Title: "A fourth request", Challenge: true,
		Task: `Let a node answer {"code": 4, "data": ""} with the txids of its pool, in the order in which they wait: {"code": 4, "data": ["45fc…", "364b…"]}. ` +
			"An empty pool is an empty list, []. The tests of the project must still compile.",
		Nudge: "TCPServer.handle is where codes are told apart. But package network knows no pool, only a Ledger, and that has no such method. " +
			"If you add one to the interface, everything that is a Ledger needs it, the fakes in the tests, too. Is there a way around that?",
		Idea: "io.Copy has the same problem: some readers can do more than Read. It asks, by a type assertion, whether this one can. So ask the Ledger whether it also has your method, " +
			"and answer code 0 if not. On the other side, type ledger in node.go has the pool, whose Transactions are in order. Write the list as JSON that Python would write, or simply with json.Marshal; mind that an empty list isn't null."},
	{ID: "7.3", Func: "peers", Title: "How far is it?", Challenge: true,
		Task: "Let each line of `go run . peers` end in two spaces, the word rtt, and how long the peer took for its last answer to a handshake: from the moment in which we began to send the request until the whole reply was here, " +
			"as a time.Duration prints itself, such as rtt 1.52ms. Round as you like, but keep two digits. For a peer that hasn't answered yet it's rtt 0s.",
		Nudge: "Handshakes go through one function. Who else has to hear of what it learns, until a line is printed? Follow the height of a peer, from TCPClient to the terminal.",
		Idea: "TCPClient.ask knows when it began, and keeps the difference when the reply is there, in a new field next to lastReply, under the same lock. From there it goes the way of the height: " +
			"PeerStatus, then view.Peer (whose fields have JSON names), and last the line in look.go."},
}
