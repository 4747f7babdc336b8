package op

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// Activations made of exponentials and error functions, computed slice by slice in the type of the tensor.

// Erf returns g(x) = erf x, g′ = 2/√π·e^(−x²). ONNX: Erf.
func Erf() Op {
	return unary{name: "erf", fwd: lift1(erfSlice[float64], erfSlice[float32]), vjp: liftIn(erfVJP[float64], erfVJP[float32])}
}

func erfVJP[T tensor.Float](d, x, e []T) {
	d, e = d[:len(x)], e[:len(x)]
	for i, v := range x {
		d[i] = -v * v
	}
	expSlice(d, d)
	for i, v := range e {
		d[i] *= 2 / math.SqrtPi * v
	}
}

// Gelu returns g(x) = x·Φ(x) = ½x(1 + erf(x/√2)) (Hendrycks and Gimpel, 2016). ONNX: Gelu.
func Gelu() Op {
	return unary{name: "gelu", fwd: lift1(geluSlice[float64], geluSlice[float32]), vjp: liftIn(geluVJP[float64], geluVJP[float32])}
}

func geluSlice[T tensor.Float](dst, x []T) {
	erfScaled(dst, x)
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = 0.5 * v * (1 + dst[i])
	}
}

// erfScaled sets dst = erf(x/√2).
func erfScaled[T tensor.Float](dst, x []T) {
	tensor.ScaleOf(dst, x, invSqrt2)
	erfSlice(dst, dst)
}

// geluVJP sets d = ε·(Φ(x) + x·φ(x)), φ the density of the standard normal distribution.
func geluVJP[T tensor.Float](d, x, e []T) {
	erfScaled(d, x)
	var part [128]T
	for len(x) > 0 {
		n := min(len(x), len(part))
		density, slope, eps := part[:n], d[:n], e[:n]
		for i, v := range x[:n] {
			density[i] = -0.5 * v * v
		}
		expSlice(density, density)
		for i, v := range x[:n] {
			slope[i] = eps[i] * (T(0.5*(1+slope[i])) + T(v*invSqrt2Pi*density[i]))
		}
		d, x, e = d[n:], x[n:], e[n:]
	}
}

// GeluTanh returns the approximation g(x) = ½x(1 + tanh(√(2/π)(x + 0.044715x³))). ONNX: Gelu, approximate=tanh.
func GeluTanh() Op {
	return unary{name: "gelu[tanh]", fwd: lift1(geluTanhSlice[float64], geluTanhSlice[float32]),
		vjp: liftIn(geluTanhVJP[float64], geluTanhVJP[float32])}
}

const (
	geluScale = 2 * invSqrt2Pi // √(2/π) = 2/√(2π)
	geluCube  = 0.044715
)

// geluInner sets dst = tanh(√(2/π)(x + 0.044715x³)).
func geluInner[T tensor.Float](dst, x []T) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = geluScale * (v + T(geluCube*v*v*v))
	}
	tanhSlice(dst, dst)
}

func geluTanhSlice[T tensor.Float](dst, x []T) {
	geluInner(dst, x)
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = 0.5 * v * (1 + dst[i])
	}
}

func geluTanhVJP[T tensor.Float](d, x, e []T) {
	geluInner(d, x)
	d, e = d[:len(x)], e[:len(x)]
	for i, v := range x {
		t := d[i]
		d[i] = e[i] * (T(0.5*(1+t)) + T(0.5*v*(1-T(t*t))*geluScale*(1+T(3*geluCube*v*v))))
	}
}

// Silu returns g(x) = x·σ(x) (Elfwing et al., 2018), also called swish. ONNX: Swish with alpha 1.
func Silu() Op {
	return unary{name: "silu", fwd: lift1(siluSlice[float64], siluSlice[float32]), vjp: liftIn(siluVJP[float64], siluVJP[float32])}
}

func siluSlice[T tensor.Float](dst, x []T) {
	sigmoidSlice(dst, x)
	tensor.MulOf(dst, x, dst)
}

func siluVJP[T tensor.Float](d, x, e []T) {
	sigmoidSlice(d, x)
	x, e = x[:len(d)], e[:len(d)]
	for i, s := range d {
		d[i] = e[i] * (s + T(x[i]*s*(1-s)))
	}
}

