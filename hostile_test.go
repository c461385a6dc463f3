package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gosimpleblockchain/kademlia"
)

const childEnv = "GOSIMPLEBLOCKCHAIN_TEST_ARGS"

// TestChildNode is no test but the program itself, in a process of its own.
func TestChildNode(t *testing.T) {
	args := os.Getenv(childEnv)
	if args == "" {
		t.Skip("run by other tests")
	}
	debug.SetMemoryLimit(memoryGoal)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { // until the parent closes our standard input, or dies
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	if code := run(ctx, strings.Fields(args), os.Stdout, os.Stderr); code != 0 {
		t.Fatalf("exit code %d", code)
	}
}

// A childNode is a node in a process of its own.
type childNode struct {
	addr, rpc string
	pid       int
	mu        sync.Mutex // guards log
	log       []string
	stop      func() error
}

func startChild(t *testing.T, args string) *childNode {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChildNode$")
	cmd.Env = append(os.Environ(), childEnv+"="+args)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &childNode{pid: cmd.Process.Pid}
	listening := make(chan []string, 1)
	var read sync.WaitGroup
	read.Go(func() {
		defer close(listening)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if m := regexp.MustCompile(`msg=listening addr=(\S+) rpc=(\S+)`).FindStringSubmatch(lines.Text()); m != nil {
				listening <- m
			}
			c.mu.Lock()
			c.log = append(c.log, lines.Text())
			c.mu.Unlock()
		}
	})
	c.stop = sync.OnceValue(func() error {
		stdin.Close()
		read.Wait()
		return cmd.Wait()
	})
	t.Cleanup(func() { c.stop() })
	m := <-listening
	if m == nil {
		t.Fatalf("child does not start: %v: %s", c.stop(), c.log)
	}
	c.addr, c.rpc = m[1], m[2]
	return c
}

