package docs

import (
	"os/exec"
	"syscall"
)

// dieWithTest makes cmd's process die with the test's, even if that is killed
// or panics.
func dieWithTest(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
