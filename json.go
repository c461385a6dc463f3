package main

import (
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
