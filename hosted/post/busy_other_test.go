//go:build !linux

package post

var moreStates []state
