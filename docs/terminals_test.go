package docs

import (
	"slices"
	"strings"
)

// isTerminal reports whether a prompt is that of one terminal, T1 or T2, of the
// reader's machine. The others name a machine, which may have several.
func isTerminal(prompt string) bool { return len(prompt) == 2 }

// machineOf returns the machine of a prompt: "" is the reader's only one.
func machineOf(prompt string) string {
	if isTerminal(prompt) {
		return ""
	}
	return prompt
}

// runsOn reports whether a command runs until somebody stops it.
func runsOn(line string) bool {
	words := commandWords(line)
	switch {
	case len(words) < 4 || words[0] != "go" || words[1] != "run" || slices.Contains(words, "-h"):
		return false
	case words[2] == ".":
		return words[3] == "start" || words[3] == "watch" || words[3] == "lab" && !slices.Contains(words, "-plain")
	default:
		return words[2] == "./docs/learn" && words[3] == "watch"
	}
}

// checkTerminals checks that nothing is typed in a terminal in which something
// still runs: whoever pastes such a fence would wait for ever. A new fence may be
// for another terminal, unless its prompts say which.
func (p *page) checkTerminals() (faults []string) {
	busy := make(map[string]string) // prompt → what runs there
	for _, f := range p.fences {
		if f.language != "console" {
			continue
		}
		for prompt := range busy {
			if !isTerminal(prompt) {
				delete(busy, prompt)
			}
		}

		for i := f.start + 1; i < f.end; i++ {
			if m := interruptPattern.FindStringSubmatch(p.lines[i]); m != nil {
				delete(busy, m[1])
			} else if m := promptPattern.FindStringSubmatch(p.lines[i]); m != nil {
				if busy[m[1]] != "" {
					faults = append(faults, p.faultf(i, "%s: this terminal still runs %s: want another fence, or another prompt (T1$, T2$)", strings.TrimSpace(p.lines[i]), busy[m[1]]))
					delete(busy, m[1]) // once is enough
				} else if runsOn(m[2]) {
					busy[m[1]] = m[2]
				}
			}
		}
	}
	return faults
}
