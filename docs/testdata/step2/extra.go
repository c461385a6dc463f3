//go:build challenge

package main

func whisper() {}
