package network

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// newDebugLog returns a log, and a function that returns its lines of messages,
// without time and level.
func newDebugLog() (log *slog.Logger, messages func() []string) {
	var out lockedBuffer
	log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	return log, func() []string {
		lines := strings.Split(out.String(), "\n")
		return slices.DeleteFunc(lines, func(line string) bool { return !strings.HasPrefix(line, `msg="message `) })
	}
}

// Both ends tell of every message that a node says to another: a client without
// a chain gets one of two blocks, and hands over two payments; then somebody asks
// for what there is none of.
func TestMessagesInLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newFakeNet()
		ledger := newLedger(1, "a")
		at := netip.MustParseAddrPort(addrA)
		serverLog, serverSaw := newDebugLog()
		startOn(t, net.listen(at), (&TCPServer{Ledger: ledger, Log: serverLog}).Serve)

		c := net.newClient(t, at, newLedger(-1, ""))
		clientLog, clientSaw := newDebugLog()
		c.Log = clientLog
		runClient(t, c)
		pass(time.Second)
		c.enqueueTx(testTx(hashA))
		c.AddTx(testTx(hashB))
		pass(time.Second)

		nc, err := net.dialer(netip.MustParseAddr("10.0.0.98"))(context.Background(), at)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		for _, req := range []Msg{{GetBlockMsg, json.RawMessage(`7`)}, {NoneMsg, nil}, {99, json.RawMessage(`"x"`)}} {
			write(t, nc, string(req.Append(nil)))
			expect(t, nc, none)
		}
		synctest.Wait()

		block0, block1 := blockHash(ledger.chain[0]), blockHash(ledger.chain[1])
		conversation := []string{ // < is what the server gets, > what it replies
			"< kind=none",
			"> kind=none reply=true",
			"< kind=handshake height=-1",
			"> kind=handshake height=1 reply=true",
			`< kind="get block" height=0`,
			"> kind=block height=0 hash=" + block0 + " reply=true",
			`< kind="get block" height=1`,
			"> kind=block height=1 hash=" + block1 + " reply=true",
			"< kind=handshake height=1",
			"> kind=handshake height=1 reply=true",
			"< kind=transactions tx=" + hashA + " count=2",
			"> kind=none reply=true",
			"< kind=handshake height=1",
			"> kind=handshake height=1 reply=true",
		}
		strange := []string{
			`< kind="get block" height=7`,
			"> kind=none reply=true",
			"< kind=none",
			"> kind=none reply=true",
			"< kind=unknown code=99",
			"> kind=none reply=true",
		}

		compareLines(t, "client", clientSaw(), told(conversation, "sent", "received", addrA))
		compareLines(t, "server", serverSaw(), slices.Concat(
			told(conversation, "received", "sent", "10.0.0.99:40001"), told(strange, "received", "sent", "10.0.0.98:40002")))
	})
}

// told returns the lines of a log that tell of a conversation with peer.
func told(conversation []string, request, reply, peer string) (lines []string) {
	for _, said := range conversation {
		direction := request
		if said[0] == '>' {
			direction = reply
		}
		lines = append(lines, `msg="message `+direction+`" peer=`+peer+said[1:])
	}
	return lines
}

func compareLines(t *testing.T, who string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot\n  %s\nwant\n  %s", who, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// While nobody wants to know, to tell of a message costs no memory.
func TestMessagesCostNothingUnheard(t *testing.T) {
	log := slog.New(slog.NewTextHandler(new(bytes.Buffer), nil)) // from Info on
	conn := newMsgConn(&readConn{r: strings.NewReader("")}, log)
	m := Status{Height: 12, Genesis: json.RawMessage(wireGenesis)}.Msg()
	if err := conn.send(m, time.Second); err != nil {
		t.Fatal(err)
	}

	allocs := testing.AllocsPerRun(100, func() {
		conn.Conn.(*readConn).written.Reset()
		if err := conn.send(m, time.Second); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}
