package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// A field is a JSON name and where its value goes: a pointer, or a func([]byte)
// error that decodes it.
type field struct {
	name string
	to   any
}

// decodeObject reads a JSON object's fields, all of which must be there. Only
// a pointer to a pointer takes null. Package json alone would match names in
// any case and let null pass for every type; Python does neither.
func decodeObject(raw []byte, fields ...field) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return malformed(err)
	}

	for _, f := range fields {
		value, ok := object[f.name]
		if !ok {
			return fmt.Errorf("%s: missing: %w", f.name, ErrMalformed)
		}
		if err := f.decode(value); err != nil {
			return fmt.Errorf("%s: %w", f.name, malformed(err))
		}
	}
	return nil
}

func (f field) decode(value json.RawMessage) error {
	_, nullable := f.to.(**int64)
	if string(value) == "null" && !nullable {
		return fmt.Errorf("null: %w", ErrMalformed)
	}

	if decode, ok := f.to.(func([]byte) error); ok {
		return decode(value)
	}
	return json.Unmarshal(value, f.to)
}

// decodeList returns a decoder of a JSON list, each element by decode.
func decodeList(decode func([]byte) error) func([]byte) error {
	return func(raw []byte) error {
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}

		for i, element := range list {
			if err := decode(element); err != nil {
				return fmt.Errorf("%d: %w", i, err)
			}
		}
		return nil
	}
}

// malformed marks an error of package json as the sender's fault.
func malformed(err error) error {
	if errors.Is(err, ErrMalformed) {
		return err
	}
	return fmt.Errorf("%w: %.200s", ErrMalformed, err) // json's error may quote a number of any length
}

// The rest is for speed. Nearly all blocks come in the form that we write
// ourselves: there each name stands at its place.

// An ownForm is JSON in our own form that has still to be read. After the first
// difference, nothing more is read.
type ownForm struct {
	rest    []byte
	differs bool
}

// expect passes over a piece of the form.
func (r *ownForm) expect(piece string) {
	rest, ok := bytes.CutPrefix(r.rest, []byte(piece))
	if !ok {
		r.differs, rest = true, nil
	}
	r.rest = rest
}

// more reports whether a list of which n elements are read goes on, and passes
// over what stands in front of the next, or behind the last.
func (r *ownForm) more(n int) bool {
	if rest, ended := bytes.CutPrefix(r.rest, []byte("]")); ended {
		r.rest = rest
		return false
	}
	if n > 0 {
		r.expect(", ")
	}
	return !r.differs
}

// number reads an integer behind a name.
func (r *ownForm) number(name string) int64 {
	r.expect(name)
	end := 0
	for end < len(r.rest) && (r.rest[end] == '-' || '0' <= r.rest[end] && r.rest[end] <= '9') {
		end++
	}
	n, err := strconv.ParseInt(string(r.rest[:end]), 10, 64)
	if err != nil {
		r.differs, end = true, len(r.rest)
	}
	r.rest = r.rest[end:]
	return n
}

// text reads a text behind a name: printable ASCII, in which nothing is escaped.
func (r *ownForm) text(name string) string {
	r.expect(name)
	r.expect(`"`)
	end := 0
	for end < len(r.rest) && r.rest[end] >= ' ' && r.rest[end] <= '~' && r.rest[end] != '"' && r.rest[end] != '\\' {
		end++
	}
	s := string(r.rest[:end])
	r.rest = r.rest[end:]
	r.expect(`"`)
	return s
}
