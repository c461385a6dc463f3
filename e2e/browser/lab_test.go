package browser

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gosimpleblockchain/view"
)

// A lab is a process of the command `lab`, with lines for it on stdin.
type lab struct {
	t     testing.TB
	page  string // URL, with the token
	stdin io.WriteCloser
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process is gone
}

// startLab starts a lab, which ends with the test.
func startLab(t testing.TB, args ...string) *lab {
	t.Helper()
	l := &lab{t: t, ended: make(chan struct{})}
	l.cmd = exec.Command(program, append([]string{"lab", "-view", "127.0.0.1:0"}, args...)...)
	stdin, err := l.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	l.stdin = stdin
	stdout, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}

	lines := make(chan string, 1)
	go func() {
		defer close(l.ended)
		out := bufio.NewReader(stdout)
		line, _ := out.ReadString('\n')
		lines <- strings.TrimSpace(line)
		io.Copy(io.Discard, out)
		l.cmd.Wait()
	}()
	t.Cleanup(l.end)

	l.page = <-lines
	if u, err := url.Parse(l.page); err != nil || u.Host == "" || !strings.HasPrefix(u.Fragment, "token=") {
		t.Fatalf("the first line of lab is %q", l.page)
	}
	return l
}

// end ends the lab: there are no more lines for it.
func (l *lab) end() {
	l.stdin.Close()
	<-l.ended
}

// address is that of the page without the token.
func (l *lab) address() string {
	address, _, _ := strings.Cut(l.page, "#")
	return address
}

// nodesAre waits until the heights of the nodes A, B, … are these, as the page
// shows them.
func (p *tab) nodesAre(heights ...int) {
	p.t.Helper()
	for i, height := range heights {
		letter := string(rune('A' + i))
		p.await(fmt.Sprintf("%s at height %d", letter, height),
			fmt.Sprintf(`document.querySelector('[data-testid="height-%s"] b')?.textContent == "%d"`, letter, height))
	}
}

// tops returns the hash of the highest block of each node's chain.
func (p *tab) tops() []string {
	p.t.Helper()
	return eval[[]string](p, `[...document.querySelectorAll("[data-node]")].map(node => [...node.querySelectorAll('[data-testid="lab-block"]')]
		.filter(b => !b.classList.contains("is-beside")).sort((a, b) => b.dataset.height - a.dataset.height)[0]?.dataset.hash ?? "")`)
}

func testid(id string) string { return `[data-testid="` + id + `"]` }

