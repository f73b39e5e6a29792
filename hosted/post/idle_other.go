//go:build !unix

package post

// canTry says whether a read can be told not to wait.
const canTry = false
