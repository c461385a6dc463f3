package main

// sentences has what learn says in Chinese, by the format that says it in English.
// Verbs keep their order, or have a number: %[2]s.
var sentences = map[string]string{
	// The steps: hole.go.
	"A chain of blocks":        "一条区块链",
	"Proof of work":            "工作量证明",
	"A file, and commands":     "文件与命令",
	"Transactions":             "交易",
	"Keys and signatures":      "密钥与签名",
	"Coins, pool and branches": "币、交易池与分支",
	"The network":              "网络",
	"Beyond the article":       "文章之外",
	"%s to %s":                 "%s 到 %s",
	", ":                       "、",
	"There is no %s. These are the ones there are: %s.": "没有 %s。有的是：%s。",
	"There is no step %q: they go from 1 to %d.":        "没有 %q 这一步：只有 1 到 %d。",

	// The program: main.go, lang.go.
	"stopped": "已停止",
	"-lang takes en, for English, or zh, for Chinese.":                                "-lang 后面写 en（英文）或 zh（中文）。",
	"\n(Commands and files are those of the project's directory. To go there: cd %s)": "\n（命令和文件名都相对于项目目录。去那里：cd %s）",
	"This isn't the project's directory: %s.\nGo to where you cloned it (cd …), and there type\n  %s": "这里不是项目的目录：%s。\n" +
		"先到你克隆它的地方（cd …），再敲\n  %s",
	"%s makes that directory a module of its own, which can't be checked. It needs none: delete that file, and the go.sum beside it.": "%s 让那个目录自成一个模块，这样就没法检查了。\n" +
		"不需要它：把它删掉，旁边的 go.sum 也删掉。",

	// Where the student is, and what's next: progress.go, show.go, hint.go.
	"Your own blockchain, step by step:\n":          "一步一步，造你自己的区块链：\n",
	"  step %d  %s %s":                              "  第 %d 步  %s %s",
	"\n  %s solved   %s changed since   %s to do\n": "\n  %s 已完成   %s 后来改过   %s 待填\n",
	"Challenges: %d of %d.\n":                       "挑战：%d / %d。\n",
	"_mine should be a directory, and is a file. Move it away: your programs go there.\n":                           "_mine 应该是目录，现在却是个文件。请把它挪开：你的程序要放在那里。\n",
	"I can't read _mine/progress.json any more, so I've forgotten what you've solved. Your programs are all there:": "_mine/progress.json 读不出来，你做完了哪些，我都忘了。不过你的程序都还在：",
	"%s check step1 (then step2, …) finds it out again.\n":                                                          "用 %s check step1（接着 step2，……）就能重新查清。\n",
	"I can't remember how far you are: %v":                                                                          "你的进度没能记下来：%v",
	"I can't remember how far you are: %v\nMay you write in _mine, and is _mine/progress.json a file? Move away what's in the way there.": "你的进度没能记下来：%v\n" +
		"你能在 _mine 里写文件吗？_mine/progress.json 是个文件吗？挡路的东西请挪开。",
	"Next is step %d, %s. Read %s, and type\n  %s start %d":                                          "接下来是第 %d 步：%s。先读 %s，再敲\n  %s start %d",
	"All six steps are yours. Will a real node take the chain that your program makes?\n  %s finale": "六步全都做完了。你的程序造出来的链，真正的节点认不认呢？\n  %s finale",
	"\nThen join a classmate's node, which runs at 192.168.1.7, say, by `go run . start` (chapter 7 tells more):\n  go run . start -data data2 -bootstrap 192.168.1.7:5678": "\n然后连上同学的节点。比如他在 192.168.1.7 上用 `go run . start` 启动了一个\n（第 7 章有详细的说明）：\n" +
		"  go run . start -data data2 -bootstrap 192.168.1.7:5678",
	"\nThis one extends the node itself; %s says where to begin. Then type\n  %s check %s": "\n这个挑战要扩展节点本身；从哪里入手，看 %s。写好后敲\n  %s check %s",
	"You may need to import: %s.":         "你可能要导入：%s。",
	"\nWrite it in %s. Then type\n  %s":   "\n写在 %s。写好后敲\n  %s",
	"%s, line %d":                         "%s 第 %d 行",
	"%s isn't there. Type\n  %s start %d": "还没有 %s。请敲\n  %s start %d",
	"There's no Go file in %s that a build would take. To begin step %d anew, type\n  %s start %d -again": "%s 里没有可以编译的 Go 文件。想重新开始第 %d 步，就敲\n  %s start %d -again",
	"I can't find %s in %s. Get it back with\n  git checkout %s":                                          "我找不到 %s，它应该在 %s 里。这样恢复：\n  git checkout %s",
	"The course's own program has been changed:\n%s\nYours are in _mine. Get it back with\n  git checkout %s": "课程自带的程序被改动了：\n%s\n" +
		"你的程序在 _mine 里。这样恢复课程的：\n  git checkout %s",
	"There are two functions called %s: in %s, and in %s. Keep one of them.": "有两个函数都叫 %s：\n一个在 %s，一个在 %s。留一个就行。",
	"You haven't begun %s yet. Type\n  %s start %s":                          "%s 你还没有领取。请敲\n  %s start %s",
	"I can't find the function of %s, %s, in %s. Was it renamed or deleted? It goes into %s, and begins with\n  %s {": "我找不到 %s 的函数 %s，它应该在 %s 里。是改了名，还是删了？\n" +
		"它要写在 %s 里，开头是\n  %s {",
	"%s: the first line of %s has changed. Others call this function, so it has to be\n  %s {": "%s：%s 的第一行改过了。别处要调用这个函数，所以它必须是\n  %s {",
	"%s  %s: a nudge.\n%s":  "%s  %s：提示\n%s",
	"%s  %s: the idea.\n%s": "%s  %s：思路\n%s",
	"%s  %s: both hints once more.\n%s\n\n%s\n\nThat's all the hints. One way to write it:\n  %s solution %s": "%s  %s：再看一遍提示和思路\n%s\n\n%s\n\n" +
		"提示就这些了。想看一种写法：\n  %s solution %s",
	"Of which one? For example:\n  %s solution 1.1":                                                   "要看哪一个的？例如：\n  %s solution 1.1",
	"\nThat's from %s. Yours may look quite different, and be as good.":                               "\n这段出自 %s。你的写法可以很不一样，也同样好。",
	"\nThat's from %s; %s tells how it comes about.\nYours may look quite different, and be as good.": "\n这段出自 %s；它是怎么来的，见 %s。\n你的写法可以很不一样，也同样好。",
	"There's no solution of %s here. See %s.":                                                         "这里没有 %s 的答案。请看 %s。",
	"\nYours may look quite different, and be as good.":                                               "\n你的写法可以很不一样，也同样好。",

	// To begin: start.go.
	"Chapter %d has no program of its own: there you extend the node itself. See %s.": "第 %d 章没有单独的程序：那里要扩展的是节点本身。请看 %s。",
	"Your old %s is now %s.":   "你原来的 %s 现在叫 %s。",
	"Your old %s is now %s.\n": "你原来的 %s 现在叫 %s。\n",
	"%s is there already, and stays as it is. To begin anew:\n  %s start %d -again\n": "%s 已经有了，我不动它。想重新开始：\n  %s start %d -again\n",
	"Step %d, %s, is in %s now: the program of %s, with %d holes in it.\n":            "第 %d 步（%s）放在 %s 里了：\n就是 %s 里的程序，留了 %d 个空。\n",
	"I can't look at %s: %v":                                                                 "无法查看 %s：%v",
	"I can't move %s aside: %v\nIs it open in another program?":                              "无法把 %s 挪开：%v\n它是不是在别的程序里打开着？",
	"%s isn't there. Get it back with\n  git checkout %s":                                    "%s 不见了。这样恢复：\n  git checkout %s",
	"I can't cut the holes out of %s: %v":                                                    "没法在 %s 里挖空：%v",
	"I can't make %s: %v":                                                                    "无法创建 %s：%v",
	"I can't write %s: %v":                                                                   "无法写入 %s：%v",
	"%s is a hole of step %d, which you get whole:\n  %s start %d":                           "%s 是第 %d 步里的空，要领就领整步：\n  %s start %d",
	"You haven't begun step %d, so I've put the finished program into %s for you to extend.": "第 %d 步你还没开始，所以我把写好的程序放进了 %s，供你扩展。",
	"(If you'd rather write it yourself first: %s start %d -again.)\n":                       "（想先自己写的话：%s start %d -again。）\n",
	"Step %d has no challenges.":                                                             "第 %d 步没有挑战。",

	// A check: check.go, gotest.go, nodecheck.go.
	"Chapter %d's challenges are checked one by one, for example\n  %s check %d.1": "第 %d 章的挑战要一个一个检查，例如\n  %s check %d.1",
	"✓ %s  is right (%s)": "✓ %s  做对了（%s）",
	"I've lost the check of %s. Get it back with\n  git checkout %s": "%s 的检查程序不见了。这样恢复：\n  git checkout %s",
	"I can't read %s: %v":                                                                     "无法读取 %s：%v",
	"(I leave your own %s out of this check.)":                                                "（这次检查不算你自己的 %s。）",
	"I can't read the checks: %v\nGet them back with\n  git checkout %s":                      "检查程序读不出来：%v\n这样恢复：\n  git checkout %s",
	"\nThat was the last hole of step %d: the program is yours. See it run:\n  go run ./%s\n": "\n第 %d 步的空全填好了：这个程序是你的了。运行看看：\n  go run ./%s\n",
	"If you'd like more of it there are %d challenges, %s to %s:\n  %s start %s\n":            "还想再练练，有 %d 个挑战，从 %s 到 %s：\n  %s start %s\n",
	"I need a directory for files that I delete again (see TMPDIR), and can't make one: %v":   "我要建一个临时目录（见 TMPDIR），用完就删，可是建不了：%v",
	"I can't find the program go. Is Go installed, and its bin directory in your PATH? See https://go.dev/doc/install.": "找不到 go 这个程序。装了 Go 吗？它的 bin 目录在 PATH 里吗？\n" +
		"请看 https://go.dev/doc/install。",
	"I can't run go: %v": "无法运行 go：%v",
	"%s doesn't say where it belongs: its first line should be // dir: DIRECTORY.":                  "%s 没有说明自己属于哪里：第一行应该是 // dir: DIRECTORY。",
	"✗ %s  %s: not yet.\n%s\n\nA hint: %s hint %s":                                                  "✗ %s  %s：还不对。\n%s\n\n要提示：%s hint %s",
	"The check needs something that isn't there yet, or has another name. Compare with %s show %s.": "检查要用的东西还没有，或者名字不同。对照一下：%s show %s",
	"The check itself passes, but something else in the project doesn't compile any more:\n%s":      "检查本身通过了，可是项目里别的地方编译不过了：\n%s",

	// Why it isn't right yet: explain.go, source.go.
	"%s is still empty: open %s.\nWhat to write there: %s show %s":                 "%s 还空着：打开 %s。\n要写什么：%s show %s",
	"%s needs %s, which is still empty: open %s.\nWhat to write there: %s show %s": "%s 要用到 %s，而那里还空着：打开 %s。\n要写什么：%s show %s",
	"✗ %s  %s: not yet.":                            "✗ %s  %s：还不对。",
	"✗ %s  %s passed before, and doesn't any more.": "✗ %s  %s：以前通过了，现在又不对了。",
	"%s\n%s\n\nA hint: %s hint %s":                  "%s\n%s\n\n要提示：%s hint %s",
	"Go can't build the check. It says\n%s\nIf it's about a download: is this machine on the net? Get the libraries with\n  go mod download": "Go 编译不了检查程序。它说\n%s\n" +
		"如果跟下载有关：这台电脑联网了吗？用这条命令取得那些库：\n  go mod download",
	" (%s, line %s)": "（%s 第 %s 行）",
	"Your program prints and prints. I stopped it: does each loop end?":                                             "你的程序打印个没完。我把它停了：每个循环都会结束吗？",
	"Your program takes more and more memory. I stopped it: does each loop end, and does a list grow without need?": "你的程序占的内存越来越多。我把它停了：\n每个循环都会结束吗？有没有哪个列表白白变长？",
	"Your program is still running after %s%s. Does each loop end?":                                                 "过了 %s，你的程序还在运行%s。每个循环都会结束吗？",
	"Your program is still running, and hasn't come to the check%s. Does a loop in init, or in a variable's value, end?": "你的程序还在运行，一直没有到检查那一步%s。\n" +
		"init 里或变量初值里的循环会结束吗？",
	"A function calls itself again and again%s. When does it stop?":                                       "有个函数不断调用自己%s。它什么时候停？",
	"Your program calls os.Exit%s, which ends the check as well. Return instead.":                         "你的程序调用了 os.Exit%s，检查也就跟着结束了。请改用 return。",
	"Your program waits for something that never comes%s.":                                                "你的程序在等永远不会来的东西%s。",
	"Your program panics: %s%s":                                                                           "你的程序 panic 了：%s%s",
	"Your program ended before the check was through. Does it call os.Exit or log.Fatal? Return instead.": "检查还没做完，你的程序就结束了。\n是不是调用了 os.Exit 或 log.Fatal？请改用 return。",
	"Your program printed:":       "你的程序打印了：",
	"… and %d lines more":         "……还有 %d 行",
	"%s, line %s: %s":             "%s 第 %s 行：%s",
	"It doesn't compile yet.":     "还编译不了。",
	"It doesn't compile yet.\n%s": "还编译不了。\n%s",
	"Your program declares %s, and so does the check. Give yours another name: only what docs/step%d has may keep its name.": "你的程序声明了 %s，检查程序也声明了。给你的换个名字：\n" +
		"只有 docs/step%d 里有的才能保留原名。",
	"The check can't use your program: something that it needs has another name or type now.\n%s\nCompare with %s: only what's in a hole may change.": "检查程序没法用你的程序：它要用的东西，名字或类型变了。\n%s\n" +
		"跟 %s 对照一下：只有空里的内容可以改。",
	"If that's the package: add %q to the imports at the top of the file.": "如果你指的是那个包：在文件开头的 import 里加上 %q。",
	"Nothing has that name here. Is it spelled right, capitals too?":       "这里没有叫这个名字的东西。拼写对吗？大小写呢？",
	"%s is saved as UTF-16. Go wants UTF-8: your editor's \"Save as\" has a choice for that.": "%s 存成了 UTF-16。Go 要的是 UTF-8：\n" +
		"编辑器的“另存为”里可以选编码。",
	"%s begins with \"package %s\". Make that \"package main\" again: it's what makes it a program.": "%s 的开头是 \"package %s\"。请改回 \"package main\"：\n" +
		"有了它才是能运行的程序。",
	"%s should begin with the line \"package main\", but I find something else there. Put that line back on top.": "%s 的第一行代码应该是 \"package main\"，可是我看到的是别的。\n" +
		"请把这一行放回最前面。",
	"%s, line %d: this isn't Go yet: %s.\nLook at that line and the one above: is a bracket, a quote or a comma missing?": "%s 第 %d 行：这还不是 Go：%s。\n" +
		"看看这一行和上面一行：是不是少了括号、引号或逗号？",

	// Each save: watch.go.
	"\nI'm watching: save a file, and I check again. Ctrl-C ends it.": "\n我在看着：存盘一次，我就检查一次。按 Ctrl-C 结束。",
	"\nUntil next time. To go on: %s":                                 "\n下次见。要继续：%s",

	// The finale: finale.go, cast.go, node.go.
	"finale takes nothing but -data DIR, which keeps the node's files in DIR.":                       "finale 只接受 -data DIR：把节点的文件留在 DIR 里。",
	"There's a %s in %s already, and I won't touch it. Take another directory: %s finale -data %s-2": "已经有 %s 了，在 %s 里，我不去动它。换个目录：\n%s finale -data %s-2",
	"You have no step 6 of your own yet, so I take the course's. To build yours: %s":                 "你自己的第 6 步还没有，我就用课程里的那份。要写自己的：%s",
	"I'm building %s and the node. That may take a moment.":                                          "正在编译 %s 和节点，可能要等一会儿。",
	"%s doesn't compile:\n%s\nWhat's left to do there: %s check":                                     "%s 编译不了：\n%s\n还差什么：%s check",
	"it prints and prints":                             "它打印个没完",
	"it's still running after %v: does each loop end?": "过了 %v 还在运行：每个循环都会结束吗？",
	"%s isn't complete: %s is still empty. What to write there:\n  %s show %s\nTo go on with the program of the course, give that directory another name first.": "%s 还没写完：%s 还空着。要写什么：\n  %s show %s\n想先用课程里的程序，就给这个目录改个名字。",
	"%s doesn't play its story to the end (%v):\n%s\nWhat's left to do there: %s check":                                                                          "%s 没能把故事演完（%v）：\n%s\n还差什么：%s check",
	"%s panics at %q:\n%s": "%s panic 了，命令是 %q：\n%s",
	"%s export should print each block of its chain as JSON, one a line. It prints:\n%s":                "%s export 应该用 JSON 打印链上的每个区块，一行一个。它打印的是：\n%s",
	"export prints a line that is no block: %v\n%.200s":                                                 "export 打印的这一行不是区块：%v\n%.200s",
	"\nA node without a chain listens at %s. I'm its peer at %s, and I have %d blocks for it.":          "\n一个还没有链的节点，监听 %s。\n我是它连上的节点，在 %s，有 %d 个区块要给它。",
	"The node doesn't start: %v\n%s":                                                                    "节点启动不了：%v\n%s",
	"the node has ended":                                                                                "节点已经结束",
	"not within %v":                                                                                     "等了 %v 也没有等到",
	"The node doesn't take them all: %v. This is what it says:\n%s":                                     "节点没有全部收下：%v。它说：\n%s",
	"  block %d  %.8s  the node has it":                                                                 "  区块 %d  %.8s  节点有了",
	"Yours is block %d, %.8s, and the node has another one there: %s":                                   "你的区块 %d 是 %.8s，节点那里却是另一个：%s",
	"\nWhat everybody has, as the node sees it:":                                                        "\n在节点看来，每个人有多少：",
	"\nNow I write a zero behind each value in block %d, and offer the chain to another node. It says:": "\n现在我在区块 %d 的每个金额后面添一个零，再把链交给另一个节点。它说：",
	"no word of the forged block: %v\n%s":                                                               "关于伪造的区块，节点一句话也没说：%v\n%s",
	"the node took a forged block: %s":                                                                  "节点收下了伪造的区块：%s",
	"\nSo your chain is in a real node, and the node checks each byte of it as you do.":                 "\n这样，你的链就进了真正的节点，而节点和你一样，逐个字节地检查。",
	"It's in %s, with everybody's keys. Go on with it: go run . start -data %s":                         "它在 %s 里，每个人的密钥也在。接着用它：\n  go run . start -data %s",
	"To go on with it in a node of your own: %s finale -data _mine/data":                                "想在自己的节点里接着用它：%s finale -data _mine/data",
	"How nodes find each other, and how yours joins a classmate's, is chapter 7: docs/07-network.md":    "节点怎样找到彼此，你的节点怎样连上同学的，见第 7 章：docs/zh/07-network.md",
}
