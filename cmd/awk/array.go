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
	hash uint32
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

// hash returns what says where in a table a key is.
func hash[T string | []byte](key T) uint32 {
	h := uint32(0)
	for i := range len(key) {
		h = uint32(int8(key[i])) + 31*h // char is signed
	}
	return h
}

// place returns where the elements with a hash begin.
func (a *array) place(h uint32) **elem { return &a.tab[h%uint32(len(a.tab))] }

// find returns the element of a key, or nil.
func (a *array) find(key string) *elem {
	h := hash(key)
	for e := *a.place(h); e != nil; e = e.next {
		if e.hash == h && e.key == key {
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
	h := hash(key)
	for e := *a.place(h); e != nil; e = e.next {
		if e.hash == h && e.key == string(key) {
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
	e := &elem{key: key, hash: hash(key), value: none()}
	p := a.place(e.hash)
	e.next, *p = *p, e
	return e
}

// grow hangs the elements into a bigger table.
func (a *array) grow() {
	old := a.tab
	a.tab = make([]*elem, growTab*len(old))
	for _, e := range old {
		for e != nil {
			next, p := e.next, a.place(e.hash)
			e.next, *p = *p, e
			e = next
		}
	}
}

// remove deletes the element of a key, if there is one.
func (a *array) remove(key string) {
	for p := a.place(hash(key)); *p != nil; p = &(*p).next {
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
