package enginetest

import (
	"fmt"
	"runtime/debug"
	"testing"
)

// Seed is the seed of all random values of the suite.
const Seed = 20260502

// A check is one promise of an engine. It returns errSkip if the engine does not show what is needed to test it.
type check struct {
	name string
	run  func(Factory) error
}

func checks() []check {
	return []check{
		{"E1-exact", checkExact},
		{"E1-random", checkRandom},
		{"E1-training", checkTraining},
		{"E1-predict", checkPredict},
		{"E2-schedule", checkSchedule},
		{"E3-lemma", checkLemma},
		{"E4-energy", checkEnergy},
		{"E5-controls", checkControls},
		{"E7-cancel", checkCancel},
		{"E7-close", checkClose},
		{"E7-sample", checkBadSample},
		{"E7-goroutines", checkGoroutines},
		{"E8-locality", checkLocality},
		{"E9-work", checkWork},
	}
}

// skipped is the error of a check that does not apply.
type skipped string

func (s skipped) Error() string { return string(s) }

// run runs c; a panic on this goroutine is a failure of it.
func run(c check, f Factory) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.run(f)
}

// Check returns everything that is wrong with the engines that f makes, one error a broken promise, each preceded by the
// name of the check.
func Check(f Factory) []error {
	var errs []error
	for _, c := range checks() {
		err := run(c, f)
		if _, ok := err.(skipped); err != nil && !ok {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errs
}

// CheckOne runs the check of the given name alone. It panics if there is none.
func CheckOne(name string, f Factory) error {
	for _, c := range checks() {
		if c.name == name {
			return run(c, f)
		}
	}
	panic("enginetest: no check " + name)
}

// Test runs the suite on the engines that f makes, each check as a subtest.
func Test(t *testing.T, f Factory) {
	t.Helper()
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			err := run(c, f)
			if s, ok := err.(skipped); ok {
				t.Skip(s)
			}
			if err != nil {
				t.Errorf("%v (seed %d; repeat with -run '%s')", err, Seed, t.Name())
			}
		})
	}
}
