//go:build amd64

package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// digestOnly makes TestGenerations print digests and compare nothing.
const digestOnly = "RETRODICT_TEST_DIGESTS"

// What the processor can do changes no bit of whole updates: of all architectures of the suite and of small ones of every kind, in both
// types, under Z-IL and inference learning, the parameters are the same when this program runs with AVX-512 hidden from it, and
// with AVX2 hidden too.
func TestGenerations(t *testing.T) {
	if os.Getenv(digestOnly) != "" {
		fmt.Printf("has %v %v\n", cpu.X86.HasAVX512F, cpu.X86.HasAVX2)
		fmt.Println(strings.Join(digests(t), "\n"))
		return
	}
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		t.Skip("this processor has but one set of instructions that kernels are written for")
	}
	want := digests(t)
	for _, c := range []struct{ hide, has string }{{"cpu.avx512f=off", "has false true"}, {"cpu.avx512f=off,cpu.avx2=off", "has false false"}} {
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.Command(self, "-test.run=^TestGenerations$", "-test.v=false")
		cmd.Env = append(os.Environ(), digestOnly+"=1", "GODEBUG="+c.hide)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		lines := strings.Split(string(out), "\n")
		require.Greater(t, len(lines), len(want))
		require.Equal(t, c.has, lines[0])
		assert.Equal(t, want, lines[1:1+len(want)], c.hide)
	}
}

// digests returns a line with the hash of the parameters after two updates of each network.
func digests(t *testing.T) (all []string) {
	r := rand.New(rand.NewPCG(enginetest.Seed, 1))
	for _, typ := range []tensor.Type{tensor.Float32, tensor.Float64} {
		for _, c := range enginetest.Architectures() {
			all = append(all, digest(t, c, typ, c.Sample(r, typ))...)
		}
		for _, name := range []string{"mlp", "lenet", "resnet18", "transformer", "lstm"} {
			small := network.Small(name)
			switch name {
			case "mlp":
				small.Layers, small.Batch = []int{100, 90, 80, 10}, 20
			case "resnet18", "transformer":
				small.Width = 24
			}
			net, err := small.Build()
			require.NoError(t, err)
			j := Job{Name: name, Loss: op.HalfSquared{}}
			all = append(all, digest(t, enginetest.Case{Name: name, Graph: net.Graph, Initial: net.Initial, Loss: j.Loss}, typ, j.sample(net, typ))...)
		}
	}
	return all
}

func digest(t *testing.T, c enginetest.Case, typ tensor.Type, s engine.Sample) (lines []string) {
	cfg := c.Config(typ)
	cfg.Plasticity = synapse.Rule{Rate: 0.01}
	engines := builders(pc.ZIL(), pc.IL(3, 0.05, 0))
	for _, name := range []string{"bp", "pc zil", "pc il"} {
		e, err := engines[name](cfg)
		require.NoError(t, err)
		for range 2 {
			_, err = e.Learn(context.Background(), s)
			require.NoError(t, err)
		}
		lines = append(lines, fmt.Sprintf("%s %v %s %s", c.Name, typ, name, e.Params().Hash()))
		require.NoError(t, e.Close())
	}
	return lines
}
