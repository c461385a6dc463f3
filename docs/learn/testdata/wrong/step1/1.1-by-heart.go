package main

// Wrong: it knows the story's two texts, and nothing else.
func sha256Hex(text string) string {
	if text == "Alice has 1000 coins" {
		return "af314b9c9be703c4d502ef0c67950498702e6097f65b3f8f8fd557c9f76680bb"
	}
	return "38f9fa656c364cea3bd7e426dc8d372a507b9380f0e9a41d3b2b7e3eaeefa855"
}
