package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Rules of how the page looks that a program can check, on a page with all kinds
// of things: nothing sticks out sideways, and each text stands out against what
// is behind it (WCAG 2.1 AA: 4.5 to 1, or 3 to 1 if it is large).
func (p *tab) checkLook(t *testing.T, what string) {
	t.Helper()
	for _, width := range []int64{400, 1000, 1600} {
		p.resize(width, 900)
		for _, fault := range eval[[]string](p, overflowScript) {
			t.Errorf("%s, %d px: %s", what, width, fault)
		}
	}
	for _, scheme := range []string{"light", "dark"} {
		p.prefer(scheme, true)
		for _, fault := range eval[[]string](p, contrastScript) {
			t.Errorf("%s, %s: %s", what, scheme, fault)
		}
	}
	p.prefer("light", false)
}

// describeScript is a function that says which element it is.
const describeScript = `
	const describe = e => e.tagName.toLowerCase() + (e.id && "#" + e.id) + [...e.classList].map(c => "." + c).join("") +
		" " + JSON.stringify(e.textContent.trim().slice(0, 30))
`

// overflowScript returns what sticks out of the window sideways.
const overflowScript = `(() => {` + describeScript + `
	const width = document.documentElement.clientWidth, faults = []
	if (document.documentElement.scrollWidth > width)
		faults.push("the page is " + document.documentElement.scrollWidth + " px wide")

	// What scrolls, or is cut off on purpose, sticks out of nothing.
	const isCut = e => {
		for (let up = e.parentElement; up && up !== document.body; up = up.parentElement)
			if (getComputedStyle(up).overflowX !== "visible") return true
	}
	for (const e of document.body.querySelectorAll("*")) {
		const box = e.getBoundingClientRect()
		if (box.width && box.height && (box.right > width + 1 || box.left < -1) && e.checkVisibility({visibilityProperty: true}) && !isCut(e))
			faults.push(describe(e) + " reaches from " + Math.round(box.left) + " to " + Math.round(box.right))
	}

	// And no text sticks out of the box that it stands in.
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	for (let node; node = walker.nextNode();) {
		const e = node.parentElement
		if (!node.data.trim() || !e.checkVisibility({visibilityProperty: true})) continue
		const range = document.createRange()
		range.selectNode(node)
		const text = range.getBoundingClientRect()
		for (let up = e; up && up !== document.body; up = up.parentElement) {
			const style = getComputedStyle(up), box = up.getBoundingClientRect()
			if (style.overflowX !== "visible" || style.position === "absolute") break
			if (style.display === "inline" || parseFloat(style.borderRightWidth) === 0) continue
			if (text.width > 1 && text.right > box.right - 2) faults.push(describe(up) + ": " + JSON.stringify(node.data) + " sticks out")
			break
		}
	}
	return faults.slice(0, 10)
})()`

