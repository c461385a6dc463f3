package main

import "math"

// Wrong: 21! does not fit into an int.
func catchUp(q float64, z int) float64 {
	p := 1 - q
	if q >= p {
		return 1
	}
	lambda, chance, factorial := float64(z)*q/p, 1.0, 1
	for k := 0; k <= z; k++ {
		if k > 0 {
			factorial *= k
		}
		poisson := math.Pow(lambda, float64(k)) * math.Exp(-lambda) / float64(factorial)
		chance -= poisson * (1 - math.Pow(q/p, float64(z-k)))
	}
	return chance
}
