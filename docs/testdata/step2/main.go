// Step 2 greets and shouts.
package main

import (
	"fmt"
	"os"
)

// The people, by their names.
const (
	alice = "Alice"
	bob   = "Bob"
	carol = "Carol"
)

const (
	loud  = true  // with a mark
	quiet = false // without
)

func main() {
	fmt.Println("Alice comes.")
	fmt.Println(greet(alice))

	fmt.Println("\nBob comes.")
	fmt.Println(greet(bob))

	fmt.Println("\nCarol comes.")
	fmt.Println(shout(carol))

	if len(os.Args) > 1 {
		fmt.Println("\nThey hear:", os.Args[1:])
		fmt.Fprintln(os.Stderr, "too late")
		os.Exit(3)
	}
}
