package optest

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"testing"

	"github.com/retrodict/retrodict/tensor"
)

// TestDigests logs a hash of the bits of every row's result and derivatives on its large arguments. The log must be the
// same on every architecture: scripts/arm64.sh compares it. NaNs count as one.
func TestDigests(t *testing.T) {
	c := serial()
	defer c.Close()
	for _, row := range Table() {
		for _, f := range []tensor.Type{tensor.Float64, tensor.Float32} {
			shapes := row.shapes()
			if row.Large != nil {
				shapes = row.Large
			}
			k, err := row.newCall(c, shapes, f)
			if err != nil {
				t.Fatalf("%s: %v", row.Name(), err)
			}
			list := []tensor.Tensor{k.out}
			if k.eps.Wanted() {
				list = append(list, k.vjp(all)...)
			}
			t.Logf("digest %016x %v %s", digest(list), f, row.Name())
		}
	}
}

func digest(list []tensor.Tensor) uint64 {
	h := fnv.New64a()
	for _, x := range list {
		if !x.Wanted() {
			continue
		}
		for i := range x.Len() {
			b := math.Float64bits(x.Float(i))
			if x.Float(i) != x.Float(i) {
				b = math.Float64bits(math.NaN())
			}
			h.Write(binary.LittleEndian.AppendUint64(nil, b))
		}
	}
	return h.Sum64()
}
