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
	net, err := network.Layered{Depth: 10, Width: 100_000, FanIn: 10}.Build()
	require.NoError(b, err)
	e, err := Neurons{Type: tensor.Float32, Entry: Entry{Engine: "actors", Schedule: "zil"}, Hosting: actors.HostShard}.engine(net)
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
