package op

import (
	"fmt"
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// activations returns the functions that Activation knows, in a fixed order.
func activations() []Op {
	return []Op{Identity(), Tanh(), Sigmoid(), Relu(), Gelu(), GeluTanh(), Silu(), Elu(1), Selu(), Celu(1), LeakyRelu(0.01),
		Softplus(), Softsign(), HardSigmoid(0.2, 0.5), HardSwish(), Mish(), Exp(), Sin(), Erf()}
}

// ActivationNames returns the names that Activation and Unit take, in a fixed order.
func ActivationNames() []string {
	var names []string
	for _, a := range activations() {
		names = append(names, activationName(a))
	}
	return names
}

// activationName returns the Op's name without its attributes; the two forms of gelu are told apart.
func activationName(o Op) string {
	base, attributes, _ := strings.Cut(o.Name(), "[")
	if attributes == "tanh]" {
		return o.Name()
	}
	return base
}

// Activation returns the function of one number with the given name, its attributes being ONNX's defaults, or an error
// that lists the names.
func Activation(name string) (Op, error) {
	for _, a := range activations() {
		if activationName(a) == name || a.Name() == name {
			return a, nil
		}
	}
	return nil, fmt.Errorf("unknown activation %q: use one of %s", name, strings.Join(ActivationNames(), ", "))
}

// Unit returns a single neuron g(x_1, …, x_K, w) = f(w_K + w_0·x_1 + … + w_{K−1}·x_K), where f is the activation: the
// x_k are of one shape, usually [batch], and w has shape [K+1], its last element being the bias. The sum starts from
// the bias and ascends. With δ = ε·f′: ∂x_k = δ·w_{k−1}; ∂w_{k−1} = Σ δ·x_k and ∂w_K = Σ δ in ascending order over the
// elements of a shape, starting at +0. The error lists the activations.
func Unit(activation string) (Op, error) {
	a, err := Activation(activation)
	if err != nil {
		return nil, err
	}
	return unit{name: "unit[" + activation + "]", act: a.(unary)}, nil
}

type unit struct {
	name string
	act  unary
}

func (o unit) Name() string { return o.name }
func (o unit) Arity() int   { return -1 }

func (o unit) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	k := len(args) - 1
	if k < 1 {
		return tensor.Shape{}, errorf(o, "got %d arguments, want one input or more and the weights", len(args))
	}
	if w := args[k]; w != tensor.Dims(k+1) {
		return tensor.Shape{}, errorf(o, "the weights have shape %v, %d inputs need %v", w, k, tensor.Dims(k+1))
	}
	return args[0], oneShape(o, args[:k])
}

func (o unit) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	if o.act.name == "identity" {
		preactivate(dst, args)
		return
	}
	m := c.Mark()
	pre := c.Scratch(dst.Type(), dst.Shape())
	preactivate(pre, args)
	c.Split(dst.Len(), grain, o.act.fwd, tensor.Args{T: [6]tensor.Tensor{dst, pre}})
	c.Release(m)
}

// preactivate sets dst to the weighted sum.
func preactivate(dst tensor.Tensor, args []tensor.Tensor) {
	if dst.Type() == tensor.Float32 {
		weightedSum(dst.Float32s(), args)
		return
	}
	weightedSum(dst.Float64s(), args)
}

func weightedSum[T tensor.Float](dst []T, args []tensor.Tensor) {
	k := len(args) - 1
	w := tensor.Data[T](args[k])
	for b := range dst {
		dst[b] = w[k]
	}
	for i := range k { // by index: copying a Tensor costs more than a product
		wi := w[i]
		for b, v := range tensor.Data[T](args[i])[:len(dst)] {
			dst[b] += T(wi * v)
		}
	}
}

func (o unit) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	m := c.Mark()
	delta := eps
	if o.act.vjp != nil {
		pre := out // not read
		if !o.act.out {
			pre = c.Scratch(eps.Type(), eps.Shape())
			preactivate(pre, args)
		}
		delta = c.Scratch(eps.Type(), eps.Shape())
		c.Split(eps.Len(), grain, o.act.vjp, tensor.Args{T: [6]tensor.Tensor{delta, pre, out, eps}})
	}
	if eps.Type() == tensor.Float32 {
		unitVJP(d, args, delta.Float32s())
	} else {
		unitVJP(d, args, delta.Float64s())
	}
	c.Release(m)
}

func unitVJP[T tensor.Float](d, args []tensor.Tensor, delta []T) {
	k := len(args) - 1
	w := tensor.Data[T](args[k])
	for i := range k {
		if !d[i].Wanted() {
			continue
		}
		wi, dx := w[i], tensor.Data[T](d[i])[:len(delta)]
		for b, e := range delta {
			dx[b] = e * wi
		}
	}
	if !d[k].Wanted() {
		return
	}
	dw := tensor.Data[T](d[k])
	for i := range k {
		var sum T
		xs := tensor.Data[T](args[i])[:len(delta)]
		for b, e := range delta {
			sum += T(e * xs[b])
		}
		dw[i] = sum
	}
	var sum T
	for _, e := range delta {
		sum += e
	}
	dw[k] = sum
}
