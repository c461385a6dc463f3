package kademlia

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// testdata/vectors.json holds datagrams that unmodified nodes of Python's
// kademlia 2.2 sent each other, odd requests with what that node did about
// them, and digests of keys.
type vectorFile struct {
	Vectors     []vector `json:"vectors"`
	OddRequests []struct {
		Name      string  `json:"name"`
		Hex       string  `json:"hex"`
		Truncated bool    `json:"hex_truncated"`
		Length    int     `json:"length"`
		Reply     *string `json:"python_reply_hex"`
	} `json:"odd_requests"`
	KeyDigests []struct {
		Python string `json:"python"`
		Digest string `json:"digest"`
	} `json:"key_digests"`
}

type vector struct {
	Name string `json:"name"`
	Hex  string `json:"hex"`
}

func readVectors(t testing.TB) vectorFile {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var f vectorFile
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVectors takes each captured datagram apart and puts it together again.
func TestVectors(t *testing.T) {
	f := readVectors(t)
	if len(f.Vectors) != 96 {
		t.Fatalf("%d vectors, want 96", len(f.Vectors))
	}
	for _, v := range f.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			want := unhex(t, v.Hex)
			kind, id, payload, err := splitDatagram(want)
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			if kind == requestByte {
				q, err := decodeRequest(payload)
				if err != nil {
					t.Fatal(err)
				}
				got = q.encode(id)
			} else {
				p, err := decodeResponse(payload, defaultK)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasSuffix(v.Name, "_hostname") {
					// The one datagram that we do not repeat: we leave out a
					// contact whose address is a host name.
					if p.kind != nodesReply || len(p.nodes) != 0 {
						t.Errorf("got %+v, want no nodes", p)
					}
					return
				}
				got = p.encode(id)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}
