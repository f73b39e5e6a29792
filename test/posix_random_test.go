package test

// posixRandom are rows that do one thing after another as a seed has it, and
// compare what the files are with what they should be.
var posixRandom = []posixRow{
	{name: "any order of writes and truncations", long: true, py: `
import random
def check(seed):
    r, model = random.Random(seed), bytearray()
    name = 'f%d' % seed
    fds = [os.open(name, os.O_RDWR|os.O_CREAT), os.open(name, os.O_RDWR), os.open(name, os.O_WRONLY|os.O_APPEND)]
    for step in range(400):
        op, fd, off, n = r.randrange(8), fds[r.randrange(2)], r.randrange(200000), r.randrange(1, 70000)
        data = r.randbytes(n)
        if op < 3:
            if off > len(model): model.extend(bytes(off - len(model)))
            model[off:off+n] = data
            os.pwrite(fd, data, off)
        elif op == 3:
            model.extend(data)
            os.write(fds[2], data)
        elif op == 4:
            if off > len(model): model.extend(bytes(off - len(model)))
            del model[off:]
            if r.randrange(2): os.truncate(name, off)
            else: os.ftruncate(fd, off)
        elif op == 5:
            os.close(fds[1])
            fds[1] = os.open(name, os.O_RDWR | (os.O_TRUNC if r.randrange(8) == 0 else 0))
            if os.fstat(fds[1]).st_size == 0: model.clear()
        else:
            have = os.pread(fd, n, off)
            if have != model[off:off+n]:
                return 'seed %d, step %d: %d bytes at %d differ' % (seed, step, n, off)
        if os.fstat(fd).st_size != len(model) or os.stat(name).st_size != len(model):
            return 'seed %d, step %d: size %d, want %d' % (seed, step, os.stat(name).st_size, len(model))
    with open(name, 'rb') as f:
        return f.read() == model
print([check(seed) for seed in range(4)])`, want: "[True, True, True, True]"},
	{name: "any order of mapped and ordinary writes", long: true, py: `
import random, mmap
def check(seed):
    r, size = random.Random(seed), 100000
    model = bytearray(r.randbytes(size))
    with open('f%d' % seed, 'wb') as f: f.write(model)
    fd = os.open('f%d' % seed, os.O_RDWR)
    m = mmap.mmap(fd, size, mmap.MAP_SHARED)
    for step in range(100):
        off, n = r.randrange(size), r.randrange(1, 5000)
        data = r.randbytes(n)[:size-off]
        model[off:off+len(data)] = data
        if r.randrange(2):
            m[off:off+len(data)] = data
            m.flush()
        else:
            os.pwrite(fd, data, off)
        off = r.randrange(size)
        if os.pread(fd, n, off) != model[off:off+n]: return 'seed %d, step %d: read' % (seed, step)
        if m[off:off+n] != model[off:off+n]: return 'seed %d, step %d: map' % (seed, step)
    m.close()
    return open('f%d' % seed, 'rb').read() == model
print([check(seed) for seed in range(3)])`, want: "[True, True, True]"},
	{name: "any order of names", long: true, py: `
import random
def check(seed):
    r, top = random.Random(seed), 't%d' % seed
    os.mkdir(top)
    dirs, files, opened = [top], {}, []
    for step in range(400):
        op, d = r.randrange(9), r.choice(dirs)
        p = d + '/' + r.choice('abcdefgh')
        try:
            if op < 3:
                put(p, str(step)); files[p] = str(step)
                assert p not in dirs, 'wrote a directory'
            elif op == 3:
                os.mkdir(p); dirs.append(p)
                assert p not in files, 'made twice'
            elif op == 4:
                os.unlink(p); del files[p]
            elif op == 5:
                os.rmdir(p); dirs.remove(p)
                assert not any(q.startswith(p + '/') for q in files), 'was not empty'
            elif op == 6:
                q = d + '/' + r.choice('abcdefgh')
                os.rename(p, q)
                if p != q and p in files: files[q] = files.pop(p)
                elif p != q:
                    if q in dirs: dirs.remove(q)
                    moved = lambda x: q + x[len(p):] if (x + '/').startswith(p + '/') else x
                    dirs = [moved(x) for x in dirs]
                    files = {moved(x): t for x, t in files.items()}
            elif op == 7 and len(opened) < 50:
                opened.append((open(p), files[p]))
            elif opened:
                f, text = opened.pop(r.randrange(len(opened)))
                have = f.read()
                f.close()
                # What was written over meanwhile is another row's affair.
                if have != text and len(have) == 0: return 'seed %d, step %d: an open file is gone' % (seed, step)
        except OSError as e:
            if e.errno not in (errno.ENOENT, errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.EINVAL):
                return 'seed %d, step %d, op %d: %s' % (seed, step, op, e.strerror)
            if op == 4 and p in files or op == 7 and p in files:
                return 'seed %d, step %d: %s: %s' % (seed, step, p, e.strerror)
        if step % 25 == 0:
            have = {}
            for dir, _, names in os.walk(top):
                for n in names: have[dir + '/' + n] = get(dir + '/' + n)
            if have != files: return 'seed %d, step %d: %r, want %r' % (seed, step, have, files)
    return sorted(x for x, _, _ in os.walk(top)) == sorted(dirs)
print([check(seed) for seed in range(2)])`, want: "[True, True]"},
}
