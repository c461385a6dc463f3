//go:build race

package e2e

// raceDetector says that the tests, and so the program, are built with it. It
// takes several times the program's memory itself.
const raceDetector = true
