package optest

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Seed is the seed of all random values of the suite; each row's stream is made from it and the row's name, so a
// failure is repeated by running the row's subtest again.
const Seed = 20260301

// A check is one promise of the contract of an Op.
type check struct {
	name string
	run  func(Row) error
}

func checks() []check {
	return []check{
		{"shape", checkShape},
		{"refusal", checkRefusal},
		{"derivative", checkDerivative},
		{"adjoint", checkAdjoint},
		{"doubling", checkDoubling},
		{"unwanted", checkUnwanted},
		{"workers", checkWorkers},
		{"purity", checkPurity},
		{"float32", checkFloat32},
		{"nan", checkNaN},
		{"cases", checkCases},
		{"empty", checkEmpty},
		{"allocations", checkAllocations},
	}
}

// Check returns everything that is wrong with the row's Op, one error a promise broken.
func Check(row Row) []error {
	var errs []error
	for _, c := range checks() {
		if err := run(c, row); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", row.Name(), c.name, err))
		}
	}
	return errs
}

// run runs a check; a panic is a failure of it.
func run(c check, row Row) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.run(row)
}

// Test runs the checks on one row, each as a subtest.
func Test(t *testing.T, row Row) {
	t.Helper()
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			if err := run(c, row); err != nil {
				t.Errorf("%s: %v (seed %d; repeat with -run '%s')", row.Name(), err, Seed, t.Name())
			}
		})
	}
}

// TestAll runs the checks on every row of the table.
func TestAll(t *testing.T) {
	t.Helper()
	for _, row := range Table() {
		t.Run(row.Name(), func(t *testing.T) { Test(t, row) })
	}
}

// random returns the row's stream of random numbers.
func (r Row) random() *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(r.Name()))
	return rand.New(rand.NewPCG(Seed, h.Sum64()))
}

// A call is an Op with its operands: what a vertex of an engine holds.
type call struct {
	op   op.Op
	c    *tensor.Ctx
	args []tensor.Tensor
	out  tensor.Tensor
	eps  tensor.Tensor // random in [−1, 1]; none if the result is not a float
	junk float64       // what outputs and scratch memory hold before a call
}

// newCall returns a call with random arguments of the given shapes, its result computed.
func (r Row) newCall(c *tensor.Ctx, shapes []tensor.Shape, f tensor.Type) (*call, error) {
	rnd := r.random()
	return r.callWith(c, rnd, r.values(rnd, shapes, f))
}

func (r Row) callWith(c *tensor.Ctx, rnd *rand.Rand, args []tensor.Tensor) (*call, error) {
	shapes, types, f := make([]tensor.Shape, len(args)), make([]tensor.Type, len(args)), tensor.Float64
	for k, a := range args {
		shapes[k], types[k] = a.Shape(), a.Type()
		if a.Type() == tensor.Float32 {
			f, types[k] = tensor.Float32, tensor.Float64
		}
	}
	s, err := r.Op.Shape(shapes...)
	if err != nil {
		return nil, err
	}
	typ, err := op.ResultType(r.Op, types...)
	if err != nil {
		return nil, err
	}
	if typ == tensor.Float64 {
		typ = f
	}
	k := &call{op: r.Op, c: c, args: args, out: tensor.New(typ, s), junk: math.NaN()}
	if typ.IsFloat() {
		k.eps = tensor.New(typ, s)
		for i := range k.eps.Len() {
			k.eps.SetFloat(i, float64(2*rnd.Float64())-1)
		}
	}
	k.forward()
	return k, nil
}

func (k *call) forward() {
	k.spoil(k.out)
	k.poison()
	k.op.Forward(k.c, k.out, k.args)
}

// vjp returns the wanted derivatives; those of arguments that are not floats never are.
func (k *call) vjp(want func(int) bool) []tensor.Tensor {
	d := make([]tensor.Tensor, len(k.args))
	if !k.eps.Wanted() {
		return d
	}
	for i, a := range k.args {
		if a.Type().IsFloat() && want(i) {
			d[i] = tensor.New(a.Type(), a.Shape())
			k.spoil(d[i])
		}
	}
	k.poison()
	k.op.VJP(k.c, d, k.args, k.out, k.eps)
	return d
}

func all(int) bool { return true }

// derived returns which arguments have a derivative.
func (r Row) derived(i int) bool { return !r.Args[i].Observed }

// spoil fills an output with what no Op may read.
func (k *call) spoil(t tensor.Tensor) {
	switch t.Type() {
	case tensor.Float64, tensor.Float32:
		t.Fill(k.junk)
	case tensor.Int64:
		t.Fill(-1 << 40)
	}
}

// poison does so with the scratch memory.
func (k *call) poison() {
	m := k.c.Mark()
	k.c.Scratch(tensor.Float64, tensor.Dims(4096)).Fill(k.junk)
	k.c.Release(m)
}

// serial returns a Ctx with one worker; close it.
func serial() *tensor.Ctx { return tensor.NewCtx(tensor.Config{Workers: 1}) }

// differ returns an error that names the first element whose bits differ.
func differ(what string, got, want tensor.Tensor) error {
	if got.Type() != want.Type() || got.Shape() != want.Shape() {
		return fmt.Errorf("%s is %v%v, want %v%v", what, got.Type(), got.Shape(), want.Type(), want.Shape())
	}
	if !got.Wanted() {
		return nil
	}
	for i := range got.Len() {
		if got.Bits(i) != want.Bits(i) {
			return fmt.Errorf("%s: element %d is %v, want %v (%x, %x)", what, i, got.Float(i), want.Float(i), got.Bits(i), want.Bits(i))
		}
	}
	return nil
}
