package docs

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// The Chinese pages, README.zh.md and those in docs/zh, are the English ones in
// other words. What isn't prose stands in both: a Chinese page takes fences,
// directives and the like from its English page, and
//
//	go test ./docs -run TestChinesePages -update
//
// writes them there. Above each piece of Chinese prose, a comment has the hash of
// the English one:
//
//	<!-- en: 4f1c2d7a -->
//
// Figures are drawn on each page in its language: performance_test.go.
//
// When the English moves, the test names the place. Put the Chinese right, and then
// the hash. A piece that has no Chinese yet is written as it is in English, for you
// to replace.

// A block is some lines of a page: a piece of prose, or what both languages share.
type block struct {
	lines   []string
	line    int // of the page, from 0
	isProse bool
}

// hash is what a block of English is known by.
func (b block) hash() string {
	sum := sha256.Sum256([]byte(strings.Join(b.lines, "\n")))
	return hex.EncodeToString(sum[:4])
}

var (
	sharedPattern = regexp.MustCompile(`^\s*(|</?details>|</summary>|<!--.*-->)$`)
	markPattern   = regexp.MustCompile(`^<!-- en: ([0-9a-f]{8}) -->$`)
	idPattern     = regexp.MustCompile(`^<a id="([^"]+)"></a>$`)
)

// blocks takes a page apart. Prose ends at an empty line, a fence or a directive, and
// figures are none.
func (p *page) blocks() (blocks []block) {
	prose := p.prose()
	inFence := make(map[int]bool)
	for _, f := range p.fences {
		for i := f.start; i <= f.end; i++ {
			inFence[i] = true
		}
	}
	inFigures := false
	for i, line := range p.lines {
		if line == beginFigures || line == endFigures {
			inFigures = line == beginFigures
		}
		isProse := !inFence[i] && !inFigures && !sharedPattern.MatchString(prose[i])
		if last := len(blocks) - 1; last >= 0 && blocks[last].isProse == isProse {
			blocks[last].lines = append(blocks[last].lines, line)
			continue
		}
		blocks = append(blocks, block{[]string{line}, i, isProse})
	}
	return blocks
}

// A translation is a piece of Chinese prose, and the hash of the English one.
type translation struct {
	hash  string
	lines []string
	line  int // of its mark, from 0
}

// translations returns the Chinese prose of a page, in order.
func (p *page) translations() (found []translation) {
	prose := p.prose()
	for i := 0; i < len(prose); i++ {
		m := markPattern.FindStringSubmatch(prose[i])
		if m == nil {
			continue
		}
		t := translation{hash: m[1], line: i}
		for i+1 < len(prose) && !sharedPattern.MatchString(prose[i+1]) && !idPattern.MatchString(prose[i+1]) {
			i++
			t.lines = append(t.lines, prose[i])
		}
		found = append(found, t)
	}
	return found
}

// chinesePath returns where the Chinese form of a page or a picture is, if there is
// to be one.
func chinesePath(english string) string {
	if english == "README.md" {
		return "README.zh.md"
	}
	return "docs/zh/" + strings.TrimPrefix(english, "docs/")
}

// chinesePages returns the English pages that have a Chinese one.
func chinesePages(t testing.TB) (english []string) {
	t.Helper()
	for _, name := range pagePaths(t) {
		if name != "README.md" && !strings.HasPrefix(name, "docs/") {
			continue
		}
		if exists(chinesePath(name)) {
			english = append(english, name)
		}
	}
	return english
}

// linked returns the headings of a page that some page links to, by their anchor.
func linked(t testing.TB, name string) map[string]bool {
	t.Helper()
	anchors := make(map[string]bool)
	for _, from := range pagePaths(t) {
		for _, line := range readPage(t, from).prose() {
			for _, link := range links(line) {
				file, anchor, _ := strings.Cut(link, "#")
				if to := path.Join(path.Dir(from), file); anchor != "" && (to == name || file == "" && from == name) {
					anchors[anchor] = true
				}
			}
		}
	}
	return anchors
}

// links returns where the links of a line lead, save those within code.
func links(line string) (targets []string) {
	for _, m := range linkPattern.FindAllStringSubmatch(codePattern.ReplaceAllString(line, ""), -1) {
		targets = append(targets, cmp.Or(m[1], m[2], m[3]))
	}
	return targets
}

