package network

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
)

// A block crosses this package as text, of which it needs three fields. The
// functions here cut such pieces out of JSON that encoding/json has found
// valid, without building values of the rest. They differ from
// json.Unmarshal where a Python peer does: a name matches only in its exact
// case, and null is not a value of every type.

// field returns the value of the named member of a JSON object, or nil if
// there is none or obj is not an object. Of several the last counts.
func field(obj []byte, name string) (value []byte) {
	for n, v := range members(obj) {
		if string(n) == name {
			value = v
		}
	}
	return value
}

// members yields the names, without quotes, and the values of an object.
func members(obj []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		rest, ok := bytes.CutPrefix(trimSpace(obj), []byte("{"))
		for ok {
			var name, value []byte
			name, rest = cut(rest)
			if len(name) < 2 || name[0] != '"' {
				return
			}
			rest, ok = bytes.CutPrefix(trimSpace(rest), []byte(":"))
			if !ok {
				return
			}
			value, rest = cut(rest)
			if !yield(unquote(name), value) {
				return
			}
			rest, ok = bytes.CutPrefix(trimSpace(rest), []byte(","))
		}
	}
}

// elements yields the values of an array.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		rest, ok := bytes.CutPrefix(trimSpace(array), []byte("["))
		for ok {
			var value []byte
			value, rest = cut(rest)
			if len(value) == 0 || !yield(value) {
				return
			}
			rest, ok = bytes.CutPrefix(trimSpace(rest), []byte(","))
		}
	}
}

// cut splits b after the JSON value at its front. What it makes of invalid
// JSON is of no use, but no harm: a cut at some place.
func cut(b []byte) (value, rest []byte) {
	b = trimSpace(b)
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:])
			if depth == 0 {
				return b[:i+1], b[i+1:]
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth < 0 { // a number ends where what holds it ends
				return b[:i], b[i:]
			}
			if depth == 0 {
				return b[:i+1], b[i+1:]
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return b[:i], b[i:]
			}
		}
	}
	return b, nil
}

// stringEnd returns the index of the quote that ends the string at the front
// of b, or the last index of b.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(b) - 1
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	return b
}

// unquote returns the text of a JSON string.
func unquote(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return nil
	}
	return []byte(s)
}

// integer returns the value of a JSON number that has neither fraction nor
// exponent and fits 32 bits.
func integer(value []byte) (n int, ok bool) {
	if len(value) > len("-2147483648") {
		return 0, false
	}
	n64, err := strconv.ParseInt(string(value), 10, 32)
	return int(n64), err == nil
}

// hexHash returns the text of a JSON string of 64 lower-case hex digits.
func hexHash(value []byte) (hash string, ok bool) {
	if len(value) != 64+2 || value[0] != '"' || value[65] != '"' {
		return "", false
	}
	for _, c := range value[1:65] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", false
		}
	}
	return string(value[1:65]), true
}

// isObject reports whether a JSON value is an object.
func isObject(value []byte) bool { return len(value) > 0 && value[0] == '{' }
