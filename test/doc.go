// Package test asks of the whole what no package can ask of itself: sessions
// at a grid's consoles, what programs of the host can do with trees that are
// mounted there, which import arrows there are, and the form of source, manual
// and documents.
//
//	go test ./test -run Session/lesson2     one session: testdata/lesson2.txt
//	go test ./test -run Posix -v            programs of the host; what is skipped, and why
//	go test ./test -update                  write down what happened instead
package test
