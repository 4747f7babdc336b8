package config

import (
	"fmt"

	"github.com/retrodict/retrodict/encoding/safetensors"
	"github.com/retrodict/retrodict/model"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/tensor"
)

// OpenNetwork builds the graph for mini-batches of batch rows, with initial weights drawn or read.
func (l *Loaded) OpenNetwork(batch int) (*network.Network, error) {
	if l.Network.ONNX != "" {
		return l.openModel(batch)
	}
	n, err := l.graph(batch).Build()
	if err != nil {
		return nil, l.where.error("network", "%v", trim(err))
	}
	if path := l.Network.Init.From; path != "" {
		f, err := safetensors.ReadFile(path, safetensors.Limit{})
		if err != nil {
			return nil, l.where.error("network.init.from", "%v", err)
		}
		if n.Initial, err = l.initial(n, f); err != nil {
			return nil, l.where.error("network.init.from", "%s: %v", path, err)
		}
	}
	return n, nil
}

// openModel imports the model for mini-batches of batch rows.
func (l *Loaded) openModel(batch int) (*network.Network, error) {
	m, err := model.Open(l.Network.ONNX)
	if err != nil {
		return nil, l.where.error("network.onnx", "%v", trim(err))
	}
	if path := l.Network.Init.From; path != "" {
		f, err := safetensors.ReadFile(path, safetensors.Limit{})
		if err == nil {
			err = m.Load(f)
		}
		if err != nil {
			return nil, l.where.error("network.init.from", "%s: %v", path, trim(err))
		}
	}
	n, err := m.Network(batch, l.row)
	if err != nil {
		return nil, l.where.error("network.onnx", "%s: %v", l.Network.ONNX, trim(err))
	}
	return n, nil
}

// initial returns the parameters of n that f holds, at the grain of n or, for a perceptron, at any other.
func (l *Loaded) initial(n *network.Network, f safetensors.File) ([]tensor.Tensor, error) {
	list, err := pick(n, f)
	if err == nil || l.Network.Arch != "mlp" {
		return list, err
	}
	for _, g := range network.Grains() {
		c := l.graph(1)
		if c.Grain == g {
			continue
		}
		c.Grain = g
		other, buildErr := c.Build()
		if buildErr != nil {
			continue
		}
		if list, e := pick(other, f); e == nil {
			return c.MLP().Regrain(list, network.Grain(l.Network.Grain))
		}
	}
	return nil, err
}

// pick returns the parameters of n that f holds under their names.
func pick(n *network.Network, f safetensors.File) ([]tensor.Tensor, error) {
	list := make([]tensor.Tensor, n.Graph.Parameters())
	for i := range list {
		p := n.Graph.Parameter(i)
		t := f.Find(p.Name)
		switch {
		case !t.Wanted():
			return nil, fmt.Errorf("no parameter %q", p.Name)
		case !t.Type().IsFloat() || t.Shape() != p.Shape:
			return nil, fmt.Errorf("parameter %q is %v%v, want floats of shape %v", p.Name, t.Type(), t.Shape(), p.Shape)
		}
		list[i] = t
	}
	if len(f.Arrays) > len(list) {
		return nil, fmt.Errorf("%d tensors, the network has %d parameters", len(f.Arrays), len(list))
	}
	return list, nil
}
