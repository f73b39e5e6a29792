package awk

import "strings"

// An array is a hash table that grows as that of Plan 9's awk does and hangs
// its elements in the same places: programs get them in the same order.
type array struct {
	n   int // elements
	tab []*elem
}

// An elem is an element of an array.
type elem struct {
	key  string
	next *elem
	gone bool // deleted; who walks over the array may still stand here
	value
}

const (
	firstTab = 50 // places in a new table
	fullTab  = 2  // elements to a place when it grows
	growTab  = 4  // times
)

func newArray() *array { return &array{tab: make([]*elem, firstTab)} }

// bucket returns the index of a key in a table of so many places.
func bucket[T string | []byte](key T, places int) int {
	h := uint32(0)
	for i := range len(key) {
		h = uint32(int8(key[i])) + 31*h // char is signed
	}
	return int(h % uint32(places))
}

// find returns the element of a key, or nil.
func (a *array) find(key string) *elem {
	for e := a.tab[bucket(key, len(a.tab))]; e != nil; e = e.next {
		if e.key == key {
			return e
		}
	}
	return nil
}

// get returns the element of a key, which it makes if there is none.
func (a *array) get(key string) *elem {
	if e := a.find(key); e != nil {
		return e
	}
	return a.add(strings.Clone(key)) // which may be a part of a long line
}

// getbytes is get for a key that is in a buffer.
func (a *array) getbytes(key []byte) *elem {
	for e := a.tab[bucket(key, len(a.tab))]; e != nil; e = e.next {
		if e.key == string(key) {
			return e
		}
	}
	return a.add(string(key))
}

// add makes an element.
func (a *array) add(key string) *elem {
	if a.n++; a.n > fullTab*len(a.tab) {
		a.grow()
	}
	i := bucket(key, len(a.tab))
	e := &elem{key: key, next: a.tab[i], value: none()}
	a.tab[i] = e
	return e
}

// grow hangs the elements into a bigger table.
func (a *array) grow() {
	tab := make([]*elem, growTab*len(a.tab))
	for _, e := range a.tab {
		for e != nil {
			next, i := e.next, bucket(e.key, len(tab))
			e.next, tab[i] = tab[i], e
			e = next
		}
	}
	a.tab = tab
}

// remove deletes the element of a key, if there is one.
func (a *array) remove(key string) {
	for p := &a.tab[bucket(key, len(a.tab))]; *p != nil; p = &(*p).next {
		if e := *p; e.key == key {
			*p = e.next
			e.gone = true
			a.n--
			return
		}
	}
}

// clear deletes all elements.
func (a *array) clear() {
	for _, e := range a.tab {
		for ; e != nil; e = e.next {
			e.gone = true
		}
	}
	a.n, a.tab = 0, make([]*elem, firstTab)
}

// each calls f for the elements until it returns false. F may change the
// array: what it deletes is not met any more, what it adds may be.
func (a *array) each(f func(key string) bool) {
	for i := 0; i < len(a.tab); i++ {
		for e := a.tab[i]; e != nil; {
			next := e.next
			if !e.gone && !f(e.key) {
				return
			}
			e = next
		}
	}
}
