package view

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"time"
)

// How much one answer holds.
const (
	maxRows      = 200    // heights of a chain
	maxTxs       = 200    // transactions of a block
	maxChanges   = 500    // of a balance
	maxPooled    = 200    // payments that wait
	maxPoolCoins = 10_000 // inputs and outputs of these
	usualRows    = 50
	usualChanges = 50
)

// contentTypes are those of the page's files. (Package mime asks the system,
// and some say that JavaScript is plain text.)
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".png":  "image/png",
}

// file answers with a file of the page. The browser keeps it, and asks each time
// whether it is still the same.
func (s *site) file(w http.ResponseWriter, r *http.Request, name string) {
	content, err := static.ReadFile("static/" + name) // there is no way out of it
	if err != nil {
		refuse(w, http.StatusNotFound, "there is nothing at "+r.URL.Path)
		return
	}

	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", contentTypes[path.Ext(name)])
	h.Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(content)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func (s *server) status(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, http.StatusServiceUnavailable, "status", func() (any, error) {
		status, err := s.node.Status()
		status.Bootstrap = listed(status.Bootstrap)
		return status, err
	})
}

func (s *server) chain(w http.ResponseWriter, r *http.Request) {
	q := parseQuery(r)
	highest := q.number("highest", -1, 1<<31-1, -1)
	count := q.number("count", 1, maxRows, usualRows)
	if q.err != nil {
		refuse(w, http.StatusBadRequest, q.err.Error())
		return
	}

	s.answer(w, r, http.StatusServiceUnavailable, fmt.Sprintf("chain %d %d", highest, count), func() (any, error) {
		chain, err := s.node.Chain(highest, count)
		chain.Blocks = listed(chain.Blocks)
		return chain, err
	})
}

func (s *server) block(w http.ResponseWriter, r *http.Request) {
	ref := r.PathValue("ref")
	q := parseQuery(r)
	first := q.number("tx", 0, 1<<31-1, 0)
	if q.err != nil {
		refuse(w, http.StatusBadRequest, q.err.Error())
		return
	}

	s.answer(w, r, http.StatusNotFound, fmt.Sprintf("block %d %s", first, ref), func() (any, error) {
		block, err := s.node.Block(ref)
		if len(block.Transactions) > maxTxs { // the tree of so many is of no use
			block.Merkle, block.LeafTexts = nil, nil
		}

		first := min(first, len(block.Transactions))
		last := min(first+maxTxs, len(block.Transactions))
		block.Transactions = listed(block.Transactions[first:last])
		return block, err
	})
}

func (s *server) tx(w http.ResponseWriter, r *http.Request) {
	txid := r.PathValue("txid")
	s.answer(w, r, http.StatusNotFound, "tx "+txid, func() (any, error) {
		return s.node.Tx(txid)
	})
}

func (s *server) history(w http.ResponseWriter, r *http.Request) {
	address := r.PathValue("address")
	q := parseQuery(r)
	count := q.number("count", 1, maxChanges, usualChanges)
	if q.err != nil {
		refuse(w, http.StatusBadRequest, q.err.Error())
		return
	}

	s.answer(w, r, http.StatusNotFound, fmt.Sprintf("history %d %s", count, address), func() (any, error) {
		history, err := s.node.History(address, count)
		history.Changes = listed(history.Changes)
		return history, err
	})
}

func (s *server) wallets(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, http.StatusServiceUnavailable, "wallets", func() (any, error) {
		wallets, err := s.node.Wallets()
		return map[string]any{"wallets": listed(wallets)}, err
	})
}

func (s *server) pool(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, http.StatusServiceUnavailable, "pool", func() (any, error) {
		txs, err := s.node.Pool()
		shown, omitted := firstPayments(txs)
		return map[string]any{"pool": listed(shown), "omitted": omitted}, err
	})
}

// firstPayments returns as many of the payments in the pool as a page can use,
// and how many more there are. Peers may have filled it with tens of megabytes,
// and a page asks for it whenever something comes in.
func firstPayments(txs []PoolTx) (shown []PoolTx, omitted int) {
	coins := 0
	for i, tx := range txs {
		coins += len(tx.Inputs) + len(tx.Outputs)
		if i > 0 && (i == maxPooled || coins > maxPoolCoins) {
			return txs[:i], len(txs) - i
		}
	}
	return txs, 0
}

func (s *server) peers(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, http.StatusServiceUnavailable, "peers", func() (any, error) {
		peers, err := s.node.Peers()
		return map[string]any{"peers": listed(peers)}, err
	})
}

func (s *server) table(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, http.StatusServiceUnavailable, "table", func() (any, error) {
		table, err := s.node.Table()
		table.Contacts = listed(table.Contacts)
		return table, err
	})
}

// listed returns a list that is [] in JSON when it is empty, not null.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// answer asks the node, unless somebody else just does by the same key, and
// answers with what it says; its error is the sentence of an answer of status
// failed.
func (s *server) answer(w http.ResponseWriter, r *http.Request, failed int, key string, ask func() (any, error)) {
	body, err := s.questions.ask(r.Context(), key, func() ([]byte, error) {
		said, err := ask()
		if err != nil {
			return nil, err
		}
		return json.Marshal(said) // with < > & as \u003c …
	})
	if err != nil {
		refuse(w, failed, err.Error())
		return
	}
	reply(w, http.StatusOK, body)
}

// refuse answers with a sentence that says why there is no other answer.
func refuse(w http.ResponseWriter, status int, sentence string) {
	body, _ := json.Marshal(map[string]string{"error": sentence})
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1") // second
	}
	reply(w, status, body)
}

// reply writes JSON, which a browser takes for nothing else.
func reply(w http.ResponseWriter, status int, body []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience)) // not known to a test's recorder

	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // whoever asked may be gone
}

// A query is what stands after the question mark of a URL. It keeps its first
// error.
type query struct {
	values url.Values
	err    error
}

func parseQuery(r *http.Request) *query {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		err = fmt.Errorf("what stands after the ? is not name=value&name=value")
	}
	return &query{values, err}
}

// number returns a number from lowest to highest, or the usual one if the query
// names none or has an error.
func (q *query) number(name string, lowest, highest, usual int) int {
	if q.err != nil || !q.values.Has(name) {
		return usual
	}
	text := q.values.Get(name)

	n, err := strconv.Atoi(text)
	if err != nil || n < lowest || n > highest {
		q.err = fmt.Errorf("%s is %.20q: give a whole number from %d to %d", name, text, lowest, highest)
		return usual
	}
	return n
}
