// Package shapes has a declaration of each form that a page may show.
package shapes

import "errors"

// A Square is as wide as it is high.
type Square struct{ side int }

func (s *Square) area() int { return s.side * s.side }

// grow returns a square that is n wider.
func (s Square) grow(n int) (Square, error) {
	if n < 0 {
		return s, ErrSmall
	}
	return Square{s.side + n}, nil
}

const (
	// maxSide holds for all shapes.
	// It is a length.
	maxSide = 1000
	minSide = 1 // a length too
)

var (
	ErrSmall = errors.New("too small")
	errTall  = errors.New("too tall")
	ErrLarge = errors.New("too large")
)
