package experiments

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
	"github.com/retrodict/retrodict/train"
)

// opticks are the sizes of the character Transformer.
type opticks struct {
	positions, features, heads, blocks, batch, stride, epochs int
}

func runOpticks(ctx context.Context, cfg Config) error {
	o := opticks{positions: 64, features: 64, heads: 4, blocks: 2, batch: 16, stride: 16, epochs: 12}
	if cfg.Quick {
		o = opticks{positions: 12, features: 16, heads: 2, blocks: 1, batch: 8, stride: 48, epochs: 2}
	}
	text, err := data.Opticks(data.Windows{Length: o.positions, Stride: o.stride})
	if err != nil {
		return err
	}
	learn, test := o.split(text)
	net, err := o.network(len(text.Classes), o.batch, cfg.seed())
	if err != nil {
		return err
	}
	base := engine.Config{Graph: net.Graph, Initial: net.Initial, Loss: op.CrossEntropy{}, Plasticity: synapse.Rule{Name: "adam", Rate: 0.002}, Compute: cfg.compute()}
	t, err := trainTwins(ctx, cfg, base, train.Config{Model: net, Loss: base.Loss, Train: learn, Test: test,
		Batches: data.Batches{Size: o.batch}, Seed: cfg.seed(), Epochs: o.epochs})
	if err != nil {
		return err
	}
	if err := t.write(cfg.Dir, float64(o.positions)); err != nil {
		return err
	}
	sample, err := o.generate(ctx, t.params, text.Classes, "The Rays of Light ", 600, cfg.seed())
	if err != nil {
		return err
	}
	if err := create(cfg.Dir, "sample.txt", func(w io.Writer) error { _, err := io.WriteString(w, sample+"\n"); return err }); err != nil {
		return err
	}
	f := figure{title: "Newton's Opticks: character Transformer, actors with Z-IL", x: "epoch", y: "nats a character", series: t.curves(float64(o.positions))}
	if err := f.write(cfg.Dir); err != nil {
		return err
	}
	return t.check()
}

// split holds out the last tenth of the text. Windows that reach into it are left out.
func (o opticks) split(s *data.Set) (learn, test *data.Set) {
	overlap := (o.positions + o.stride - 1) / o.stride
	cut := s.Len() * 9 / 10
	rows := make([]int, 0, s.Len()-cut)
	for i := cut; i < s.Len(); i += overlap {
		rows = append(rows, i)
	}
	return s.Head(cut - overlap), s.Select(rows)
}

func (o opticks) network(vocabulary, batch int, seed uint64) (*network.Network, error) {
	c := network.LanguageModel(vocabulary, o.positions, o.features, o.heads, o.blocks)
	c.Batch, c.Init = batch, network.Init{Seed: seed}
	return c.Build()
}

// temperature sharpens the distribution that characters are drawn from.
const temperature = 0.7

// generate continues the start by n characters, each drawn from the prediction at the last position.
func (o opticks) generate(ctx context.Context, params engine.Params, alphabet []string, start string, n int, seed uint64) (string, error) {
	net, err := o.network(len(alphabet), 1, seed)
	if err != nil {
		return "", err
	}
	initial := make([]tensor.Tensor, len(params))
	for i := range params {
		initial[i] = params[i].Value
	}
	e, err := bp.New(engine.Config{Graph: net.Graph, Initial: initial, Loss: op.CrossEntropy{}})
	if err != nil {
		return "", err
	}
	defer e.Close()
	index := map[string]int64{}
	for i, c := range alphabet {
		index[c] = int64(i)
	}
	var codes []int64
	for _, c := range start {
		codes = append(codes, index[string(c)])
	}
	r := rand.New(rand.NewPCG(seed, 0x0971c5))
	x := tensor.New(tensor.Int64, tensor.Dims(1, o.positions))
	for range n {
		window := codes[max(0, len(codes)-o.positions):]
		x.Zero() // what follows the window is masked
		copy(x.Int64s(), window)
		out, err := e.Predict(ctx, []tensor.Tensor{x})
		if err != nil {
			return "", err
		}
		at := (len(window) - 1) * len(alphabet)
		codes = append(codes, int64(drawn(r, out[0].Float64s()[at:at+len(alphabet)])))
	}
	var b strings.Builder
	for _, c := range codes {
		b.WriteString(alphabet[c])
	}
	return b.String(), nil
}

// drawn returns an index with probability proportional to exp(logit/temperature).
func drawn(r *rand.Rand, logits []float64) int {
	top, sum := math.Inf(-1), 0.0
	for _, x := range logits {
		top = max(top, x)
	}
	weight := make([]float64, len(logits))
	for i, x := range logits {
		weight[i] = tensor.Exp((x - top) / temperature)
		sum += weight[i]
	}
	u := r.Float64() * sum
	for i, w := range weight {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(logits) - 1
}
