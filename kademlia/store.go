package kademlia

import (
	"container/list"
	"time"
)

// A cache is a map that forgets: each entry ttl after it was put, and the
// oldest entry when a new one would be one too many.
type cache[K comparable, V any] struct {
	limit   int
	ttl     time.Duration
	entries map[K]*list.Element // of entry[K, V]
	order   list.List           // oldest first
}

type entry[K comparable, V any] struct {
	key   K
	value V
	put   time.Time
}

func newCache[K comparable, V any](limit int, ttl time.Duration) *cache[K, V] {
	return &cache[K, V]{limit: limit, ttl: ttl, entries: make(map[K]*list.Element)}
}

// put stores value under key, in place of what was there.
func (c *cache[K, V]) put(key K, value V, now time.Time) {
	c.remove(key)
	c.entries[key] = c.order.PushBack(entry[K, V]{key, value, now})
	for len(c.entries) > c.limit {
		c.remove(c.order.Front().Value.(entry[K, V]).key)
	}
}

// get returns the value of key unless it is older than the cache's ttl.
func (c *cache[K, V]) get(key K, now time.Time) (value V, ok bool) {
	element, ok := c.entries[key]
	if !ok {
		return value, false
	}
	e := element.Value.(entry[K, V])
	if now.Sub(e.put) >= c.ttl {
		c.remove(key)
		return value, false
	}
	return e.value, true
}

func (c *cache[K, V]) remove(key K) {
	if element, ok := c.entries[key]; ok {
		c.order.Remove(element)
		delete(c.entries, key)
	}
}
