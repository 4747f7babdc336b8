package op

// A Family is a group of elementary functions, by the names that Op.Name begins with: what follows in brackets are the
// settings of one Op.
type Family struct {
	Name string
	Ops  []string
}

// Families returns the names of all elementary functions. Every one has a row in package optest, and every row a name here.
func Families() []Family {
	return []Family{
		{"sums and products", []string{"add", "sub", "mul", "div", "mod", "pow", "scale", "sum-n", "neg", "reciprocal", "linear", "matmul", "gemm", "unit"}},
		{"functions of one number", []string{"identity", "abs", "sign", "sqrt", "exp", "log", "erf", "ceil", "floor", "round", "clip",
			"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh"}},
		{"activations", []string{"tanh", "sigmoid", "relu", "leaky-relu", "prelu", "thresholded-relu", "elu", "celu", "selu", "gelu", "silu", "mish",
			"softplus", "softsign", "hard-sigmoid", "hard-swish", "shrink", "softmax", "log-softmax", "dropout"}},
		{"convolution and pooling", []string{"conv", "convtranspose", "maxpool", "avgpool", "lppool", "globalavgpool", "globalmaxpool", "globallppool", "resize"}},
		{"normalisation", []string{"batchnorm", "batchnorm-train", "batchnorm-observed", "layernorm", "rmsnorm", "groupnorm", "instancenorm", "lrn"}},
		{"reductions", []string{"sum", "mean", "prod", "max-over", "min-over", "l1", "l2", "sum-square", "log-sum", "log-sum-exp", "cumsum", "argmax", "argmin"}},
		{"extremes and choices", []string{"max", "min", "where"}},
		{"arrangement", []string{"reshape", "reshape-to", "flatten", "squeeze", "unsqueeze", "transpose", "concat", "stack", "slice", "pad", "expand", "tile",
			"tril", "triu", "depth-to-space", "space-to-depth"}},
		{"indices", []string{"gather", "embedding", "gather-elements", "gather-nd", "scatter-elements", "scatter-nd", "one-hot"}},
		{"truth values", []string{"equal", "less", "less-or-equal", "and", "or", "xor", "not", "is-nan", "is-inf", "is-positive-inf", "is-negative-inf",
			"to-bool", "to-float", "to-integer"}},
		{"integers", []string{"integer-add", "integer-sub", "integer-mul", "integer-div", "integer-mod", "integer-fmod", "integer-pow", "integer-max",
			"integer-min", "integer-abs", "integer-neg", "integer-sign", "integer-bitand", "integer-bitor", "integer-bitxor", "integer-bitnot",
			"integer-shl", "integer-shr"}},
	}
}
