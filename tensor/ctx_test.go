package tensor_test

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Scratch tensors that are held at the same time never share a byte, whatever the order of marks and releases.
func TestScratchDoesNotOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := tensor.NewCtx(tensor.Config{Workers: 1})
		defer c.Close()
		type frame struct {
			mark tensor.Mark
			held int
		}
		var held []tensor.Tensor
		frames := []frame{{c.Mark(), 0}}
		for i := range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				frames = append(frames, frame{c.Mark(), len(held)})
			case 1:
				if f := frames[len(frames)-1]; len(frames) > 1 {
					c.Release(f.mark)
					held, frames = held[:f.held], frames[:len(frames)-1]
				}
			default:
				n := rapid.SampledFrom([]int{0, 1, 7, 100, 9000, 70000}).Draw(t, "elements")
				x := c.Scratch(tensor.Int64, tensor.Dims(n))
				if n > 0 {
					require.Zero(t, uintptr(unsafe.Pointer(&x.Bytes()[0]))%64)
				}
				x.Fill(float64(i))
				held = append(held, x)
			}
		}
		for _, x := range held {
			s := x.Int64s()
			for i := range s {
				if s[i] != s[0] {
					t.Fatalf("two scratch tensors overlap")
				}
			}
		}
		seen := map[int64]bool{}
		for _, x := range held {
			if x.Len() > 0 {
				require.False(t, seen[x.Int64s()[0]], "a tensor holds another's elements")
				seen[x.Int64s()[0]] = true
			}
		}
	})
}

func TestScratchAllocatesNothing(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{Workers: 1})
	defer c.Close()
	use := func() {
		m := c.Mark()
		for n := 1; n < 200000; n *= 3 {
			tensor.ScratchOf[float64](c, n)
		}
		c.Release(m)
	}
	use()
	use()
	require.Zero(t, testing.AllocsPerRun(10, use))
}

func square(a *tensor.Args, lo, hi int) {
	x := a.T[0].Float64s()
	for i := lo; i < hi; i++ {
		x[i] = float64(a.N[0]) * float64(i) * a.F[0]
	}
}

// Split computes every index once, with its arguments, for any number of workers, and allocates nothing.
func TestSplit(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 8} {
		c := tensor.NewCtx(tensor.Config{Workers: workers})
		if workers == 0 {
			require.Equal(t, runtime.GOMAXPROCS(0), c.Workers())
		}
		for _, n := range []int{0, 1, 63, 64, 1000} {
			x := tensor.New(tensor.Float64, tensor.Dims(n))
			args := tensor.Args{T: [6]tensor.Tensor{x}, N: [12]int{3}, F: [4]float64{0.5}}
			f := c.Fork()
			f.Split(n, 16, square, args)
			for i := range n {
				require.Equal(t, 1.5*float64(i), x.Float(i))
			}
			require.Zero(t, testing.AllocsPerRun(10, func() { c.Split(n, 16, square, args) }))
		}
		c.Close()
		c.Close()
	}
}