// chineseLink returns a link of a Chinese page, as the Chinese or the English page
// would have it, in the form that leads to the Chinese page or picture where there is one.
func chineseLink(english, link string) string {
	if strings.Contains(link, "://") || strings.HasPrefix(link, "#") {
		return link
	}
	file, anchor, hasAnchor := strings.Cut(link, "#")
	target := path.Join(path.Dir(english), file)
	if !exists(target) {
		target = path.Join(path.Dir(chinesePath(english)), file)
	}
	target = strings.Replace(strings.Replace(target, "docs/zh/", "docs/", 1), "README.zh.md", "README.md", 1)
	if exists(chinesePath(target)) {
		target = chinesePath(target)
	}

	relative, err := filepath.Rel(path.Dir(chinesePath(english)), target)
	if err != nil {
		return link
	}
	if hasAnchor {
		return filepath.ToSlash(relative) + "#" + anchor
	}
	return filepath.ToSlash(relative)
}

// exists reports whether the repository has a file.
func exists(name string) bool {
	_, err := fs.Stat(repository, name)
	return err == nil
}

// chineseLinks puts the links of a line right.
func chineseLinks(english, line string) string {
	for _, link := range links(line) {
		right := chineseLink(english, link)
		line = strings.Replace(line, "]("+link+")", "]("+right+")", 1)
		line = strings.Replace(line, `src="`+link+`"`, `src="`+right+`"`, 1)
	}
	return line
}

// A pair is a piece of prose in both languages.
type pair struct {
	english block
	chinese translation
}

// translate weaves a Chinese page of what its English page shares, and of its own
// prose. Faults are pieces that have no Chinese, or that of an older English.
func translate(english *page, chinese []translation, anchors map[string]bool) (woven string, pairs []pair, faults []string) {
	blocks := english.blocks()
	isCurrent := make(map[string]bool)
	for _, b := range blocks {
		isCurrent[b.hash()] = true
	}

	var out []string
	for _, b := range blocks {
		if !b.isProse {
			out = append(out, b.lines...)
			continue
		}

		if strings.HasPrefix(b.lines[0], "[中文](") { // from each language to the other
			back, _ := filepath.Rel(path.Dir(chinesePath(english.path)), english.path)
			out = append(out, "[English]("+filepath.ToSlash(back)+")")
			continue
		}

		t := translation{hash: b.hash(), lines: b.lines}
		switch {
		case len(chinese) > 0 && chinese[0].hash == b.hash():
			t, chinese = chinese[0], chinese[1:]
			pairs = append(pairs, pair{b, t})
		case len(chinese) > 0 && !isCurrent[chinese[0].hash]:
			t, chinese = chinese[0], chinese[1:]
			faults = append(faults, english.faultf(b.line, "has changed to %s: put the Chinese right at %s:%d", b.hash(), chinesePath(english.path), t.line+1))
		default:
			faults = append(faults, english.faultf(b.line, "has no Chinese (%s)", b.hash()))
		}

		if m := headingPattern.FindStringSubmatch(b.lines[0]); m != nil && anchors[anchorOf(m[1])] {
			out = append(out, fmt.Sprintf(`<a id="%s"></a>`, anchorOf(m[1])), "")
		}
		out = append(out, "<!-- en: "+t.hash+" -->")
		for _, line := range t.lines {
			out = append(out, chineseLinks(english.path, line))
		}
	}
	for _, t := range chinese {
		faults = append(faults, fmt.Sprintf("%s:%d: there is no such English (%s), or not here", chinesePath(english.path), t.line+1, t.hash))
	}
	return strings.Join(out, "\n"), pairs, faults
}

// keepFigures returns a woven page with the figures that the Chinese page has, if any.
func keepFigures(woven, chinese string) string {
	before, figures, after := cutFigures(woven)
	if _, own, _ := cutFigures(chinese); own != "" {
		figures = own
	}
	return before + figures + after
}

var (
	han          = regexp.MustCompile(`\p{Han}`)
	listPattern  = regexp.MustCompile(`^\s*([-*]|\d+\.) `)
	narrowMark   = regexp.MustCompile(`\p{Han}["'*_]*[,;:?!.()]|[,;:?!()]["'*_]*\p{Han}`)
	noSpace      = regexp.MustCompile(`\p{Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Han}|\p{Han}` + "`[^`]|[^`]`" + `\p{Han}`)
	htmlPattern  = regexp.MustCompile(`<[^>]+>`)
	wordsPattern = regexp.MustCompile(`[A-Za-z]{3}`)
)

