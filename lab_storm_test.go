package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"gosimpleblockchain/view"
	"gosimpleblockchain/wire"
)

// Several people type at once, whatever comes to their minds, and then the lab is
// closed in the midst of it.
func TestLabStorm(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{nodes: 3, seed: usualSeed, stops: true})
	lines := []string{
		"mine A 2", "mine B", "send alice bob 1", "send bob carol 1 at B", "cut A B", "cut A>C", "heal", "heal A B",
		"delay A B 1ms", "loss A B 30%", "kill C", "start C", "kill A", "start A", "start D", "pause", "step 3", "resume",
		"lookup A B", "wait agree", "wait height A 3", "expect agree", "show", "play fork", "next", "answer", "play late",
	}

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	var typing sync.WaitGroup
	defer typing.Wait()
	for seed := range uint64(5) {
		typing.Go(func() {
			luck := rand.New(rand.NewPCG(seed, 0))
			for ctx.Err() == nil {
				lineCtx, cancel := context.WithTimeout(ctx, time.Duration(luck.IntN(300))*time.Millisecond)
				l.Do(lineCtx, lines[luck.IntN(len(lines))])
				l.completions("mine ")
				cancel()
			}
		})
	}
	<-ctx.Done()
}

// A lab that is closed stays so, whoever still types.
func TestLabIsClosed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "lab")
	l, err := openLab(t.Context(), labConfig{nodes: 2, seed: usualSeed, dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	l.enter(t, "kill B")
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"mine A", "start B", "start C", "heal", "play fork", "wait agree"} {
		if _, err := l.Do(t.Context(), line); !errors.Is(err, errLabClosed) {
			t.Errorf("%s: %v, want %v", line, err, errLabClosed)
		}
	}
	if err := l.play(t.Context(), "fork"); !errors.Is(err, errLabClosed) {
		t.Errorf("play: %v, want %v", err, errLabClosed)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("its folder is there again")
	}
}

// Of a list that is full one is told that, once; lessons and the end are told all
// the same.
func TestLabListIsFull(t *testing.T) {
	t.Parallel()
	r := newLabRecord()
	r.begin(nil)
	for range maxLabEvents + 10 {
		r.add(view.LabEvent{Kind: view.LabPaused})
	}
	r.did("mine A", view.Words{})
	r.say(view.LabLesson{Name: "fork"})
	r.close()

	var kinds []string
	for i, e := range r.all()[maxLabEvents-1:] {
		kinds = append(kinds, e.Kind)
		if e.Number != maxLabEvents+i {
			t.Errorf("event %d has number %d", maxLabEvents+i, e.Number)
		}
	}
	want := []string{view.LabPaused, view.LabDid, view.LabLine, view.LabClosed}
	if !slices.Equal(kinds, want) {
		t.Errorf("at the end there are %v, want %v", kinds, want)
	}
}

// Who changes a wire at the same time as another undoes nothing of it, and what is
// told last is how the wire stands.
func TestLabRewiredAtOnce(t *testing.T) {
	t.Parallel()
	l := &lab{record: newLabRecord()}
	l.wires = wire.New(1, l.record.pass)
	defer l.wires.Close()
	l.record.begin(nil)

	for i := range 500 {
		var changing sync.WaitGroup
		isCut, loss := i%2 == 0, float64(i%5)/10
		changing.Go(func() { l.rewire("A", "B", func(s *wire.State) { s.Cut = isCut }) })
		changing.Go(func() { l.rewire("A", "B", func(s *wire.State) { s.Loss = loss }) })
		changing.Wait()

		events := l.record.all()
		told := events[len(events)-1].Wire
		now := l.wires.State("A", "B")
		if now.Cut != isCut || now.Loss != loss || told.Cut != isCut || told.Loss != loss {
			t.Fatalf("round %d: it is %+v, and told is %+v; want %v, %v", i, now, told, isCut, loss)
		}
	}
}

// A lesson that was called off leaves the nodes as they are, and says nothing.
func TestLessonIsCalledOff(t *testing.T) {
	t.Parallel()
	l := startLab(t, labConfig{nodes: 2, seed: usualSeed})
	l.enter(t, "mine A", "wait agree")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.play(ctx, "fork"); !errors.Is(err, context.Canceled) {
		t.Errorf("play: %v", err)
	}
	if _, err := l.Do(ctx, "mine A"); !errors.Is(err, context.Canceled) {
		t.Errorf("a line of it: %v", err)
	}
	l.enter(t, "expect height A 1", "expect height B 1")
	for _, e := range l.record.all() {
		if e.Kind == view.LabLine {
			t.Errorf("it says: %+v", e.Lesson)
		}
	}
}