// Softplus returns g(x) = log(1 + e^x), g′ = σ(x). ONNX: Softplus.
func Softplus() Op {
	return unary{name: "softplus", fwd: lift1(softplusSlice[float64], softplusSlice[float32]), vjp: liftIn(softplusVJP[float64], softplusVJP[float32])}
}

// softplusSlice sets dst = max(x, 0) + log(1 + u) with u = e^−|x|, where the rounding of 1 + u is made good.
func softplusSlice[T tensor.Float](dst, x []T) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = min(v, -v)
	}
	expSlice(dst, dst)
	var part [128]T
	for len(x) > 0 {
		n := min(len(x), len(part))
		log, y, v := part[:n], dst[:n], x[:n]
		for i, u := range y {
			log[i] = 1 + u
		}
		logSlice(log, log)
		for i, u := range y {
			s := 1 + u
			y[i] = max(v[i], 0) + (log[i] + (u-(s-1))/s)
		}
		dst, x = dst[n:], x[n:]
	}
}

func softplusVJP[T tensor.Float](d, x, e []T) {
	sigmoidSlice(d, x)
	tensor.MulOf(d, e, d)
}

// Mish returns g(x) = x·tanh(softplus(x)) (Misra, 2020). ONNX: Mish. With u = e^x and n = u(u + 2) the tanh is n/(n + 2).
func Mish() Op {
	return unary{name: "mish", fwd: lift1(mishSlice[float64], mishSlice[float32]), vjp: liftIn(mishVJP[float64], mishVJP[float32])}
}

// mishMost is an x from which tanh(softplus(x)) rounds to 1.
const mishMost = 30

// mishExp sets dst = e^min(x, mishMost).
func mishExp[T tensor.Float](dst, x []T) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = min(v, mishMost)
	}
	expSlice(dst, dst)
}

func mishSlice[T tensor.Float](dst, x []T) {
	mishExp(dst, x)
	dst = dst[:len(x)]
	for i, v := range x {
		u := float64(dst[i])
		n := float64(u * (u + 2))
		dst[i] = T(float64(v) * (n / (n + 2)))
	}
}

// mishVJP sets d = ε·(n/(n + 2) + x·4u(u + 1)/(n + 2)²).
func mishVJP[T tensor.Float](d, x, e []T) {
	mishExp(d, x)
	d, e = d[:len(x)], e[:len(x)]
	for i, v := range x {
		u := float64(d[i])
		n := float64(u * (u + 2))
		slope := float64(float64(min(v, mishMost)) * (4 * u / (n + 2)) * ((u + 1) / (n + 2)))
		d[i] = T(float64(e[i]) * (n/(n+2) + slope))
	}
}

// Elu returns g(x) = x for x > 0, α(e^x − 1) otherwise (Clevert et al., 2016). ONNX: Elu.
func Elu(alpha float64) Op { return scaledElu("elu[alpha="+decimal(alpha)+"]", alpha, 1, 1) }

// Selu returns Elu's form with the constants for which activations normalise themselves: λ·x for x > 0, λα(e^x − 1)
// otherwise (Klambauer et al., 2017). ONNX: Selu with its defaults.
func Selu() Op { return SeluWith(1.67326324235437728481, 1.05070098735548049342) }

// SeluWith returns g(x) = γ·x for x > 0, γα(e^x − 1) otherwise. ONNX: Selu.
func SeluWith(alpha, gamma float64) Op {
	return scaledElu("selu[alpha="+decimal(alpha)+",gamma="+decimal(gamma)+"]", alpha, gamma, 1)
}

// Celu returns g(x) = max(x, 0) + min(α(e^(x/α) − 1), 0) (Barron, 2017). ONNX: Celu.
func Celu(alpha float64) Op { return scaledElu("celu[alpha="+decimal(alpha)+"]", alpha, 1, 1/alpha) }

// scaledElu is γ·x for x > 0 and γα(e^(βx) − 1) otherwise.
func scaledElu(name string, alpha, gamma, beta float64) Op {
	return unary{name: name,
		fwd: scalar(func(x float64) float64 {
			if x > 0 {
				return gamma * x
			}
			return gamma * alpha * tensor.Expm1(beta*x)
		}),
		vjp: slope(func(x, _ float64) float64 {
			if x > 0 {
				return gamma
			}
			return gamma * alpha * beta * tensor.Exp(beta*x)
		})}
}