// check compares the two forms of a piece of prose.
func (pr pair) check(page string) error {
	english, chinese := strings.Join(pr.english.lines, "\n"), strings.Join(pr.chinese.lines, "\n")
	text := codePattern.ReplaceAllString(english, "")
	if !han.MatchString(chinese) && wordsPattern.MatchString(linkPattern.ReplaceAllString(text, "")) {
		return errors.New("is not Chinese yet")
	}

	var want, got []string
	for _, link := range links(english) {
		want = append(want, chineseLink(page, link))
	}
	got = links(chinese)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		return fmt.Errorf("has the links %q, want %q", got, want)
	}

	for _, code := range codePattern.FindAllString(english, -1) {
		if !strings.Contains(chinese, strings.Join(strings.Fields(code), " ")) && !strings.Contains(chinese, code) {
			return fmt.Errorf("lacks %s", code)
		}
	}
	for _, kind := range []*regexp.Regexp{listPattern, regexp.MustCompile(`^\|`), headingPattern, regexp.MustCompile(`<summary>`), regexp.MustCompile(`^>`)} {
		if want, got := count(pr.english.lines, kind), count(pr.chinese.lines, kind); got != want {
			return fmt.Errorf("has %d lines like %s, want %d", got, kind, want)
		}
	}
	return checkTypography(chinese)
}

func count(lines []string, pattern *regexp.Regexp) (n int) {
	for _, line := range lines {
		if pattern.MatchString(line) {
			n++
		}
	}
	return n
}

// checkTypography checks that punctuation after Chinese is full-width, and that a
// space parts it from Latin letters, digits and code.
func checkTypography(text string) error {
	for line := range strings.Lines(text) {
		line = htmlPattern.ReplaceAllString(linkPattern.ReplaceAllString(line, "]"), "")
		plain := codePattern.ReplaceAllString(line, "`x`")
		if m := narrowMark.FindString(plain); m != "" {
			return fmt.Errorf("punctuation should be full-width at %q: %.80s", m, line)
		}
		if err := checkEmphasis(plain); err != nil {
			return err
		}
		if m := noSpace.FindString(plain); m != "" {
			return fmt.Errorf("a space is missing at %q: %.80s", m, line)
		}
	}
	return nil
}

// checkEmphasis checks that Markdown takes the stars of a line for emphasis. It does
// not where they stand between punctuation inside and a letter outside, which in
// Chinese is easily written.
func checkEmphasis(line string) error {
	isMark := func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }
	isLetter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
	opens := true
	for _, at := range starPattern.FindAllStringIndex(line, -1) {
		before, _ := utf8.DecodeLastRuneInString(line[:at[0]])
		after, _ := utf8.DecodeRuneInString(line[at[1]:])
		inside, outside := after, before
		if !opens {
			inside, outside = before, after
		}
		if isMark(inside) && isLetter(outside) {
			return fmt.Errorf("Markdown sees no emphasis at the stars behind %q: put the punctuation outside", line[:at[0]])
		}
		opens = !opens
	}
	return nil
}

var starPattern = regexp.MustCompile(`\*+`)

// Each Chinese page says what its English page says, piece by piece.
func TestChinesePages(t *testing.T) {
	avoid := glossary(t)
	for _, name := range chinesePages(t) {
		t.Run(chinesePath(name), func(t *testing.T) {
			english, chinese := readPage(t, name), readPage(t, chinesePath(name))
			woven, pairs, faults := translate(english, chinese.translations(), linked(t, name))
			woven = keepFigures(woven, chinese.text())
			if woven != chinese.text() {
				if *updateDocs {
					if err := write(chinese.path, woven); err != nil {
						t.Fatal(err)
					}
				} else {
					t.Errorf("%s is not what the English page says: run `go test ./docs -run TestChinesePages -update`\n%s", chinese.path, firstDifference(woven, chinese.text()))
				}
			}

			for _, pr := range pairs {
				if err := pr.check(name); err != nil {
					faults = append(faults, chinese.faultf(pr.chinese.line, "(en: %d) %v", pr.english.line+1, err))
				}
				if err := checkTerms(strings.Join(pr.chinese.lines, "\n"), avoid); err != nil {
					faults = append(faults, chinese.faultf(pr.chinese.line, "%v", err))
				}
			}
			for _, fault := range append(faults, chinese.checkLinks()...) {
				t.Error(fault)
			}
		})
	}
}

