package op

import (
	"github.com/retrodict/retrodict/tensor"
)

// An Op is an elementary function g of one or more arguments. It is stateless and deterministic to the bit, and keeps
// and modifies no argument. Ops are compared by Name.
type Op interface {
	// Name returns the function and its attributes, such as "tanh" or "conv2d[stride=2]". Two Ops with the same name
	// compute the same function.
	Name() string
	// Arity returns the number of arguments, or -1 for any number from 1 on.
	Arity() int
	// Shape returns the shape of the result, or an error that names the shapes and what was expected of them.
	Shape(args ...tensor.Shape) (tensor.Shape, error)
	// Forward sets dst = g(args). dst has the shape that Shape gives and undefined contents; it overlaps no argument.
	Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor)
	// VJP sets d[k] = Σ ε·∂g/∂args[k], overwriting it, for every k for which d[k] has storage; the bits of one d[k] do
	// not depend on which others are wanted. d[k] has the type and shape of args[k] and undefined contents, and
	// overlaps nothing else. out is g(args). It may be called twice with disjoint sets of wanted derivatives.
	VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor)
}

// A Typed Op has arguments or a result that are not of the graph's float type. Ops that do not implement it take and
// give floats alone.
type Typed interface {
	// Type returns the type of the result, or an error if the types of the arguments do not fit. Float64 stands for the
	// float type of the graph, whichever it is.
	Type(args ...tensor.Type) (tensor.Type, error)
}

// ResultType returns the type of o's result for arguments of the given types, or an error that says which argument does
// not fit.
func ResultType(o Op, args ...tensor.Type) (tensor.Type, error) {
	if t, ok := o.(Typed); ok {
		return t.Type(args...)
	}
	for k, t := range args {
		if !t.IsFloat() {
			return tensor.None, errorf(o, "argument %d has type %v, a float is needed", k, t)
		}
	}
	return tensor.Float64, nil
}
