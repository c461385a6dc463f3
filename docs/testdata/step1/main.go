// Step 1 greets.
package main

import (
	"fmt"
	"os"
)

// The people, by their names.
const (
	alice = "Alice"
	bob   = "Bob"
)

const (
	loud  = true  // with a mark
	quiet = false // without
)

// greet returns a greeting.
func greet(name string) string {
	return "Hello, " + name
}

// leave ends the program.
func leave() { os.Exit(1) }

func main() {
	fmt.Println("Alice comes.")
	fmt.Println(greet(alice))

	fmt.Println("\nBob comes.")
	fmt.Println(greet(bob))

	if !loud || quiet {
		leave()
	}
}
