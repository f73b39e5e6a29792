// Package rc is the Plan 9 shell, rc(1): a program above the system calls of
// package proc, and nothing else.
//
// A line is read by a lexer and a parser into a tree, and the tree is walked.
// A subshell, the left side of a pipe, a command in backquotes and one
// before & are each a process of their own, forked with what part of the tree
// it has to run; so is every command that is neither a function nor built in.
//
// Reading order: tree.go (what there is), lex.go and parse.go, print.go,
// shell.go (the state of a shell), run.go (commands), word.go (words),
// simple.go (programs), source.go (where commands are read from), main.go.
package rc
