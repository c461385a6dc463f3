//go:build !linux

package docs

import "os/exec"

// dieWithTest does nothing: only Linux has a signal for it. Elsewhere a node
// that a killed test leaves behind dies when it next logs a line.
func dieWithTest(*exec.Cmd) {}
