// Learn is a tutor: it gives you the programs of chapters 1 to 6 with holes in them,
// and checks what you put in. Run it from anywhere in the project:
//
//	go run ./docs/learn
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// learn is what the student types to run this program.
const learn = "go run ./docs/learn"

const usage = `usage: go run ./docs/learn [COMMAND]
                     how far you are, and what to type next
  start [STEP|ID]    get a step with holes, or a challenge; start 2 -again
                     moves your old step 2 aside and begins anew
  check [STEP|ID]    test what you wrote: the current hole, or another
  watch [ID]         check at each save, until Ctrl-C
  hint [ID]          a nudge; asked again, the idea
  show [ID]          what to write, and where
  solution ID        one way to write it
  finale             hand the chain of your step 6 to a real node;
                     finale -data DIR keeps the node's files there
  -lang en|zh        behind any of them: English or Chinese, whatever your
                     system is set to
`

const usageZH = `用法：go run ./docs/learn [COMMAND]
                     做到哪儿了，接下来敲什么
  start [STEP|ID]    领取留了空的一步，或一个挑战；start 2 -again
                     把你原来的第 2 步挪开，重新开始
  check [STEP|ID]    检查你写的：当前的空，或指定的那个
  watch [ID]         每次存盘就检查，按 Ctrl-C 结束
  hint [ID]          一条提示；再问一次，给出思路
  show [ID]          要写什么，写在哪里
  solution ID        一种写法
  finale             把你第 6 步的链交给真正的节点；
                     finale -data DIR 把节点的文件留在那里
  -lang en|zh        加在任何一条后面：说英文或中文，不管系统怎样设置
`

// A complaint is an error that is a whole message for the student.
type complaint string

func (c complaint) Error() string { return string(c) }

// complain returns an error for the student: whole sentences, shown as they are.
func complain(format string, args ...any) error {
	return complaint(text(format, args...))
}

// A tutor knows the course, and where the student works on it.
type tutor struct {
	root  string // the module's directory
	steps []step
	out   io.Writer // for the student

	timeout time.Duration // for the tests of a check
}

// say prints a line, or more.
func (t *tutor) say(format string, args ...any) { say(t.out, format, args...) }

// say prints a line, or more, in the student's language.
func say(out io.Writer, format string, args ...any) { fmt.Fprintln(out, text(format, args...)) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	if err := run(ctx, os.Args[1:]); err != nil {
		if ctx.Err() != nil {
			err = complain("stopped")
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run finds the module and carries out one command in it.
func run(ctx context.Context, args []string) error {
	args, err := chooseLanguage(args)
	if err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	root, err := findRoot(dir)
	if err != nil {
		return err
	}
	t := &tutor{root: root, steps: courseSteps(), out: os.Stdout, timeout: testTimeout}
	err = t.do(ctx, args)
	if dir != root && ctx.Err() == nil {
		t.sayWhere()
	}
	return err
}

// sayWhere tells whoever is in a directory of the project where the commands that
// they are told to type work.
func (t *tutor) sayWhere() {
	t.say("\n(Commands and files are those of the project's directory. To go there: cd %s)", shellQuote(t.root))
}

// shellQuote writes a path as one types it.
func shellQuote(path string) string {
	if strings.ContainsAny(path, " '&();$!") {
		return strconv.Quote(path)
	}
	return path
}

// findRoot returns the directory of the project that dir is in.
func findRoot(dir string) (string, error) {
	for d := dir; ; d = filepath.Dir(d) {
		text, err := os.ReadFile(filepath.Join(d, "go.mod"))
		if err == nil && isOurModule(string(text)) {
			return d, nil
		}
		if err == nil && (filepath.Base(d) == "_mine" || filepath.Base(filepath.Dir(d)) == "_mine") {
			return "", explainModule(d)
		}
		if err == nil || d == filepath.Dir(d) {
			return "", complain("This isn't the project's directory: %s.\nGo to where you cloned it (cd …), and there type\n  %s", dir, learn)
		}
	}
}

// explainModule tells that a directory of the student's is a module of its own.
func explainModule(dir string) error {
	return complain("%s makes that directory a module of its own, which can't be checked. It needs none: delete that file, and the go.sum beside it.", filepath.Join(dir, "go.mod"))
}

// isOurModule reports whether a go.mod is this project's.
func isOurModule(text string) bool {
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "module" {
			return strings.Trim(fields[1], `"`) == "gosimpleblockchain"
		}
	}
	return false
}

// do carries out a command.
func (t *tutor) do(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return t.overview()
	}

	command, args := args[0], args[1:]
	switch {
	case command == "finale":
		return finale(ctx, t.root, args, t.out)
	case command == "start":
		again, rest := takeFlag(args, "again")
		if len(rest) < 2 {
			return t.start(first(rest), again)
		}
	case command == "check" && len(args) < 2:
		return t.check(ctx, first(args))
	case command == "watch" && len(args) < 2:
		return t.watch(ctx, first(args))
	case command == "hint" && len(args) < 2:
		return t.hint(first(args))
	case command == "show" && len(args) < 2:
		return t.show(first(args))
	case command == "solution" && len(args) < 2:
		return t.solution(first(args))
	case command == "help" || command == "-h" || command == "-help" || command == "--help":
		t.say("%s", help())
		return nil
	}
	return complain("%s", help())
}

// help returns what commands there are.
func help() string {
	if chinese {
		return strings.TrimSuffix(usageZH, "\n")
	}
	return strings.TrimSuffix(usage, "\n")
}

// first returns the first argument, or "".
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// takeFlag takes -name out of the arguments, wherever it stands.
func takeFlag(args []string, name string) (found bool, rest []string) {
	for _, arg := range args {
		if arg == "-"+name || arg == "--"+name {
			found = true
		} else {
			rest = append(rest, arg)
		}
	}
	return found, rest
}
