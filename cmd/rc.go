package cmd

import (
	"ufo/proc"
	"ufo/rc"
)

// rc, cd, eval, exec, exit, fn, rfork, shift, wait, whatis, ., ~ - shell
//
// Rc is the shell. It executes command lines read from a console or a file
// or, with -c, from its argument.
//
// A command line is a sequence of commands, separated by ampersands or
// semicolons and ended by a newline. Rc waits for a command followed by a
// semicolon or newline; it does not wait for one followed by &, whose process
// id becomes $apid and whose standard input is /dev/null. A number-sign
// starts a comment, which runs to the end of the line; a backslash before a
// newline makes a blank of it.
//
// A simple command is a sequence of arguments interspersed with
// redirections. If the first argument is the name of a function or of a
// built-in command rc does it itself; otherwise it names a program, looked for
// in the directories of $path unless it begins with /, ./, ../ or #.
//
// An argument is made of words. A quoted word is enclosed in single quotes,
// two of which stand for one. The characters
//
//	# ; & | ^ $ = ` ' { } ( ) < >
//
// and blanks end an unquoted word. In an unquoted word *, ? and [ make a
// pattern: * matches any sequence of characters, ? any one, [abc] one of
// those listed, [a-z] one of a range and [~a-z] one not of it. The pattern is
// replaced by the sorted names of the files that match it, or is left alone if
// there are none. A pattern never matches a slash.
//
// These make arguments too:
//
//	(a b c)    a list
//	a^b        the two joined: pairwise if they are equally long, each
//	           with the other if one has one element. It may be left out
//	           between a word and $, ` or a quoted word right behind it
//	$x         the value of the variable x, a list
//	$x(1 3)    the first and the third element; $x(2-) from the second on,
//	           $x(2-4) from the second to the fourth
//	$#x        the number of elements
//	$"x        the elements joined by blanks into one
//	`{cmd}     what cmd prints, split at the characters of $ifs
//	`x{cmd}    the same, split at the characters of the word x
//	<{cmd}     the name of a file from which the output of cmd is read
//	>{cmd}     the name of a file; what is written to it is cmd's input
//	<>{cmd}    both
//
// Redirections are
//
//	>file        standard output to file, created or truncated
//	>>file       appended
//	<file        standard input from file
//	<>file       standard input to file, open for reading and writing
//	<<word       standard input from the lines up to one that is word;
//	             variables are substituted unless word is quoted
//	>[1]file     any of these with another descriptor
//	>[2=1]       descriptor 2 becomes a copy of 1
//	>[2=]        descriptor 2 is closed
//
// Commands are combined by
//
//	a | b             a pipe from the standard output of a to b
//	a |[2] b          from descriptor 2; |[3=2] to descriptor 3
//	a && b            b if a was successful
//	a || b            b if it was not
//	! a               a, with the opposite success
//	@ a               a in a subshell
//	{a; b}            grouping; may be redirected
//	x=value a         a with another value of x, which outlasts it not
//	if(list) a        a if the last command of list is successful
//	if not a          a if the condition of the last if was not
//	for(x in words) a  a with each word as $x; without in, with each of $*
//	while(list) a     a while list is successful
//	switch(word){case pattern …}
//	                  the commands after the first pattern that matches
//	fn name {list}    a function; fn name without braces removes it
//	~ word pattern …  successful if word matches one of the patterns
//
// A command is successful if its status, $status, is empty, or has no other
// characters than 0 and |. The status of a pipe is that of its last member;
// those before that failed stand in front of it, each with a | behind it. The
// status of a program that fails is its name, process id and words.
//
// A fork shares the name space with its parent: rfork n gives a shell one of
// its own.
//
// Rc's own commands are:
//
//	. [-biq] file …   do the commands of file, with $* set to the rest
//	builtin cmd …     do cmd, though there is a function of that name
//	cd [dir]          change directory: to $home, or by way of $cdpath
//	eval word …       do the words as a command line
//	exec cmd …        become cmd
//	exit [status]     exit
//	flag f [+-]       test, set or clear a flag
//	finit             take functions from /env
//	rfork [nNeEsfFm]  change the groups of the shell; no letters are ens
//	shift [n]         drop n elements of $*, or one
//	wait [pid]        wait for a process started by &, or for all
//	whatis name …     print a variable or function in rc's own language,
//	                  or where a program is
//
// Variables that mean something: $home, $ifs (blank, tab and newline), $path,
// $cdpath, $pid, $apid, $status, $prompt (of two elements: for a command and
// for its continuation), $*, and $0 to $9 and beyond. All variables and
// functions are files in /env, where other programs find them.
//
// A function sigexit is run when rc exits, and a function named after a note
// when that comes: sigint for interrupt, sighup for hangup, sigalrm for alarm.
// An empty one ignores the note. An interactive rc returns to its prompt.
//
// The flags are -c, do the argument; -e, exit at the first failure; -i,
// interactive: prompt; -I, not; -l, do $home/lib/profile first; -m, begin with
// the named file in the place of /rc/lib/rcmain; -p, do not import functions
// and the path from /env; -s, print failures; -v, print what is read; -x, print
// commands before they are run.
//
// # FILES
//
// /rc/lib/rcmain, /boot/rcmain, $home/lib/profile, /fd/n, /env/*
//
// # SEE ALSO
//
// keyboard(6), fork(2), env(3), namespace(6)
//
// # BUGS
//
// What rc itself prints, and what its own commands print, goes to descriptor 2
// as rc has it: redirections are for programs, and for whatis. So a file that rc
// itself opens, for a redirection or a dot, is not found in /fd if only a
// redirection around it has opened the descriptor.
//
// The name of a <{…} is that of a descriptor, which a function that has it as an
// argument may redirect: then it is the name of what that says.
//
// The condition of an if or while changes $status, also when it looks at it.
func rcMain(p *proc.Proc) error {
	arg := argbegin(p, "[-srdiIlxebpvV] [-c command] [-m initial] [file [arg ...]]")
	if len(p.Args) > 1 && p.Args[1] == "-?" {
		arg.usage()
	}
	return rc.Main(p) // which reads the flags itself, as a script has them in its first line
}
