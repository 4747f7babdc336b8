package network

import (
	"fmt"
	"strconv"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// neurons declares a layer of units on x whose weights and biases are the rows of w.
func (m *maker) neurons(name string, x []graph.VertexID, w tensor.Tensor, activation op.Op) []graph.VertexID {
	units, in := w.Shape().Dim(0), len(x)
	unit, err := op.Unit(activation.Name())
	if err != nil {
		m.fail(err)
		return x
	}
	leaves := make([]graph.VertexID, units)
	for i := range leaves {
		leaves[i] = m.param(name+"/w/"+strconv.Itoa(i), w.Rows(i, i+1).Reshape(tensor.Dims(in+1)))
	}
	y := make([]graph.VertexID, units)
	args := append([]graph.VertexID(nil), x...)
	args = append(args, 0)
	for i := range y {
		args[in] = leaves[i]
		y[i] = m.Apply(name+"/"+strconv.Itoa(i), unit, args...)
	}
	return y
}

// synapses declares the same layer with one leaf for every weight and bias and one vertex for every product.
func (m *maker) synapses(name string, x []graph.VertexID, w tensor.Tensor, activation op.Op) []graph.VertexID {
	units, in := w.Shape().Dim(0), len(x)
	leaves := make([]graph.VertexID, w.Len())
	flat := w.Float64s()
	for k := range leaves {
		leaves[k] = m.param(name+"/w/"+strconv.Itoa(k), tensor.From(tensor.Dims(), flat[k:k+1]))
	}
	products := make([]graph.VertexID, units*in)
	for n := range products {
		i, k := n/in, n%in
		products[n] = m.Apply(name+"/product/"+strconv.Itoa(n), op.Mul(), x[k], leaves[i*(in+1)+k])
	}
	y := make([]graph.VertexID, units)
	for i := range y {
		y[i] = m.Apply(name+"/sum/"+strconv.Itoa(i), op.SumN(), products[i*in:(i+1)*in]...)
	}
	pre := name + "/pre/"
	if isIdentity(activation) {
		pre = name + "/"
	}
	for i := range y {
		y[i] = m.Apply(pre+strconv.Itoa(i), op.Add(), y[i], leaves[i*(in+1)+in])
	}
	if isIdentity(activation) {
		return y
	}
	for i := range y {
		y[i] = m.Apply(name+"/"+strconv.Itoa(i), activation, y[i])
	}
	return y
}

// Regrain returns parameters, or their feedback, of the network that c builds in the arrangement of another grain, so
// that networks of different grains can be compared and can exchange their weights. The result has storage of its own.
func (c MLP) Regrain(values []tensor.Tensor, to Grain) ([]tensor.Tensor, error) {
	if err := checkSizes(c.Layers, 2); err != nil {
		return nil, err
	}
	if err := to.check(); err != nil {
		return nil, err
	}
	var list []tensor.Tensor
	for k := 1; k < len(c.Layers); k++ {
		in, out := c.Layers[k-1], c.Layers[k]
		from := map[Grain]int{"": 2, Layer: 2, Neuron: out, Synapse: out * (in + 1)}[c.Grain]
		if from == 0 || len(values) < from {
			return nil, fmt.Errorf("network: Regrain: %d values too few for layer %s at grain %q", len(values), c.layerName(k), c.Grain)
		}
		rows, err := gather(values[:from], in, out, c.Grain)
		if err != nil {
			return nil, fmt.Errorf("network: Regrain: layer %s: %w", c.layerName(k), err)
		}
		values = values[from:]
		list = append(list, arrange(rows, in, out, to)...)
	}
	if len(values) > 0 {
		return nil, fmt.Errorf("network: Regrain: %d values too many", len(values))
	}
	return list, nil
}

// gather returns the values of one layer as a matrix [out, in+1]: a row for each unit, its bias last.
func gather(values []tensor.Tensor, in, out int, g Grain) (tensor.Tensor, error) {
	typ := values[0].Type()
	n := 0
	for _, v := range values {
		if v.Type() != typ || !typ.IsFloat() {
			return tensor.Tensor{}, fmt.Errorf("types %v and %v, want one float type", typ, v.Type())
		}
		n += v.Len()
	}
	if n != out*(in+1) || g.layer() && values[0].Shape() != tensor.Dims(in, out) {
		return tensor.Tensor{}, fmt.Errorf("got %d values, %v first, want %d for %d inputs and %d units", n, values[0].Shape(), out*(in+1), in, out)
	}
	rows := tensor.New(typ, tensor.Dims(out, in+1))
	if g.layer() {
		for i := range out {
			for k := range in {
				rows.SetFloat(i*(in+1)+k, values[0].Float(k*out+i))
			}
			rows.SetFloat(i*(in+1)+in, values[1].Float(i))
		}
		return rows, nil
	}
	at := 0
	for _, v := range values {
		for i := range v.Len() {
			rows.SetFloat(at, v.Float(i))
			at++
		}
	}
	return rows, nil
}

// arrange is the inverse of gather.
func arrange(rows tensor.Tensor, in, out int, g Grain) []tensor.Tensor {
	typ := rows.Type()
	if g.layer() {
		w, b := tensor.New(typ, tensor.Dims(in, out)), tensor.New(typ, tensor.Dims(out))
		for i := range out {
			for k := range in {
				w.SetFloat(k*out+i, rows.Float(i*(in+1)+k))
			}
			b.SetFloat(i, rows.Float(i*(in+1)+in))
		}
		return []tensor.Tensor{w, b}
	}
	shape, n := tensor.Dims(in+1), out
	if g == Synapse {
		shape, n = tensor.Dims(), out*(in+1)
	}
	flat := rows.Reshape(tensor.Dims(rows.Len()))
	list := make([]tensor.Tensor, n)
	for i := range list {
		list[i] = flat.Rows(i*shape.Len(), (i+1)*shape.Len()).Reshape(shape)
	}
	return list
}

func (g Grain) layer() bool { return g == "" || g == Layer }