// ask runs a command against the child.
func (c *childNode) ask(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), append(args, "-rpc", c.rpc), &stdout, &stderr); code != 0 {
		t.Fatalf("%s: exit code %d: %s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.String()
}

// logged returns how many lines of the child's log have a text.
func (c *childNode) logged(text string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, line := range c.log {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// peakMemory returns the most that the child had resident, in bytes; 0 where
// the system does not tell.
func (c *childNode) peakMemory(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		t.Fatalf("no VmHWM in %s", status)
	}
	kB, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kB << 10
}

// classroomAttacks is what hostile students send, each from a loop of its own.
var classroomAttacks = []struct {
	name, network string
	rounds        int
	text          func() []byte
}{
	{"noise", "tcp", 200, func() []byte { b := make([]byte, 4096); rand.Read(b); return b }},
	{"four bytes", "tcp", 200, func() []byte { return []byte("addr") }},
	{"deep JSON", "tcp", 50, func() []byte { return bytes.Repeat([]byte("["), 1<<20) }},
	{"giant JSON", "tcp", 50, func() []byte { return append([]byte(`{"code": 3, "data": "`), bytes.Repeat([]byte("x"), 4<<20)...) }},
	{"many transactions", "tcp", 50, func() []byte {
		return []byte(`{"code": 3, "data": [` + strings.Repeat(`{"txid": "", "vins": [], "vouts": []}, `, 20_000) + `{}]}`)
	}},
	{"false height", "tcp", 200, func() []byte {
		return []byte(`{"code": 1, "data": {"last_height": 9223372036854775807, "genesis_block": {"block_header": {"hash": "aa"}}}}`)
	}},
	{"half a message", "tcp", 100, func() []byte { return []byte(`{"code": 1, "data": {"last_`) }},
	{"datagrams of noise", "udp", 20_000, func() []byte { b := make([]byte, 200); rand.Read(b); return b }},
	{"pings of nobody", "udp", 20_000, func() []byte {
		b := make([]byte, 41)
		rand.Read(b)
		return append(append(append([]byte{0}, b[:20]...), "\x92\xa4ping\x91\xc4\x14"...), b[20:40]...)
	}},
	{"stores of nobody", "udp", 5_000, func() []byte {
		b := make([]byte, 60)
		rand.Read(b)
		m := append(append([]byte{0}, b[:20]...), "\x92\xa5store\x93\xc4\x14"...)
		m = append(append(append(m, b[20:40]...), "\xc4\x14"...), b[40:60]...)
		return append(append(m, "\xc5\x04\x00"...), bytes.Repeat([]byte{1}, 1024)...)
	}},
}

// A node in a hostile classroom: all of that at once. An honest node joins,
// syncs and pays meanwhile; memory and log stay within bounds.
func TestHostileClassroom(t *testing.T) {
	c := startChild(t, "start -listen 127.0.0.1:0 -rpc 127.0.0.1:0 -data "+t.TempDir())
	genesis := addressPattern.FindString(c.ask(t, "genesis_block"))
	var attacks sync.WaitGroup
	for i, a := range classroomAttacks {
		attacks.Go(func() {
			local := net.IPv4(127, 0, 0, byte(i+100))
			dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: local}, Timeout: 5 * time.Second}
			if a.network == "udp" {
				dialer.LocalAddr = &net.UDPAddr{IP: local}
			}
			var conn net.Conn
			for round := range a.rounds {
				if conn == nil || a.network == "tcp" || round%100 == 0 {
					if conn != nil {
						conn.Close()
					}
					var err error
					if conn, err = dialer.Dial(a.network, c.addr); err != nil {
						continue // turned away
					}
					conn.SetDeadline(time.Now().Add(5 * time.Second))
				}
				conn.Write(a.text()) // cut off, or not
			}
			if conn != nil {
				conn.Close()
			}
		})
	}
	honest := startNode(t, NodeConfig{Bootstrap: []string{c.addr}})
	honest.await("the chain", func() bool { _, err := honest.chain.Tip(); return err == nil })
	payee := honest.address("createwallet")
	for range 2 {
		c.ask(t, "send", "--from", genesis, "--to", payee, "--amount", "100")
	}
	honest.await("the block", func() bool { return balanceOf(t, honest.chain, payee) == 100 })
	attacks.Wait()
	if got, want := c.ask(t, "balance", genesis), genesis+" balance is 1900\n"; got != want {
		t.Errorf("afterwards: got %q, want %q", got, want)
	}
	if got := c.peakMemory(t); got > 200<<20 {
		t.Errorf("%d MiB resident, want below 200", got>>20)
	} else {
		t.Logf("%d MiB resident", got>>20)
	}
	if err := c.stop(); err != nil {
		t.Errorf("child ends with %v", err)
	}
	if len(c.log) > 200 {
		t.Errorf("%d lines of log, the last %s", len(c.log), c.log[len(c.log)-1])
	}
}

// skipUnderRace skips a test of memory under the race detector, which takes
// several times as much itself.
func skipUnderRace(t *testing.T) {
	build, _ := debug.ReadBuildInfo()
	if slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("memory is not the program's own")
	}
}

// hostileServer is a peer that the node at seed finds, and that answers each
// request as reply says, until the test ends.
func hostileServer(t *testing.T, seed string, reply func(code int, number json.RawMessage) []byte) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	discovery, err := kademlia.Listen(ln.Addr().(*net.TCPAddr).AddrPort(), kademlia.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { discovery.Close() })
	discovery.Bootstrap(t.Context(), netip.MustParseAddrPort(seed)) // and if the node is busy, again and again
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				var request struct {
					Code int
					Data json.RawMessage
				}
				for in := json.NewDecoder(conn); in.Decode(&request) == nil; {
					if _, err := conn.Write(reply(request.Code, request.Data)); err != nil {
						return
					}
				}
			}()
		}
	}()
}

