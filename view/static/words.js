// The words of the pages in English and Chinese, each in one place.

/** @type {Record<string, [string, string]>} "{n block}" is "1 block" or "2 blocks" */
const WORDS = {
  skip: ["Skip to the chain", "跳到链"],
  live: ["live", "实时"],
  connecting: ["connecting", "连接中"],
  gone: ["the node is gone", "节点已断开"],
  gone_hint: ["The node does not answer. Start it again, in its directory: ", "节点没有应答。请在其目录中重新启动："],
  gone_since: [" This page then follows it by itself.", " 之后本页会自动跟上。"],
  other_language: ["中文", "English"],
  theme_auto: ["Theme: system", "主题：系统"],
  theme_light: ["Theme: light", "主题：浅色"],
  theme_dark: ["Theme: dark", "主题：深色"],
  find: ["Go", "前往"],
  find_label: ["Height, hash, txid, address or name", "高度、哈希、txid、地址或名字"],
  find_hint: ["height, hash or address", "高度、哈希或地址"],
  command_is: ["The command for this: {command}", "同样内容的命令：{command}"],
  close: ["Close", "关闭"],
  detail: ["What is open", "打开的内容"],
  loading: ["Asking the node …", "正在询问节点……"],

  height: ["Height", "高度"],
  tip: ["Tip", "链顶"],
  peers_in_step: ["Peers in step", "已同步的节点"],
  of: ["{a} of {b}", "{a} / {b}"],
  coins: ["Coins", "币"],
  none: ["none", "无"],

  chain: ["Chain", "链"],
  chain_label: ["The chain: left and right arrow keys walk through it, Home and End go to its ends", "链：左右方向键逐块移动，Home 与 End 到两端"],
  chain_note: ["Each block names the hash of the one before it.", "每个区块都写着前一个区块的哈希。"],
  chain_omitted: ["{n block} beside the chain not shown.", "另有 {n} 个链外区块未显示。"],
  latest: ["Latest block →", "最新区块 →"],
  next_block: ["Next block", "下一个区块"],
  next_missing: ["mined once {n more payment} {n wait|waits|wait}", "再有 {n} 笔付款就开挖"],
  next_now: ["being mined", "正在挖"],
  new_block: ["New tip: block {height}, {hash}", "新的链顶：区块 {height}，{hash}"],
  no_chain: ["No chain yet", "还没有链"],
  no_chain_say: ["Start one: block 0 gives the first coins to a new wallet.", "创建一条：区块 0 把最初的币给一个新钱包。"],
  no_chain_join: ["Or join a node that has one:", "或加入已有链的节点："],
  payments: ["{n payment}", "{n} 笔付款"],
  transactions: ["{n transaction}", "{n} 笔交易"],
  no_payments: ["no payments", "没有付款"],
  mined_by: ["mined by", "矿工"],
  made_by: ["made by", "创建者"],
  beside: ["beside the chain", "在链外"],
  block_label: ["Block {height}, {hash}, {txs}, {miner}, {state}", "区块 {height}，{hash}，{txs}，{miner}，{state}"],
  on_chain: ["on the chain", "在链上"],

  block: ["Block", "区块"],
  genesis: ["genesis", "创世"],
  is_tip: ["the tip", "链顶"],
  confirmations: ["{n confirmation}", "{n} 次确认"],
  parent: ["← Parent", "← 父区块"],
  child: ["Child →", "子区块 →"],
  header: ["Header", "区块头"],
  field_txid: ["coin of", "币来自"],
  field_vout: ["its index", "序号"],
  field_signature: ["signature", "签名"],
  field_pub_key: ["public key", "公钥"],
  field_value: ["value", "面值"],
  field_pub_key_hash: ["address", "地址"],
  field_time: ["time", "时间"],
  field_prev: ["previous hash", "父区块哈希"],
  field_merkle: ["Merkle root", "默克尔根"],
  field_height: ["height", "高度"],
  field_nonce: ["nonce", "随机数"],
  no_nonce: ["none: block 0 needs no work", "无：区块 0 不需要工作量"],
  no_prev: ["none: it is the first", "无：它是第一个区块"],
  size: ["size", "大小"],
  bytes: ["{n} bytes", "{n} 字节"],
  magic: ["magic number", "魔数"],
  hash_of_block: ["The hash: its name", "哈希：区块的名字"],
  work_of_block: ["The work: {n zero bit} in front", "工作量：以 {n} 个零比特开头"],
  hash: ["hash", "哈希"],
  work: ["work", "工作哈希"],
  in_bits: ["in bits", "按比特"],
  merkle: ["Merkle tree", "默克尔树"],
  merkle_big: ["The tree of {n transaction} is too large to draw.", "{n} 笔交易的树太大，不画。"],
  merkle_root: ["root", "根"],
  leaf_texts: ["The texts of the leaves", "叶子的原文"],
  leaf: ["leaf", "叶子"],
  rules: ["Rules", "规则"],
  rule_holds: ["holds", "成立"],
  rule_broken: ["broken", "违反"],
  rule_unchecked: ["not checked", "未检查"],
  txs_shown: ["{a} to {b} of {n}", "第 {a} 到 {b} 笔，共 {n} 笔"],
  earlier_txs: ["← Earlier", "← 前面的"],
  later_txs: ["Later →", "后面的 →"],

  payment: ["Payment", "付款"],
  coinbase: ["Coinbase", "coinbase 交易"],
  new_coins: ["new coins", "新产生的币"],
  change: ["change", "找零"],
  spent: ["spent", "已花费"],
  unspent: ["unspent", "未花费"],
  unknown_coin: ["unknown coin", "未知的币"],
  and_more: ["and {n} more", "另有 {n} 个"],
  tx_block: ["in block {height}", "在区块 {height} 中"],
  tx_branch: ["only in block {height}, beside the chain", "只在链外的区块 {height} 中"],
  tx_pool: ["in the pool", "在交易池中"],
  tx_dropped: ["dropped", "已丢弃"],
  who_pays: ["Who pays whom", "谁付给谁"],
  inputs: ["Inputs: coins it spends", "输入：花掉的币"],
  outputs: ["Outputs: coins it makes", "输出：产生的币"],
  coin: ["coin", "币"],
  signature: ["signature", "签名"],
  pub_key: ["public key", "公钥"],
  spent_by: ["spent by", "花在"],
  hashed: ["What is hashed and signed", "计算哈希和签名用的原文"],
  id_text: ["The txid: inputs and outputs, without signatures", "txid：输入和输出，不含签名"],
  signing_text: ["What input {n} signs: SHA-1 of the hex of its SHA-256", "输入 {n} 签的是这段文字的 SHA-256 的十六进制数字的 SHA-1"],
  leaf_text: ["Its leaf in the Merkle tree: all of it, as JSON", "它在默克尔树中的叶子：整笔交易，写成 JSON"],

  address: ["Address", "地址"],
  balance: ["Balance", "余额"],
  waiting: ["Waiting", "待确认"],
  got: ["got", "收入"],
  paid: ["paid", "付出"],
  after: ["after", "之后"],
  when: ["when", "时间"],
  no_history: ["No block has touched this address.", "没有区块付给过这个地址。"],
  older_changes: ["{n older change} not shown.", "更早的 {n} 次变动未显示。"],
  show_more: ["Show more", "显示更多"],

  pool: ["Pool", "交易池"],
  pool_missing: ["{a} of {b}: {n more payment}, and a block is mined.", "{a} / {b}：再有 {n} 笔付款就挖出一个区块。"],
  pool_full: ["{a} of {b}: a block is being mined.", "{a} / {b}：正在挖区块。"],
  pool_empty: ["No payment waits. Send one:", "没有等待的付款。发一笔："],
  pool_slot: ["free", "空位"],
  pool_own: ["sent from here", "本节点付的"],

  wallets: ["Wallets", "钱包"],
  no_wallets: ["This node has no wallet yet. Make one:", "这个节点还没有钱包。创建一个："],
  name: ["name", "名字"],
  confirmed: ["confirmed", "已确认"],
  waits: ["waiting", "待确认"],
  total: ["total", "合计"],

  peers: ["Peers", "其他节点"],
  no_peers: ["No peer yet", "还没有其他节点"],
  silent_seeds_say: ["Check that a node runs at this address, and that UDP gets there:", "看看这个地址上是否有节点在运行，UDP 能不能到达："],
  no_peers_say: ["Start a second node, in another terminal:", "在另一个终端启动第二个节点："],
  peer: ["peer", "节点"],
  state: ["state", "状态"],
  ring_note: ["The nearer to the middle, the more leading bits a peer's ID shares with this node's.", "离中心越近，ID 开头与本节点相同的比特就越多。"],
  legend_step: ["in step", "已同步"],
  legend_off: ["not in step", "没有同步"],
  legend_other: ["other chain", "另一条链"],
  legend_known: ["only known", "只知道地址"],

  table: ["Routing table", "路由表"],
  table_empty: ["Empty: discovery knows no other node.", "空的：还没有发现别的节点。"],
  table_note: ["ID {id}. A bucket holds up to {k} contacts that share that many leading bits with it.", "ID {id}。一个桶最多放 {k} 个联系人，它们的 ID 开头与它相同的比特一样多。"],
  bucket: ["{n shared bit}", "{n} 比特相同"],
  strikes: ["{n request} unanswered", "{n} 次未应答"],
  lookup: ["Last lookup", "最近一次查找"],
  lookup_of: ["of the nodes nearest {target}", "查找 {target} 附近的节点"],
  lookup_hop: ["hop {n}", "第 {n} 跳"],
  lookup_named: ["named {n node}", "告知 {n} 个节点"],
  lookup_ended: ["asked {asked}, found {found}", "问了 {asked} 个，找到 {found} 个"],
  lookup_runs: ["under way", "进行中"],

  events: ["What happens", "发生的事"],
  events_all: ["All messages", "全部消息"],
  events_changes: ["What changed", "只看变化"],
  pause: ["Pause", "暂停"],
  resume: ["Resume", "继续"],
  paused_more: ["{n new line} since", "其间新增 {n} 条"],
  events_none: ["Nothing yet.", "还没有。"],
  lost: ["{n line} lost: this page was too slow", "丢失 {n} 条：本页太慢"],

  seconds: ["{n} s ago", "{n} 秒前"],
  minutes: ["{n} min ago", "{n} 分钟前"],
  hours: ["{n} h ago", "{n} 小时前"],
  days: ["{n day} ago", "{n} 天前"],
  years: ["{n} y ago", "{n} 年前"],
};

