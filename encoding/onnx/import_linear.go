package onnx

import (
	"github.com/retrodict/retrodict/op"
)

// linearEntries are the matrix products.
func linearEntries() []Entry {
	return []Entry{
		{Name: "Einsum", From: 12, Doc: "transpose, reshape, matmul, sum; at most two arguments, no index twice in one", load: einsum},
		{Name: "Gemm", From: 1, Doc: "gemm", load: gemm},
		{Name: "MatMul", From: 1, Doc: "matmul", load: func(c *call) { c.set(0, c.apply(op.MatMul(), c.float(0), c.float(1))) }},
	}
}

// gemm is α·A·B + β·C, where A and B may be transposed and C broadcasts.
func gemm(c *call) {
	a, b := c.float(0), c.float(1)
	cfg := op.GemmConfig{TransA: c.flag("transA", false), TransB: c.flag("transB", false), Alpha: c.num("alpha", 1), Beta: c.num("beta", 1)}
	if cfg.Alpha == 0 {
		c.unsupported("with alpha=0")
	}
	args := []*value{a, b}
	if c.has(2) && cfg.Beta != 0 {
		args = append(args, c.float(2))
	}
	c.set(0, c.apply(op.Gemm(cfg), args...))
}