// What the program says in Chinese keeps to the words of the pages.
func TestChineseTerms(t *testing.T) {
	avoid := glossary(t)
	for _, pattern := range []string{"*.go", "docs/learn/*.go", "view/static/*.js"} {
		files, err := fs.Glob(repository, pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range files {
			text, err := fs.ReadFile(repository, name)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(string(text), "\n") {
				if err := checkTerms(line, avoid); err != nil {
					t.Errorf("%s:%d: %v", name, i+1, err)
				}
			}
		}
	}
}

// glossary returns the words that the Chinese pages avoid, and the terms that they
// use instead: the last column of docs/zh/glossary.md, and the second.
func glossary(t testing.TB) map[string]string {
	t.Helper()
	avoid := make(map[string]string)
	for _, line := range readPage(t, "docs/zh/glossary.md").prose() {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if !strings.HasPrefix(line, "|") || len(cells) != 4 {
			continue
		}
		for word := range strings.SplitSeq(strings.TrimSpace(cells[3]), "、") {
			if han.MatchString(word) && word != "不写" {
				avoid[word] = strings.TrimSpace(cells[1])
			}
		}
	}
	if len(avoid) < 10 {
		t.Fatalf("the glossary has only %d words to avoid", len(avoid))
	}
	return avoid
}

// checkTerms checks that a Chinese text has none of the words to avoid.
func checkTerms(text string, avoid map[string]string) error {
	for word, term := range avoid {
		if strings.Contains(text, word) {
			return fmt.Errorf("%s should be %s: see docs/zh/glossary.md", word, term)
		}
	}
	return nil
}

// What TestChinesePages must find.
func TestChineseFaults(t *testing.T) {
	english := "# A block\n\nSee [it](README.md), and `hash`:\n\n- one\n- two\n\n```text\nx\n```\n"
	page, err := parsePage("docs/no.md", english)
	if err != nil {
		t.Fatal(err)
	}
	var hashes []string
	for _, b := range page.blocks() {
		if b.isProse {
			hashes = append(hashes, b.hash())
		}
	}
	first, second, third := hashes[0], hashes[1], hashes[2]

	tests := []struct{ name, heading, text, list, want string }{
		{"good", "# 一个区块", "看[这里](README.md)和 `hash`：", "- 一\n- 二", ""},
		{"not yet", "# A block", "看[这里](README.md)和 `hash`：", "- 一\n- 二", "is not Chinese yet"},
		{"no heading", "一个区块", "看[这里](README.md)和 `hash`：", "- 一\n- 二", "has 0 lines like"},
		{"another link", "# 一个区块", "看[这里](see.md)和 `hash`：", "- 一\n- 二", "has the links"},
		{"no code", "# 一个区块", "看[这里](README.md)和哈希：", "- 一\n- 二", "lacks `hash`"},
		{"one item less", "# 一个区块", "看[这里](README.md)和 `hash`：", "- 一", "has 1 lines like"},
		{"narrow punctuation", "# 一个区块", "看[这里](README.md),还有 `hash`：", "- 一\n- 二", "full-width"},
		{"no space", "# 一个区块", "看[这里](README.md)和`hash`：", "- 一\n- 二", "a space is missing"},
		{"no emphasis", "# 一个区块", "看*[这里](README.md)：*和 `hash`：", "- 一\n- 二", "no emphasis"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := fmt.Sprintf("<!-- en: %s -->\n%s\n\n<!-- en: %s -->\n%s\n\n<!-- en: %s -->\n%s\n", first, tt.heading, second, tt.text, third, tt.list)
			chinese, err := parsePage("docs/zh/no.md", text)
			if err != nil {
				t.Fatal(err)
			}
			woven, pairs, faults := translate(page, chinese.translations(), nil)
			for _, pr := range pairs {
				if err := pr.check(page.path); err != nil {
					faults = append(faults, err.Error())
				}
			}
			if got := fmt.Sprint(faults); tt.want == "" && len(faults) > 0 || !strings.Contains(got, tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if !strings.Contains(woven, "```text\nx\n```") {
				t.Errorf("the fence is not in\n%s", woven)
			}
		})
	}

	t.Run("English that has moved", func(t *testing.T) {
		old := translation{hash: "00000000", lines: []string{"# 旧的"}, line: 7}
		woven, _, faults := translate(page, []translation{old}, nil)
		if got := fmt.Sprint(faults); !strings.Contains(got, "docs/no.md:1: has changed") || !strings.Contains(got, "docs/zh/no.md:8") || !strings.Contains(woven, "# 旧的") {
			t.Errorf("got %s in\n%s", got, woven)
		}
	})
}
