package optest

import (
	"errors"
	"strings"
	"testing"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// broken is square, g(x) = x·x, or product, g(a, b) = a·b, with one promise broken on purpose.
type broken struct {
	op.Op
	calls   *int
	forward func(o broken, c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor)
	vjp     func(o broken, c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor)
	shape   func(o broken, args []tensor.Shape) (tensor.Shape, error)
}

func (o broken) Name() string { return "broken" }

func (o broken) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if o.shape != nil {
		return o.shape(o, args)
	}
	s, err := o.Op.Shape(args...)
	if err != nil {
		err = errors.New("broken: " + err.Error())
	}
	return s, err
}

func (o broken) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	if o.forward != nil {
		o.forward(o, c, dst, args)
		return
	}
	o.Op.Forward(c, dst, args)
}

func (o broken) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	if o.vjp != nil {
		o.vjp(o, c, d, args, out, eps)
		return
	}
	o.Op.VJP(c, d, args, out, eps)
}

// The suite must find what is wrong with each of these, by the named check.
func TestBrokenOpsAreCaught(t *testing.T) {
	square, product := op.PowScalar(2), op.Mul()
	one, two := []Arg{F(3, 4)}, []Arg{F(3, 4), F(3, 4)}
	for _, tc := range []struct {
		what, by string
		op       broken
		args     []Arg
	}{
		{"nothing", "", broken{Op: square}, one},
		{"a wrong derivative", "derivative", broken{Op: square, vjp: wrongDerivative}, one},
		{"a derivative of the wrong sign in one element", "adjoint", broken{Op: square, vjp: wrongSign}, one},
		{"a derivative that is not linear in ε", "doubling", broken{Op: square, vjp: notLinear}, one},
		{"a derivative that depends on which are wanted", "unwanted", broken{Op: product, vjp: depends}, two},
		{"a derivative that is written though unwanted", "unwanted", broken{Op: product, vjp: always}, two},
		{"a result that depends on the number of workers", "workers", broken{Op: square, forward: counts}, one},
		{"a second call that differs", "purity", broken{Op: square, forward: forgetsNot, calls: new(int)}, one},
		{"a result that is added to what was there", "purity", broken{Op: square, forward: adds}, one},
		{"a derivative that is added to what was there", "derivative", broken{Op: square, vjp: accumulates}, one},
		{"an argument that is modified", "purity", broken{Op: square, forward: modifies}, one},
		{"ε that is modified", "purity", broken{Op: square, vjp: modifiesError}, one},
		{"scratch memory that is kept", "purity", broken{Op: square, forward: keeps}, one},
		{"scratch memory that is read before it is written", "derivative", broken{Op: square, vjp: readsScratch}, one},
		{"a NaN that is swallowed", "nan", broken{Op: square, forward: swallows}, one},
		{"a float32 of too few digits", "float32", broken{Op: square, forward: imprecise}, one},
		{"an allocation", "allocations", broken{Op: square, forward: allocates}, one},
		{"any number of arguments accepted", "refusal", broken{Op: square, shape: accepts}, one},
		{"an error without the name", "refusal", broken{Op: square, shape: nameless}, one},
		{"a result of another shape", "shape", broken{Op: square, shape: larger}, one},
		{"an index out of range without elements", "empty", broken{Op: square, forward: first}, one},
	} {
		t.Run(tc.what, func(t *testing.T) {
			caught := ""
			for _, err := range Check(Row{Op: tc.op, Args: tc.args}) {
				caught += err.Error() + "\n"
			}
			if tc.by == "" && caught != "" || !strings.Contains(caught, "broken: "+tc.by) && tc.by != "" {
				t.Errorf("want it caught by %q, got:\n%s", tc.by, caught)
			}
		})
	}
	wrong := Case{Args: []tensor.Tensor{Vec(2)}, Out: Vec(5)}
	if len(Check(Row{Op: square, Args: one, Cases: []Case{wrong}})) != 1 {
		t.Error("a wrong case was not caught")
	}
}

func wrongDerivative(_ broken, _ *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if d[0].Wanted() {
		for i := range eps.Len() {
			d[0].SetFloat(i, 1.99999*args[0].Float(i)*eps.Float(i))
		}
	}
}

