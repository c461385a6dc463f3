package main

import "math"

// Wrong: while the others find z blocks, she finds z·q/p on average.
func catchUp(q float64, z int) float64 {
	p := 1 - q
	if q >= p {
		return 1
	}
	lambda := float64(z) * q
	chance, poisson := 1.0, math.Exp(-lambda)
	for k := 0; k <= z; k++ {
		if k > 0 {
			poisson *= lambda / float64(k)
		}
		chance -= poisson * (1 - math.Pow(q/p, float64(z-k)))
	}
	return chance
}
