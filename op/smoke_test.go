package op

import (
	"testing"

	"github.com/retrodict/retrodict/tensor"
)

func TestAllocs(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{Workers: 1})
	defer c.Close()
	u, err := Unit("tanh")
	if err != nil {
		t.Fatal(err)
	}
	x, w := tensor.New(tensor.Float64, tensor.Dims(20)), tensor.New(tensor.Float64, tensor.Dims(3))
	y := tensor.New(tensor.Float64, tensor.Dims(20))
	args := []tensor.Tensor{x, x, w}
	if n := testing.AllocsPerRun(10, func() { u.Forward(c, y, args) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
