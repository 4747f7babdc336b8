// Package network provides architectures: it turns sizes and names into a computational graph and seeded initial
// parameters.
//
// Every architecture is a plain struct with a Build method: MLP, CNN, ResNet, Recurrent, Transformer, Residual, Diamond,
// Skip, Random. Config chooses one by name, Presets are the networks of benchmarks, Small gives sizes for checks. Big
// functions are cut into elementary vertices: attention is matmul, scale, softmax, matmul; a gate of a recurrent cell is
// linear, matmul, sum and function. Recurrent networks are unrolled and share their parameter leaves. The graphs are static, the number of rows of a mini-batch included; weights are stored [in, out], y = x·W + b.
//
// Grain. At the grain of layers a vertex is a tensor operation on a mini-batch; at that of neurons it is one unit, whose
// incoming weights are one parameter leaf of its own; at that of synapses every scalar weight is a leaf and every product
// a vertex, as in the figures of [Salvatori et al. 2022]. All compute the same function and the same gradients up to the
// order of sums: f(Σ_k w_k x_k + b).
//
// Initialisation. The draws of a parameter depend on the seed and on the name and shape of its layer alone.
//
// What it is not: a network has no loss and no behaviour. The loss is the energy of the output vertex, which the engine
// is told; how errors travel is the engine's affair too.
package network
