package kademlia

import "time"

// A cache is a map that forgets: each entry ttl after it was put, and the older
// half of all when there would be more than limit. It has two generations:
// what is put goes to the young one, and when that holds half of limit, it
// becomes the old one, in place of the one before.
type cache[K comparable, V any] struct {
	limit      int
	ttl        time.Duration
	young, old map[K]entry[V]
}

type entry[V any] struct {
	value V
	put   time.Time
}

func newCache[K comparable, V any](limit int, ttl time.Duration) *cache[K, V] {
	return &cache[K, V]{limit: limit, ttl: ttl, young: make(map[K]entry[V])}
}

// put stores value under key, in place of what was there.
func (c *cache[K, V]) put(key K, value V, now time.Time) {
	if _, ok := c.young[key]; !ok && len(c.young) >= c.limit/2 {
		c.young, c.old = make(map[K]entry[V]), c.young
	}
	delete(c.old, key)
	c.young[key] = entry[V]{value, now}
}

// get returns the value of key unless it is older than the cache's ttl.
func (c *cache[K, V]) get(key K, now time.Time) (value V, ok bool) {
	e, ok := c.young[key]
	if !ok {
		e, ok = c.old[key]
	}

	if !ok || now.Sub(e.put) >= c.ttl {
		return value, false
	}
	return e.value, true
}

// remove forgets key.
func (c *cache[K, V]) remove(key K) {
	delete(c.young, key)
	delete(c.old, key)
}

// len returns the number of entries, those whose time is over included.
func (c *cache[K, V]) len() int { return len(c.young) + len(c.old) }
