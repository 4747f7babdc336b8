// Package bp is the reference: reverse differentiation on the original graph.
//
//	δ_out = ∂E/∂μ_out      δ_i = Σ_{j ∈ consumers of i} δ_j ∂μ_j/∂μ_i      ζ −= α Σ_j δ_j ∂μ_j/∂ζ
//
// It calls the same forward, vector–Jacobian and plasticity kernels as predictive coding, and sums with the same
// tensor.Fold over the same ports, but shares no scheduling code with it: it knows neither vertices' states nor messages
// nor ticks, and imports neither neuron nor pc. It gathers a vertex's feedback from its consumers, in port order, instead of
// scattering into accumulators.
package bp
