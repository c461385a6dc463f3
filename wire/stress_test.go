package wire

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// A peer from outside that asks and does not read stops nobody else. It is no
// part of the network, so its clock does not stand still either.
func TestStrangerDoesNotRead(t *testing.T) {
	n := newTestNet(t, 1)
	ln := n.listen("B")
	stranger, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	b, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()

	n.Pause()
	b.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	wrote := make(chan error, 1)
	go func() {
		for {
			if _, err := b.Write(make([]byte, 1<<20)); err != nil {
				wrote <- err
				return
			}
		}
	}()
	for {
		n.State("A", "B") // the network answers meanwhile
		select {
		case err := <-wrote:
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("write ended: %v", err)
			}
			return
		default:
		}
	}
}

// A deadline that was past before the pause stays so.
func TestDeadlinePastBeforePause(t *testing.T) {
	n := newTestNet(t, 1)
	a, _ := n.connect()
	a.SetReadDeadline(time.Unix(1, 0))
	n.Pause()
	read := make(chan error, 1)
	go func() {
		_, err := a.Read(make([]byte, 1))
		read <- err
	}()
	select {
	case err := <-read:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the read does not end")
	}
}

// Steps that come quickly let through one message each, also of one connection.
func TestStepsInARow(t *testing.T) {
	n := newTestNet(t, 1)
	a, b := n.connect()
	n.Pause()
	texts := strings.Split("one two three four five six", " ")
	for _, text := range texts {
		write(t, a, text)
	}
	for _, text := range texts {
		if m, ok := n.Step(); !ok || string(m.Bytes) != text {
			t.Fatalf("step lets %q through, %v, want %q", m.Bytes, ok, text)
		}
	}
	wantRead(t, b, strings.Join(texts, ""))
}

// Whatever happens to the wires, each connection brings all that was written, in
// order, unless one of its ends went; and when all is closed nothing is left.
func TestStorm(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			storm(t, seed)
		})
	}
}

func storm(t *testing.T, seed uint64) {
	const conns, messages = 12, 60
	n := newTestNet(t, seed)
	hosts := []string{"A", "B", "C"}
	var listeners []net.Listener
	for _, name := range hosts {
		listeners = append(listeners, n.listen(name))
	}

	over := make(chan struct{})
	var weather, talks sync.WaitGroup
	weather.Go(func() {
		luck := rand.New(rand.NewPCG(seed, 1))
		for {
			select {
			case <-over:
				n.Resume()
				for _, a := range hosts {
					for _, b := range hosts {
						n.Set(a, b, State{})
					}
				}
				return
			default:
			}
			a, b := hosts[luck.IntN(3)], hosts[luck.IntN(3)]
			switch luck.IntN(8) {
			case 0, 1:
				n.Set(a, b, State{Cut: true})
			case 2, 3:
				n.Set(a, b, State{})
			case 4:
				n.Set(a, b, State{Delay: time.Millisecond})
			case 5:
				n.Pause()
			case 6:
				n.Step()
				n.InFlight()
			case 7:
				n.Resume()
			}
		}
	})

	// Each listener sends back what it gets; some are killed in the midst of it.
	for _, ln := range listeners {
		talks.Go(func() {
			for {
				nc, err := ln.Accept()
				if err != nil {
					return
				}
				talks.Go(func() {
					defer nc.Close()
					io.Copy(nc, nc)
				})
			}
		})
	}

	var dialers sync.WaitGroup
	for i := range conns {
		dialers.Go(func() {
			host := n.Host(hosts[i%3])
			addr := listeners[(i+1)%3].Addr().(*net.TCPAddr).AddrPort()
			nc, err := host.Dial(t.Context(), addr)
			if err != nil {
				t.Error(err)
				return
			}
			isKilled := i%4 == 3
			var sent strings.Builder
			for k := range messages {
				text := fmt.Sprintf("%d:%d ", i, k)
				if _, err := io.WriteString(nc, text); err != nil {
					t.Errorf("write: %v", err)
				}
				sent.WriteString(text)
				if isKilled && k == messages/2 {
					host.Close()
					break
				}
			}

			got := make([]byte, sent.Len())
			k, err := io.ReadFull(nc, got)
			switch {
			case !strings.HasPrefix(sent.String(), string(got[:k])):
				t.Errorf("connection %d: got %q of %q", i, got[:k], sent.String())
			case !isKilled && err != nil:
				t.Errorf("connection %d: %v after %d of %d bytes", i, err, k, len(got))
			}
			nc.Close()
		})
	}

	done := make(chan struct{})
	go func() {
		timer := time.NewTimer(300 * time.Millisecond)
		<-timer.C
		close(over)
		weather.Wait()
		dialers.Wait()
		for _, ln := range listeners {
			ln.Close()
		}
		talks.Wait()
		n.Network.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(60 * time.Second):
		t.Fatal("it does not end")
	}

	// Each message that was sent has arrived, or is lost, once.
	n.mu.Lock()
	defer n.mu.Unlock()
	balance := make(map[string]int)
	for _, event := range n.events {
		what, of, _ := strings.Cut(event, " ")
		if what == "sent" {
			balance[of]++
		} else {
			balance[of]--
		}
	}
	for of, k := range balance {
		if k != 0 {
			t.Errorf("%q: %+d", of, k)
		}
	}
	n.Network.mu.Lock()
	defer n.Network.mu.Unlock()
	if len(n.conns)+len(n.dialled) > 0 {
		t.Errorf("%d connections and %d ports are left", len(n.conns), len(n.dialled))
	}
}