/** What the node says in English only: its form, and the same in Chinese. Others stand as they are. */
const SAID = [
  [/^in step$/, "已同步"],
  [/^other genesis block (\S+?): to take its chain, stop this node and type (.*)$/, "创世区块不同：$1：想用它的链，先停掉这个节点，再敲 $2"],
  [/^other genesis block (\S+)$/, "创世区块不同：$1"],
  [/^connecting$/, "连接中"],
  [/^no chain yet$/, "还没有链"],
  [/^other chain$/, "另一条链"],
  [/^same height$/, "高度相同"],
  [/^same height, other block (.*)$/, "高度相同，区块不同：$1"],
  [/^(\d+) blocks? behind$/, "落后 $1 个区块"],
  [/^(\d+) blocks? ahead: syncing$/, "领先 $1 个区块：正在同步"],
  [/^(\d+) blocks? ahead(.*)$/, "领先 $1 个区块$2"],
  [/^no answer on TCP for (.*)$/, "TCP 上已有 $1 没有应答"],
  [/^has refused TCP connections for (.*)$/, "拒绝 TCP 连接已有 $1"],
  [/^left alone for ([^:]*): (.*)$/, "$1 内不理会：$2"],
  [/^waits for (\d+) more in the pool$/, "等交易池里再来 $1 笔"],
  [/^waits for a peer's block$/, "等其他节点的区块"],
  [/^will be dropped: spends the same output as (.*)$/, "将被丢弃：和 $1 花同一个输出"],
  [/^will be dropped: spends an output of (.*), which will be dropped$/, "将被丢弃：要花 $1 的输出，而那一笔会被丢弃"],
  [/^will be dropped: an equal payment waits before it$/, "将被丢弃：前面有一笔相同的付款在等"],
];

/** Adds the words of a page that has some of its own. */
export function addWords(words) {
  Object.assign(WORDS, words);
}

let current = "en";

export const language = () => current;

/** Chooses a language, and keeps the choice if the browser lets us. */
export function setLanguage(lang) {
  current = lang === "zh" ? "zh" : "en";
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  remember("language", current);
}

/** The language chosen before, or else the browser's. */
export function usualLanguage() {
  return recall("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
}

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Returns a text with its places filled in: "{n block}" with n = 2 is "2 blocks". */
export function t(key, values = {}) {
  const [en, zh] = WORDS[key];
  return (current === "zh" ? zh : en).replace(/\{(\w+)(?: ([^}]*))?\}/g, (place, name, words) => {
    const value = values[name];
    if (words === undefined) return String(value);
    const forms = words.split("|"); // "wait|waits|wait" is a verb, and shows no number
    if (forms.length === 3) return value === 1 ? forms[1] : forms[2];
    return `${value} ${words}${value === 1 ? "" : "s"}`;
  });
}

/** Returns one of the two texts of the node. */
export const pick = (words) => (current === "zh" && words.zh) || words.en;

/** Returns what the node says in English, in the page's language if its form is known. */
export function said(text) {
  if (current === "en") return text;
  const python = text.match(/^(.*) \(a Python node\)$/);
  if (python) return `${said(python[1])}（Python 节点）`;
  const known = SAID.find(([form]) => form.test(text));
  return known ? text.replace(...known) : text;
}

/** Puts the words into the elements of the page that ask for them. */
export function applyWords(root = document) {
  for (const e of root.querySelectorAll("[data-word]")) e.textContent = t(e.dataset.word);
  for (const e of root.querySelectorAll("[data-word-label]")) e.setAttribute("aria-label", t(e.dataset.wordLabel));
  for (const e of root.querySelectorAll("[data-word-placeholder]")) e.placeholder = t(e.dataset.wordPlaceholder);
}