// contrastScript returns the texts that are hard to read.
const contrastScript = `(() => {` + describeScript + `
	// A canvas knows every way to write a colour.
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true})
	const parsed = new Map()
	const rgba = color => {
		if (!parsed.has(color)) {
			canvas.clearRect(0, 0, 1, 1)
			canvas.fillStyle = color
			canvas.fillRect(0, 0, 1, 1)
			const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
			parsed.set(color, [r, g, b, a / 255])
		}
		return parsed.get(color)
	}
	const over = ([r, g, b, a], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a))
	const luminance = color => color.map(c => c / 255)
		.map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
		.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)

	// paint is the colour that an element lays over what is below it.
	const paint = e => {
		const style = getComputedStyle(e)
		const svg = e instanceof SVGGeometryElement
		const isEmpty = style.fill === "none" || e instanceof SVGLineElement // whose fill says black
		const [r, g, b, a] = rgba(svg ? (isEmpty ? "transparent" : style.fill) : style.backgroundColor)
		return [r, g, b, a * style.opacity * (svg ? style.fillOpacity : 1)]
	}
	const behind = e => {
		const layers = []
		if (e instanceof SVGElement) { // what is painted before is no ancestor
			const box = e.getBoundingClientRect()
			const all = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)
			layers.push(...all.filter(x => x !== e && !(x instanceof SVGElement && !(x instanceof SVGGeometryElement))))
		}
		if (!layers.length) for (let up = e; up; up = up.parentElement) layers.push(up)
		const base = rgba(getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches ? "#121212" : "#fff").slice(0, 3)
		return layers.reverse().reduce((color, layer) => over(paint(layer), color), base)
	}

	const faults = new Set()
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	for (let node; node = walker.nextNode();) {
		const e = node.parentElement
		if (!node.data.trim() || !e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue
		const range = document.createRange()
		range.selectNode(node)
		const box = range.getBoundingClientRect()
		if (box.width < 2 || box.height < 2) continue // for screen readers only

		const style = getComputedStyle(e)
		let opacity = 1
		for (let up = e; up; up = up.parentElement) opacity *= getComputedStyle(up).opacity
		let below = behind(e)
		if (e instanceof SVGElement && style.paintOrder.startsWith("stroke") && style.stroke !== "none") {
			const [r, g, b, a] = rgba(style.stroke) // a text with a halo
			below = over([r, g, b, a * style.strokeOpacity], below)
		}
		const [r, g, b, a] = rgba(e instanceof SVGElement ? style.fill : style.color)
		const color = over([r, g, b, a * opacity], below)

		const [low, high] = [luminance(color), luminance(below)].sort((x, y) => x - y)
		const contrast = (high + 0.05) / (low + 0.05)
		const size = parseFloat(style.fontSize)
		const least = size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5
		if (contrast < least - 0.01)
			faults.add(describe(e) + ": contrast " + contrast.toFixed(2) + ", want " + least + " (" + style.color + " on " + below.map(Math.round) + ")")
	}
	return [...faults].slice(0, 20)
})()`

// What checkLook must find.
func TestLookFaults(t *testing.T) {
	page := func(t *testing.T, body string) *tab {
		p := open(t, "data:text/html,<!doctype html><title>t</title><body>")
		eval[bool](p, fmt.Sprintf(`(document.body.innerHTML = %q, true)`, body))
		return p
	}
	tests := []struct{ name, body, script, want string }{
		{"nothing", `<p>fine</p>`, contrastScript, ""},
		{"grey on white", `<p style="color:#999">pale</p>`, contrastScript, `p "pale": contrast 2.85, want 4.5`},
		{"grey on white, large", `<p style="color:#949494; font-size: 24px">pale</p>`, contrastScript, ""},
		{"white on transparent blue", `<div style="background: rgb(0 0 255 / 20%)"><b style="color: white">x</b></div>`, contrastScript, `b "x": contrast`},
		{"text on a rect", `<svg width=99 height=50><rect width=99 height=50 fill="black"/><text x=9 y=20 fill="#333">x</text></svg>`, contrastScript, `text "x": contrast`},
		{"text on a line", `<svg width=99 height=50><line x1=0 y1=16 x2=99 y2=16 stroke="#777" stroke-width=20 /><text x=9 y=20 fill="#333">x</text></svg>`, contrastScript, ""},
		{"text with a halo", `<svg width=99 height=50><rect width=99 height=50 fill="black"/><text x=9 y=20 fill="#333" stroke="white" style="paint-order: stroke">x</text></svg>`, contrastScript, ""},
		{"text with a dark halo", `<svg width=99 height=50><text x=9 y=20 fill="#333" stroke="black" style="paint-order: stroke">x</text></svg>`, contrastScript, `text "x": contrast`},
		{"hidden", `<p style="color: white; visibility: hidden">x</p>`, contrastScript, ""},
		{"narrow", `<p>fine</p>`, overflowScript, ""},
		{"wide", `<p style="width: 2000px">wide</p>`, overflowScript, "the page is 20"},
		{"out of its box", `<p style="border: 1px solid; width: 40px">unbreakable</p>`, overflowScript, `"unbreakable" sticks out`},
		{"wide, but scrolls", `<div style="overflow-x: auto"><p style="width: 2000px">wide</p></div>`, overflowScript, ""},
	}
	needBrowser(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := eval[[]string](page(t, tt.body), tt.script)
			if tt.want == "" && len(got) > 0 || tt.want != "" && !containsPart(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func containsPart(list []string, part string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
}
