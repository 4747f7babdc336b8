package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/encoding/onnx"
	"github.com/retrodict/retrodict/tensor"
)

// makeArrays is "npy FILE NAME=TYPE:DIMS[:MODULUS] …": it writes numbers drawn from a fixed seed, whole ones below the
// modulus. A file .npy gets the only array.
func makeArrays(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: npy FILE NAME=TYPE:DIMS[:MODULUS]…")
	}
	r := rand.New(rand.NewPCG(1, 1))
	var list []npy.Array
	for _, a := range args[1:] {
		name, spec, _ := strings.Cut(a, "=")
		f := strings.Split(spec, ":")
		typ, err := tensor.ParseType(f[0])
		ts.Check(err)
		var dims []int
		for d := range strings.SplitSeq(f[1], ",") {
			n, err := strconv.Atoi(d)
			ts.Check(err)
			dims = append(dims, n)
		}
		t := tensor.New(typ, tensor.Dims(dims...))
		for i := range t.Len() {
			if t.SetFloat(i, r.NormFloat64()); len(f) > 2 {
				n, err := strconv.Atoi(f[2])
				ts.Check(err)
				t.SetFloat(i, float64(r.IntN(n)))
			}
		}
		list = append(list, npy.Array{Name: name, Tensor: t})
	}
	path := ts.MkAbs(args[0])
	if filepath.Ext(path) == ".npy" {
		ts.Check(npy.WriteFile(path, list[0].Tensor))
		return
	}
	ts.Check(npy.WriteArchiveFile(path, list, true))
}

// checkArrays is "same A.npz B.npz [NAME…]": the arrays of those names, or all, have equal bits.
func checkArrays(ts *testscript.TestScript, neg bool, args []string) {
	a, err := npy.ReadArchiveFile(ts.MkAbs(args[0]), npy.Limit{}, args[2:]...)
	ts.Check(err)
	b, err := npy.ReadArchiveFile(ts.MkAbs(args[1]), npy.Limit{}, args[2:]...)
	ts.Check(err)
	same := len(a) == len(b)
	for i := range a {
		x, y := a[i].Tensor, b[i].Tensor
		same = same && a[i].Name == b[i].Name && x.Type() == y.Type() && x.Shape() == y.Shape() && tensor.Differing(x, y) == 0
	}
	if same == neg {
		ts.Fatalf("%s and %s: same is %v", args[0], args[1], same)
	}
}

// makeModel is "onnx FILE OP…": it writes a model of nodes with the given operators, one after the other, from "x" of
// shape [?, 3], or [2, 3] if the file is called fixed, through a weight "w" of the same shape to "y".
func makeModel(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: onnx FILE OP…")
	}
	info := onnx.ValueInfo{Kind: "tensor", Type: onnx.Float, Dims: []onnx.Dim{{Size: -1, Param: "batch"}, {Size: 3}}, Known: true}
	if strings.HasPrefix(args[0], "fixed") {
		info.Dims[0] = onnx.Dim{Size: 2}
	}
	in, out := info, info
	in.Name, out.Name = "x", "y"
	g := &onnx.Graph{Name: "g", Inputs: []onnx.ValueInfo{in}, Outputs: []onnx.ValueInfo{out},
		Initializers: []onnx.Tensor{onnx.TensorOf("w", tensor.From(tensor.Dims(1, 3), []float32{1, 2, 3})),
			onnx.TensorOf("unused", tensor.From(tensor.Dims(2), []float32{1, 2}))}}
	last := "x"
	for i, o := range args[1:] {
		to := "h" + strconv.Itoa(i)
		if i == len(args)-2 {
			to = "y"
		}
		n := onnx.Node{Name: "n" + strconv.Itoa(i), Op: o, Inputs: []string{last}, Outputs: []string{to}}
		if o == "Mul" || o == "Add" {
			n.Inputs = append(n.Inputs, "w")
		}
		g.Nodes = append(g.Nodes, n)
		last = to
	}
	m := &onnx.Model{IRVersion: 8, Opsets: []onnx.Opset{{Version: 17}}, Graph: g}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), onnx.Encode(m), 0o600))
}
