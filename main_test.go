package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

const childArgs = "GOSIMPLEBLOCKCHAIN_ARGS" // command line of TestMainChild

// TestMainChild is the program, in a process of its own.
func TestMainChild(t *testing.T) {
	args := os.Getenv(childArgs)
	if args == "" {
		t.Skip("other tests run it")
	}
	os.Args = append(os.Args[:1], strings.Fields(args)...)
	main()
}

func skipOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("it has no broken pipes, and one process cannot interrupt another")
	}
}

// startProgram starts the program, whose results go to stdout.
func startProgram(t *testing.T, args string, stdout *os.File, env ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	stderr = new(bytes.Buffer)
	cmd = exec.CommandContext(t.Context(), exe, "-test.run=^TestMainChild$")
	cmd.Env = append(append(os.Environ(), env...), childArgs+"="+args)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stderr
}

// When nobody reads on, as in demo | head, the program still puts all away.
func TestStdoutIsClosed(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd, stderr := startProgram(t, "demo", w, "TMPDIR="+dir)
	r.Close()
	w.Close()

	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(stderr.String(), "broken pipe") {
		t.Errorf("%v: %s, want exit code 1, broken pipe", cmd.ProcessState, stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// When its terminal is closed, too, the program puts all away.
func TestTerminalIsClosed(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dir := t.TempDir()
	cmd, stderr := startProgram(t, "demo", w, "TMPDIR="+dir)
	w.Close()
	if _, err := r.Read(make([]byte, 1)); err != nil { // it has begun
		t.Fatal(err)
	}
	cmd.Process.Signal(syscall.SIGHUP)
	io.Copy(io.Discard, r)

	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("%v: %s, want exit code 1", cmd.ProcessState, stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A second Ctrl-C ends a program that does not hear the first.
func TestSecondInterrupt(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()

	// Nobody reads, and there is no room: the program waits until it can write.
	w.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	for err = nil; err == nil; {
		_, err = w.Write(make([]byte, 1<<12))
	}
	cmd, _ := startProgram(t, "-h", w)

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		select {
		case <-tick.C:
			cmd.Process.Signal(os.Interrupt)
		case <-ended:
			return
		case <-limit:
			cmd.Process.Kill()
			t.Fatal("the program goes on")
		}
	}
}