// Thirty-two peers at one address serve blocks, and send transactions, that
// are as long as a message may be, and take the most memory to decode.
func TestHostileBlocksMemory(t *testing.T) {
	skipUnderRace(t)
	tests := []struct{ name, vins, rest string }{
		{"more parts than a block has", strings.Repeat("{},", 600_000) + "{}", ""},
		{"as many parts as may be", strings.Repeat("0,", 60_000) + "0", strings.Repeat(" ", 1_900_000)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := startChild(t, "start -listen 127.0.0.1:0 -rpc 127.0.0.1:0 -data "+t.TempDir())
			c.ask(t, "genesis_block")
			conn, err := net.Dial("tcp", c.addr)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(conn, `{"code": 2, "data": 0}`)
			var genesis struct {
				Data struct {
					Header json.RawMessage `json:"block_header"`
				}
			}
			if err := json.NewDecoder(conn).Decode(&genesis); err != nil {
				t.Fatal(err)
			}
			var header BlockHeader
			if err := header.decode(genesis.Data.Header); err != nil {
				t.Fatal(err)
			}
			conn.Close()
			tx := fmt.Sprintf(`{"txid": "", "vouts": [], "vins": [%s]%s}`, test.vins, test.rest)
			handshake := fmt.Sprintf(`{"code": 1, "data": {"last_height": 9, "genesis_block": {"block_header": %s}}}`, genesis.Data.Header)
			block := fmt.Sprintf(`{"code": 2, "data": {"magic_no": 3166485692, "block_header": {"timestamp": "1", "prev_block_hash": "%s", "hash": "%064x", "hash_merkle_root": "%064x", "height": 1, "nonce": 3}, "transactions": [%s]}}`, header.Hash, 1, 1, tx)
			var sending sync.WaitGroup
			for range 32 {
				hostileServer(t, c.addr, func(code int, _ json.RawMessage) []byte {
					if code == 1 {
						return []byte(handshake)
					}
					return []byte(block)
				})
				sending.Go(func() {
					for range 10 {
						conn, err := net.Dial("tcp", c.addr)
						if err != nil {
							continue
						}
						conn.SetDeadline(time.Now().Add(5 * time.Second))
						fmt.Fprintf(conn, `{"code": 3, "data": [%s]}`, tx)
						conn.Read(make([]byte, 100))
						conn.Close()
					}
				})
			}
			sending.Wait()
			for c.logged("peer lost") < 32 {
				c.ask(t, "peers") // takes no longer than a command may
			}
			if got := c.peakMemory(t); got > 200<<20 {
				t.Errorf("%d MiB resident, want below 200", got>>20)
			} else {
				t.Logf("%d MiB resident", got>>20)
			}
			began := time.Now()
			if err := c.stop(); err != nil {
				t.Errorf("child ends with %v", err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("it took %v to stop", took)
			}
		})
	}
}

// As many connections as there may be ask for blocks of 1 MiB, again and
// again, and do not read the answers.
func TestUnreadBlocksMemory(t *testing.T) {
	skipUnderRace(t)
	dir := t.TempDir()
	v := &victim{bc: openChain(t, filepath.Join(dir, "chain.db")), alice: testWallet(t, 0), bob: testWallet(t, 1)}
	for range 20 {
		v.tip = mine(t, v.tip, v.alice, 0)
		add(t, v.bc, v.tip)
		v.coins = append(v.coins, coin(t, v.tip.Transactions[0], 0))
	}
	add(t, v.bc, sized(t, v, v.tip, maxBlockBytes))
	v.bc.Close()
	c := startChild(t, "start -listen 127.0.0.1:0 -rpc 127.0.0.1:0 -data "+dir)
	var conns []net.Conn
	for i := range 128 {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(10+i%4))}}
		conn, err := dialer.Dial("tcp", c.addr)
		if err != nil {
			t.Skip(err) // a system with one loopback address
		}
		defer conn.Close()
		conn.(*net.TCPConn).SetReadBuffer(4096)
		fmt.Fprint(conn, strings.Repeat(`{"code": 2, "data": 20}`, 40))
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 { // until the system's buffers are full, too
		c.ask(t, "print", "20")
	}
	if got := c.peakMemory(t); got > 200<<20 {
		t.Errorf("%d MiB resident, want below 200", got>>20)
	} else {
		t.Logf("%d MiB resident", got>>20)
	}
}
