package network

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// An Init says how weights are drawn. n_in and n_out are the numbers of values that meet in an output and that an input
// spreads to.
//
//	glorot          uniform in ±gain·√(6/(n_in+n_out))     Glorot and Bengio 2010
//	glorot-normal   normal, σ = gain·√(2/(n_in+n_out))
//	he              normal, σ = gain·√(2/n_in)             He et al. 2015
//	lecun           normal, σ = gain·√(1/n_in)             LeCun et al. 1998
//	normal          normal, σ = gain; the default of gain is 0.02
//	zeros           0
//
// Biases start at 0, the gains of normalisation layers at 1, under every rule. The draws of a parameter depend on the
// seed and on the name and shape of its layer alone (a PCG generator whose second seed is the FNV-1a hash of the name):
// to add a layer changes no other, and a layer has the same weights at every grain. They are the same bits on every
// architecture.
type Init struct {
	Rule string  // "" stands for "glorot"
	Gain float64 // 0 stands for 1, for normal for 0.02
	Seed uint64
}

// InitRules returns the names of the rules.
func InitRules() []string {
	return []string{"glorot", "glorot-normal", "he", "lecun", "normal", "zeros"}
}

// Check returns an error that says what is wrong.
func (i Init) Check() error {
	if _, _, ok := i.spread(1, 1); !ok {
		return fmt.Errorf("network: unknown initialisation %q: use one of %s", i.Rule, strings.Join(InitRules(), ", "))
	}
	if !(i.Gain >= 0) || math.IsInf(i.Gain, 1) {
		return fmt.Errorf("network: the gain of the initialisation is %v, want a number from 0 on", i.Gain)
	}
	return nil
}

// spread returns the bound of a uniform distribution or the σ of a normal one.
func (i Init) spread(in, out int) (s float64, uniform, ok bool) {
	gain := i.Gain
	if gain == 0 {
		gain = 1
		if i.Rule == "normal" {
			gain = 0.02
		}
	}
	nin, nout := max(float64(in), 1), max(float64(out), 1)
	switch i.Rule {
	case "", "glorot":
		return gain * math.Sqrt(6/(nin+nout)), true, true
	case "glorot-normal":
		return gain * math.Sqrt(2/(nin+nout)), false, true
	case "he":
		return gain * math.Sqrt(2/nin), false, true
	case "lecun":
		return gain * math.Sqrt(1/nin), false, true
	case "normal":
		return gain, false, true
	case "zeros":
		return 0, true, true
	}
	return 0, false, false
}

// draw returns the weights of the layer with the given name.
func (i Init) draw(name string, s tensor.Shape, in, out int) tensor.Tensor {
	t := tensor.New(tensor.Float64, s)
	spread, uniform, _ := i.spread(in, out)
	if spread == 0 {
		return t
	}
	r := generator(i.Seed, name)
	for k := range t.Float64s() {
		if uniform {
			u := float64(r.Float64())
			t.Float64s()[k] = spread * (u + u - 1)
		} else {
			t.Float64s()[k] = spread * tensor.Normal(r.Uint64())
		}
	}
	return t
}

// generator returns the random stream with the given name.
func generator(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