func wrongSign(o broken, c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	o.Op.VJP(c, d, args, out, eps)
	if d[0].Wanted() && d[0].Len() > 7 {
		d[0].SetFloat(7, -d[0].Float(7))
	}
}

func notLinear(o broken, c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	o.Op.VJP(c, d, args, out, eps)
	if d[0].Wanted() && d[0].Len() > 0 {
		d[0].SetFloat(0, d[0].Float(0)+1e-12*eps.Float(0)*eps.Float(0))
	}
}

func depends(o broken, c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	o.Op.VJP(c, d, args, out, eps)
	if d[0].Wanted() && !d[1].Wanted() && d[0].Len() > 0 {
		d[0].SetFloat(0, d[0].Float(0)*(1+1e-15))
	}
}

func always(o broken, c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	o.Op.VJP(c, d, args, out, eps)
	mulInto(d[1].Float64s(), args[0].Float64s(), eps.Float64s())
}

func mulInto(dst, x, y []float64) {
	for i := range dst {
		dst[i] = x[i] * y[i]
	}
}

func counts(o broken, c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.Op.Forward(c, dst, args)
	if dst.Len() > 0 && c.Workers() == 8 {
		dst.SetFloat(0, dst.Float(0)*1.000001)
	}
}

func forgetsNot(o broken, c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.Op.Forward(c, dst, args)
	*o.calls++
	if dst.Len() > 0 {
		dst.SetFloat(0, float64(*o.calls))
	}
}

func adds(_ broken, _ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	for i := range dst.Len() {
		x := args[0].Float(i)
		dst.SetFloat(i, x*x+0*dst.Float(i))
	}
}

func accumulates(o broken, c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	if d[0].Wanted() {
		old := d[0].Clone()
		o.Op.VJP(c, d, args, out, eps)
		for i := range old.Len() {
			d[0].SetFloat(i, d[0].Float(i)+old.Float(i))
		}
	}
}

func modifies(o broken, c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.Op.Forward(c, dst, args)
	if dst.Len() > 0 {
		args[0].SetFloat(0, args[0].Float(0)+1)
	}
}

func modifiesError(o broken, c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	o.Op.VJP(c, d, args, out, eps)
	if eps.Len() > 0 {
		eps.SetFloat(0, 7)
	}
}

func keeps(o broken, c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	c.Scratch(dst.Type(), dst.Shape())
	o.Op.Forward(c, dst, args)
}

func readsScratch(o broken, c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	o.Op.VJP(c, d, args, out, eps)
	m := c.Mark()
	s := c.Scratch(tensor.Float64, tensor.Dims(1))
	if d[0].Wanted() && d[0].Len() > 0 {
		d[0].SetFloat(0, d[0].Float(0)+s.Float(0))
	}
	c.Release(m)
}

func swallows(_ broken, _ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	for i := range dst.Len() {
		if x := args[0].Float(i); x == x {
			dst.SetFloat(i, x*x)
		} else {
			dst.SetFloat(i, 0)
		}
	}
}

func imprecise(o broken, c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.Op.Forward(c, dst, args)
	if dst.Type() == tensor.Float32 {
		for i := range dst.Len() {
			dst.SetFloat(i, dst.Float(i)+1e-4)
		}
	}
}

func allocates(o broken, c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.Op.Forward(c, dst.Clone(), args)
	o.Op.Forward(c, dst, args)
}

func accepts(_ broken, args []tensor.Shape) (tensor.Shape, error) {
	if len(args) == 0 {
		return tensor.Shape{}, nil
	}
	return args[0], nil
}

func nameless(o broken, args []tensor.Shape) (tensor.Shape, error) { return o.Op.Shape(args...) }

func larger(o broken, args []tensor.Shape) (tensor.Shape, error) {
	if len(args) != 1 {
		return tensor.Shape{}, errors.New("broken: arity")
	}
	return tensor.Dims(args[0].Len() + 1), nil
}

func first(o broken, c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	_ = args[0].Float64s()[0]
	o.Op.Forward(c, dst, args)
}
