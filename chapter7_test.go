package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"gosimpleblockchain/kademlia"
)

// A routing table sorts the four nodes of kademlia/testdata/vectors.json.
func Example_chapter7() {
	if err := routingTable(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// node E 3cdb2ac9…
	// node A 54bbde0d…  XOR 6860f4c4…  bucket 1
	// node B bed2c1d4…  XOR 8209eb1d…  bucket 0
	// node C b46971ef…  XOR 88b25b26…  bucket 0
	// node D edf516bf…  XOR d12e3c76…  bucket 0
	// nearest first: A B C D
}

// Two datagrams of kademlia/testdata/vectors.json, which nodes of the Python
// program exchanged: a new node, E, asks A for the nodes nearest to itself.
func Example_chapter7_datagrams() {
	if err := datagrams(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 127.0.0.1:18472 to 127.0.0.1:18468, 77 bytes
	//   00                                                                           request
	//   b2f5a9ff8104985fadd7bb841b62d199d0745bd1                                     message ID
	//   92 a966696e645f6e6f6465                                                      array of 2: a text, the name
	//   92 c4143cdb2ac932b441d4320729b0c5382ba8f3c75a00                              and an array of 2: the ID of E
	//   c4143cdb2ac932b441d4320729b0c5382ba8f3c75a00                                 and the target, E itself
	// 127.0.0.1:18468 to 127.0.0.1:18472, 127 bytes
	//   01                                                                           response
	//   b2f5a9ff8104985fadd7bb841b62d199d0745bd1                                     to this message
	//   93                                                                           array of 3:
	//   93 c414bed2c1d4dab4dd641ab6eb4b52b6e167d7507416 a93132372e302e302e31 50      node B, port 80
	//   93 c414b46971efc2cc2811efdada8e8f7e5821bcf7fc5f a93132372e302e302e31 ccc8    node C, port 200
	//   93 c414edf516bf92a07be83c43051bd6b404a30d907215 a93132372e302e302e31 cd4827  node D, port 18471
}

func datagrams() error {
	raw, err := os.ReadFile("kademlia/testdata/vectors.json")
	if err != nil {
		return err
	}
	var file struct {
		Vectors []struct{ Name, Src, Dst, Hex string }
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	type part struct {
		means   string
		lengths []int // in bytes
	}
	parts := map[string][]part{
		"find_node_request_3": {{"request", []int{1}}, {"message ID", []int{20}}, {"array of 2: a text, the name", []int{1, 10}},
			{"and an array of 2: the ID of E", []int{1, 22}}, {"and the target, E itself", []int{22}}},
		"find_node_response_3_neighbours": {{"response", []int{1}}, {"to this message", []int{20}}, {"array of 3:", []int{1}},
			{"node B, port 80", []int{1, 22, 10, 1}}, {"node C, port 200", []int{1, 22, 10, 2}}, {"node D, port 18471", []int{1, 22, 10, 3}}},
	}
	for _, v := range file.Vectors {
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			return err
		}
		if parts[v.Name] == nil {
			continue
		}
		fmt.Printf("%s to %s, %d bytes\n", v.Src, v.Dst, len(b))
		for _, p := range parts[v.Name] {
			var row []string
			for _, n := range p.lengths {
				row = append(row, hex.EncodeToString(b[:n]))
				b = b[n:]
			}
			fmt.Printf("  %-75s  %s\n", strings.Join(row, " "), p.means)
		}
	}
	return nil
}

// routingTable fills the table of node E of kademlia/testdata/vectors.json.
func routingTable() error {
	id := func(s string) (id kademlia.ID, err error) {
		_, err = hex.Decode(id[:], []byte(s))
		return id, err
	}
	self, err := id("3cdb2ac932b441d4320729b0c5382ba8f3c75a00")
	if err != nil {
		return err
	}
	fmt.Printf("node E %.4x…\n", self[:])
	table := kademlia.NewTable(self, 20)
	for i, s := range []string{
		"54bbde0d83dc401e6a9aebce5d38a6f0312dcafe", "bed2c1d4dab4dd641ab6eb4b52b6e167d7507416",
		"b46971efc2cc2811efdada8e8f7e5821bcf7fc5f", "edf516bf92a07be83c43051bd6b404a30d907215",
	} {
		n := kademlia.Node{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(1+i))}
		if n.ID, err = id(s); err != nil {
			return err
		}
		distance := self.Distance(n.ID)
		fmt.Printf("node %c %.4x…  XOR %.4x…  bucket %d\n", 'A'+i, n.ID[:], distance[:], self.CommonPrefix(n.ID))
		table.RecordAnswer(n, time.Unix(1_700_000_000, 0))
	}
	fmt.Print("nearest first:")
	for _, n := range table.Closest(self, 20) {
		fmt.Printf(" %c", 'A'+n.Addr.Port()-1)
	}
	fmt.Println()
	return nil
}
