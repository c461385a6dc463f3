package browser

import (
	"fmt"
	"testing"
)

// A payment may have ten thousand coins, and a peer may pool hundreds of such
// payments, or more. The page shows some, and says how many more there are.
func TestLargePayments(t *testing.T) {
	n := startNode(t)
	p := open(t, n.page)
	p.await("status", `document.querySelector('[data-testid="status-height"]')`)
	const large = `(() => {
		const address = "1LYHea8NjTxaYboXJbR7LemvUZjyQc839r", txid = "ab".repeat(32);
		const inputs = Array.from({ length: 3000 }, (_, vout) => ({ txid, vout, owner: address, owner_name: "", value: 1, signature: "aa", pub_key: "bb" }));
		const outputs = Array.from({ length: 10000 }, () => ({ address, name: "", value: 1 }));
		return { txid, inputs, outputs, rules: [], state: "pool", waits: "", leaf_text: JSON.stringify(outputs) };
	})()`
	for _, tt := range []struct{ name, drawn, text string }{
		{"flow", `(await import("/static/flow.js")).flow(%s)`, "and 9,980 more"},
		{"tx", `(await import("/static/tx.js")).txDetail(%s, "", null)`, "and 9,980 more"},
		{"address", `(await import("/static/address.js")).addressDetail({ address: "1", name: "", balance: 1, omitted: 0, changes: [{ height: 1, timestamp: "1", got: 1, paid: 0, after: 1, txids: Array(5000).fill(%s.txid) }] }, "")`, "and 4,980 more"},
		{"pool", `(await import("/static/pool.js")).showPool({ pool: Array(200).fill(%s), omitted: 100 }, { pool_size: 2, flags: "" }) ?? document.getElementById("pool")`, "and 250 more"},
	} {
		got := eval[string](p, fmt.Sprintf(`(async () => {
			const drawn = %s;
			const elements = drawn.querySelectorAll("*").length;
			return elements > 1500 ? elements + " elements" : drawn.textContent.includes(%q) ? "" : drawn.textContent;
		})()`, fmt.Sprintf(tt.drawn, large), tt.text))
		if got != "" {
			t.Errorf("%s: got %s, want at most 1500 elements and %q", tt.name, got, tt.text)
		}
	}
}

// A coin is spent or unspent once a block of the chain makes it: what waits,
// is dropped or stands beside the chain has paid nobody.
func TestUnmadeCoins(t *testing.T) {
	n := startNode(t)
	p := open(t, n.page)
	for _, state := range []string{"block", "pool", "dropped", "branch"} {
		got := eval[bool](p, fmt.Sprintf(`(async () => (await import("/static/tx.js")).txDetail({ txid: "ab".repeat(32), state: %q, height: 1,
			block_hash: "cd".repeat(32), inputs: [], outputs: [{ address: "1", name: "bob", value: 1 }] }, "", null).textContent.includes("unspent"))()`, state))
		if want := state == "block"; got != want {
			t.Errorf("a coin of a payment in state %q is shown as unspent: %v, want %v", state, got, want)
		}
	}
}

// A name may consist of the digits of a hash.
func TestFindName(t *testing.T) {
	n := startNode(t)
	n.run("genesis_block", "-name", "decade")
	p := open(t, n.page)
	p.await("status", `document.querySelector('[data-testid="status-height"]')`)
	p.letFail("/api/") // it is no block, and no transaction
	p.find("decade")
	p.awaitText(`[data-testid="address-detail"] h2`, "decade")
}
