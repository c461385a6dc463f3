package main

import (
	"context"
	"errors"

	"gosimpleblockchain/view"
)

// The rules, for a reader who wants to see each of them hold. They are checked by
// the functions that check what peers send; this file only names them.

// A rule is one sentence of what makes a block or a transaction valid.
type rule struct {
	name   string  // of the first of errs
	errs   []error // by which a check says that it is broken
	text   view.Words
	exempt bool // it does not apply here
}

// A ruleCheck is a function that checks rules. With an error, one is broken; of
// the others nothing is known, since they are checked input by input.
type ruleCheck struct {
	rules []rule
	check func() error
}

// judge makes checks until one fails.
func judge(checks ...ruleCheck) (verdicts []view.Rule) {
	failed := false
	for _, c := range checks {
		state, broken, why := view.RuleUnchecked, -1, ""
		if !failed {
			err := c.check()
			if err == nil {
				state = view.RuleHolds
			} else {
				failed = true
				broken, why = brokenRule(c.rules, err), err.Error()
			}
		}

		for i, r := range c.rules {
			v := view.Rule{Name: r.name, Text: r.text, State: state}
			if i == broken {
				v.State, v.Why = view.RuleBroken, why
			}
			if !r.exempt {
				verdicts = append(verdicts, v)
			}
		}
	}
	return verdicts
}

// brokenRule returns the index of the rule that an error says is broken, or -1
// if it says something else: that the check was called off, say.
func brokenRule(rules []rule, err error) int {
	for i, r := range rules {
		for _, e := range r.errs {
			if errors.Is(err, e) {
				return i
			}
		}
	}
	return -1
}

// blockRules checks a block anew. The coins are those that stood before it; place
// checks that it stands on its parent.
func blockRules(b *Block, header func() error, place, coins ruleCheck) []view.Rule {
	ctx := context.Background()
	genesis, alone := b.Header.Height == 0, len(b.Transactions) == 1
	return judge(
		ruleCheck{[]rule{
			{name: "ErrMagic", errs: []error{ErrMagic}, text: view.Words{
				EN: "it opens with the magic number 3166485692",
				ZH: "以魔数 3166485692 开头"}},
			{name: "ErrMalformed", errs: []error{ErrMalformed}, text: view.Words{
				EN: "each field of its header has the right form",
				ZH: "区块头的每个字段格式正确"}},
			{name: "ErrTimestamp", errs: []error{ErrTimestamp}, text: view.Words{
				EN: "its time is a number, at most 2 hours ahead of our clock",
				ZH: "时间戳是数字，且不超前本机时钟两小时"}},
			{name: "ErrHash", errs: []error{ErrHash}, text: view.Words{
				EN: "its hash is the SHA-256 of its header",
				ZH: "哈希就是区块头的 SHA-256"}},
			{name: "ErrWork", errs: []error{ErrWork}, exempt: genesis, text: view.Words{
				EN: "its work hash begins with 4 zero bits",
				ZH: "工作哈希以 4 个零比特开头"}},
		}, header},
		ruleCheck{[]rule{
			{name: "ErrBlockSize", errs: []error{ErrNoTxs, ErrBlockSize}, text: view.Words{
				EN: "it has 1 to 10,000 transactions, and at most 1 MiB of JSON",
				ZH: "包含 1 到 10000 笔交易，JSON 不超过 1 MiB"}},
			{name: "ErrTxID", errs: formErrors, text: view.Words{
				EN: "each transaction has the right form, and the txid of its content",
				ZH: "每笔交易格式正确，txid 与内容相符"}},
			{name: "ErrCoinbase", errs: []error{ErrCoinbase}, text: view.Words{
				EN: "the first transaction, and no other, is a coinbase of at most 1000 coins",
				ZH: "只有第一笔是 coinbase 交易，且不超过 1000 个币"}},
			{name: "ErrDuplicateTx", errs: []error{ErrDuplicateTx}, text: view.Words{
				EN: "no transaction stands in it twice",
				ZH: "同一笔交易不出现两次"}},
			{name: "ErrMerkleRoot", errs: []error{ErrMerkleRoot}, text: view.Words{
				EN: "its Merkle root is that of its transactions",
				ZH: "默克尔根与交易相符"}},
		}, func() error { return b.checkTransactions(ctx) }},
		signatureRule(alone, b.Transactions),
		place,
		coins)
}

