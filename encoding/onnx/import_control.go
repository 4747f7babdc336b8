package onnx

import "github.com/retrodict/retrodict/tensor"

// controlEntries are the operators with graphs as attributes.
func controlEntries() []Entry {
	return []Entry{
		{Name: "If", From: 1, Doc: "the branch taken; the condition must be constant", load: branch},
	}
}

// branch imports the graph that the condition chooses, in a scope of its own.
func branch(c *call) {
	t := c.known(0)
	if t.Len() != 1 || t.Type() != tensor.Bool {
		c.fail("the condition is %v", t)
	}
	name := "else_branch"
	if t.Bools()[0] {
		name = "then_branch"
	}
	a := c.attr(name, AttrGraph)
	if a == nil || a.Graph == nil {
		c.fail("attribute %s is missing", name)
	}
	im := c.importer
	im.scope = append(im.scope, map[string]*value{})
	defer func() { im.scope = im.scope[:len(im.scope)-1] }()
	c.check(im.graph(a.Graph))
	for i, o := range a.Graph.Outputs {
		v, err := im.lookup(o.Name)
		c.check(err)
		if v == nil {
			c.fail("output %q of %s is produced by no node", o.Name, name)
		}
		c.set(i, v)
	}
}
