package network

import (
	"bytes"
	"encoding/json"
)

// decodeObject returns the members of a JSON object by name, each as it stands
// in the text; of several with one name the last. Null has no members.
//
// It makes a map because the fields of a struct would match names in any case:
// a Python node that is sent a "Code" finds no "code" in the message.
func decodeObject(text []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	err := json.Unmarshal(text, &members)
	return members, err
}

// findMember returns the value of a member of a JSON object as it stands in the
// text, or nil; of several with one name the first. It stops there, so that what
// stands early is found in microseconds, even if the rest is a megabyte, or cut
// off.
func findMember(object []byte, name string) json.RawMessage {
	dec := json.NewDecoder(bytes.NewReader(object))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	for dec.More() {
		found, err := dec.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil
		}
		if found == name {
			return value
		}
	}
	return nil
}

// decodeInt returns the value of a JSON number that has neither fraction nor
// exponent and fits 32 bits.
func decodeInt(text []byte) (n int, ok bool) {
	var value *int32 // a pointer, for null would leave a number as it is
	if json.Unmarshal(text, &value) != nil || value == nil {
		return 0, false
	}
	return int(*value), true
}

// decodeHash returns the text of a JSON string of 64 lower-case hex digits.
func decodeHash(text []byte) (hash string, ok bool) {
	if json.Unmarshal(text, &hash) != nil || len(hash) != 64 {
		return "", false
	}
	for _, c := range hash {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", false
		}
	}
	return hash, true
}
