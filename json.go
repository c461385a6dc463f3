package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
		if _, nullable := f.to.(**int64); !nullable && bytes.Equal(value, []byte("null")) {
			return fmt.Errorf("%s: null: %w", f.name, ErrMalformed)
		}
		decode, ok := f.to.(func([]byte) error)
		if !ok {
			decode = func(raw []byte) error { return json.Unmarshal(raw, f.to) }
		}
		if err := decode(value); err != nil {
			return fmt.Errorf("%s: %w", f.name, malformed(err))
		}
	}
	return nil
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
