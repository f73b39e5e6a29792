package proc

import "ufo/ns"

// Fversion agrees with the server at the other end of fd on the version of 9P and
// returns it. See fauth(2).
func (p *Proc) Fversion(fd int, version string) (agreed string, err error) {
	if p.trace != nil {
		defer p.tell("Fversion", p.Now(), nil, &err, fd, version)
	}
	ctx := p.begin(callFversion)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return "", err
	}
	defer c.Close()
	agreed, err = ns.Fversion(ctx, c, version)
	return agreed, intr(ctx, err)
}

// Fauth begins an authentication with the server at the other end of fd, for its
// tree spec, and returns the descriptor by which it is done. See fauth(2).
func (p *Proc) Fauth(fd int, spec string) (afd int, err error) {
	if p.trace != nil {
		defer p.tell("Fauth", p.Now(), &afd, &err, fd, spec)
	}
	ctx := p.begin(callFauth)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return -1, err
	}
	defer c.Close()
	auth, err := p.View().Fauth(ctx, c, spec)
	if err != nil {
		return -1, intr(ctx, err)
	}
	return p.fgrp.add(auth, true)
}
