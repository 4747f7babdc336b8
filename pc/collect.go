package pc

import (
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// Collect returns the parameters of p and the places where their folded feedback lies after an update, in the order in
// which the graph declares them. Parameters that get no feedback have zeros. All tensors belong to p.
func Collect(p *neuron.Population) (params, gradients engine.Params) {
	g := p.Graph()
	params, gradients = make(engine.Params, 0, g.Parameters()), make(engine.Params, 0, g.Parameters())
	for i := range g.Parameters() {
		leaf := g.Parameter(i)
		w := p.Parameter(i)
		f := p.Gradient(i)
		if !f.Wanted() {
			f = tensor.New(w.Type(), leaf.Shape)
		}
		params = append(params, engine.Param{Name: leaf.Name, Value: w})
		gradients = append(gradients, engine.Param{Name: leaf.Name, Value: f})
	}
	return params, gradients
}
