package config

import (
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
)

// RuleOf returns the rule that the configuration has under another schedule.
func (s *Setup) RuleOf(schedule string) (neuron.Rule, error) {
	if _, err := pc.ParseSchedule(schedule); err != nil {
		return neuron.Rule{}, err
	}
	l := *s.loaded
	l.Learning.Schedule = schedule
	l.fillTime()
	return l.rule(), nil
}

// Promised reports whether e, made by Engine for rule, promises the bits of backprop.
func (s *Setup) Promised(e engine.Engine, rule neuron.Rule) bool {
	p, ok := e.(Predictive)
	switch {
	case !ok:
		return true
	case s.Config.Free() || len(s.Config.Interventions) > 0:
		return false
	}
	for _, x := range s.Config.Learning.Precision {
		if x.Value != "1" {
			return false
		}
	}
	return pc.Promised(rule, p.Graph().Form)
}

// Mistake returns an error about the key at path, with the place where it was written.
func (l *Loaded) Mistake(path, format string, args ...any) error {
	return l.where.error(path, format, args...)
}
