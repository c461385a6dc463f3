package main

import "strings"

// greet returns a greeting.
func greet(name string) string {
	return "Hello, " + name
}

// shout returns a loud greeting.
func shout(name string) string {
	return strings.ToUpper(greet(name)) + "!"
}
