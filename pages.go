package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"os"
)

// Bolt trusts its pages: a wrong number in one may send it in circles until the
// memory is full, or have it write over a page that is in use. Its own check goes
// astray like the rest of it. So the pages are checked without it, by reading.

// A bolt file is a row of pages of one size. The first two are meta pages, of
// which the one with the higher transaction counts. It leads to the page of free
// pages and to the root of a tree. Numbers are in the processor's byte order.
//
//	page     id 8, kind 2, count 2, overflow 4 (pages that go on from this one), elements
//	branch   position of the key 4 (from here), its length 4, child's page 8
//	leaf     flags 4 (1: a bucket), position 4, key's length 4, value's length 4
//	bucket   root's page 8 (0: its page follows here), sequence 8
//	meta     magic 4, version 4, page size 4, flags 4, root 16, free page 8, pages in use 8, transaction 8, checksum 8
const (
	pageHeader = 16
	element    = 16
	branchPage = 0x01
	leafPage   = 0x02
	freePage   = 0x10
	maxDepth   = 64 // of a tree: no more than its pages fit into a file
)

var native = binary.NativeEndian

// pages is what has been seen of a bolt file.
type pages struct {
	file io.ReaderAt
	size uint64 // of a page
	seen []bool // each page is free, or one part of the tree
}

// checkPages checks the pages of a bolt file: that each is used once or free,
// and that all keys are in order. A large file is left alone unless all is set.
func checkPages(path string, all bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() > quickBytes && !all {
		return err
	}

	meta, err := newestMeta(f)
	if err != nil {
		return err
	}
	size, root := uint64(native.Uint32(meta[8:])), native.Uint64(meta[16:])
	free, inUse := native.Uint64(meta[32:]), native.Uint64(meta[40:])
	if inUse > uint64(info.Size())/size {
		return damaged("%d bytes of %d are left", info.Size(), inUse*size)
	}

	p := &pages{f, size, make([]bool, inUse)}
	p.seen[0], p.seen[1] = true, true
	if err := p.checkFree(free); err != nil {
		return err
	}
	if err := p.checkTree(root, nil, nil, 0); err != nil {
		return err
	}

	for id, seen := range p.seen {
		if !seen {
			return damaged("page %d of the file: neither used nor free", id)
		}
	}
	return nil
}

// newestMeta returns the content of the meta page that counts. Where the second
// page begins, the first may not tell: then it is where this system has pages.
func newestMeta(f io.ReaderAt) (newest []byte, err error) {
	const content, checked = 64, 56
	at := int64(0)
	for range 2 {
		meta := make([]byte, content)
		if _, err := f.ReadAt(meta, at+pageHeader); err != nil {
			return nil, damaged("%v", err)
		}

		sum := fnv.New64a()
		sum.Write(meta[:checked])
		size := int64(native.Uint32(meta[8:]))
		switch isMeta := sum.Sum64() == native.Uint64(meta[checked:]) && size > 0; {
		case !isMeta:
			at = int64(os.Getpagesize())
		case newest == nil || native.Uint64(meta[48:]) > native.Uint64(newest[48:]):
			newest, at = meta, size
		}
	}
	if newest == nil {
		return nil, damaged("no meta page")
	}
	return newest, nil
}

// read returns a page with those that it goes on in, and marks them as seen.
func (p *pages) read(id uint64) (page []byte, err error) {
	if id >= uint64(len(p.seen)) {
		return nil, damaged("page %d of the file: there are %d", id, len(p.seen))
	}

	var header [pageHeader]byte
	if _, err := p.file.ReadAt(header[:], int64(id*p.size)); err != nil {
		return nil, err
	}
	n := 1 + uint64(native.Uint32(header[12:]))
	if native.Uint64(header[:]) != id || n > uint64(len(p.seen))-id {
		return nil, damaged("page %d of the file: it calls itself %d, of %d pages", id, native.Uint64(header[:]), n)
	}
	for i := id; i < id+n; i++ {
		if err := p.mark(i); err != nil {
			return nil, err
		}
	}

	page = make([]byte, n*p.size)
	_, err = p.file.ReadAt(page, int64(id*p.size))
	return page, err
}

