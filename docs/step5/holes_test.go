package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// The checks of chapter 5's holes. `learn check` runs them on your functions.

// attempt makes a call that may go wrong: one that panics, or doesn't come to an
// end, fails the test with a word of what it was.
func attempt[T any](t *testing.T, call string, f func() T) (got T) {
	t.Helper()
	panicked := make(chan any, 1)
	go func() {
		defer func() { panicked <- recover() }()
		got = f()
	}()

	select {
	case p := <-panicked:
		if p != nil {
			t.Fatalf("%s panics: %v", call, p)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%s is still running after 10 s: does its loop end?", call)
	}
	return got
}

// unhex returns the bytes that a text of hex digits stands for.
func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHole5_1Hash160(t *testing.T) {
	tests := []struct {
		name, hex, want string
	}{
		{"64 bytes, Alice's public key", "7e5ccd015578969febb42468f8d0be54c6b39331b7285d88040d5f0ba9606aa45358408af8a0c47fc50517b868f62f81a65381a1a08dd25d41bac887ff25658c", "1414798da721f777b87ccdc126e2e8ac6edf06cd"},
		{"64 bytes, the public key of private key 1", "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", "c862aeeb8429dc25a798ba51a422b43d7e712606"},
		{"64 bytes, a public key of the Python program's", "e12bf3cf1abe15ad8cf194d6f98c20f56e69bad3bf2fed50100bb446db628b34abdee619172f587bcccbc3ec1717197d362e40d2e379c625dcc2e9a41d1d1072", "20f4888dc64eac2399bd56f598a60a071d02c178"},
		{"64 bytes, whose hash begins with a zero", "9b50d1b68e3bf795007cd12f05a60c266c4ef2b75ba5c516c54784a94f15d6df2afc8d09b79176d8d003fd2a4f18d526403fff272d47e7787376feb7cbddd8fd", "00c40a19f651f878a0178137dc9aaa5f45a7e790"},
		{"no bytes", "", "b472a266d0bd89c13706a4132ccfb16f7c3b9fcb"},
		{"1 byte", "00", "9f7fd096d37ed2c0e3f7f0cfc924beef4ffceb68"},
		{"the 5 bytes of Alice", "416c696365", "770351506f7fd3380ee503b987f09fc1205463b6"},
		{"20 bytes", strings.Repeat("01", 20), "de67c3d392bc31b6efc32eb32ff3202237b009b0"},
		{"33 bytes", strings.Repeat("02", 33), "51814f108670aced2d77c1805ddd6634bc9d4731"},
		{"65 bytes", strings.Repeat("04", 65), "4b661ffaf31a3a09e8fb3b7b9cc55fa143e89495"},
		{"200 bytes", strings.Repeat("05", 200), "1e3ef31c1c3dc649b7ea46ca1092cd1503a31136"},
	}

	var results [][]byte
	for _, tt := range tests {
		b := unhex(t, tt.hex)
		got := attempt(t, "hash160", func() []byte { return hash160(b) })
		if len(got) != 20 {
			t.Fatalf("hash160 of %s: got %d bytes, %x, want 20", tt.name, len(got), got)
		}
		if fmt.Sprintf("%x", got) != tt.want {
			t.Fatalf("hash160 of %s: got %x, want %s", tt.name, got, tt.want)
		}
		if !bytes.Equal(b, unhex(t, tt.hex)) {
			t.Fatalf("hash160 changes the bytes that it's given")
		}
		results = append(results, got)
	}
	for i, tt := range tests {
		if fmt.Sprintf("%x", results[i]) != tt.want {
			t.Fatal("a later call of hash160 changes what an earlier one has returned")
		}
	}
}

func TestHole5_2AddressOfKey(t *testing.T) {
	tests := []struct {
		whose string
		key   string
		want  string
	}{
		{"Alice", "7e5ccd015578969febb42468f8d0be54c6b39331b7285d88040d5f0ba9606aa45358408af8a0c47fc50517b868f62f81a65381a1a08dd25d41bac887ff25658c", "12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P"},
		{"Bob", "476b018f75b1084e4b2bd652a747a37de9727183bcfe4113fe0b9390767e3543fb312d3c071e0237b751a063d31cf015d5c8110b045af01ac4a5a3bf56cee332", "1EMLhBb7Guyxwfi5E1zkgai8Vi1ZevfZWd"},
		{"Mia", "499960356a84e0bb4579bff36fca369fb2d8188e3a860b45d72b232a077be9660f98fe0a15dc6f444f8588ea11850ae482c93e92494d967b53d3101061d159d9", "15hkwGPVQaj5E693hFu7JhuNjk4pseRsX9"},
		{"somebody with private key 1", "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", "1KGYN13Exrsyx7CnsEGMVbD8oUwHta2ZsG"},
		{"somebody of the Python program's", "b5e3f818c8774ffed78e22cb83682f66fa034c6e4b38aca7ef60c95d15f2c13b4ac44ad63c3c57b64a9d53389f2fe8f857e4323c60baa9ab9d19b64c31b63fbe", "1PRJWQohaRdRBwPqbt3wRU63Vo5sHLyaSQ"},
		{"somebody whose X begins with a zero", "00e3ae1974566ca06cc516d47e0fb165a674a3dabcfca15e722f0e3450f458892aeabe7e4531510116217f07bf4d07300de97e4874f81f533420a72eeb0bd6a4", "1F1cBLdbH4m9tnKVqj9UM9xAx4btxz2CZW"},
		{"somebody whose hash160 begins with a zero", "9b50d1b68e3bf795007cd12f05a60c266c4ef2b75ba5c516c54784a94f15d6df2afc8d09b79176d8d003fd2a4f18d526403fff272d47e7787376feb7cbddd8fd", "1153r4W7vsF2Qe5NSQToxa6iGJY6ExrU5v"},
	}
	for _, tt := range tests {
		key := unhex(t, tt.key)
		got := attempt(t, "addressOfKey", func() string { return addressOfKey(key) })
		if got != tt.want {
			t.Errorf("the address of %s: got %q, want %q", tt.whose, got, tt.want)
		}
		if !bytes.Equal(key, unhex(t, tt.key)) {
			t.Fatal("addressOfKey changes the key that it's given")
		}
	}
}

// verified calls verify, which must leave what it's given as it is.
func verified(t *testing.T, pubKey, digest []byte, signature string) bool {
	t.Helper()
	// The key has room behind it, into which verify must not write either.
	room := append(slices.Clone(pubKey), 0xAA, 0xAA)
	key, text := room[:len(pubKey)], slices.Clone(digest)
	ok := attempt(t, fmt.Sprintf("verify of a key of %d bytes, a digest of %d and a signature of %d digits", len(pubKey), len(digest), len(signature)),
		func() bool { return verify(key, text, signature) })
	if !bytes.Equal(room, append(slices.Clone(pubKey), 0xAA, 0xAA)) || !bytes.Equal(text, digest) {
		t.Fatal("verify changes the key or the digest that it's given: it should only look")
	}
	return ok
}

func TestHole5_3VerifyAccepts(t *testing.T) {
	rng := rand.New(rand.NewSource(53))
	for i := range 60 {
		w := walletOf(fmt.Sprintf("somebody %d", i))
		digest := make([]byte, 20+12*(i%2))
		rng.Read(digest)
		if !verified(t, w.pubKey(), digest, w.sign(digest)) {
			t.Fatalf("a wallet signs a digest of %d bytes, %x, and verify says that it hasn't", len(digest), digest)
		}
	}

	tests := []struct{ name, key, digest, signature string }{
		{"one of the Python program's", "e12bf3cf1abe15ad8cf194d6f98c20f56e69bad3bf2fed50100bb446db628b34abdee619172f587bcccbc3ec1717197d362e40d2e379c625dcc2e9a41d1d1072",
			"ec6cd68a2a6f20dbfaa49ffd995f8f83e32ed496", "70e9553282a7a1a62c6e322bf4bc39d01f0371d87395282f18088ccbad65104a624d35e221b5341d0876efca945160329fd5dd6b6e3436fc2745d6ff7ea7bb59"},
		{"one of the Python program's, whose s is a large number", "e12bf3cf1abe15ad8cf194d6f98c20f56e69bad3bf2fed50100bb446db628b34abdee619172f587bcccbc3ec1717197d362e40d2e379c625dcc2e9a41d1d1072",
			"7644148676016bcc8e6524c02cf9319544fe14b5", "6b717c3d472dfb52fc9a30a7f872d76b1ef092f7effc20bb053991a5e414e00590e5df82531d2e8c464866da9cc30ea4b04bee7e96201e86ee4b6b4e518022d4"},
		{"one whose s is 7", "7e5ccd015578969febb42468f8d0be54c6b39331b7285d88040d5f0ba9606aa45358408af8a0c47fc50517b868f62f81a65381a1a08dd25d41bac887ff25658c",
			"4f6a54ec57e0bb19200595baa3ac37a2584f10dda4afc3a051ed0b1737a2bdc7", "f01d6b9018ab421dd410404cb869072065522bf85734008f105cf385a023a80f" + strings.Repeat("0", 63) + "7"},
		{"one whose r is 1", "5ceda3351d36475322620c609cc2d031a1dc27d20e27fd8f83f1c9693a8589f0cb46b3ba27fd423f35f5b901d7f0eea43f99365d44d81ad944c9e8ba93454a33",
			"65a673d6f649721788b0ec31fd9fa1f0f42821e5e6f3694c185cd119c43363da", strings.Repeat("0", 63) + "1" + "e59456176a5b6406337c2b9e52953052f6bbe84229064f0f095b7f58e7f61147"},
	}
	for _, tt := range tests {
		if !verified(t, unhex(t, tt.key), unhex(t, tt.digest), tt.signature) {
			t.Errorf("a good signature, %s, is refused", tt.name)
		}
	}
}

func TestHole5_3VerifyRefuses(t *testing.T) {
	rng := rand.New(rand.NewSource(54))
	for i := range 12 {
		w, other := walletOf(fmt.Sprintf("somebody %d", i)), walletOf("Mallory")
		digest := make([]byte, 20)
		rng.Read(digest)
		signature := w.sign(digest)

		if verified(t, other.pubKey(), digest, signature) {
			t.Fatal("verify accepts a signature that somebody else has made: what does it do with the key?")
		}
		if verified(t, w.pubKey(), digest, other.sign(digest)) {
			t.Fatal("verify accepts another person's signature of the same digest")
		}
		for at := range digest {
			changed := slices.Clone(digest)
			changed[at] ^= 1 << rng.Intn(8)
			if verified(t, w.pubKey(), changed, signature) {
				t.Fatalf("verify accepts a signature of another digest: byte %d of it is different", at)
			}
		}
		for at := range signature {
			changed := []byte(signature)
			changed[at] = "123456789abcdef0"[strings.IndexByte("0123456789abcdef", signature[at])]
			if verified(t, w.pubKey(), digest, string(changed)) {
				t.Fatalf("verify accepts a signature in which digit %d is wrong", at)
			}
		}
		if verified(t, w.pubKey(), digest, signature[64:]+signature[:64]) {
			t.Fatal("verify accepts a signature whose r and s have changed places")
		}
		if verified(t, w.pubKey(), append(slices.Clone(digest), 0), signature) {
			t.Fatal("verify accepts a signature of another digest: it has a zero behind it")
		}
	}
}

// negated returns the public key with the same X and the other Y.
func negated(pubKey []byte) []byte {
	front := byte(2)
	if pubKey[63]%2 == 0 {
		front = 3
	}
	key, err := secp256k1.ParsePubKey(append([]byte{front}, pubKey[:32]...))
	if err != nil {
		panic(err)
	}
	return key.SerializeUncompressed()[1:]
}

func TestHole5_3VerifyNoKey(t *testing.T) {
	for _, name := range people {
		w := walletOf(name)
		digest := []byte("a digest of 20 bytes")
		signature := w.sign(digest)
		key := w.pubKey()
		compressed := w.key.PubKey().SerializeCompressed()

		tests := []struct {
			name string
			key  []byte
		}{
			{"no bytes at all", nil},
			{"1 byte", []byte{4}},
			{"X alone, 32 bytes", key[:32]},
			{"63 bytes: the last is missing", key[:63]},
			{"65 bytes: there's one behind it", append(slices.Clone(key), 0)},
			{"65 bytes: there's a 04 in front", append([]byte{4}, key...)},
			{"33 bytes: Bitcoin's short form, 02 or 03 and X", compressed},
			{"Y, and then X", append(slices.Clone(key[32:]), key[:32]...)},
			{"X, and the Y of another point: it isn't on the curve", append(slices.Clone(key[:32]), walletOf("nobody").pubKey()[32:]...)},
			{"the right X, and the Y of its mirror image: another key", negated(key)},
			{"64 zeros", make([]byte, 64)},
			{"64 bytes 255", bytes.Repeat([]byte{255}, 64)},
		}
		for _, tt := range tests {
			if verified(t, tt.key, digest, signature) {
				t.Errorf("verify accepts a signature of %s's, with this for a public key: %s", name, tt.name)
			}
		}
	}
}

func TestHole5_3VerifyNoSignature(t *testing.T) {
	const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
	zero := strings.Repeat("0", 64)
	w := walletOf("Alice")
	digest := []byte("a digest of 20 bytes")
	signature := w.sign(digest)
	r, s := signature[:64], signature[64:]

	tests := []struct{ name, signature string }{
		{"no digits at all", ""},
		{"only r", r},
		{"127 digits: the last is missing", signature[:127]},
		{"126 digits: the last two are missing", signature[:126]},
		{"130 digits: there are two behind it", signature + "00"},
		{"130 digits: there are two in front", "00" + signature},
		{"192 digits: there are 64 behind it", signature + zero},
		{"130 digits: there are two between r and s", r + "00" + s},
		{"192 digits: there are 64 between r and s", r + zero + s},
		{"129 digits", signature + "0"},
		{"no hex: it ends with gg", signature[:126] + "gg"},
		{"no hex: there's gg behind it", signature + "gg"},
		{"no hex: there's a line break behind it", signature + "\n"},
		{"raw bytes, 64 of them, no hex", string(unhex(t, signature))},
		{"r is 0", zero + s},
		{"s is 0", r + zero},
		{"r and s are 0", zero + zero},
		{"r is the order of the curve", order + s},
		{"s is the order of the curve", r + order},
		{"all digits are f", strings.Repeat("f", 128)},
	}
	for _, tt := range tests {
		if verified(t, w.pubKey(), digest, tt.signature) {
			t.Errorf("verify accepts this for a signature: %s", tt.name)
		}
	}

	// The order plus 7 is 7 again, if one lets it wrap around.
	if verified(t, w.pubKey(), unhex(t, "4f6a54ec57e0bb19200595baa3ac37a2584f10dda4afc3a051ed0b1737a2bdc7"),
		"f01d6b9018ab421dd410404cb869072065522bf85734008f105cf385a023a80f"+order[:62]+"48") {
		t.Error("verify accepts a signature whose s is 7 more than the order of the curve: it must be below the order")
	}
	key := unhex(t, "5ceda3351d36475322620c609cc2d031a1dc27d20e27fd8f83f1c9693a8589f0cb46b3ba27fd423f35f5b901d7f0eea43f99365d44d81ad944c9e8ba93454a33")
	if verified(t, key, unhex(t, "65a673d6f649721788b0ec31fd9fa1f0f42821e5e6f3694c185cd119c43363da"),
		order[:62]+"42"+"e59456176a5b6406337c2b9e52953052f6bbe84229064f0f095b7f58e7f61147") {
		t.Error("verify accepts a signature whose r is 1 more than the order of the curve: it must be below the order")
	}
}

// copyTx returns a transaction that shares nothing with tx.
func copyTx(tx *Transaction) *Transaction {
	return &Transaction{TxID: tx.TxID, Vins: slices.Clone(tx.Vins), Vouts: slices.Clone(tx.Vouts)}
}

// alicePays is Alice's payment to Bob, not signed yet.
func alicePays() *Transaction {
	return &Transaction{
		Vins: []TXInput{{TxID: "a06c1c35c5b42fe344893948838df4dd71f26e64a5b9602470a8919a7ebcb6cd"}},
		Vouts: []TXOutput{
			{Value: 100, PubKeyHash: "1EMLhBb7Guyxwfi5E1zkgai8Vi1ZevfZWd"},
			{Value: 900, PubKeyHash: "12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P"},
		},
	}
}

// checkSigningText compares signing texts, and sees that the transaction stays.
func checkSigningText(t *testing.T, tx *Transaction, i int, address, want string) {
	t.Helper()
	before := copyTx(tx)
	call := fmt.Sprintf("signingText(%d, …) of a transaction with %d inputs", i, len(tx.Vins))
	got := attempt(t, call, func() string { return tx.signingText(i, address) })
	if !reflect.DeepEqual(tx, before) {
		t.Fatalf("%s changes the transaction: it should only write a text", call)
	}
	if got != want {
		at := 0
		for at < len(got) && at < len(want) && got[at] == want[at] {
			at++
		}
		t.Fatalf("%s is right up to byte %d, and no further:\n got %s\nwant %s", call, at, got, want)
	}
}

func TestHole5_4SigningText(t *testing.T) {
	checkSigningText(t, alicePays(), 0, "12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P",
		"{'txid': 'a06c1c35c5b42fe344893948838df4dd71f26e64a5b9602470a8919a7ebcb6cd', 'vout': 0, 'signature': None, 'pub_key': '12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P'}"+
			"{'value': 100, 'pub_key_hash': '1EMLhBb7Guyxwfi5E1zkgai8Vi1ZevfZWd'}{'value': 900, 'pub_key_hash': '12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P'}")
}

// Three inputs, so that there are some before, and some after.
func TestHole5_4SigningTextInputs(t *testing.T) {
	tx := &Transaction{
		Vins:  []TXInput{{TxID: "aa", Vout: 0}, {TxID: "bb", Vout: 7}, {TxID: "cc", Vout: 12}},
		Vouts: []TXOutput{{Value: 1, PubKeyHash: "Bob's"}, {Value: 23, PubKeyHash: "Carol's"}, {Value: 456, PubKeyHash: "Mia's"}},
	}
	const outputs = "{'value': 1, 'pub_key_hash': 'Bob's'}{'value': 23, 'pub_key_hash': 'Carol's'}{'value': 456, 'pub_key_hash': 'Mia's'}"
	wants := []string{
		"{'txid': 'aa', 'vout': 0, 'signature': None, 'pub_key': 'coin-0'}{'txid': 'bb', 'vout': 7, 'signature': '', 'pub_key': None}{'txid': 'cc', 'vout': 12, 'signature': '', 'pub_key': None}" + outputs,
		"{'txid': 'aa', 'vout': 0, 'signature': None, 'pub_key': None}{'txid': 'bb', 'vout': 7, 'signature': None, 'pub_key': 'coin-1'}{'txid': 'cc', 'vout': 12, 'signature': '', 'pub_key': None}" + outputs,
		"{'txid': 'aa', 'vout': 0, 'signature': None, 'pub_key': None}{'txid': 'bb', 'vout': 7, 'signature': None, 'pub_key': None}{'txid': 'cc', 'vout': 12, 'signature': None, 'pub_key': 'coin-2'}" + outputs,
	}
	for i, want := range wants {
		checkSigningText(t, tx, i, fmt.Sprintf("coin-%d", i), want)
	}

	// What stands in a transaction that is signed already makes no difference: how
	// else could anybody check it?
	signed := copyTx(tx)
	signed.TxID = strings.Repeat("e", 64)
	for i := range signed.Vins {
		signed.Vins[i].PubKey = strings.Repeat("f", 128)
		signed.Vins[i].Signature = strings.Repeat("1", 128)
	}
	for i, want := range wants {
		checkSigningText(t, signed, i, fmt.Sprintf("coin-%d", i), want)
	}

	// One of its outputs may be the only one, or there may be none.
	for n := range tx.Vouts {
		few := copyTx(tx)
		few.Vouts = few.Vouts[:n]
		for i, want := range wants {
			front := strings.TrimSuffix(want, outputs)
			checkSigningText(t, few, i, fmt.Sprintf("coin-%d", i), front+[]string{"", "{'value': 1, 'pub_key_hash': 'Bob's'}", "{'value': 1, 'pub_key_hash': 'Bob's'}{'value': 23, 'pub_key_hash': 'Carol's'}"}[n])
		}
	}
}

// unsigned returns a transaction with so many inputs and outputs.
func unsigned(inputs, outputs int) *Transaction {
	tx := &Transaction{TxID: "an old name"}
	for i := range inputs {
		tx.Vins = append(tx.Vins, TXInput{TxID: sha256Hex(fmt.Sprintf("coin %d", i)), Vout: i % 3})
	}
	for i := range outputs {
		tx.Vouts = append(tx.Vouts, TXOutput{Value: 10 + i, PubKeyHash: walletOf(people[i%len(people)]).address()})
	}
	return tx
}

// sign calls the transaction's sign.
func sign(t *testing.T, tx *Transaction, w Wallet) {
	t.Helper()
	attempt(t, fmt.Sprintf("sign of a transaction with %d inputs", len(tx.Vins)), func() struct{} {
		tx.sign(w)
		return struct{}{}
	})
}

func TestHole5_5SignAlices(t *testing.T) {
	tx := alicePays()
	sign(t, tx, walletOf("Alice"))
	const (
		name      = "eaff21533c839dff5833cfd6fc05348477cbeedec14934371149ac1ce51a7358"
		pubKey    = "7e5ccd015578969febb42468f8d0be54c6b39331b7285d88040d5f0ba9606aa45358408af8a0c47fc50517b868f62f81a65381a1a08dd25d41bac887ff25658c"
		signature = "4fa2299006e5e35fff122e7f7d319bb6d9650e64c66a440d8c7ab68c006289cf54896337095320ab3f1e856dd317deafd0f65bd35d5ed0302eff0eabaa1ee7c9"
	)
	if got := tx.Vins[0].PubKey; got != pubKey {
		t.Errorf("Alice signs her payment to Bob, and the public key in it is %q, want %q", got, pubKey)
	}
	if got := tx.Vins[0].Signature; got != signature {
		t.Errorf("Alice signs her payment to Bob, and the signature in it is %q, want %q", got, signature)
	}
	if tx.TxID != name {
		t.Errorf("Alice signs her payment to Bob, and its TxID is %q, want %q, which its id is once the key is in it", tx.TxID, name)
	}
}

func TestHole5_5Sign(t *testing.T) {
	for i, name := range people {
		for inputs := range 5 {
			w := walletOf(name)
			tx := unsigned(inputs, 1+i)
			if i%2 == 1 { // a second time, by the right one
				sign(t, tx, walletOf("nobody"))
			}
			before := copyTx(tx)
			sign(t, tx, w)

			for j, in := range tx.Vins {
				if want := hex.EncodeToString(w.pubKey()); in.PubKey != want {
					t.Fatalf("%s signs a transaction with %d inputs, and the public key in input %d is %q, want %q", name, inputs, j, in.PubKey, want)
				}
				if !verify(w.pubKey(), tx.digest(j, w.address()), in.Signature) {
					t.Fatalf("%s signs a transaction with %d inputs, and the signature in input %d isn't that of its digest: %q", name, inputs, j, in.Signature)
				}
			}
			if tx.TxID != tx.id() {
				t.Fatalf("%s signs a transaction with %d inputs, its TxID is %.8q, and its id is %.8q", name, inputs, tx.TxID, tx.id())
			}

			rest := copyTx(tx)
			rest.TxID = before.TxID
			for j := range min(len(rest.Vins), len(before.Vins)) {
				rest.Vins[j].PubKey, rest.Vins[j].Signature = before.Vins[j].PubKey, before.Vins[j].Signature
			}
			if !reflect.DeepEqual(rest, before) {
				t.Fatal("sign has changed something else than public keys, signatures and the name")
			}
		}
	}
}

// checkOne calls checkInput, which must leave the transaction as it is.
func checkOne(t *testing.T, tx *Transaction, i int, c Coin) error {
	t.Helper()
	before := copyTx(tx)
	err := attempt(t, fmt.Sprintf("checkInput(%d, …) of a transaction with %d inputs", i, len(tx.Vins)), func() error { return tx.checkInput(i, c) })
	if !reflect.DeepEqual(tx, before) {
		t.Fatal("checkInput changes the transaction: it should only look")
	}
	return err
}

// coinFor is the coin that input i spends, if it's somebody's.
func coinFor(tx *Transaction, i int, address string) Coin {
	return Coin{OutPoint{tx.Vins[i].TxID, tx.Vins[i].Vout}, TXOutput{Value: 1000, PubKeyHash: address}}
}

func TestHole5_6CheckInputAccepts(t *testing.T) {
	for _, name := range people {
		w := walletOf(name)
		for inputs := 1; inputs < 5; inputs++ {
			tx := unsigned(inputs, 2)
			tx.sign(w)
			for i := range inputs {
				if err := checkOne(t, tx, i, coinFor(tx, i, w.address())); err != nil {
					t.Errorf("%s signs a transaction with %d inputs, and input %d is refused: %v", name, inputs, i, err)
				}
			}
		}
	}

	// Each input has an owner of its own.
	tx := unsigned(len(people), 3)
	for i, name := range people {
		tx.Vins[i].PubKey = hex.EncodeToString(walletOf(name).pubKey())
		tx.Vins[i].Signature = walletOf(name).sign(tx.digest(i, walletOf(name).address()))
	}
	for i, name := range people {
		if err := checkOne(t, tx, i, coinFor(tx, i, walletOf(name).address())); err != nil {
			t.Errorf("a transaction spends coins of five people, and each has signed their own input; input %d is refused: %v", i, err)
		}
	}

	// Somebody else's input may be wrong: this one isn't.
	tx.Vins[0].PubKey, tx.Vins[1].Signature = "", ""
	if err := checkOne(t, tx, 2, coinFor(tx, 2, walletOf(people[2]).address())); err != nil {
		t.Errorf("input 2 is right, inputs 0 and 1 aren't; checkInput is asked for 2 alone, and refuses it: %v", err)
	}
}

func TestHole5_6CheckInputRefuses(t *testing.T) {
	alice, mallory := walletOf("Alice"), walletOf("Mallory")
	show := func(tx *Transaction, i int, w Wallet) { tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey()) }
	sign := func(tx *Transaction, i int, w Wallet, address string) {
		tx.Vins[i].Signature = w.sign(tx.digest(i, address))
	}
	resign := func(tx *Transaction, i int) { sign(tx, i, alice, alice.address()) }

	tests := []struct {
		name  string
		spoil func(tx *Transaction, i int, c *Coin)
	}{
		{"Mallory spends Alice's coin with her own key and her own signature", func(tx *Transaction, i int, c *Coin) {
			show(tx, i, mallory)
			sign(tx, i, mallory, mallory.address())
		}},
		{"the same, but what Mallory signs has Alice's address in it", func(tx *Transaction, i int, c *Coin) {
			show(tx, i, mallory)
			sign(tx, i, mallory, alice.address())
		}},
		{"Mallory shows Alice's key, and signs with her own", func(tx *Transaction, i int, c *Coin) { sign(tx, i, mallory, alice.address()) }},
		{"Mallory shows her own key, and Alice's signature", func(tx *Transaction, i int, c *Coin) { show(tx, i, mallory) }},
		{"the coin is somebody else's, and Alice signs", func(tx *Transaction, i int, c *Coin) { c.PubKeyHash = walletOf("Bob").address() }},
		{"the coin is somebody else's, and Alice signs a text with that address in it", func(tx *Transaction, i int, c *Coin) {
			c.PubKeyHash = walletOf("Bob").address()
			sign(tx, i, alice, c.PubKeyHash)
		}},
		{"the coin's address begins like Alice's, and is another one", func(tx *Transaction, i int, c *Coin) {
			c.PubKeyHash = c.PubKeyHash[:33] + "Q"
			sign(tx, i, alice, c.PubKeyHash)
		}},
		{"the coin's address is Alice's, in small letters", func(tx *Transaction, i int, c *Coin) {
			c.PubKeyHash = strings.ToLower(c.PubKeyHash)
			sign(tx, i, alice, c.PubKeyHash)
		}},
		{"the coin's address is the word Alice", func(tx *Transaction, i int, c *Coin) {
			c.PubKeyHash = "Alice"
			sign(tx, i, alice, c.PubKeyHash)
		}},
		{"the coin has no address", func(tx *Transaction, i int, c *Coin) {
			c.PubKeyHash = ""
			sign(tx, i, alice, "")
		}},
		{"Alice has signed, and then the first output went to Mallory", func(tx *Transaction, i int, c *Coin) { tx.Vouts[0].PubKeyHash = mallory.address() }},
		{"Alice has signed, and then the last output went to Mallory", func(tx *Transaction, i int, c *Coin) {
			tx.Vouts[len(tx.Vouts)-1].PubKeyHash = mallory.address()
		}},
		{"Alice has signed, and then the first output grew by 1", func(tx *Transaction, i int, c *Coin) { tx.Vouts[0].Value++ }},
		{"Alice has signed, and then an output was added", func(tx *Transaction, i int, c *Coin) {
			tx.Vouts = append(tx.Vouts, TXOutput{Value: 1, PubKeyHash: mallory.address()})
		}},
		{"Alice has signed, and then the last output was taken away", func(tx *Transaction, i int, c *Coin) { tx.Vouts = tx.Vouts[:len(tx.Vouts)-1] }},
		{"Alice has signed, and then this input named another coin of hers", func(tx *Transaction, i int, c *Coin) { tx.Vins[i].Vout++ }},
		{"Alice has signed, and then an input was added", func(tx *Transaction, i int, c *Coin) {
			tx.Vins = append(tx.Vins, TXInput{TxID: sha256Hex("one more coin"), PubKey: tx.Vins[0].PubKey, Signature: tx.Vins[0].Signature})
		}},
		{"the signature is that of another payment", func(tx *Transaction, i int, c *Coin) {
			other := copyTx(tx)
			other.Vouts[0].Value++
			resign(other, i)
			tx.Vins[i].Signature = other.Vins[i].Signature
		}},
		{"the signature is that of the next input", func(tx *Transaction, i int, c *Coin) {
			tx.Vins[i].Signature = tx.Vins[(i+1)%len(tx.Vins)].Signature
		}},
		{"the last digit of the signature is wrong", func(tx *Transaction, i int, c *Coin) {
			tx.Vins[i].Signature = otherEnd(tx.Vins[i].Signature)
		}},
		{"there's no signature", func(tx *Transaction, i int, c *Coin) { tx.Vins[i].Signature = "" }},
		{"there's no public key", func(tx *Transaction, i int, c *Coin) { tx.Vins[i].PubKey = "" }},
		{"the public key isn't hex, but the word Alice", func(tx *Transaction, i int, c *Coin) { tx.Vins[i].PubKey = "Alice" }},
		{"the public key is Alice's, with zz behind it", func(tx *Transaction, i int, c *Coin) { tx.Vins[i].PubKey += "zz" }},
		{"the public key is Alice's, with a single digit behind it", func(tx *Transaction, i int, c *Coin) { tx.Vins[i].PubKey += "0" }},
		{"the public key is Alice's, with 04 in front", func(tx *Transaction, i int, c *Coin) { tx.Vins[i].PubKey = "04" + tx.Vins[i].PubKey }},
		{"the public key is Alice's address", func(tx *Transaction, i int, c *Coin) { tx.Vins[i].PubKey = alice.address() }},
		{"the coin's address is that of no bytes, and there's neither key nor signature", func(tx *Transaction, i int, c *Coin) {
			c.PubKeyHash, tx.Vins[i].PubKey, tx.Vins[i].Signature = addressOfKey(nil), "", ""
		}},
		{"the key that fits the coin's address is no point of the curve", func(tx *Transaction, i int, c *Coin) {
			key := bytes.Repeat([]byte{1}, 64)
			c.PubKeyHash, tx.Vins[i].PubKey = addressOfKey(key), hex.EncodeToString(key)
			sign(tx, i, mallory, c.PubKeyHash)
		}},
	}
	for _, tt := range tests {
		for inputs := 2; inputs < 5; inputs++ {
			for i := range inputs {
				tx := unsigned(inputs, 2)
				tx.sign(alice)
				c := coinFor(tx, i, alice.address())
				tt.spoil(tx, i, &c)
				tx.TxID = tx.id()
				if checkOne(t, tx, i, c) == nil {
					t.Fatalf("%s: checkInput should refuse input %d (of %d)", tt.name, i, inputs)
				}
			}
		}
	}
}

// otherEnd returns a text of hex digits that differs in the last one.
func otherEnd(text string) string {
	if strings.HasSuffix(text, "0") {
		return text[:len(text)-1] + "1"
	}
	return text[:len(text)-1] + "0"
}
