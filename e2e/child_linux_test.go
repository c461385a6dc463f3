package e2e

import (
	"os/exec"
	"syscall"
)

// endsWithParent makes the system kill a child that the tests leave behind:
// they end without a clean-up when they panic, or take too long.
func endsWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