func (p *pages) mark(id uint64) error {
	if id >= uint64(len(p.seen)) || p.seen[id] {
		return damaged("page %d of the file: used twice, or not there", id)
	}
	p.seen[id] = true
	return nil
}

// checkFree marks the pages that are free.
func (p *pages) checkFree(id uint64) error {
	page, err := p.read(id)
	if err != nil {
		return err
	}
	if native.Uint16(page[8:]) != freePage {
		return damaged("page %d of the file: not a list of free pages", id)
	}

	list := page[pageHeader:]
	count := uint64(native.Uint16(page[10:]))
	if count == math.MaxUint16 { // too many for two bytes: the first eight have the number
		count, list = native.Uint64(list), list[8:]
	}
	if count > uint64(len(list))/8 {
		return damaged("page %d of the file: %d free pages", id, count)
	}
	for i := range count {
		if err := p.mark(native.Uint64(list[8*i:])); err != nil {
			return err
		}
	}
	return nil
}

// checkTree checks a tree whose lowest key must be first, and all be below high;
// nil is no bound.
func (p *pages) checkTree(id uint64, first, high []byte, depth int) error {
	page, err := p.read(id)
	if err != nil {
		return err
	}
	kind := native.Uint16(page[8:])
	if kind != branchPage && kind != leafPage || depth > maxDepth {
		return damaged("page %d of the file: kind %d, depth %d", id, kind, depth)
	}
	if kind == leafPage {
		return p.checkLeaf(page, first, high, depth)
	}

	// A child has the keys from its own on to the next one's.
	keys, err := readKeys(page, 0, first, high)
	if err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	for i := range keys {
		end := high
		if i+1 < len(keys) {
			end = keys[i+1]
		}
		child := native.Uint64(page[pageHeader+i*element+8:])
		if err := p.checkTree(child, keys[i], end, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// checkLeaf checks a leaf, and the buckets in it.
func (p *pages) checkLeaf(page, first, high []byte, depth int) error {
	keys, err := readKeys(page, 4, first, high)
	if err != nil {
		return err
	}

	for i, key := range keys {
		at := page[pageHeader+i*element:]
		start := uint64(native.Uint32(at[4:])) + uint64(len(key))
		end := start + uint64(native.Uint32(at[12:]))
		flags := native.Uint32(at)
		if flags > 1 || end > uint64(len(at)) {
			return damaged("key %x: flags %d, its value ends at %d", key, flags, end)
		}
		if flags == 0 {
			continue
		}

		value := at[start:end]
		if len(value) < 16 {
			return damaged("bucket %q: %d bytes", key, len(value))
		}
		if root := native.Uint64(value); root != 0 {
			err = p.checkTree(root, nil, nil, depth+1)
		} else {
			err = p.checkInline(value[16:], depth+1)
		}
		if err != nil {
			return fmt.Errorf("bucket %q: %w", key, err)
		}
	}
	return nil
}

// checkInline checks the page of a bucket so small that it has none of its own.
func (p *pages) checkInline(page []byte, depth int) error {
	if len(page) < pageHeader || native.Uint16(page[8:]) != leafPage || depth > maxDepth {
		return damaged("no page")
	}
	return p.checkLeaf(page, nil, nil, depth)
}

// readKeys returns the keys of a page, whose position stands at that place in
// each element. They must be in order, from first to below high.
func readKeys(page []byte, position int, first, high []byte) (keys [][]byte, err error) {
	count := int(native.Uint16(page[10:]))
	if pageHeader+count*element > len(page) {
		return nil, damaged("a page of %d elements", count)
	}

	for i := range count {
		at := page[pageHeader+i*element:]
		start := uint64(native.Uint32(at[position:]))
		end := start + uint64(native.Uint32(at[position+4:]))
		if end > uint64(len(at)) {
			return nil, damaged("key %d ends at byte %d", i, end)
		}

		key := at[start:end]
		unsorted := i > 0 && bytes.Compare(key, keys[i-1]) <= 0
		late := high != nil && bytes.Compare(key, high) >= 0
		if unsorted || late {
			return nil, damaged("key %d is out of order", i)
		}
		keys = append(keys, key)
	}
	if first != nil && (count == 0 || !bytes.Equal(keys[0], first)) {
		return nil, damaged("the lowest key is not that of the page above")
	}
	return keys, nil
}
