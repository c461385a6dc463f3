package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// watchPause is between two looks at the files.
const watchPause = 300 * time.Millisecond

// watch checks at each save, until ctx is done: the hole that is on, or the one with
// the ID.
func (t *tutor) watch(ctx context.Context, id string) error {
	if id != "" {
		if _, _, err := findHole(t.steps, id); err != nil {
			return err
		}
	}

	before := ""
	for ctx.Err() == nil {
		if now := t.fingerprint(); now != before {
			before = now
			t.say("\n── %s ──", time.Now().Format(time.TimeOnly))
			if err := t.check(ctx, id); err != nil && ctx.Err() == nil {
				t.say("%v", err)
			}
			if ctx.Err() == nil {
				t.say("\nI'm watching: save a file, and I check again. Ctrl-C ends it.")
			}
		}

		select {
		case <-ctx.Done():
		case <-time.After(watchPause):
		}
	}
	t.say("\nUntil next time. To go on: %s", learn)
	return nil
}

// fingerprint is another text whenever a Go file of the student's is another.
func (t *tutor) fingerprint() string {
	var text strings.Builder
	files, err := filepath.Glob(filepath.Join(t.root, "_mine", "step?", "*.go"))
	if err != nil {
		return err.Error()
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			fmt.Fprintln(&text, err)
			continue
		}
		fmt.Fprintln(&text, file, info.Size(), info.ModTime().UnixNano())
	}
	return text.String()
}
