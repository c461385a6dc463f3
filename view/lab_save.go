package view

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
)

// SaveLab writes the page of a lab, and the events that happened in it, as one
// file of HTML. It opens without a node and without a network, and asks nobody
// for anything.
func SaveLab(w io.Writer, title string, events []LabEvent) error {
	page, err := static.ReadFile("static/lab.html")
	if err != nil {
		return fmt.Errorf("save the lab: %w", err)
	}
	if events == nil {
		events = []LabEvent{}
	}

	// With < > & as \u003c …, and so without an end of the element that it stands in.
	record, err := json.Marshal(map[string]any{"title": title, "events": events})
	if err != nil {
		return fmt.Errorf("save the lab: %w", err)
	}
	whole, err := inlineFiles(string(page), title, record)
	if err != nil {
		return fmt.Errorf("save the lab: %w", err)
	}
	if _, err := io.WriteString(w, whole); err != nil {
		return fmt.Errorf("save the lab: %w", err)
	}
	return nil
}

var (
	styleLink  = regexp.MustCompile(`<link rel="stylesheet" href="/static/([\w.]+)">`)
	scriptLink = regexp.MustCompile(`<script type="module" src="/static/([\w.]+)"></script>`)
	pageTitle  = regexp.MustCompile(`<title>.*</title>`)
)

// inlineFiles puts the files that a page loads into it, and a record beside them.
// The policy names the hash of each script and style, so that nothing else runs.
func inlineFiles(page, title string, record []byte) (string, error) {
	var styles, scripts []string
	var failed error
	keep := func(err error) {
		if failed == nil {
			failed = err
		}
	}

	page = styleLink.ReplaceAllStringFunc(page, func(link string) string {
		css, err := readStatic(styleLink.FindStringSubmatch(link)[1])
		keep(err)
		styles = append(styles, hashSource(css))
		return "<style>" + css + "</style>"
	})
	page = scriptLink.ReplaceAllStringFunc(page, func(link string) string {
		script, err := bundle(scriptLink.FindStringSubmatch(link)[1])
		keep(err)
		scripts = append(scripts, hashSource(script))
		return `<script type="application/json" id="record">` + string(record) + "</script>\n" +
			`  <script type="module">` + script + "</script>"
	})
	if failed != nil {
		return "", failed
	}

	policy := "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; " +
		"script-src " + strings.Join(scripts, " ") + "; style-src " + strings.Join(styles, " ")
	head := `<meta http-equiv="Content-Security-Policy" content="` + policy + `">` + "\n  <title>" + html.EscapeString(title) + "</title>"
	return pageTitle.ReplaceAllLiteralString(page, head), nil
}

func readStatic(name string) (string, error) {
	content, err := static.ReadFile("static/" + name)
	return string(content), err
}

// hashSource returns a text as a policy names it: 'sha256-…'.
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// How our modules import and export: a line each, which a test checks.
var (
	importLine = regexp.MustCompile(`(?m)^import \{ ([^}]*) \} from "\./([\w.]+)";\n`)
	exportLine = regexp.MustCompile(`(?m)^export ((?:async )?(?:function|const|class) (\w+))`)
)

// bundle returns one script in place of a module and those that it imports. Each
// is a function, which returns what the module exports.
func bundle(first string) (string, error) {
	b := &bundler{done: make(map[string]bool)}
	if err := b.add(first, nil); err != nil {
		return "", err
	}
	return "\n" + b.text.String(), nil
}

// A bundler writes modules, each after those that it imports.
type bundler struct {
	text bytes.Buffer
	done map[string]bool
}

// add writes a module that has not been written. importers are those on the way
// to it.
func (b *bundler) add(name string, importers []string) error {
	if b.done[name] {
		return nil
	}
	if slices.Contains(importers, name) {
		return fmt.Errorf("bundle %s: it imports itself, by way of %s", name, strings.Join(importers, ", "))
	}
	text, err := readStatic(name)
	if err != nil {
		return fmt.Errorf("bundle %s: %w", name, err)
	}

	importers = append(slices.Clip(importers), name)
	for _, found := range importLine.FindAllStringSubmatch(text, -1) {
		if err := b.add(found[2], importers); err != nil {
			return err
		}
	}

	var exports []string
	for _, found := range exportLine.FindAllStringSubmatch(text, -1) {
		exports = append(exports, found[2])
	}
	text = importLine.ReplaceAllStringFunc(text, func(line string) string {
		found := importLine.FindStringSubmatch(line)
		return fmt.Sprintf("const { %s } = %s();\n", strings.ReplaceAll(found[1], " as ", ": "), moduleName(found[2]))
	})
	text = exportLine.ReplaceAllString(text, "$1")

	// It runs when it is first asked for, as a module does, and once.
	variable := moduleName(name)
	fmt.Fprintf(&b.text, "const %s = ((made) => () => (made ??= (() => {\n%s\nreturn { %s };\n})()))();\n\n", variable, text, strings.Join(exports, ", "))
	if len(importers) == 1 {
		fmt.Fprintf(&b.text, "%s();\n", variable)
	}
	b.done[name] = true
	return nil
}

// moduleName returns the name of a module's function: "module_lab_state".
func moduleName(file string) string {
	return "module_" + strings.TrimSuffix(file, path.Ext(file))
}
