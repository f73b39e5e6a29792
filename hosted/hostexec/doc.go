// Package hostexec runs programs of the host for the processes of a node.
//
// [NewCmd] returns the device #C, with which processes run commands of the
// host in the host's own name space, as cmd(3) of Inferno does.
package hostexec