// formErrors are those of [Transaction.checkForm].
var formErrors = []error{ErrMalformed, ErrEmptyTx, ErrDuplicateInput, ErrValue, ErrAddress, ErrChecksum, ErrTxID}

func placeRule(genesis bool, check func() error) ruleCheck {
	return ruleCheck{[]rule{
		{name: "ErrParent", errs: []error{ErrParent, ErrNoBlock}, exempt: genesis, text: view.Words{
			EN: "it stands on the block before it, one higher",
			ZH: "接在前一个区块之后，高度加一"}},
	}, check}
}

func signatureRule(exempt bool, txs []*Transaction) ruleCheck {
	return ruleCheck{[]rule{
		{name: "ErrSignature", errs: []error{ErrSignature, ErrPubKey}, exempt: exempt, text: view.Words{
			EN: "each input is signed with the key that it shows",
			ZH: "每个输入的签名都与它出示的公钥相符"}},
	}, func() error { return verifySignatures(context.Background(), txs) }}
}

// coinRules are those that need the coins. A coinbase spends none.
func coinRules(coinbase bool, check func() error) ruleCheck {
	return ruleCheck{[]rule{
		{name: "ErrNoCoin", errs: []error{ErrNoCoin, ErrSpent}, exempt: coinbase, text: view.Words{
			EN: "each coin that it spends exists, and is not spent yet",
			ZH: "花的每枚币都存在，而且还没花掉"}},
		{name: "ErrNotOwner", errs: []error{ErrNotOwner, ErrPubKey}, exempt: coinbase, text: view.Words{
			EN: "each key belongs to the address that owns the coin",
			ZH: "每个公钥都属于币的主人的地址"}},
		{name: "ErrOverspend", errs: []error{ErrOverspend}, exempt: coinbase, text: view.Words{
			EN: "it pays no more than it spends",
			ZH: "输出总额不超过输入总额"}},
		{name: "ErrTxIDInUse", errs: []error{ErrTxIDInUse}, text: view.Words{
			EN: "no unspent coin stands under its txid yet",
			ZH: "同一 txid 下没有还没花掉的旧币"}},
	}, check}
}

// txRules checks a transaction anew, its coins by check.
func txRules(tx *Transaction, check func() error) []view.Rule {
	coinbase := tx.IsCoinbase()
	return judge(
		ruleCheck{[]rule{
			{name: "ErrMalformed", errs: []error{ErrMalformed, ErrEmptyTx}, text: view.Words{
				EN: "each field has the right form, and there are inputs and outputs",
				ZH: "每个字段格式正确，输入和输出都有"}},
			{name: "ErrCoinbase", errs: []error{ErrCoinbase}, exempt: !coinbase, text: view.Words{
				EN: "it pays at most 1000 coins, which it makes",
				ZH: "最多产生 1000 个新币"}},
			{name: "ErrDuplicateInput", errs: []error{ErrDuplicateInput}, exempt: coinbase, text: view.Words{
				EN: "it spends no coin twice",
				ZH: "没有一枚币花两次"}},
			{name: "ErrValue", errs: []error{ErrValue}, text: view.Words{
				EN: "each output has a value of 1 coin or more",
				ZH: "每个输出至少 1 个币"}},
			{name: "ErrAddress", errs: []error{ErrAddress, ErrChecksum}, text: view.Words{
				EN: "each output pays to an address whose checksum is right",
				ZH: "每个输出的地址校验和正确"}},
			{name: "ErrTxID", errs: []error{ErrTxID}, text: view.Words{
				EN: "its txid is the SHA-256 of its inputs and outputs",
				ZH: "txid 是输入和输出的 SHA-256"}},
		}, tx.checkForm},
		signatureRule(coinbase, []*Transaction{tx}),
		coinRules(coinbase, check))
}
