package kademlia_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"gosimpleblockchain/kademlia"
)

// IDs are 160-bit numbers; their distance is their XOR.
func ExampleID_Distance() {
	a, b, c := kademlia.ID{0b1011_0000}, kademlia.ID{0b1010_0000}, kademlia.ID{0b0110_0000}
	fmt.Printf("a to b: %08b, %d shared bits\n", a.Distance(b)[0], a.CommonPrefix(b))
	fmt.Printf("a to c: %08b, %d shared bits\n", a.Distance(c)[0], a.CommonPrefix(c))
	fmt.Println("a is nearer to b than to c:", a.Distance(b).Compare(a.Distance(c)) < 0)
	fmt.Println(`the value of "key" is stored near`, kademlia.KeyID("key"))
	// Output:
	// a to b: 00010000, 3 shared bits
	// a to c: 11010000, 0 shared bits
	// a is nearer to b than to c: true
	// the value of "key" is stored near a62f2225bf70bfaccbc7f1ef2a397836717377de
}

// listen starts a node on a free port of this machine.
func listen(id kademlia.ID) *kademlia.Server {
	s, err := kademlia.Listen(netip.MustParseAddrPort("127.0.0.1:0"), kademlia.Config{ID: id})
	if err != nil {
		panic(err) // an example has nobody to tell
	}
	return s
}

// Six nodes join through the first of them. Then the last one looks for the
// nodes nearest to an ID.
func ExampleServer_Lookup() {
	var first, last *kademlia.Server
	for i := 1; i <= 6; i++ {
		last = listen(kademlia.ID{byte(i) << 5})
		defer last.Close()
		if first == nil {
			first = last
		}
		// The first node finds only itself, which is no error of importance.
		_ = last.Bootstrap(context.Background(), first.Self().Addr)
	}

	target := kademlia.ID{0b0100_0000}
	nodes, err := last.Lookup(context.Background(), target)
	for _, n := range nodes {
		fmt.Printf("%08b  distance %08b\n", n.ID[0], n.ID.Distance(target)[0])
	}
	fmt.Println(err)
	// Output:
	// 01000000  distance 00000000
	// 01100000  distance 00100000
	// 00100000  distance 01100000
	// 10000000  distance 11000000
	// 10100000  distance 11100000
	// <nil>
}

// A value is stored at the nodes nearest to its key, and found from anywhere.
func ExampleServer_Store() {
	a, b := listen(kademlia.KeyID("a")), listen(kademlia.KeyID("b"))
	defer a.Close()
	defer b.Close()
	fmt.Println(a.Bootstrap(context.Background(), b.Self().Addr))
	fmt.Println(a.Store(context.Background(), "greeting", "hello"))
	fmt.Println(b.FindValue(context.Background(), "greeting"))
	// Output:
	// <nil>
	// <nil>
	// hello <nil>
}

// Two exchanges as they go over the wire. IDs are any 20 bytes: here they are
// letters, to be seen in the messages.
func Example_messages() {
	server := listen(kademlia.ID([]byte("----the server's----")))
	defer server.Close()
	other := listen(kademlia.ID([]byte("---another node's---")))
	defer other.Close()
	if err := other.Bootstrap(context.Background(), server.Self().Addr); err != nil {
		panic(err)
	}

	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(server.Self().Addr))
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	const ourID = "---------ours-------"

	// ask sends a request and returns the payload of its response. Meanwhile
	// the server asks us for our ID, since it does not know us yet.
	ask := func(payload string) string {
		const messageID = "......a message....."
		if _, err := conn.Write([]byte("\x00" + messageID + payload)); err != nil {
			panic(err)
		}
		conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		buf := make([]byte, 1500)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				panic(err)
			}
			if id := string(buf[1:21]); buf[0] == 1 && id == messageID {
				return string(buf[21:n])
			} else if buf[0] == 0 {
				conn.Write(slices.Concat([]byte{1}, []byte(id), []byte("\xc4\x14"+ourID)))
			}
		}
	}

	fmt.Printf("%q\n", ask("\x92\xa4ping\x91\xc4\x14"+ourID))
	neighbours := ask("\x92\xa9find_node\x92\xc4\x14" + ourID + "\xc4\x14--whom we look for--")
	fmt.Printf("%q and its port\n", neighbours[:len(neighbours)-3])
	// Output:
	// "\xc4\x14----the server's----"
	// "\x91\x93\xc4\x14---another node's---\xa9127.0.0.1" and its port
}
