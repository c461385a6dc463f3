package main

import "math"

// Wrong: what she has found while the others mined the z blocks is left out.
func catchUp(q float64, z int) float64 {
	p := 1 - q
	if q >= p {
		return 1
	}
	return math.Pow(q/p, float64(z))
}
