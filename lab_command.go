package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"slices"

	"gosimpleblockchain/view"
)

// The command `lab`: it opens a lab, and a session of it (lab_session.go), and puts
// away what happened.

// labOptions are the flags of the command, beside those that others have, too.
type labOptions struct {
	nodes  int
	lesson string // to be played; "": none
	plain  bool   // columns instead of the page
	save   string // file; "": none
	seed   uint64
}

func labFlags(fs *flag.FlagSet, o *options) {
	c := &o.lab
	c.nodes = usualNodes
	fs.Func("nodes", fmt.Sprintf("`nodes` to begin with, %d to %d (default %d)", fewestNodes, mostNodes, usualNodes), func(s string) error {
		n, err := parseDecimal(s, fewestNodes, mostNodes)
		c.nodes = int(n)
		return err
	})
	fs.Func("play", "`lesson`: "+joinWords(lessonNames()), func(s string) error {
		c.lesson = s
		if !slices.Contains(lessonNames(), s) {
			return fmt.Errorf("there are %s", joinWords(lessonNames()))
		}
		return nil
	})
	fs.BoolVar(&c.plain, "plain", false, "draw what happens as text, a column a node, and open no page")
	fs.StringVar(&c.save, "save", "", "`file` for what happened: a page that needs no node")
	c.seed = usualSeed
	fs.Func("seed", fmt.Sprintf("`number` that decides what lossy wires lose (default %d)", usualSeed), func(s string) error {
		n, err := parseDecimal(s, 0, maxValue)
		c.seed = uint64(n)
		return err
	})
	fs.BoolVar(&o.everyMessage, "v", false, "with -plain: draw each message, though it is no news")
	viewFlag(fs, o)
}

func lessonNames() (names []string) {
	for _, l := range lessons {
		names = append(names, l.name)
	}
	return names
}

// A labCore is what the command needs of a lab.
type labCore interface {
	view.Lab
	play(ctx context.Context, name string) error
	completions(line string) []string
	happened() []view.LabEvent
}

// happened returns all events so far.
func (l *lab) happened() []view.LabEvent { return l.record.all() }

// labCmd is the command.
func labCmd(ctx context.Context, o *options) error {
	if err := checkDirOf(o.lab.save); err != nil {
		return err
	}
	var page net.Listener
	if !o.lab.plain && o.node.View != "" {
		var err error
		page, err = listenView(o.node.View)
		if err != nil {
			return fmt.Errorf("open the page: %w: give -view another port, or type `go run . lab -plain`", err)
		}
		defer page.Close()
	}

	dir, err := os.MkdirTemp("", "lab-")
	if err != nil {
		return err
	}
	s := newLabSession(o, page)
	l, err := openLab(ctx, labConfig{
		nodes:   s.nodes(),
		seed:    o.lab.seed,
		dir:     dir, // which the lab removes
		chinese: o.chinese,
		pages:   page != nil,
		stops:   !s.runsThrough(),
	})
	if ctx.Err() != nil && err != nil {
		return errors.New("the lab was stopped")
	}
	if err != nil {
		return err
	}
	s.core = l

	err = s.run(ctx)
	l.lookAtAll()
	events := l.happened() // before the nodes end
	closeErr := l.close()
	if err == nil {
		err = closeErr
	}
	if o.lab.save == "" {
		return err
	}
	if saveErr := saveLab(o.lab.save, s.teller.choose(s.title()), events); saveErr != nil {
		return errors.Join(err, saveErr)
	}
	o.hint(fmt.Sprintf("saved what happened to %s: open it in a browser", o.lab.save))
	return err
}
