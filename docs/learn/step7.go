package main

// step7 are the challenges of chapter 7, the network.
var step7 = []hole{
	{ID: "7.1", Func: "Server.Stun", Title: "Who am I?", TitleZH: "我是谁？", Challenge: true,
		Task: "In package kademlia, give *Server the method Stun(ctx context.Context, addr netip.AddrPort) (netip.AddrPort, error). It asks the node at addr " +
			"which address it sees us at, and returns that. All nodes answer this request already, and none asks. If nobody answers, the error is ErrTimeout, as Ping's; " +
			"after Close it's ErrClosed, and when ctx is done it's that of ctx.",
		TaskZH: "在 kademlia 包里，给 *Server 加上方法 Stun(ctx context.Context, addr netip.AddrPort) (netip.AddrPort, error)。它问 addr 上的节点：" +
			"你看到的我，地址是什么？然后返回这个地址。所有节点都已经会回答这个请求，只是没有谁问。没人回答时，错误是 ErrTimeout，和 Ping 一样；" +
			"Close 之后是 ErrClosed，ctx 结束时是 ctx 的错误。",
		Nudge:   "server.go shows what a node answers to stun, and maintain.go how Ping asks. What's different?",
		NudgeZH: "server.go 里能看到节点怎样回答 stun，maintain.go 里能看到 Ping 怎样问。差别在哪里？",
		Idea: "call does all of the work: it sends a request, again if need be, and gives you the response or the error. You choose the method of the request, " +
			"and pick the field of the response in which an address comes. Stun has no arguments, so the other fields of the request stay empty.",
		IdeaZH: "活都由 call 来干：它发出请求，必要时再发一次，然后给你响应或者错误。你要选好请求的方法，再从响应里挑出放着地址的那个字段。Stun 没有参数，" +
			"所以请求的其他字段都空着。"},
	{ID: "7.2", Func: "TCPServer.handle", Title: "A fourth request", TitleZH: "第四种请求", Challenge: true,
		Task: `Let a node answer {"code": 4, "data": ""} with the txids of its pool, in the order in which they wait: {"code": 4, "data": ["45fc…", "364b…"]}. ` +
			"An empty pool is an empty list, []. The tests of the project must still compile.",
		TaskZH: `让节点回答 {"code": 4, "data": ""}：给出交易池里的 txid，按它们等待的顺序：{"code": 4, "data": ["45fc…", "364b…"]}。交易池是空的，` +
			"就是空列表 []。项目的测试必须仍能编译。",
		Nudge: "TCPServer.handle is where codes are told apart. But package network knows no pool, only a Ledger, and that has no such method. " +
			"If you add one to the interface, everything that is a Ledger needs it, the fakes in the tests, too. Is there a way around that?",
		NudgeZH: "各种 code 在 TCPServer.handle 里分开处理。可是 network 包不知道交易池，只知道 Ledger，而它没有这样的方法。如果给这个接口加一个方法，" +
			"凡是 Ledger 的都得有它，连测试里的替身也要有。能绕过去吗？",
		Idea: "io.Copy has the same problem: some readers can do more than Read. It asks, by a type assertion, whether this one can. So ask the Ledger whether it also has your method, " +
			"and answer code 0 if not. On the other side, type ledger in node.go has the pool, whose Transactions are in order. Write the list as JSON that Python would write, or simply with json.Marshal; mind that an empty list isn't null.",
		IdeaZH: "io.Copy 也遇到同样的问题：有些 reader 会的不止 Read。它用类型断言来问，这一个会不会。所以，去问 Ledger 有没有你的方法，没有就回答 code 0。" +
			"另一边，node.go 里的 ledger 类型有交易池，它的 Transactions 是有顺序的。列表可以写成 Python 会写的 JSON，或者干脆用 json.Marshal；注意，" +
			"空列表不是 null。"},
	{ID: "7.3", Func: "peers", Title: "How far is it?", TitleZH: "有多远？", Challenge: true,
		Task: "Let each line of `go run . peers` end in two spaces, the word rtt, and how long the peer took for its last answer to a handshake: from the moment in which we began to send the request until the whole reply was here, " +
			"as a time.Duration prints itself, such as rtt 1.52ms. Round as you like, but keep two digits. For a peer that hasn't answered yet it's rtt 0s.",
		TaskZH: "让 `go run . peers` 的每一行末尾都有两个空格、rtt 这个词，以及对方节点最近一次回答握手花了多久：从我们开始发送请求的那一刻，" +
			"到整个回答都到了为止，写成 time.Duration 自己打印的样子，例如 rtt 1.52ms。怎样舍入随你，但要保留两位数字。还没有回答过的节点，是 rtt 0s。",
		Nudge:   "Handshakes go through one function. Who else has to hear of what it learns, until a line is printed? Follow the height of a peer, from TCPClient to the terminal.",
		NudgeZH: "握手都经过同一个函数。它知道的事，还要让哪些人知道，最后才能打印成一行？跟着对方节点的高度走一遍，从 TCPClient 到终端。",
		Idea: "TCPClient.ask knows when it began, and keeps the difference when the reply is there, in a new field next to lastReply, under the same lock. From there it goes the way of the height: " +
			"PeerStatus, then view.Peer (whose fields have JSON names), and last the line in look.go.",
		IdeaZH: "TCPClient.ask 知道自己是什么时候开始的；回答到了，就把时间差记在一个新字段里，挨着 lastReply，用同一把锁。从那里开始，它走高度走过的路：" +
			"PeerStatus，再到 view.Peer（它的字段有 JSON 名字），最后是 look.go 里的那一行。"},
}
