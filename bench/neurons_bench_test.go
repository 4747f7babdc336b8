package bench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/tensor"
)

func BenchmarkNeurons(b *testing.B) {
	b.Run("shards", func(b *testing.B) { benchmark(b, 1_000_000, actors.HostShard) })
	b.Run("actors", func(b *testing.B) { benchmark(b, 200_000, actors.HostActor) })
}

func benchmark(b *testing.B, units int, hosting actors.Hosting) {
	net, err := network.Layered{Depth: 10, Width: units / 10, FanIn: 10}.Build()
	require.NoError(b, err)
	e, err := Neurons{Type: tensor.Float32, Entry: Entry{Engine: "actors", Schedule: "zil"}, Hosting: hosting}.engine(net)
	require.NoError(b, err)
	defer e.Close()
	s := normalSample(net, tensor.Float32)
	n := int64(0)
	for b.Loop() {
		r, err := e.Learn(context.Background(), s)
		require.NoError(b, err)
		n += r.Messages
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/message")
}
