package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var soak = flag.Duration("soak", 0, "how long TestSoak lasts, with ten nodes; 0: forty steps of four")

// A student runs a node with two wallets.
type student struct {
	*node
	addresses []string
}

// A classroom is a network of students who pay each other, and stop and start
// their nodes as they like.
type classroom struct {
	*network
	rng      *rand.Rand
	students []*student
}

// Nodes that pay each other, and stop and start at any time, agree in the end,
// and have all coins there are.
func TestSoak(t *testing.T) {
	full(t)
	size, steps := 4, 40
	if *soak > 0 {
		size = 10
	}
	class := newClassroom(t, size)
	began := time.Now()
	for i := 0; i < steps || time.Since(began) < *soak; i++ {
		class.step()
	}

	for _, s := range class.students {
		if s.gone() {
			class.restart(s)
		}
	}
	class.agree()
	height := class.students[0].Height()
	if height < size {
		t.Errorf("height is %d: nothing was mined", height)
	}
	t.Logf("%d nodes agree at height %d", size, height)

	var all []string
	for _, s := range class.students {
		all = append(all, s.addresses...)
	}
	for _, s := range class.students {
		s.checkCoins(all)
	}
	for _, s := range class.students {
		s.Interrupt()
	}
}

// newClassroom returns students that have a chain with a block for each, whose
// coins are theirs.
func newClassroom(t *testing.T, size int) *classroom {
	t.Helper()
	const seed = 1
	class := &classroom{network: newNetwork(t), rng: rand.New(rand.NewPCG(seed, 0))}
	var chain []block
	for i := range size {
		s := &student{node: class.Start(fmt.Sprint("student ", i), class.seeds()...)}
		s.addresses = []string{s.Address("createwallet"), s.Address("createwallet")}
		class.students = append(class.students, s)

		var parent *block
		if i > 0 {
			parent = &chain[i-1]
		}
		chain = append(chain, mineOn(parent, s.addresses[0], ""))
	}

	newStranger(t, serveChain(chain)).Join(class.students[0].node)
	class.Agree()
	return class
}

// seeds returns two nodes to join at most, of those that run.
func (c *classroom) seeds() (seeds []option) {
	for _, i := range c.rng.Perm(len(c.students)) {
		if s := c.students[i]; !s.gone() && len(seeds) < 2 {
			seeds = append(seeds, s.node)
		}
	}
	return seeds
}

// restart starts a student's node again, which is told of other nodes than before.
func (c *classroom) restart(s *student) {
	c.t.Helper()
	s.options = c.seeds()
	s.Restart()
}

// step has one student do one thing.
func (c *classroom) step() {
	c.t.Helper()
	s := c.students[c.rng.IntN(len(c.students))]
	switch {
	case s.gone():
		c.restart(s)
	case c.rng.IntN(10) == 0 && len(c.running()) > len(c.students)/2:
		s.Interrupt()
	default:
		c.pay(s)
	}
}

// pay sends coins from one of a student's wallets to somebody, and reports
// whether there were any.
func (c *classroom) pay(s *student) bool {
	c.t.Helper()
	for _, i := range c.rng.Perm(len(s.addresses)) {
		balance := s.Balance(s.addresses[i])
		if balance == 0 {
			continue
		}
		payee := c.students[c.rng.IntN(len(c.students))]
		to := payee.addresses[c.rng.IntN(len(payee.addresses))]
		amount := fmt.Sprint(1 + c.rng.Int64N(balance))
		_, stderr, err := s.Try("send", "--from", s.addresses[i], "--to", to, "--amount", amount)
		if err != nil && !tooLatePattern.MatchString(stderr) {
			c.t.Errorf("%s: %v: %s", s.name, err, stderr)
		}
		return true
	}
	return false
}

// agree waits until all students' nodes have one tip. Nodes that mined at one
// height stay apart until the next block, so somebody pays until they agree.
func (c *classroom) agree() {
	c.t.Helper()
	c.Await("agreement", func() bool {
		if c.agreed() {
			return true
		}
		var heights []int
		for _, s := range c.students {
			heights = append(heights, s.Height())
		}
		if slices.Min(heights) == slices.Max(heights) {
			for _, i := range c.rng.Perm(len(c.students)) {
				s := c.students[i]
				if first := c.pay(s); first && c.pay(s) { // two fill the pool
					break
				}
			}
		}
		return false
	})
}