// typeLine types a line into the page, as at the prompt.
func (p *tab) typeLine(line string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(prompt => { prompt.value = %q; prompt.form.requestSubmit(); return true })(document.querySelector("#prompt"))`, line))
}

// A student cuts the network in two, lets both sides mine, and mends it: the fork
// is there for all to see, and so is its end.
func TestLabFork(t *testing.T) {
	needBrowser(t)
	l := startLab(t)
	p := open(t, l.page)
	p.nodesAre(0, 0, 0, 0)
	if shown := eval[string](p, `location.href`); strings.Contains(shown, "token") {
		t.Errorf("the token stays in the address bar: %s", shown)
	}

	p.click(testid("wire-AD"))
	p.await("a cut wire", `document.querySelector('[data-testid="wire-AD"]').dataset.cut == "true"`)
	p.typeLine("cut A,B C,D")
	p.click(testid("mine-A"))
	p.nodesAre(1, 1, 0, 0)
	p.typeLine("mine C 2")
	p.nodesAre(1, 1, 2, 2)

	tops := p.tops()
	if tops[0] != tops[1] || tops[2] != tops[3] || tops[0] == tops[2] || tops[0] == "" {
		t.Errorf("on top are %q", tops)
	}
	p.await("that they differ", `document.querySelector('[data-testid="agreement"]').textContent.includes("Fork")`)

	// A table stays one, in a panel that is too narrow for it.
	p.typeLine("help")
	p.await("a table", `document.querySelector(".answers .is-table")`)
	if got := eval[string](p, `getComputedStyle(document.querySelector(".answers .is-table")).whiteSpace`); got != "pre" {
		t.Errorf("the lines of a table break: white-space is %s", got)
	}
	p.checkLook(t, "a table among the answers")

	p.typeLine("heal")
	p.nodesAre(2, 2, 2, 2)
	p.await("that they agree", `!document.querySelector('[data-testid="agreement"]').textContent.includes("Fork")`)
	if got := p.tops(); got[0] != tops[2] || got[1] != tops[2] {
		t.Errorf("on top are %q, not that of C", got)
	}
}

// The form pays, and the buttons hold the payment on its wire until a step.
func TestLabPayment(t *testing.T) {
	needBrowser(t)
	l := startLab(t, "-nodes", "2")
	p := open(t, l.page)
	p.nodesAre(0, 0)
	p.click(testid("pause"))
	p.await("the pause", `document.querySelector('[data-testid="step"]')`)
	p.click(testid("send"))
	p.await("a payment at A", `document.querySelector('[data-testid="pool-A"]').textContent.includes("1")`)
	p.await("a held message", `/[1-9]/.test(document.querySelector('[data-testid="in-flight"]').textContent)`)
	if got := p.text(testid("pool-B")); strings.Contains(got, "1") {
		t.Errorf("at B the pool is %q", got)
	}

	p.click(testid("resume"))
	p.await("the payment at B", `document.querySelector('[data-testid="pool-B"]').textContent.includes("1")`)
	p.click(testid("kill-B"))
	p.await("a killed node", `document.querySelector('[data-testid="start-B"]')`)
	p.click(testid("mine-A"))
	p.nodesAre(1)
	p.click(testid("start-B"))
	p.nodesAre(1, 1)
}

// A lesson goes on at the button, and shows its answer when asked.
func TestLabLesson(t *testing.T) {
	needBrowser(t)
	l := startLab(t, "-nodes", "2")
	p := open(t, l.page)
	p.nodesAre(0, 0)
	p.typeLine("play python")
	for step := 1; step <= 3; step++ {
		p.await(fmt.Sprint("step ", step), fmt.Sprintf(`/%d/.test(document.querySelector('[data-testid="lesson-step"]')?.textContent) && document.querySelector('[data-testid="next"]:not([disabled])')`, step))
		if step == 1 {
			if shown := p.text(testid("diagram")); strings.Contains(shown, "killed") {
				t.Errorf("the lesson begins with the end of other nodes: %q", shown)
			}
			if got := eval[string](p, `document.querySelector('[data-testid="lessons"]').value`); got != "python" {
				t.Errorf("the list of lessons shows %s", got)
			}
			eval[bool](p, `(button => { button.click(); button.click(); return true })(document.querySelector('[data-testid="next"]'))`) // which is one step
			continue
		}
		p.click(testid("next"))
	}
	p.await("the question", `document.querySelector('[data-testid="show-answer"]')`)
	if got := eval[string](p, `document.querySelector('[data-testid="lessons"]').value`); got != "article" {
		t.Errorf("after the last lesson the list shows %s, not the first", got)
	}
	p.click(testid("show-answer"))
	p.await("the answer", `document.querySelector('[data-testid="answer"]')?.textContent.includes("heartbeats")`)
	if got := p.count(testid("lesson-failed")); got > 0 {
		t.Error(p.text(testid("lesson-failed")))
	}
	p.checkLook(t, "a lesson's end")
	if got := p.count(".answers .is-bad"); got > 0 {
		t.Error(p.text(testid("answers")))
	}
}

// Without the token the page shows all, and can change nothing; nor can a script
// that guesses.
func TestLabReadOnly(t *testing.T) {
	needBrowser(t)
	l := startLab(t, "-nodes", "2")
	p := open(t, l.address())
	p.nodesAre(0, 0)
	for _, id := range []string{"mine-A", "kill-A", "send", "pause"} {
		if p.count(testid(id)) > 0 {
			t.Errorf("there is %s", id)
		}
	}

	p.letFail("/do")
	const ask = `fetch("/do", {method: "POST", headers: {"Content-Type": "application/json"%s}, body: '{"line": "mine A"}'}).then(r => r.status)`
	for _, header := range []string{"", `, "X-Lab-Token": ""`, `, "X-Lab-Token": "guess"`} {
		if status := eval[int](p, fmt.Sprintf(ask, header)); status != 403 {
			t.Errorf("with %q: status %d", header, status)
		}
	}
	p.nodesAre(0, 0)
}

// The file of -save opens from the disk, asks nobody for anything, and goes back
// to any moment.
func TestLabFile(t *testing.T) {
	needBrowser(t)
	file := filepath.Join(t.TempDir(), "fork.html")
	runProgram(t, "lab", "-play", "fork", "-plain", "-save", file)

	p := open(t, "file://"+filepath.ToSlash(file))
	p.await("the slider", `document.querySelector('[data-testid="slider"]')`)
	eval[bool](p, fmt.Sprintf(moveTo, "slider.max"))
	p.nodesAre(3, 3, 3, 3)

	// The button leads from stop to stop.
	eval[bool](p, fmt.Sprintf(moveTo, "0"))
	p.click(testid("time-on_stop"))
	for step := 1; step <= 5; step++ {
		p.awaitText(testid("lesson-step"), fmt.Sprintf("Step %d of 5", step))
		p.click(testid("next"))
	}
	p.awaitText(testid("lesson-step"), "Question")
	p.click(testid("show-answer"))
	if got := p.count(testid("next")); got > 0 {
		t.Error("a lesson that is over goes on")
	}

	eval[bool](p, fmt.Sprintf(moveTo, "slider.max"))
	if got := p.count(testid("send")) + p.count(testid("mine-A")); got > 0 {
		t.Errorf("%d buttons would change what is past", got)
	}

	// The moment of the fork: two chains, and a cut.
	max := eval[int](p, `+document.querySelector('[data-testid="slider"]').max`)
	forked := false
	for at := 0; at <= max && !forked; at += 1 + max/200 {
		eval[bool](p, fmt.Sprintf(moveTo, fmt.Sprint(at)))
		forked = eval[bool](p, `document.querySelector('[data-testid="agreement"]').textContent.includes("Fork")`)
	}
	if !forked {
		t.Error("at no moment is there a fork")
	}
	p.checkLook(t, "a file")
	eval[bool](p, fmt.Sprintf(moveTo, "slider.max"))
	p.nodesAre(3, 3, 3, 3)
}

// At any moment, forwards or back, the page shows the heights that follow from the
// events up to it.
func TestLabMoments(t *testing.T) {
	needBrowser(t)
	file := filepath.Join(t.TempDir(), "late.html")
	runProgram(t, "lab", "-play", "late", "-plain", "-save", file)
	events := savedEvents(t, file)

	p := open(t, "file://"+filepath.ToSlash(file))
	p.await("the slider", `document.querySelector('[data-testid="slider"]')`)
	luck := rand.New(rand.NewPCG(1, 1))
	for range 30 {
		moment := luck.IntN(len(events) + 1)
		eval[bool](p, fmt.Sprintf(moveTo, fmt.Sprint(moment)))
		want := heightsAfter(events[:moment])
		p.await(fmt.Sprintf("the heights %s after event %d", want, moment),
			fmt.Sprintf(`[...document.querySelectorAll("[data-node]")].map(node => node.dataset.node + (node.querySelector('[data-testid^="height-"] b')?.textContent ?? "-")).join(" ") == %q`, want))
	}
}

// savedEvents returns the events in a file that `lab -save` has written.
func savedEvents(t *testing.T, file string) []view.LabEvent {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, record, _ := strings.Cut(string(page), `id="record">`)
	record, _, _ = strings.Cut(record, "</script>")
	var saved struct{ Events []view.LabEvent }
	if err := json.Unmarshal([]byte(record), &saved); err != nil || len(saved.Events) == 0 {
		t.Fatalf("%d events, %v", len(saved.Events), err)
	}
	return saved.Events
}

// heightsAfter returns the nodes and their heights: "A3 B-", where B has no chain.
func heightsAfter(events []view.LabEvent) string {
	heights := make(map[string]string)
	for _, e := range events {
		switch {
		case e.Kind == view.LabLine && e.Lesson.Step == 0 && !e.Lesson.Over:
			clear(heights) // a lesson has nodes of its own
		case e.Kind == view.LabStarted && heights[e.Node] == "":
			heights[e.Node] = "-"
		case e.Kind == view.LabGrown:
			heights[e.Node] = fmt.Sprint(e.Chain.Height)
		}
	}
	var texts []string
	for _, letter := range slices.Sorted(maps.Keys(heights)) {
		texts = append(texts, letter+heights[letter])
	}
	return strings.Join(texts, " ")
}

// moveTo moves the slider of the time.
const moveTo = `(slider => { slider.value = %s; slider.dispatchEvent(new Event("input", {bubbles: true})); return true })(document.querySelector('[data-testid="slider"]'))`

// labScenes are the labs of the pictures, and of README.md the first.
var labScenes = []struct {
	name  string
	args  []string
	lines []string
	ready func(p *tab)
}{
	{"lab-fork", nil, []string{
		"mine A", "wait agree", "cut A,B C,D", "send alice bob 100", "wait pool B 1",
		"mine A", "wait height B 2", "mine C 2", "wait height D 3",
	}, func(p *tab) { p.nodesAre(2, 2, 3, 3) }},
	{"lab-twelve", []string{"-nodes", "12"}, []string{
		"mine A", "wait agree", "cut A,B,C,D,E,F G,H,I,J,K,L", "mine A", "mine L 2", "wait height G 3", "wait height F 2",
	}, func(p *tab) { p.nodesAre(2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3) }},
	{"lab-lookup", nil, []string{"play lookup", "next"}, func(p *tab) {
		p.await("what was found", `document.querySelector('[data-testid="lesson-step"]')?.textContent.includes("2")`)
	}},
	{"lab-paused", []string{"-nodes", "3"}, []string{"pause", "send alice bob 10", "mine A"}, func(p *tab) {
		p.nodesAre(1, 0, 0)
	}},
}

// TestLabPictures takes pictures of labs to be looked at, as TestPictures does.
func TestLabPictures(t *testing.T) {
	needBrowser(t)
	dir := picturesDir(t)
	for i, s := range labScenes {
		t.Run(s.name, func(t *testing.T) {
			l := startLab(t, s.args...)
			for _, line := range s.lines {
				fmt.Fprintln(l.stdin, line)
			}
			p := open(t, l.page)
			s.ready(p)
			p.checkLook(t, s.name)

			for _, scheme := range []string{"light", "dark"} {
				p.prefer(scheme, true)
				for _, width := range []int64{400, 1000, 1600} {
					p.resize(width, 1000)
					file := filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", s.name, width, scheme))
					if err := os.WriteFile(file, p.wholePicture(width), 0o666); err != nil {
						t.Error(err)
					}
				}
			}
			if i == 0 {
				p.checkReadmePicture(t, "lab.png")
			}
		})
	}
}
