package op

import "github.com/retrodict/retrodict/tensor"

// A LayerNormConfig holds the attributes of LayerNorm and RMSNorm.
type LayerNormConfig struct {
	Axis int     // the first normalised axis, negative from the end; 0 normalises everything
	Eps  float64 // added to the variance; 0: 1e-5, negative: nothing
	Bias bool    // LayerNorm: a third argument is added
}

// LayerNorm returns scale·(x − m)/√(v + eps) [+ bias], with mean and biased variance over the axes from cfg.Axis on,
// for every index of the axes before it. scale and bias have the shape of those axes. Ba, Kiros and Hinton 2016. ONNX
// LayerNormalization, its first output.
func LayerNorm(cfg LayerNormConfig) Op { return rowNorm{cfg: withEps(cfg), centred: true} }

// RMSNorm returns scale·x/√(⟨x²⟩ + eps), the mean of squares taken over the axes from cfg.Axis on; scale has the shape
// of those axes. Zhang and Sennrich 2019. ONNX RMSNormalization, SimplifiedLayerNormalization.
func RMSNorm(cfg LayerNormConfig) Op {
	cfg.Bias = false
	return rowNorm{cfg: withEps(cfg)}
}

func withEps(cfg LayerNormConfig) LayerNormConfig {
	cfg.Eps = orDefault(cfg.Eps)
	return cfg
}

type rowNorm struct {
	cfg     LayerNormConfig
	centred bool // about the mean; otherwise about 0
}

func (o rowNorm) Name() string {
	base := "rmsnorm"
	if o.centred {
		base = "layernorm"
	}
	return named(base, axisText(o.cfg.Axis), epsText(o.cfg.Eps), flag("bias", o.cfg.Bias))
}

func (o rowNorm) Arity() int {
	if o.cfg.Bias {
		return 3
	}
	return 2
}

func (o rowNorm) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x := args[0]
	axis := o.cfg.Axis
	if axis < 0 {
		axis += x.Rank()
	}
	if axis < 0 || axis >= x.Rank() {
		return x, errorf(o, "input %v has no axis %d", x, o.cfg.Axis)
	}
	want := tensor.Dims(x.Slice()[axis:]...)
	if want.Len() == 0 {
		return x, errorf(o, "nothing to normalise over in input %v", x)
	}
	for _, s := range args[1:] {
		if s != want {
			return x, errorf(o, "scale or bias has shape %v, want %v for input %v", s, want, x)
		}
	}
	return x, nil
}

// args returns the operands of the kernels, m and r computed: T: result, x, scale, bias or ε, m and r;
// N: rows, elements of a row.
func (o rowNorm) args(c *tensor.Ctx, dst, x, scale, other tensor.Tensor) tensor.Args {
	n := scale.Len()
	rows := x.Len() / n
	stats := c.Scratch(x.Type(), tensor.Dims(rows, 2))
	centred := 0
	if o.centred {
		centred = 1
	}
	splitOf(c, x.Type(), rows, 2*n, rowStats[float64], rowStats[float32],
		tensor.Args{T: [6]tensor.Tensor{stats, x}, N: [12]int{n, centred}, F: [4]float64{o.cfg.Eps}})
	return tensor.Args{T: [6]tensor.Tensor{dst, x, scale, other, stats}, N: [12]int{rows, n, centred}}
}

func (o rowNorm) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	bias := tensor.Tensor{}
	if o.cfg.Bias {
		bias = args[2]
	}
	a := o.args(c, dst, args[0], args[1], bias)
	splitOf(c, dst.Type(), a.N[0], a.N[1], rowForward[float64], rowForward[float32], a)
	c.Release(m)
}

func (o rowNorm) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	m := c.Mark()
	a := o.args(c, d[0], args[0], args[1], eps)
	rows, n := a.N[0], a.N[1]
	if d[0].Wanted() || d[1].Wanted() {
		a.T[5] = c.Scratch(eps.Type(), tensor.Dims(rows, n))
		splitOf(c, eps.Type(), rows, 4*n, rowData[float64], rowData[float32], a)
	}
	if d[1].Wanted() {
		reduceTo(c, d[1].Reshape(tensor.Dims(n)), a.T[5])
	}
	if o.cfg.Bias && d[2].Wanted() {
		reduceTo(c, d[2].Reshape(tensor.Dims(n)), eps.Reshape(tensor.Dims(rows, n)))
	}
	c.Release(m)
}

// rowStats computes m and r of rows lo to hi.
func rowStats[T tensor.Float](a *tensor.Args, lo, hi int) {
	stats, x, n, centred := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N[0], a.N[1] != 0
	for i := lo; i < hi; i++ {
		row := x[i*n : (i+1)*n]
		var m T
		if centred {
			m = sum4(row) / T(n)
		}
		stats[2*i], stats[2*i+1] = m, inverse(squares4(row, m)/T(n), T(a.F[0]))
	}
}

func rowForward[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, scale, stats := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[4])
	n := a.N[1]
	for i := lo; i < hi; i++ {
		m, r := stats[2*i], stats[2*i+1]
		dst, src := y[i*n:(i+1)*n], x[i*n:(i+1)*n]
		tensor.OffsetOf(dst, src, -m)
		tensor.ScaleOf(dst, dst, r)
		tensor.MulOf(dst, dst, scale)
		if a.T[3].Wanted() {
			tensor.AddOf(dst, dst, tensor.Data[T](a.T[3]))
		}
	}
}

// rowData computes the derivative in x of rows lo to hi, if it is wanted, and leaves ε·x̂, whose sum over ascending rows is
// that in scale, in T[5]. The row of the result holds g in between.
func rowData[T tensor.Float](a *tensor.Args, lo, hi int) {
	x, scale, eps, stats, hats := tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3]), tensor.Data[T](a.T[4]), tensor.Data[T](a.T[5])
	n := a.N[1]
	for i := lo; i < hi; i++ {
		m, r := stats[2*i], stats[2*i+1]
		hat, e := hats[i*n:(i+1)*n], eps[i*n:(i+1)*n]
		tensor.OffsetOf(hat, x[i*n:(i+1)*n], -m)
		tensor.ScaleOf(hat, hat, r)
		if a.T[0].Wanted() {
			d := tensor.Data[T](a.T[0])[i*n : (i+1)*n]
			tensor.MulOf(d, e, scale)
			var mean T
			if a.N[2] != 0 {
				mean = sum4(d) / T(n)
			}
			dot := dot4(d, hat, 0, 1) / T(n)
			tensor.OffsetOf(d, d, -mean)
			tensor.AddScaledOf(d, d, hat, -dot)
			tensor.ScaleOf(d, d, r)
		}
		tensor.MulOf(hat, hat, e)
	}
}
