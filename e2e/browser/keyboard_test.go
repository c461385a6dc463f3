package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// A stop is an element that Tab goes to.
type stop struct {
	Name    string `json:"name"`
	Visible bool   `json:"visible"` // an outline, or the like, shows where one is
	Again   bool   `json:"again"`   // it was a stop already
	Nothing bool   `json:"nothing"` // the focus is on no element
}

// focusScript tells of the element that has the focus, and marks it.
const focusScript = `(() => {` + describeScript + `
	const e = document.activeElement
	if (!e || e === document.body) return {nothing: true}
	const again = "stop" in e.dataset
	e.dataset.stop = ""
	const style = getComputedStyle(e)
	return {
		name: describe(e),
		visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none",
		again,
	}
})()`

// unreachedScript returns what can be clicked or focused, and Tab does not go to.
// In a group that the arrow keys walk through, Tab goes to one.
const unreachedScript = `(() => {` + describeScript + `
	const kinds = "a[href], button, input, select, textarea, summary, [tabindex], [role=button], [role=tab], [role=link], [role=switch]"
	const isReached = e => "stop" in e.dataset
	const faults = []
	for (const e of document.querySelectorAll(kinds)) {
		if (isReached(e) || e.disabled || e.closest("[inert]") || !e.checkVisibility({visibilityProperty: true})) continue
		const group = e.closest("[role=listbox], [role=tree], [role=grid], [role=tablist], [role=radiogroup], [role=toolbar], [data-arrows]")
		if (e.tabIndex < 0 && group && (isReached(group) || group.querySelector("[data-stop]"))) continue
		if (e.tabIndex < 0 && e.matches("h1, h2, h3, main, section, [role=dialog], dialog, aside")) continue // gets the focus when it opens
		faults.push(describe(e))
	}
	document.querySelectorAll("[data-stop]").forEach(e => delete e.dataset.stop)
	return faults
})()`

// tabThrough presses Tab until all of the page is passed, and returns where that
// stopped. An element without a visible focus, or one that Tab never reaches,
// fails the test.
func (p *tab) tabThrough(t *testing.T, what string) (stops []stop) {
	t.Helper()
	eval[bool](p, `(document.activeElement.blur(), true)`)
	for range 300 {
		p.press(kb.Tab)
		s := eval[stop](p, focusScript)
		if s.Nothing { // behind the last comes the browser's own, and then the first
			continue
		}
		if s.Again {
			break
		}
		if !s.Visible {
			t.Errorf("%s: nothing shows that %s has the focus", what, s.Name)
		}
		stops = append(stops, s)
	}
	if len(stops) == 0 {
		t.Errorf("%s: Tab reaches nothing", what)
	}
	for _, name := range eval[[]string](p, unreachedScript) {
		t.Errorf("%s: Tab does not reach %s", what, name)
	}
	return stops
}
