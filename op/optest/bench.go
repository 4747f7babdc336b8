package optest

import (
	"testing"

	"github.com/retrodict/retrodict/tensor"
)

// Bench measures Forward and VJP of every row of the table in float64 and float32, on the row's large shapes if it has
// some. ns/elem is per element of the result.
func Bench(b *testing.B) {
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	for _, row := range Table() {
		shapes := row.Large
		if shapes == nil {
			shapes = row.shapes()
		}
		for _, f := range []tensor.Type{tensor.Float64, tensor.Float32} {
			k, err := row.newCall(c, shapes, f)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(row.Name()+"/"+f.String()+"/forward", func(b *testing.B) {
				measure(b, k, func() { k.op.Forward(c, k.out, k.args) })
			})
			if !k.eps.Wanted() {
				continue
			}
			d := k.vjp(all)
			b.Run(row.Name()+"/"+f.String()+"/vjp", func(b *testing.B) {
				measure(b, k, func() { k.op.VJP(c, d, k.args, k.out, k.eps) })
			})
		}
	}
}

func measure(b *testing.B, k *call, f func()) {
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(max(1, k.out.Len())), "ns/elem")
}
