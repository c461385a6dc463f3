package main

var step2 = []hole{
	{ID: "2.1", Func: "work", Title: "Hash the work"},
	{ID: "2.2", Func: "mine", Title: "Search"},
	{ID: "2.10", Func: "retarget", Title: "Retarget", Challenge: true},
}
