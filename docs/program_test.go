package docs

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// killAfter is how long an interrupted node may take to end.
const killAfter = 10 * time.Second

// built is the program, as the pages' reader runs it. TestMain builds it.
var built *program

// temp is a directory that lives as long as the tests do.
var temp string

// tempDir returns a new directory that lives as long as the tests do.
func tempDir() (string, error) { return os.MkdirTemp(temp, "") }

// A program is a binary, and what it says of itself.
type program struct {
	path string            // absolute
	help map[string]string // command → what its -h prints
}

func TestMain(m *testing.M) {
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (code int, err error) {
	os.Setenv("LC_ALL", "C") // the pages' transcripts are English, whatever this machine speaks
	if temp, err = os.MkdirTemp("", "docs"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(temp)

	if built, err = build(temp); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// build builds the program into dir, with the race detector if the tests have
// it, and asks it for its commands.
func build(dir string) (*program, error) {
	p := &program{path: filepath.Join(dir, "node.exe"), help: make(map[string]string)} // Windows wants the .exe, others don't mind

	args := []string{"build", "-o", p.path}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" || s.Key == "-gcflags" {
				args = append(args, s.Key+"="+s.Value)
			}
		}
	}
	if out, err := exec.Command("go", append(args, root)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}

	usage, err := p.command(context.Background(), []string{"-h"}).Output()
	if err != nil {
		return nil, fmt.Errorf("-h: %w", err)
	}
	for _, m := range commandPattern.FindAllStringSubmatch(string(usage), -1) {
		out, err := p.command(context.Background(), []string{m[1], "-h"}).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("%s -h: %w\n%s", m[1], err, out)
		}
		p.help[m[1]] = string(out)
	}
	if len(p.help) == 0 {
		return nil, fmt.Errorf("-h lists no commands:\n%s", usage)
	}
	return p, nil
}

// watchSources looks at the program's source files, so that go test sees when
// they have changed: it takes a result from its cache if the files that the
// test looked at are as they were, and those that go build reads do not count.
func watchSources(t testing.TB) {
	t.Helper()
	for _, dir := range sourceDirs {
		if _, err := fs.ReadDir(repository, dir); err != nil {
			t.Fatal(err)
		}
	}
}

var (
	commandPattern = regexp.MustCompile(`(?m)^  (\w+) `)
	flagPattern    = regexp.MustCompile(`(?m)^  -([\w-]+)( \w+)?(?:\n    )?\t(.*)$`)
	defaultPattern = regexp.MustCompile(`\(default "?(.*?)"?\)$`)
)

// flags returns the flags that a command has by its -h, with their defaults.
func (p *program) flags(command string) (*flag.FlagSet, error) {
	help, ok := p.help[command]
	if !ok {
		return nil, fmt.Errorf("unknown command %q", command)
	}
	fs := flag.NewFlagSet(command, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Bool("h", false, "")
	for _, m := range flagPattern.FindAllStringSubmatch(help, -1) {
		name, value, usage := m[1], m[2], m[3]
		if value == "" {
			fs.Bool(name, false, usage)
			continue
		}
		byDefault := ""
		if d := defaultPattern.FindStringSubmatch(usage); d != nil {
			byDefault = d[1]
		}
		fs.String(name, byDefault, usage)
	}
	return fs, nil
}

func (p *program) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.Args[0] = strings.TrimSuffix(filepath.Base(p.path), ".exe") // a program prints it with its flags
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")      // the race detector would wait a second at each end
	dieWithTest(cmd)
	return cmd
}

// A result is what a command has printed when it ends.
type result struct {
	stdout, stderr string
	code           int
}

// run runs a command in a directory and waits for its end.
func (p *program) run(ctx context.Context, dir string, args []string) (result, error) {
	var stdout, stderr strings.Builder
	cmd := p.command(ctx, args)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	err := cmd.Run()
	if exit := new(exec.ExitError); errors.As(err, &exit) && ctx.Err() == nil {
		err = nil // the code says it
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}, err
}

// start starts a command in a directory. When ctx is done it is interrupted,
// as by ^C, and killed if it does not end within killAfter.
func (p *program) start(ctx context.Context, dir string, screen io.Writer, args []string) (*exec.Cmd, error) {
	cmd := p.command(ctx, args)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, screen, screen
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = killAfter
	return cmd, cmd.Start()
}
