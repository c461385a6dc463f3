package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const patience = 30 * time.Second // for whatever is waited for

// A tab is a page of a node, open in the browser. It has a profile of its own:
// what one test chooses, the language say, no other sees. Whatever goes wrong on
// it fails the test: see [tab.note].
type tab struct {
	t   testing.TB
	ctx context.Context

	mu     sync.Mutex                   // guards all below
	asked  map[network.RequestID]string // addresses
	origin string                       // of the page: all that it may load comes from here
	frail  string                       // beginning of paths that may fail; "": none
	faults []string
}

// open opens a page in a window of 1000 by 800, in light colours.
func open(t testing.TB, address string) *tab {
	t.Helper()
	needBrowser(t)
	p := &tab{t: t, asked: make(map[network.RequestID]string)}
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.note))
	p.ctx = ctx
	t.Cleanup(func() {
		for _, fault := range p.takeFaults() {
			t.Error(fault)
		}
		if t.Failed() {
			t.Logf("the page says:\n%s", p.text("body"))
		}
		cancel()
	})

	// The tab lives as long as the context that is the first to do something.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	call(p, network.Enable, network.EnableParams{})
	call(p, cdplog.Enable, cdp.Empty{})
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: reportViolations})
	p.resize(1000, 800)
	p.prefer("light", false)
	p.visit(address)
	return p
}

// reportViolations makes what the Content-Security-Policy forbids an error on
// the console.
const reportViolations = `addEventListener("securitypolicyviolation", e =>
	console.error("forbidden by the policy: " + e.violatedDirective + " " + e.blockedURI))`

// visit goes to an address of a node's page.
func (p *tab) visit(address string) {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.origin = u.Scheme + "://" + u.Host
	p.mu.Unlock()
	p.do(chromedp.Navigate(address))
}

// do carries out actions of the browser.
func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// call sends one command of the browser's protocol.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		p.t.Fatal(err)
	}
	return result
}

// note notes as a fault each error on the console, each exception of a script,
// each request that fails, and each one to another place than the node.
func (p *tab) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.fault("exception: %s", text)

	case *runtime.EventConsoleAPICalled:
		switch e.Type {
		case runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeWarning, runtime.ConsoleAPICalledTypeAssert:
			p.fault("console: %s", consoleText(e.Args))
		}

	case *cdplog.EventEntryAdded:
		isNetwork := e.Entry.Source == cdplog.EntrySourceNetwork // told below, with the reason
		isFault := e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning
		if isFault && !isNetwork {
			p.fault("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}

	case *network.EventRequestWillBeSent:
		p.asked[e.RequestID] = e.Request.URL
		if !p.mayLoad(e.Request.URL) {
			p.fault("request to another place: %s", e.Request.URL)
		}

	case *network.EventWebSocketCreated:
		p.fault("web socket: %s", e.URL)

	case *network.EventResponseReceived:
		if e.Response.Status >= 400 && !p.mayFail(e.Response.URL) {
			p.fault("status %d: %s", e.Response.Status, e.Response.URL)
		}

	case *network.EventLoadingFailed:
		if !e.Canceled && !p.mayFail(p.asked[e.RequestID]) { // cancelled: by the page, as when it asks for something newer
			p.fault("%s: %s", e.ErrorText, p.asked[e.RequestID])
		}
	}
}

func consoleText(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		if arg.Description != "" {
			words = append(words, arg.Description)
		} else {
			words = append(words, string(arg.Value))
		}
	}
	return strings.Join(words, " ")
}

// mayLoad reports whether an address is the node's own. p.mu is held.
func (p *tab) mayLoad(address string) bool {
	return address == "about:blank" || strings.HasPrefix(address, p.origin+"/") || strings.HasPrefix(address, "data:")
}

// fault notes one. p.mu is held.
func (p *tab) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// letFail says which requests may fail from now on: those whose paths begin like
// that, or none for "".
func (p *tab) letFail(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frail = path
}

// mayFail reports whether a request to an address may fail. p.mu is held.
func (p *tab) mayFail(address string) bool {
	return p.frail != "" && strings.HasPrefix(address, p.origin+p.frail)
}

// takeFaults returns the faults so far, each once, and forgets them.
func (p *tab) takeFaults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.Sort(p.faults)
	faults := slices.Compact(p.faults)
	p.faults = nil
	return faults
}

// eval returns the value of a JavaScript expression, awaited if it is a promise.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := tryEval[T](p, expression)
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func tryEval[T any](p *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// await waits until a JavaScript expression is true, and says how long it took.
// chromedp's own Poll makes functions of text, which the page's policy forbids.
func (p *tab) await(what, expression string) time.Duration {
	p.t.Helper()
	began := time.Now()
	script := fmt.Sprintf(`(async () => {
		for (const end = performance.now() + %d; performance.now() < end; await new Promise(r => setTimeout(r, 10)))
			if (%s) return true
		return false
	})()`, patience.Milliseconds()/2, expression)

	// A page that goes elsewhere takes the script with it: ask again.
	var err error
	for time.Since(began) < patience {
		var ok bool
		if ok, err = tryEval[bool](p, script); ok {
			return time.Since(began)
		}
		if thrown := new(chromedp.ExceptionError); errors.As(err, &thrown) {
			break
		}
	}
	p.t.Fatalf("no %s (error: %v)", what, err)
	return 0
}

// awaitText waits until an element of a kind shows a text.
func (p *tab) awaitText(selector, want string) time.Duration {
	p.t.Helper()
	return p.await(fmt.Sprintf("%q in %s", want, selector),
		fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.innerText.includes(%q))`, selector, want))
}

// text returns what the first element of a kind shows; "" if there is none.
func (p *tab) text(selector string) string {
	text, _ := tryEval[string](p, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector))
	return text
}

// count returns how many elements of a kind are on the page.
func (p *tab) count(selector string) int {
	p.t.Helper()
	return eval[int](p, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}

// click clicks on the middle of the first element of a kind.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.await(selector, fmt.Sprintf(`document.querySelector(%q)`, selector))
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// press presses a key, such as kb.Tab, with others held, such as kb.ModifierShift.
func (p *tab) press(key string, held ...chromedp.Modifier) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(held...)))
}

// resize makes the window as wide and high as that, in CSS pixels.
func (p *tab) resize(width, height int64) {
	p.t.Helper()
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
}

// prefer sets what the user prefers: the scheme is "light" or "dark".
func (p *tab) prefer(scheme string, reducedMotion bool) {
	p.t.Helper()
	motion := "no-preference"
	if reducedMotion {
		motion = "reduce"
	}
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: motion},
	}})
}

// picture returns a PNG of what is in the window.
func (p *tab) picture() []byte {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	return png
}

// wholePicture returns a PNG of the page in all its height, 4000 pixels at most.
func (p *tab) wholePicture(width int64) []byte {
	p.t.Helper()
	height := eval[int64](p, `Math.min(4000, document.documentElement.scrollHeight)`)
	p.resize(width, max(height, 1000))
	p.settle()
	return p.picture()
}
