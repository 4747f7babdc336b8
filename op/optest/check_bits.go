package optest

import (
	"fmt"
	"testing"

	"github.com/retrodict/retrodict/tensor"
)

// checkUnwanted: the bits of a derivative do not depend on which others are wanted: each alone, and all but each.
func checkUnwanted(r Row) error {
	c := serial()
	defer c.Close()
	k, err := r.newCall(c, r.shapes(), tensor.Float64)
	if err != nil || !k.eps.Wanted() {
		return err
	}
	d := k.vjp(all)
	for i := range k.args {
		alone := k.vjp(func(j int) bool { return i == j })
		rest := k.vjp(func(j int) bool { return i != j })
		for j := range d {
			got := alone[j]
			if j != i {
				got = rest[j]
			}
			if !got.Wanted() {
				continue
			}
			if err := differ(fmt.Sprintf("d[%d] with other derivatives unwanted", j), got, d[j]); err != nil {
				return err
			}
		}
	}
	k.vjp(func(int) bool { return false })
	return nil
}

// checkWorkers: the same bits with 1, 2 and 8 workers.
func checkWorkers(r Row) error {
	shapes := r.Large
	if shapes == nil {
		shapes = r.shapes()
	}
	for _, f := range []tensor.Type{tensor.Float64, tensor.Float32} {
		var out tensor.Tensor
		var d []tensor.Tensor
		for _, n := range []int{1, 2, 8} {
			k, got, err := r.withWorkers(n, shapes, f)
			if err != nil {
				return err
			}
			if n == 1 {
				out, d = k.out, got
				continue
			}
			if err := differ(fmt.Sprintf("%v result with %d workers", f, n), k.out, out); err != nil {
				return err
			}
			for i := range d {
				if err := differ(fmt.Sprintf("%v d[%d] with %d workers", f, i, n), got[i], d[i]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r Row) withWorkers(n int, shapes []tensor.Shape, f tensor.Type) (*call, []tensor.Tensor, error) {
	c := tensor.NewCtx(tensor.Config{Workers: n})
	defer c.Close()
	k, err := r.newCall(c, shapes, f)
	if err != nil {
		return nil, nil, err
	}
	return k, k.vjp(all), nil
}

// checkPurity: two calls give the same bits, whatever the outputs and the scratch memory held before, and arguments,
// result and error are as they were.
func checkPurity(r Row) error {
	c := serial()
	defer c.Close()
	k, err := r.newCall(c, r.shapes(), tensor.Float64)
	if err != nil {
		return err
	}
	before := make([]tensor.Tensor, len(k.args))
	for i, a := range k.args {
		before[i] = a.Clone()
	}
	out, eps, d := k.out.Clone(), k.eps.Clone(), k.vjp(all)
	if err := differ("the result after VJP", k.out, out); err != nil {
		return err
	}
	k.junk = 7
	k.forward()
	if err := differ("the result of a second call", k.out, out); err != nil {
		return err
	}
	for i, again := range k.vjp(all) {
		if err := differ(fmt.Sprintf("d[%d] of a second call", i), again, d[i]); err != nil {
			return err
		}
	}
	for i, a := range k.args {
		if err := differ(fmt.Sprintf("argument %d after the calls", i), a, before[i]); err != nil {
			return err
		}
	}
	if m := c.Mark(); m != (tensor.Mark{}) {
		return fmt.Errorf("scratch memory was not released")
	}
	return differ("ε after the calls", k.eps, eps)
}

// checkAllocations: in the steady state nothing is allocated.
func checkAllocations(r Row) error {
	c := serial()
	defer c.Close()
	for _, f := range []tensor.Type{tensor.Float64, tensor.Float32} {
		k, err := r.newCall(c, r.shapes(), f)
		if err != nil || r.Allocs {
			return err
		}
		if n := allocations(func() { k.op.Forward(c, k.out, k.args) }); n != 0 {
			return fmt.Errorf("%v: Forward allocates %v times a call", f, n)
		}
		if !k.eps.Wanted() {
			continue
		}
		d := k.vjp(all)
		if n := allocations(func() { k.op.VJP(c, d, k.args, k.out, k.eps) }); n != 0 {
			return fmt.Errorf("%v: VJP allocates %v times a call", f, n)
		}
	}
	return nil
}

// allocations returns the allocations of a call, the least of some measurements: other goroutines may allocate, too.
func allocations(f func()) float64 {
	n := testing.AllocsPerRun(3, f)
	for try := 0; try < 5 && n != 0; try++ {
		n = min(n, testing.AllocsPerRun(3, f))
	}
	return n
}
