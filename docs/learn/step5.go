package main

// step5 are the holes of chapter 5, keys and signatures.
var step5 = []hole{
	{ID: "5.1", Func: "hash160", Title: "Hash a key twice",
		Task: "Return the RIPEMD-160 of the SHA-256 of some bytes, of any length: 20 bytes. " +
			"It's what an address is made of.",
		Nudge: "Both hash bytes, not hex digits. Which of the two comes first?",
		Idea: "sha256.Sum256 gives you an array of 32 bytes. Package ripemd160 has New, which gives you something to Write those bytes to (all of the array: sum[:]), " +
			"and which then hands out its Sum. Sum appends to what it's given, so give it nil."},
	{ID: "5.2", Func: "addressOfKey", Title: "An address",
		Task: "Return the address of a public key: its hash160 in Base58Check, with version 0. " +
			"The package base58 does the second half.",
		Nudge: "Look at the functions of github.com/btcsuite/btcutil/base58: `go doc` lists them. One of them adds the version and the checksum by itself.",
		Idea:  "Encode is plain Base58; CheckEncode is Base58Check. It wants the bytes, and then the version. No hex anywhere."},
	{ID: "5.3", Func: "verify", Title: "Is the signature right?",
		Task: "Report whether a signature, 128 hex digits, is that of a digest, by the private key that belongs to a public key (X and Y, 64 bytes). " +
			"Strangers send these: for whatever isn't a public key, or isn't a signature, the answer is false. Don't change what you're given.",
		Nudge: "It's Wallet.sign, backwards: from hex to bytes, from bytes to two numbers. What if a stranger sends fewer digits than that, or more, or a number that's too large?",
		Idea: "secp256k1.ParsePubKey reads a key of 65 bytes that begins with 4, and says no if it isn't on the curve. A secp256k1.ModNScalar is a number below the order: " +
			"SetByteSlice fills it, and returns true if what you gave it was too large. ecdsa.NewSignature takes r and s; what it makes has a method Verify."},
	{ID: "5.4", Func: "Transaction.signingText", Title: "What is signed",
		Task: "Write the text that the owner of input i's coin signs: the dicts of all inputs, then of all outputs. In input i the public key is the coin's address, in quotes; " +
			"in the others it's None. The signature is None in the inputs up to i, itself included, and '' in those after it.",
		Nudge: "Look at id, which writes nearly the same text. dict wants both as Python prints them: None has no quotes, an address has some.",
		Idea: "A loop over the inputs with their index j, and two variables, each of which is \"None\" at first. If j is beyond i the one becomes two single quotes; " +
			"if j is i the other becomes the address, between single quotes. Nothing of what stands in the input's own PubKey and Signature is used."},
	{ID: "5.5", Func: "Transaction.sign", Title: "Sign it",
		Task: "Put into each input the wallet's public key, in hex, and the wallet's signature of that input's digest, for the wallet's address. " +
			"Whatever stood there before is replaced. Then give the transaction its name.",
		Nudge: "Does the name depend on the keys, on the signatures, or on neither? And Vins holds values: what does a range loop's second variable hold?",
		Idea: "Loop over the indexes, and set fields of tx.Vins[i]. Each input has a digest of its own, so each gets a signature of its own; Wallet.sign gives you the hex of it, " +
			"and for the key there's hex.EncodeToString. After the loop, not before, TxID is what id returns."},
	{ID: "5.6", Func: "Transaction.checkInput", Title: "The two questions",
		Task: "Return an error unless input i may spend the coin c. Does the public key in it hash to the coin's address? Has this key signed this transaction? " +
			"Only input i is asked. Change nothing: only look.",
		Nudge: "Mallory may show any key, and sign with any key. Which of the two questions stops her if she shows her own, and which if she shows Alice's?",
		Idea: "Decode the hex of PubKey, and don't go on if that fails. Compare addressOfKey with the coin's PubKeyHash, whole texts. " +
			"Then verify, with the digest of input i for the coin's address, and the input's Signature."},

	{ID: "5.7", Func: "mend", Title: "What did you mean?", Challenge: true,
		Task: "A mistyped address is noticed. Can you also find out what was meant? Return the text itself if it's an address, or else the one address that differs from it in a single character, " +
			"or else errNoAddress. Texts may come from strangers, and be as long as they like.",
		Nudge: "How many texts are there that differ from an address in one character? Few enough to try them all. And what does Base58 cost for a text of a million characters?",
		Idea: "For each place and each of the 58 characters, make the text with that character there, and ask checkAddress. By accident one in four billion passes. " +
			"Refuse what has more than 34 characters before anything else, and put each character back before you go to the next place. Work on runes: an é is one character, but two bytes."},
	{ID: "5.8", Func: "bitcoinAddress", Title: "Your address in Bitcoin", Challenge: true,
		Task: "Return the address that a Bitcoin wallet would show for the same private key. The difference is what is hashed: " +
			"a byte that says whether Y is even (2) or odd (3), and X. Why is that enough?",
		Nudge: "For each X the curve has two points, one above and one below the line in the middle. So does every key begin with the same byte? Alice's Y is even, Carol's isn't.",
		Idea:  "The key's PubKey has a method that writes this form: look at `go doc github.com/decred/dcrd/dcrec/secp256k1/v4.PublicKey`. addressOfKey will do the rest, since it hashes what it's given."},
	{ID: "5.9", Func: "vanity", Title: "A name in the address", Challenge: true,
		Task: "Draw private keys, limit at most, until one has an address that begins with the prefix. Return its wallet, and its address. " +
			"Say errNoPrefix at once if no address can begin like that, and errGivenUp if the keys are used up.",
		Nudge: "Whose address do you return, and whose wallet: of the same key? Somebody will send coins there. And how would somebody else guess the key, if you drew it with math/rand?",
		Idea: "secp256k1.GeneratePrivateKey draws one from the operating system. Each goes into a Wallet, of which you take the address, and compare its beginning. " +
			"Before the loop look at the prefix: every character must be one of alphabet, the first a 1, and there may be 34."},
}
