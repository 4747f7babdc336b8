package optest

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// checkShape: Shape accepts the row's arguments, twice with the same answer, and so does ResultType.
func checkShape(r Row) error {
	s, err := r.Op.Shape(r.shapes()...)
	if err != nil {
		return err
	}
	if again, err := r.Op.Shape(r.shapes()...); err != nil || again != s {
		return fmt.Errorf("a second call gives %v, %v", again, err)
	}
	if n := r.Op.Arity(); n != -1 && n != len(r.Args) {
		return fmt.Errorf("arity %d, the row has %d arguments", n, len(r.Args))
	}
	if r.Op.Name() == "" || strings.ContainsAny(r.Op.Name(), " \n\t") {
		return fmt.Errorf("the name %q is empty or has white space", r.Op.Name())
	}
	c := serial()
	defer c.Close()
	for _, f := range []tensor.Type{tensor.Float64, tensor.Float32} {
		if _, err := r.newCall(c, r.shapes(), f); err != nil {
			return err
		}
	}
	return nil
}

// checkRefusal: a wrong number of arguments and the row's bad shapes are errors that start with the Op's name.
func checkRefusal(r Row) error {
	bad := append([][]tensor.Shape{nil}, r.Bad...)
	if n := r.Op.Arity(); n > 0 {
		bad = append(bad, r.shapes()[1:], append(r.shapes(), tensor.Dims(1)))
	}
	for _, shapes := range bad {
		s, err := r.Op.Shape(shapes...)
		if err == nil {
			return fmt.Errorf("shapes %v were accepted, result %v", shapes, s)
		}
		if !strings.HasPrefix(err.Error(), r.Op.Name()+": ") {
			return fmt.Errorf("the error does not start with the name: %q", err)
		}
	}
	types := make([]tensor.Type, len(r.Args)) // without storage
	if _, err := op.ResultType(r.Op, types...); err == nil {
		return errors.New("arguments without a type were accepted")
	}
	return nil
}

// checkFloat32 compares float32 with float64 on the same arguments.
func checkFloat32(r Row) error {
	c := serial()
	defer c.Close()
	k32, err := r.newCall(c, r.shapes(), tensor.Float32)
	if err != nil {
		return err
	}
	args := make([]tensor.Tensor, len(k32.args))
	for i, a := range k32.args {
		args[i] = a
		if a.Type() == tensor.Float32 {
			args[i] = a.Convert(tensor.Float64)
		}
	}
	k64, err := r.callWith(c, r.random(), args)
	if err != nil {
		return err
	}
	if err := r.near("result", k32.out, k64.out); err != nil || !k32.eps.Wanted() {
		return err
	}
	k64.eps.ConvertFrom(k32.eps)
	d64 := k64.vjp(all)
	for i, d := range k32.vjp(all) {
		if err := r.near(fmt.Sprintf("d[%d]", i), d, d64[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r Row) near(what string, a, b tensor.Tensor) error {
	if !a.Wanted() {
		return nil
	}
	tol, norm := r.Tol32, 1.0
	if tol == 0 {
		tol = 1e-5
	}
	for i := range b.Len() {
		if x := math.Abs(b.Float(i)); !math.IsInf(x, 0) && x > norm {
			norm = x
		}
	}
	for i := range a.Len() {
		x, y := a.Float(i), b.Float(i)
		if !(math.Abs(x-y) <= tol*norm || x == y) {
			return fmt.Errorf("%s: element %d is %v in float32, %v in float64", what, i, x, y)
		}
	}
	return nil
}

// checkNaN: an argument that is NaN everywhere shows in the result.
func checkNaN(r Row) error {
	c := serial()
	defer c.Close()
	k, err := r.newCall(c, r.shapes(), tensor.Float64)
	if err != nil || r.NoNaN || !k.eps.Wanted() || k.out.Len() == 0 {
		return err
	}
	for i, a := range k.args {
		if !a.Type().IsFloat() || a.Len() == 0 || r.Args[i].Constant {
			continue
		}
		old := a.Clone()
		a.Fill(math.NaN())
		k.forward()
		a.CopyFrom(old)
		if !hasNaN(k.out) {
			return fmt.Errorf("argument %d is NaN, and the result has none", i)
		}
	}
	return nil
}

func hasNaN(t tensor.Tensor) bool {
	for i := range t.Len() {
		if math.IsNaN(t.Float(i)) {
			return true
		}
	}
	return false
}

// checkCases compares the row's exact cases by bits.
func checkCases(r Row) error {
	c := serial()
	defer c.Close()
	for n, cs := range r.Cases {
		k, err := r.callWith(c, r.random(), cs.Args)
		if err != nil {
			return fmt.Errorf("case %d: %w", n, err)
		}
		if err := differ(fmt.Sprintf("case %d: result", n), k.out, cs.Out); err != nil {
			return err
		}
		if cs.D == nil {
			continue
		}
		k.eps = cs.Eps
		for i, d := range k.vjp(func(i int) bool { return cs.D[i].Wanted() }) {
			if err := differ(fmt.Sprintf("case %d: d[%d]", n, i), d, cs.D[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkEmpty: shapes with a dimension of 0 either are refused or work, and derivatives hold no garbage.
func checkEmpty(r Row) error {
	if r.NoEmpty {
		return nil
	}
	c := serial()
	defer c.Close()
	for _, axis := range []int{0, -1} {
		for _, every := range []bool{true, false} {
			shapes := r.shapes()
			for k, s := range shapes {
				if s.Rank() > 0 && (every || k == 0) {
					shapes[k] = s.With(axis, 0)
				}
			}
			if _, err := r.Op.Shape(shapes...); err != nil {
				continue
			}
			k, err := r.newCall(c, shapes, tensor.Float64)
			if err != nil {
				return err
			}
			for i, d := range k.vjp(all) {
				if d.Wanted() && hasNaN(d) {
					return fmt.Errorf("shapes %v: d[%d] was not set", shapes, i)
				}
			}
		}
	}
	return nil
}
