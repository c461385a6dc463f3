package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// savedWith returns the file of a lab in which a text stands wherever one may.
func savedWith(t testing.TB, text string) string {
	t.Helper()
	events := []LabEvent{
		{Number: 1, Kind: LabStarted, Node: "A", State: &LabNode{Person: text, RPC: "127.0.0.1:9000"}},
		{Number: 2, Kind: LabGrown, Node: "A", Chain: &LabChain{Tip: text, Blocks: []LabBlock{{Hash: text, Miner: text}}}},
		{Number: 3, Kind: LabTold, Node: "A", Text: &Words{text, text}},
		{Number: 4, Kind: LabDid, Line: text},
	}
	var file bytes.Buffer
	if err := SaveLab(&file, text, events); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// recordOf returns what stands in the file for the page to read.
func recordOf(t testing.TB, file string) (record struct {
	Title  string
	Events []LabEvent
}) {
	t.Helper()
	_, rest, found := strings.Cut(file, `<script type="application/json" id="record">`)
	text, _, _ := strings.Cut(rest, "</script>")
	if err := json.Unmarshal([]byte(text), &record); !found || err != nil {
		t.Fatalf("the record is %.200s: %v", text, err)
	}
	return record
}

// The file needs nothing but itself.
func TestSaveLab(t *testing.T) {
	file := savedWith(t, "a fork")
	record := recordOf(t, file)
	if record.Title != "a fork" || len(record.Events) != 4 || record.Events[3].Line != "a fork" {
		t.Errorf("got %+v", record)
	}
	if !strings.Contains(file, "<title>a fork</title>") {
		t.Error("it has no title")
	}

	elsewhere := regexp.MustCompile(`(?i)(?:\s(?:src|srcset|action|poster)\s*=|<(?:link|base|iframe|object|embed|form)\b[^>]*|@import|url\()`)
	markup, _, _ := strings.Cut(file, "<style>")
	_, body, _ := strings.Cut(file, "<body>")
	for _, found := range elsewhere.FindAllString(markup+body, -1) {
		if !strings.Contains(found, `href="data:`) {
			t.Errorf("it asks for more: %s", found)
		}
	}
	if strings.Contains(file, "/static/") || regexp.MustCompile(`(?m)^\s*(import|export)\b`).MatchString(file) {
		t.Error("it has a module that it would have to load")
	}

	for _, tag := range []string{"<style>", "<script type=\"module\">"} {
		rest := file
		for strings.Contains(rest, tag) {
			_, rest, _ = strings.Cut(rest, tag)
			text, _, _ := strings.Cut(rest, "</"+strings.Fields(strings.Trim(tag, "<>"))[0]+">")
			if !strings.Contains(markup, hashSource(text)) {
				t.Errorf("the policy does not name what %s holds: %.60s", tag, text)
			}
		}
	}
	if !strings.Contains(markup, "default-src 'none'") || strings.Contains(markup, "unsafe") {
		t.Errorf("the policy is too weak: %s", markup)
	}
}

// A text in it ends no element, and no text of the program does.
func TestSaveHostileLab(t *testing.T) {
	usual := savedWith(t, "")
	count := func(file string) (n [3]int) {
		lower := strings.ToLower(file)
		return [3]int{strings.Count(lower, "<script"), strings.Count(lower, "</script"), strings.Count(lower, "<!--")}
	}
	if got := count(usual); got != [3]int{2, 2, 0} {
		t.Errorf("scripts, their ends and comments: %v", got)
	}

	for _, text := range append(hostile, "</title><script>alert(1)</script>", "</SCRIPT >", "$1 ${0} $$") {
		file := savedWith(t, text)
		if got := count(file); got != count(usual) {
			t.Errorf("%q: got %v, want %v", text, got, count(usual))
		}
		want := strings.ToValidUTF8(text, "\ufffd")
		if got := recordOf(t, file).Events[3].Line; strings.ReplaceAll(got, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A lab in which nothing happened is saved, too, and a file that cannot be
// written is an error.
func TestSaveNothing(t *testing.T) {
	var file bytes.Buffer
	if err := SaveLab(&file, "nothing", nil); err != nil {
		t.Fatal(err)
	}
	if got := recordOf(t, file.String()); got.Events == nil || len(got.Events) != 0 {
		t.Errorf("got %+v", got)
	}
	if err := SaveLab(brokenWriter{}, "nothing", nil); !errors.Is(err, errFake) {
		t.Errorf("got %v", err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errFake }

// The bundler knows the ways in which our modules import and export, and no
// module has another.
func TestModules(t *testing.T) {
	entries, err := static.ReadDir("static")
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string][]string) // what each module exports
	for _, e := range entries {
		if text, _ := readStatic(e.Name()); strings.HasSuffix(e.Name(), ".js") {
			for _, found := range exportLine.FindAllStringSubmatch(text, -1) {
				names[e.Name()] = append(names[e.Name()], found[2])
			}
		}
	}

	words := regexp.MustCompile(`(?m)^\s*(?:import|export)\b.*$|\bimport\s*\(|\bimport\.meta\b|\bawait import\b`)
	for _, e := range entries {
		text, _ := readStatic(e.Name())
		if !strings.HasSuffix(e.Name(), ".js") {
			continue
		}
		for _, found := range words.FindAllString(text, -1) {
			if !importLine.MatchString(found+"\n") && !exportLine.MatchString(found) {
				t.Errorf("%s: the bundler does not know %s", e.Name(), found)
			}
		}
		for _, found := range importLine.FindAllStringSubmatch(text, -1) {
			for name := range strings.SplitSeq(found[1], ", ") {
				name, _, _ = strings.Cut(name, " as ")
				if !slices.Contains(names[found[2]], name) {
					t.Errorf("%s imports %s, which %s does not export", e.Name(), name, found[2])
				}
			}
		}
		if strings.Contains(strings.ToLower(text), "</script") || strings.Contains(text, "<!--") {
			t.Errorf("%s: its text would end the script that it stands in", e.Name())
		}
		if _, err := bundle(e.Name()); err != nil {
			t.Error(err)
		}
	}
	if _, err := bundle("nothing.js"); err == nil {
		t.Error("a module that is not there is bundled")
	}
}

// Each word of the lab's page is there in both languages, and each that its
// modules ask for.
func TestLabWords(t *testing.T) {
	entry := regexp.MustCompile(`(?m)^  "?([\w-]+)"?: \["((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\],$`)
	place := regexp.MustCompile(`\{(\w+)`)
	known := make(map[string]bool)
	for _, file := range []string{"words.js", "lab_words.js"} {
		text, err := readStatic(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range entry.FindAllStringSubmatch(text, -1) {
			if known[found[1]] {
				t.Errorf("%s: %s is there twice", file, found[1])
			}
			known[found[1]] = true
			for _, name := range place.FindAllString(found[3], -1) {
				if !strings.Contains(found[2], name) {
					t.Errorf("%s: %s has %s} in Chinese only", file, found[1], name)
				}
			}
		}
	}

	asked := regexp.MustCompile(`\bt\("([\w-]+)"[,)]|data-word(?:-label)?="([\w-]+)"`)
	entries, _ := static.ReadDir("static")
	for _, e := range entries {
		text, _ := readStatic(e.Name())
		for _, found := range asked.FindAllStringSubmatch(text, -1) {
			if name := found[1] + found[2]; !known[name] {
				t.Errorf("%s asks for %s, which no table has", e.Name(), name)
			}
		}
	}
}

// A file with the events of a long afternoon is written at once.
func BenchmarkSaveLab(b *testing.B) {
	var events []LabEvent
	for i := range 20_000 {
		events = append(events, LabEvent{Number: i + 1, Kind: LabTold, Text: &Words{fmt.Sprint("event ", i), ""}})
	}
	for b.Loop() {
		if err := SaveLab(new(bytes.Buffer), "much", events); err != nil {
			b.Fatal(err)
		}
	}
}
