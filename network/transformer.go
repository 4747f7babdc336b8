package network

import (
	"fmt"
	"math"
	"strconv"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Transformer is a stack of attention blocks [Vaswani et al. 2017] on sequences. With A for attention, M for the
// two-layer perceptron at every position and N for layer normalisation, a block is
//
//	post-norm (the default)  x ← N(x + A(x));  x ← N(x + M(x))
//	PreNorm                  x ← x + A(N(x));  x ← x + M(N(x)), and an N after the last block    Xiong et al. 2020
//
// Attention is elementary vertices: q, k, v linear and cut into heads, q·kᵀ, scale by 1/√d, the mask if Causal (−Inf
// above the diagonal), softmax, the product with v, linear.
//
// With a Vocabulary features are tokens [Batch, Positions], embedded by a table, and learned positions are added;
// otherwise they are numbers [Batch, Positions, Features]. Tied uses the transposed table as the read-out. The output is
// [Batch, Positions, Classes], or with Mean, which averages over positions, [Batch, Classes].
//
// Names: tokens or input, embedding, positions, embedded; of block K: blockK/norm1, /q, /k, /v, /heads/q …, /scores,
// /scaled, /masked, /weights, /mixed, /attention, /sum1, /norm2, /hidden, /mlp, /sum2; norm; mean; output.
type Transformer struct {
	Positions   int
	Features    int // width of the model, a multiple of Heads
	Heads       int
	FeedForward int // width of the perceptron's hidden layer
	Blocks      int
	Classes     int // of the read-out; 0 with a Vocabulary stands for its size
	Vocabulary  int
	Tied        bool
	PreNorm     bool
	Causal      bool
	Mean        bool
	Activation  string // "" stands for "relu"
	Batch       int    // rows of a mini-batch; 0 stands for 1
	Init        Init
}

// LanguageModel returns a causal decoder that predicts the next token at every position: pre-norm, GELU, a read-out tied
// to the embedding, and a perceptron four times as wide as the model [Radford et al. 2019].
func LanguageModel(vocabulary, positions, features, heads, blocks int) Transformer {
	return Transformer{Positions: positions, Features: features, Heads: heads, FeedForward: 4 * features, Blocks: blocks,
		Vocabulary: vocabulary, Tied: true, PreNorm: true, Causal: true, Activation: "gelu"}
}

// Build returns the network, or an error that names the field that is wrong.
func (c Transformer) Build() (*Network, error) {
	if c.Classes == 0 {
		c.Classes = c.Vocabulary
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	m := newMaker(c.Init, c.Batch)
	a := &attention{maker: m, Transformer: c, f: m.activation(c.Activation, "relu")}
	if m.err != nil {
		return nil, m.err
	}
	n := Network{Name: fmt.Sprintf("transformer %d blocks, width %d, %d heads, %d positions", c.Blocks, c.Features, c.Heads, c.Positions),
		X: tensor.Dims(m.batch, c.Positions, c.Features)}
	var x, table graph.VertexID
	if c.Vocabulary > 0 {
		n.X, n.Tokens = tensor.Dims(m.batch, c.Positions), c.Vocabulary
		tokens := m.Input("tokens", tensor.Int64, n.X)
		table = m.weight("embedding/w", c.Features, c.Features, c.Vocabulary, c.Features)
		x = m.Apply("embedding", op.Embedding(), table, tokens)
		x = m.Apply("embedded", op.Add(), x, m.weight("positions", c.Features, c.Features, c.Positions, c.Features))
	} else {
		x = m.Input("input", tensor.Float64, n.X)
	}
	if c.Causal {
		a.mask = m.Constant("mask", causalMask(c.Positions))
	}
	for k := range c.Blocks {
		x = a.block("block"+strconv.Itoa(k+1), x)
	}
	if c.PreNorm {
		x = a.norm("norm", x)
	}
	if c.Mean {
		x = m.Apply("mean", op.Mean([]int{1}, false), x)
	}
	if !c.Tied {
		return m.finish(m.linear("output", "output", x, c.Classes), n)
	}
	return m.finish(m.Apply("output", op.MatMul(), x, m.Apply("readout", op.Transpose(), table)), n)
}

func (c Transformer) check() error {
	if c.Vocabulary < 0 || c.Vocabulary > 1<<20 {
		return fmt.Errorf("network: transformer: vocabulary is %d, want 0 to 2^20", c.Vocabulary)
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"positions", c.Positions}, {"features", c.Features}, {"heads", c.Heads}, {"feedforward", c.FeedForward}, {"blocks", c.Blocks}, {"classes", c.Classes}} {
		if f.value < 1 || f.value > 1<<20 {
			return fmt.Errorf("network: transformer: %s is %d, want 1 to 2^20", f.name, f.value)
		}
	}
	if c.Positions > 1<<14 || c.Features > 1<<15 || c.FeedForward > 1<<15 {
		return fmt.Errorf("network: transformer: %d positions, %d features, %d feed-forward units are too many", c.Positions, c.Features, c.FeedForward)
	}
	if c.Features%c.Heads != 0 {
		return fmt.Errorf("network: transformer: %d features are not a multiple of %d heads", c.Features, c.Heads)
	}
	if c.Tied && (c.Vocabulary == 0 || c.Classes != c.Vocabulary) {
		return fmt.Errorf("network: transformer: a tied read-out needs a vocabulary of as many tokens as classes, got %d and %d", c.Vocabulary, c.Classes)
	}
	return nil
}

// causalMask is −Inf where the second index, the position attended to, is above the first.
func causalMask(n int) tensor.Tensor {
	t := tensor.New(tensor.Float64, tensor.Dims(n, n))
	for i := range n {
		for k := i + 1; k < n; k++ {
			t.SetFloat(i*n+k, math.Inf(-1))
		}
	}
	return t
}

// attention makes blocks.
type attention struct {
	*maker
	Transformer
	f    op.Op
	mask graph.VertexID
}

func (a *attention) norm(name string, x graph.VertexID) graph.VertexID {
	gain, bias := a.filled(name+"/gain", 1, a.Features), a.filled(name+"/bias", 0, a.Features)
	return a.Apply(name, op.LayerNorm(op.LayerNormConfig{Axis: -1, Bias: true}), x, gain, bias)
}

func (a *attention) block(name string, x graph.VertexID) graph.VertexID {
	if a.PreNorm {
		x = a.Apply(name+"/sum1", op.Add(), x, a.attend(name, a.norm(name+"/norm1", x)))
		return a.Apply(name+"/sum2", op.Add(), x, a.perceptron(name, a.norm(name+"/norm2", x)))
	}
	x = a.norm(name+"/norm1", a.Apply(name+"/sum1", op.Add(), x, a.attend(name, x)))
	return a.norm(name+"/norm2", a.Apply(name+"/sum2", op.Add(), x, a.perceptron(name, x)))
}

// attend is softmax(q·kᵀ/√d + mask)·v, all heads in one product: [Batch, Heads, Positions, Features/Heads].
func (a *attention) attend(name string, x graph.VertexID) graph.VertexID {
	q, k, v := a.head(name, "q", x, 0, 2, 1, 3), a.head(name, "k", x, 0, 2, 3, 1), a.head(name, "v", x, 0, 2, 1, 3)
	scale := 1 / math.Sqrt(float64(a.Features/a.Heads))
	w := a.Apply(name+"/scaled", op.Scale(scale), a.Apply(name+"/scores", op.MatMul(), q, k))
	if a.Causal {
		w = a.Apply(name+"/masked", op.Add(), w, a.mask)
	}
	y := a.Apply(name+"/mixed", op.MatMul(), a.Apply(name+"/weights", op.Softmax(-1), w), v)
	y = a.Apply(name+"/joined", op.Transpose(0, 2, 1, 3), y)
	y = a.Apply(name+"/flat", op.Reshape(a.batch, a.Positions, a.Features), y)
	return a.linear(name+"/attention", name+"/attention", y, a.Features)
}

// head is a linear vertex, cut into heads and brought into the order of axes that perm says.
func (a *attention) head(block, which string, x graph.VertexID, perm ...int) graph.VertexID {
	y := a.linear(block+"/"+which, block+"/"+which, x, a.Features)
	y = a.Apply(block+"/cut/"+which, op.Reshape(a.batch, a.Positions, a.Heads, a.Features/a.Heads), y)
	return a.Apply(block+"/heads/"+which, op.Transpose(perm...), y)
}

func (a *attention) perceptron(name string, x graph.VertexID) graph.VertexID {
	return a.linear(name+"/mlp", name+"/mlp", a.layer(name+"/hidden", x, a.FeedForward, a.f), a.Features)
}
