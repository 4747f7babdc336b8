package synapse

// observedShare is the momentum of running statistics: the share by which a statistic follows what it observes, as in PyTorch's batch
// normalisation.
const observedShare = 0.1

// Observation returns the plasticity of statistics: ζ ← ζ − 0.1·f, where f is how far ζ is from what was observed, so that ζ
// is an exponential average of observations.
func Observation() Plasticity { return Rule{Rate: observedShare}.New() }
