// Package test asks of the whole what no package can ask of itself: sessions
// at a grid's consoles, which import arrows there are, and the form of source,
// manual and documents.
//
//	go test ./test -run Session/lesson2     one session: testdata/lesson2.txt
//	go test ./test -update                  write down what happened instead
package test
