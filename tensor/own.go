package tensor

import "github.com/retrodict/retrodict/tensor/internal/par"

// An ownJob is a kernel whose pieces each have a Ctx.
type ownJob struct {
	run    func(c *Ctx, a *Args, lo, hi int)
	args   Args
	forks  []*Ctx // by worker: with scratch memory of its own and nobody to share work with
	serial *par.Pool
}

// Run implements par.Task.
func (j *ownJob) Run(worker, lo, hi int) { j.run(j.forks[worker], &j.args, lo, hi) }

// SplitOwn is Split for kernels that need scratch memory or matrix products: run gets a Ctx that is its own until it
// returns. A kernel that is not split gets c itself, and shares the work of its products.
func (c *Ctx) SplitOwn(n, grain int, run func(c *Ctx, a *Args, lo, hi int), args Args) {
	if n <= 0 {
		return
	}
	j := &c.own
	j.args = args
	if n <= grain || c.pool.Size() == 1 {
		run(c, &j.args, 0, n)
		j.args = Args{}
		return
	}
	if j.forks == nil {
		j.serial = par.New(1)
		for range c.pool.Size() {
			j.forks = append(j.forks, &Ctx{backend: c.backend, pool: j.serial})
		}
	}
	j.run = run
	c.pool.Do(n, grain, j)
	j.run, j.args = nil, Args{}
	for _, f := range j.forks {
		f.match(j.forks[0])
		j.forks[0].match(f)
	}
}

// match gives c as much scratch memory as o has, so that a worker that joins late need not allocate.
func (c *Ctx) match(o *Ctx) {
	for i, b := range o.slabs {
		switch {
		case i == len(c.slabs):
			c.slabs = append(c.slabs, alignedBytes(len(b)))
		case len(c.slabs[i]) < len(b):
			c.slabs[i] = alignedBytes(len(b))
		}
	}
}
