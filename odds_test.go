package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// runMajority runs `attack majority` with flags, and returns what it prints.
func runMajority(ctx context.Context, stdout io.Writer, args ...string) error {
	var a majorityAttack
	fs := flag.NewFlagSet("attack majority", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	majorityFlags(fs, &a)
	if err := fs.Parse(args); err != nil {
		return usageError(err.Error())
	}
	return majority(ctx, &options{stdout: &output{Writer: stdout}}, a)
}

// Run by hand: go test -run TestShowMajority -args …
func TestShowMajority(t *testing.T) {
	if err := runMajority(t.Context(), os.Stdout, flag.Args()...); err != nil {
		t.Fatal(err)
	}
}

var _ = bytes.NewBuffer
var _ = errors.New
var _ = fmt.Sprint
var _ = math.Abs
var _ = rand.NewPCG
var _ = strings.Fields
